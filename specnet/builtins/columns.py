"""Columns of numbers, of dates, and of texts that only name rows."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from math import isfinite
from sys import float_info
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import WithJsonSchema, WrapValidator, field_validator
from pydantic_core import PydanticCustomError

from specnet.component import Absent, AnyScaler, Cell, CellError, Column, Component, Many, Role
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from specnet.arrays import Array
    from specnet.component import Scaler

_POLICIES = ("error", "drop", "mean", "median")


def _missing(value: Any, _check: Callable[[Any], Any]) -> float | str:
    if value in _POLICIES and isinstance(value, str):
        return value
    if type(value) in (int, float) and isfinite(value):
        return float(value)
    raise PydanticCustomError("missing_policy", 'must be "error", "drop", "mean", "median" or a number')


Missing = Annotated[
    Literal["error", "drop", "mean", "median"] | float,
    WrapValidator(_missing),
    WithJsonSchema(
        {
            "type": ["number", "string"],
            "minimum": -float_info.max,
            "maximum": float_info.max,
            "if": {"type": "string"},
            "then": {"enum": list(_POLICIES)},
        }
    ),
]


class Number(Column):
    """x: a number as it stands in the cell."""

    synonyms = ("numeric", "numerical", "continuous", "float", "integer")
    numeric = True
    roles = ("input", "target", "weight", "ignore")
    type: Literal["number"] = "number"
    missing: Missing = "error"
    """What is done about an empty cell: "error", "drop" the row, the "mean" or the "median" of the training rows, or
    the number that stands for it."""
    scaler: AnyScaler | None = None
    """How it is scaled; as `[scaling]` says when it is left out."""

    def numbers(self, cell: Cell) -> tuple[float, ...]:
        if isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell):
            return (float(cell),)
        raise ValueError(f"{cell!r} is not a finite number")

    def cells(self, numbers: Array) -> Sequence[Cell]:
        return numbers[:, 0].tolist()  # type: ignore[no-any-return]

    def absent(self) -> Absent:
        return self.missing if isinstance(self.missing, str) else (self.missing,)

    def order(self) -> tuple[int, ...]:
        return (0,)

    def scaling(self, section: Scaler | None) -> Scaler | None:
        return section if self.scaler is None else self.scaler

    def encode(self, cells: Sequence[str | None] | Array) -> Array:
        import numpy as np

        values = np.asarray(cells, np.float64).reshape(-1, 1)
        if np.isinf(values).any():
            raise CellError(int(np.isinf(values).argmax()), f"{values[np.isinf(values)][0]} is not finite")
        if isinstance(self.missing, str):
            return values
        return np.where(np.isnan(values), self.missing, values)


Part = Literal["year", "month", "day", "weekday", "day_of_year", "hour", "minute", "second"]
_CLOCK: tuple[Part, ...] = ("hour", "minute", "second")
_CALENDARS: tuple[tuple[Part, ...], ...] = (("year", "day_of_year", *_CLOCK), ("year", "month", "day", *_CLOCK))
"""Parts that put dates in order, as many of them as there are from the first on."""


class Date(Column):
    """The parts of a date as numbers: the year, the month from 1, the day from 1, the weekday from 0 on Monday."""

    synonyms = ("datetime", "timestamp", "time")
    roles = ("input", "ignore")
    type: Literal["date"] = "date"
    format: str | None = None
    """How the cells are written, such as "%d.%m.%Y" (Python's strptime); as ISO 8601 says when it is left out."""
    parts: Many[Part] = ("year", "month", "day")
    """What the net sees of it: year, month, day, weekday, day_of_year, hour, minute or second."""
    missing: Literal["error", "drop"] = "error"
    """What is done about an empty cell: "error", or "drop" the row."""
    scaler: AnyScaler | None = None
    """How the parts are scaled; as `[scaling]` says when it is left out."""

    @field_validator("parts")
    @classmethod
    def _names_each_once(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        if not parts or len(set(parts)) < len(parts):
            raise ValueError("name at least one part, and none of them twice")
        return parts

    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{part}" for part in self.parts)

    def numbers(self, cell: Cell) -> tuple[float, ...]:
        try:
            text = str(cell).strip()
            read = datetime.fromisoformat(text) if self.format is None else datetime.strptime(text, self.format)
        except ValueError:
            written = "in ISO 8601, such as 2024-02-29" if self.format is None else f"as {self.format!r} says"
            raise ValueError(f"{cell!r} is no date {written}", "`format` says how the dates are written") from None
        found = {"weekday": read.weekday(), "day_of_year": read.timetuple().tm_yday}
        return tuple(float(found[part] if part in found else getattr(read, part)) for part in self.parts)

    def absent(self) -> Absent:
        return self.missing

    def order(self) -> tuple[int, ...]:
        known: list[list[Part]] = [list(takewhile(self.parts.__contains__, calendar)) for calendar in _CALENDARS]
        longest = max(known, key=len)
        return tuple(map(self.parts.index, longest))

    def scaling(self, section: Scaler | None) -> Scaler | None:
        return section if self.scaler is None else self.scaler


class Text(Column):
    """A text that names the row (id), or the rows that stay together (group); the net never sees it."""

    synonyms = ("string", "str", "identifier")
    roles: ClassVar[tuple[Role, ...]] = ("id", "group", "ignore")
    type: Literal["text"] = "text"
    role: Role = "id"
    """What it is for: id, group or ignore."""

    def names(self) -> tuple[str, ...]:
        return ()

    def numbers(self, cell: Cell) -> tuple[float, ...]:
        return ()

    def absent(self) -> Absent:
        return "error"


def numbers_called(names: Sequence[str], role: Role) -> tuple[Number, ...]:
    """Columns of numbers of which nothing else is said."""
    return tuple(Number.model_construct(name=name, role=role) for name in names)  # any text may be a name


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The columns of this room."""
    return [Number, Date, Text]
