"""Columns: what may stand in the cells of a table, and the numbers that a net sees of them."""

from __future__ import annotations

from abc import abstractmethod
from math import nan
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from specnet.component.base import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.component.data import Scaler

Role = Literal["input", "target", "weight", "id", "group", "ignore"]
"""What a column is for: the net sees it, learns to predict it, or counts the row by it; it names the row, or the rows
that stay together in a split; or it is left alone."""
Absent = Literal["error", "drop", "mean", "median"] | tuple[float, ...]
"""What is done about a cell with nothing in it: it is refused, its row is left out, the mean or the median of the
training rows stands for it, or these numbers do."""
Cell = str | float
"""A text, or a number where the column is numeric; nothing is never asked about."""


class CellError(ValueError):
    """A cell that its column cannot take; `row` counts from 0 in what was encoded."""

    def __init__(self, row: int, reason: str, help: str | None = None) -> None:
        super().__init__(reason)
        self.row, self.reason, self.help = row, reason, help


class Column(Component):
    """A column of a table by its name: each cell becomes a fixed count of numbers, from what the spec alone says."""

    kind = "column"
    numeric: ClassVar[bool] = False
    """True when its cells are read as numbers, NaN where there is none; else as texts, None where there is none."""
    roles: ClassVar[tuple[Role, ...]] = ("input", "target", "ignore")
    """The roles that it can have."""
    name: Annotated[str, Field(pattern=r"\S", examples=["age"])]
    """The column, as the header of the file has it."""
    role: Role = "input"
    """What it is for: input, target, weight, id, group or ignore."""

    @field_validator("role")
    @classmethod
    def _can_have(cls, role: Role) -> Role:
        if role not in cls.roles:
            kind, can = cls.model_fields["type"].default, ", ".join(cls.roles)
            raise ValueError(f"a column of type {kind!r} cannot have the role {role!r}, it can have: {can}")
        return role

    def names(self) -> tuple[str, ...]:
        """The names of its numbers, one or more; no two columns of a table may have one in common."""
        return (self.name,)

    @abstractmethod
    def numbers(self, cell: Cell) -> tuple[float, ...]:
        """The numbers of a cell, one for each name. Raises ValueError that says what is wrong with it."""

    def cells(self, numbers: Array) -> Sequence[Cell]:
        """The cells that (rows, names) of predicted numbers stand for; only of a column that can be a target."""
        raise TypeError(f"a column of type {self.type!r} is no target")

    @abstractmethod
    def absent(self) -> Absent:
        """What is done about a cell with nothing in it."""

    def scaling(self, section: Scaler | None) -> Scaler | None:
        """The scaler of its numbers, where the spec's section names this one: none, for numbers that mean no amount."""
        return None

    def order(self) -> tuple[int, ...]:
        """The places of its numbers by which rows have an order in time, the first to decide first; none, mostly."""
        return ()

    def surprises(self, numbers: Array) -> int:
        """How many of the rows of numbers stand for something that the spec does not list."""
        return 0

    def encode(self, cells: Sequence[str | None] | Array) -> Array:
        """(rows, names) of float64, NaN where nothing stands and no numbers do for it. Raises CellError."""
        import numpy as np

        place = {cell: i for i, cell in enumerate(dict.fromkeys(cells))}
        table = np.empty((len(place), len(self.names())))
        for cell, i in place.items():
            try:
                table[i] = nothing_of(self) if cell is None else self.numbers(cell)
            except ValueError as error:
                raise CellError(list(cells).index(cell), *map(str, error.args)) from None
        return table[np.fromiter(map(place.__getitem__, cells), np.intp, len(cells))]


def nothing_of(column: Column) -> tuple[float, ...]:
    """The numbers of a cell with nothing in it, NaN where they are found later or the cell is refused."""
    absent = column.absent()
    return (nan,) * len(column.names()) if isinstance(absent, str) else absent
