"""Serving: the rows of a file through a run, block by block, in the order of the file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.builtins.datasets.tables import TableDataset
from specnet.component import Table
from specnet.encoding import Encoder
from specnet.errors import DataError, Finding, UsageError, listed
from specnet.runs.answers import answers
from specnet.runs.rows import inputs_of
from specnet.tables.array_file import ArrayFile
from specnet.tables.block import WantedColumn
from specnet.tables.csv_file import CsvFile
from specnet.tables.dialect import Dialect, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from specnet.arrays import Array
    from specnet.component import Column
    from specnet.runs.result import Run
    from specnet.tables.block import Block, TableFile
    from specnet.tables.source import Readable

ARRAYS = (".npy", ".npz")
"""How the names of files of NumPy end."""


def dialect_of(run: Run, delimiter: str | None, decimal: str | None) -> Dialect:
    """How the data of the run is written, with other marks where they are given. Raises UsageError SN535."""
    dataset = run.spec.dataset
    dialect = dataset.dialect() if isinstance(dataset, TableDataset) else Dialect()
    dialect = replace(
        dialect,
        delimiter=dialect.delimiter if delimiter is None else delimiter,
        decimal=dialect.decimal if decimal is None else decimal,
    )
    if wrong := problem(dialect):
        raise UsageError(Finding("SN535", wrong))
    return dialect


def table_at(path: Path, dialect: Dialect, stream: Readable | None = None) -> TableFile:
    """A file of NumPy by its suffix, anything else as text; a stream is text."""
    if stream is None and path.suffix.lower() in ARRAYS:
        return ArrayFile(path, str(path))
    return CsvFile(path, str(path), dialect, (), stream)


def wanted_of(file: TableFile, columns: Sequence[Column]) -> tuple[WantedColumn, ...]:
    """What is read of a file for these columns: by name, or by position where an array has no names.

    Raises DataError SN536 for an array of another width.
    """
    header = file.header()
    names = [column.name for column in columns]
    if isinstance(file, ArrayFile) and not set(names) & set(header):
        groups = _unnamed(header, file.path.suffix.lower() == ".npy")
        if len(groups) == 1:
            (given,) = groups
            if len(given) != len(names):
                message = f"{file.name} has {len(given)} columns without names, the run has {len(names)} inputs"
                help = f"give these, in this order: {listed(names)}; or an .npz file with an array for each, by name"
                raise DataError(Finding("SN536", message, help=help, file=str(file.path)))
            names = given
    return tuple(WantedColumn(name, column.numeric) for name, column in zip(names, columns, strict=True))


def _unnamed(header: Sequence[str], all_of_them: bool) -> list[list[str]]:
    """The columns of each matrix, which are called x0, x1, ...; a vector has a name, except alone in a .npy file."""
    if all_of_them:
        return [list(header)]
    stems: dict[str, list[str]] = {}
    for name in header:
        stem = re.sub(r"[0-9]+$", "", name)
        if name == f"{stem}{len(stems.get(stem, ()))}":
            stems.setdefault(stem, []).append(name)
    return list(stems.values())


class Serving:
    """A file that is read once. The counts are those of the blocks that were given so far."""

    def __init__(self, run: Run, file: TableFile, passthrough: bool) -> None:
        """Raises UsageError SN534 where the file has a column that the result is to have."""
        self.rows = 0
        self.without = 0
        """Rows without an answer, because training would have left them out."""
        self.unlisted: Counter[str] = Counter()
        """For each column the rows in which stands what the spec does not list, where it says what is done then."""
        self._run, self._file, self._passthrough = run, file, passthrough
        self._columns = inputs_of(run.spec, run.plan)
        self._wanted = wanted_of(file, self._columns)
        self.empty = answers(run, np.empty((0, len(run.plan.outputs))))
        """The columns of the answers, with no rows."""
        passed = file.header() if passthrough else []
        if twice := [name for name in self.empty if name in passed]:
            help = "rename it in the data, or leave the columns of the data out: --only-predictions"
            raise UsageError(
                Finding("SN534", f"the data has a column {twice[0]!r} already", (), help, file=str(file.path))
            )
        self.dialect = file.dialect if isinstance(file, CsvFile) else Dialect()
        """How a result is written that is text."""
        self.names = (*passed, *self.empty)

    def blocks(self) -> Iterator[tuple[Sequence[Sequence[str]], dict[str, npt.NDArray[Any]]]]:
        """The texts of the file and the answers, column by column. Raises DataError."""
        encoder = Encoder(self._columns, ((),) * len(self._columns))
        for block in self._file.blocks(self._wanted, self._passthrough):
            encoded = encoder.encode(block.columns, block.lines, self._file)
            for column, numbers in zip(self._columns, encoded.numbers, strict=True):
                if unlisted := column.surprises(numbers):
                    self.unlisted[column.name] += unlisted
            x = np.concatenate(encoded.numbers, axis=1)
            self._hold(x, block)
            self.rows += len(x)
            self.without += len(x) - int(encoded.whole.sum())
            yield block.texts or (), answers(self._run, self._run.predict_encoded(x))

    def _hold(self, x: Array, block: Block) -> None:
        outside = self._run.inputs.first_outside(Table(self._run.plan.inputs, x))
        if outside is not None:
            line = int(block.lines[outside[0]])
            raise DataError(Finding("SN514", f"row {line}: {outside[1]}", file=str(self._file.path), line=line))
