"""Encoding: the cells of a table become the numbers of its columns, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from specnet.component.columns import CellError
from specnet.errors import DataError, Finding
from specnet.tables.block import WantedColumn

if TYPE_CHECKING:
    import numpy as np

    from specnet.arrays import Array, Index
    from specnet.component import Column
    from specnet.errors import Path
    from specnet.tables.block import TableFile


class Encoded(NamedTuple):
    """Some rows: `numbers` has (rows, names) for each column, NaN where a gap is filled later."""

    numbers: tuple[Array, ...]
    whole: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """(rows,): False for a row that is left out because nothing stands in one of its cells."""


@dataclass(frozen=True)
class Encoder:
    """Columns that are read as numbers, and where the spec names each."""

    columns: tuple[Column, ...]
    places: tuple[Path, ...]

    def wanted(self) -> tuple[WantedColumn, ...]:
        """What is to be read of a file."""
        pairs = zip(self.columns, self.places, strict=True)
        return tuple(WantedColumn(column.name, column.numeric, place) for column, place in pairs)

    def encode(self, cells: Sequence[Sequence[str | None] | Array], lines: Index, file: TableFile) -> Encoded:
        """The numbers of these columns. Raises DataError SN507 for the first cell that one of them cannot take."""
        import numpy as np

        numbers, faults = [], []
        whole = np.ones(len(lines), bool)
        for column, place, read in zip(self.columns, self.places, cells, strict=True):
            try:
                encoded = column.encode(read)
                gaps = np.isnan(encoded).any(axis=1)
                if column.absent() == "error" and gaps.any():
                    raise CellError(int(gaps.argmax()), "", "fill it in, or say `missing = ...` of the column")
            except CellError as error:
                faults.append((int(lines[error.row]), _fault(error, int(lines[error.row]), column, place, file)))
                continue
            numbers.append(encoded)
            if column.absent() == "drop":
                whole &= ~gaps
        if faults:
            raise DataError(min(faults, key=lambda fault: fault[0])[1])
        return Encoded(tuple(numbers), whole)


def _fault(error: CellError, line: int, column: Column, place: Path, file: TableFile) -> Finding:
    where = f"row {line}, column {column.name!r}"
    message = f"{where}: {error.reason}" if error.reason else f"{where} is empty"
    return Finding("SN507", message, place, error.help, file=str(file.path), line=line)
