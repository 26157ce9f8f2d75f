"""What all datasets of named columns have in common: which columns are read, and what is made of their cells."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from specnet.builtins.columns import numbers_called
from specnet.component import AnyColumn, Column, Data, Dataset, DatasetPlan, Many, Role, Table
from specnet.encoding import Encoder
from specnet.errors import DataError, Finding
from specnet.tables.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from specnet.arrays import Array, Index
    from specnet.component import LoadContext
    from specnet.errors import Path as Place
    from specnet.tables.block import TableFile

_READ_AS_NUMBERS: tuple[Role, ...] = ("input", "target", "weight")
_SHORT_LISTS: dict[Role, str] = {"input": "inputs", "target": "targets"}
_AT_MOST_ONE: tuple[Role, ...] = ("weight", "group")


class TableDataset(Dataset):
    """Named columns of a file: short lists of numbers, and a table for each column of which there is more to say."""

    inputs: Many[str] = Field(default=(), examples=[["a", "b"]])
    """Columns of numbers that the net sees, in this order."""
    targets: Many[str] = Field(default=(), examples=[["y"]])
    """Columns of numbers that the net learns to predict, in this order."""
    columns: Many[AnyColumn] = ()
    """Columns with a type and a role; those of one role come behind the names of the short list."""

    @field_validator("inputs", "targets")
    @classmethod
    def _names_columns_once(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        inputs = set(info.data.get("inputs", ()))  # nothing while the inputs themselves are being checked
        for name, count in Counter(names).items():
            if count > 1:
                raise ValueError(f"column {name!r} is named {count} times in {info.field_name}")
            if name in inputs:
                raise ValueError(f"column {name!r} is in both inputs and targets")
        return names

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name, count in Counter(column.name for column in self.described()).items():
            if count > 1:
                raise ValueError(f"column {name!r} is named {count} times: in `inputs`, in `targets` or in `columns`")
        for role, short in _SHORT_LISTS.items():
            if not self.of_role(role):
                raise ValueError(f"there is no {role}: name one in `{short}`, or give one of `columns` the role {role}")
        for role in _AT_MOST_ONE:
            if len(named := [column.name for column in self.of_role(role)]) > 1:
                raise ValueError(f"{' and '.join(map(repr, named))} have the role {role}, and there can be one")
        plan = self.plan()
        for name, count in Counter((*plan.inputs, *plan.targets)).items():
            if count > 1:
                raise ValueError(f"two columns give a number called {name!r}: rename one of them in the file")
        return self

    @abstractmethod
    def table(self, folder: Path) -> TableFile:
        """The file, with relative paths from that folder."""

    def dialect(self) -> Dialect:
        """How other files of text are written that are read as this one is, such as rows to predict."""
        return Dialect()

    def described(self) -> tuple[Column, ...]:
        """The columns of the short lists, then those of `columns`."""
        return (*numbers_called(self.inputs, "input"), *numbers_called(self.targets, "target"), *self.columns)

    def plan(self) -> DatasetPlan:
        """The numbers of all inputs and all targets; the rows are counted when the file is read."""
        inputs, targets = (
            tuple(name for column in self.of_role(role) for name in column.names()) for role in _SHORT_LISTS
        )
        return DatasetPlan(inputs, targets, None)

    def load(self, ctx: LoadContext) -> Data:
        """Every row of the file, or a DataError that names the row."""
        return _Reading(self.table(ctx.folder), self.described(), self.places()).data()

    def places(self) -> tuple[Place, ...]:
        """Where the spec names each column, in the order of `described`."""
        short: list[Place] = [("dataset", "inputs", i) for i in range(len(self.inputs))]
        short += [("dataset", "targets", i) for i in range(len(self.targets))]
        return (*short, *(("dataset", "columns", i, "name") for i in range(len(self.columns))))


class _Reading:
    """A file that is read once, into the numbers and the labels of its columns."""

    def __init__(self, file: TableFile, columns: Sequence[Column], places: Sequence[Place]) -> None:
        pairs = [pair for pair in zip(columns, places, strict=True) if pair[0].role != "ignore"]
        numbers = [pair for pair in pairs if pair[0].role in _READ_AS_NUMBERS]
        labels = [pair for pair in pairs if pair[0].role not in _READ_AS_NUMBERS]
        self._file = file
        self._encoder = Encoder(*(tuple(each) for each in zip(*numbers, strict=True)))
        self._labels = labels
        self._parts: list[list[Array]] = [[] for _ in numbers]
        self._texts: list[list[str]] = [[] for _ in labels]
        self._lines: list[Index] = []
        self._dropped = 0

    def data(self) -> Data:
        """All that was read. Raises DataError."""
        from specnet.tables.block import WantedColumn

        labels = [WantedColumn(column.name, False, place) for column, place in self._labels]
        for block in self._file.blocks([*self._encoder.wanted(), *labels]):
            self._take(block.lines, block.columns)
        if not any(map(len, self._lines)):
            message = f"{self._file.name}: none of {self._dropped:,} rows has a value in each column that it needs"
            raise DataError(Finding("SN505", message, ("dataset",), file=str(self._file.path)))
        names = [column.name for column, _ in self._labels]
        return Data(
            self._table("input"),
            self._table("target"),
            (self._file.path.resolve(),),
            self._weights(),
            dict(zip(names, self._texts, strict=True)),
            self._joined(self._lines),
            self._dropped,
        )

    def _take(self, lines: Index, cells: Sequence[Array | list[str | None]]) -> None:
        count = len(self._parts)
        encoded = self._encoder.encode(cells[:count], lines, self._file)
        kept = slice(None) if encoded.whole.all() else encoded.whole
        for part, numbers in zip(self._parts, encoded.numbers, strict=True):
            part.append(numbers[kept])
        for texts, read in zip(self._texts, cells[count:], strict=True):
            texts += [text or "" for text, keep in zip(read, encoded.whole.tolist(), strict=True) if keep]
        self._lines.append(lines[kept])
        self._dropped += len(lines) - int(encoded.whole.sum())

    def _table(self, role: Role) -> Table:
        import numpy as np

        places = [i for i, column in enumerate(self._encoder.columns) if column.role == role]
        names = [name for i in places for name in self._encoder.columns[i].names()]
        values = np.empty((sum(map(len, self._lines)), len(names)))
        start = 0
        for i in places:
            stop = start + len(self._encoder.columns[i].names())
            np.concatenate(self._parts[i], out=values[:, start:stop])
            self._parts[i].clear()  # the rows would be in memory three times
            start = stop
        return Table(tuple(names), values)

    def _weights(self) -> Array | None:
        """(rows,). Raises DataError for a row that counts less than nothing, or rows that all count nothing."""
        columns = self._encoder.columns
        place = next((i for i, column in enumerate(columns) if column.role == "weight"), None)
        if place is None:
            return None
        weights: Array = self._joined([part[:, 0] for part in self._parts[place]])
        if (weights < 0).any() or not weights.any():
            wrong = f"{weights[weights < 0][0]:g} is below 0" if (weights < 0).any() else "all of them are 0"
            message = f"column {columns[place].name!r} holds the weights of rows, and {wrong}"
            raise DataError(Finding("SN507", message, self._encoder.places[place], file=str(self._file.path)))
        return weights

    def _joined(self, parts: Sequence[Array | Index]) -> Any:
        import numpy as np

        return np.concatenate(parts)
