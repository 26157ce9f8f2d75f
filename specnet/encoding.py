"""Encoding: the cells of a table become the numbers of its columns, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from specnet.component.columns import CellError
from specnet.errors import DataError, Finding
from specnet.tables.block import WantedColumn

if TYPE_CHECKING:
    import numpy as np

    from specnet.arrays import Array, Index
    from specnet.component import Column
    from specnet.errors import Path
    from specnet.tables.block import TableFile

    Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

FILL_IN = "fill it in, or say `missing = ...` of the column"
"""What would do about a gap that is refused."""


class Encoded(NamedTuple):
    """Some rows: `numbers` has (rows, names) for each column, NaN where a gap is filled later."""

    numbers: tuple[Array, ...]
    whole: Flags
    """(rows,): False for a row that is left out because nothing stands in one of its cells."""


def encoded(column: Column, cells: Sequence[str | None] | Array) -> tuple[Array, Flags]:
    """The numbers of cells, and the rows with a gap. Raises CellError, without a reason for a gap that is refused."""
    import numpy as np

    numbers = column.encode(cells)
    gaps: Any = np.isnan(numbers).any(axis=1)
    if column.absent() == "error" and gaps.any():
        raise CellError(int(gaps.argmax()), "")
    return numbers, gaps


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
                own, gaps = encoded(column, read)
            except CellError as error:
                faults.append((int(lines[error.row]), _fault(error, int(lines[error.row]), column, place, file)))
                continue
            numbers.append(own)
            if column.absent() == "drop":
                whole &= ~gaps
        if faults:
            raise DataError(min(faults, key=lambda fault: fault[0])[1])
        return Encoded(tuple(numbers), whole)


def _fault(error: CellError, line: int, column: Column, place: Path, file: TableFile) -> Finding:
    where = f"row {line}, column {column.name!r}"
    message, help = (f"{where}: {error.reason}", error.help) if error.reason else (f"{where} is empty", FILL_IN)
    return Finding("SN507", message, place, help, file=str(file.path), line=line)
