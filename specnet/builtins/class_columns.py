"""Columns of a few texts that are known beforehand: categories and booleans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from specnet.component import Absent, Cell, Column, Component, Many
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.component import Scaler


class Category(Column):
    """1 for the category of the cell and 0 for each other (one_hot), or its place in the list (ordinal, index)."""

    synonyms = ("categorical", "class", "label", "enum", "factor")
    type: Literal["category"] = "category"
    categories: Many[str] = Field(examples=[["blue", "red"]])
    """The texts that the cells may hold, in the order of their numbers."""
    encoding: Literal["one_hot", "ordinal", "index"] = "one_hot"
    """One number for each category, or its place from 0: an amount that is scaled (ordinal), or a row of an `embedding`
    (index). A target of two categories has one number with index, the probability of the second."""
    missing: Literal["error", "drop", "own"] = "error"
    """What is done about an empty cell: "error", "drop" the row, or a category of its "own" behind the listed ones."""
    unknown: Literal["error", "ignore", "own"] = "error"
    """What is done about a text that is not listed: "error", 0 for every category, or a category of its "own"."""

    @field_validator("categories")
    @classmethod
    def _lists_each_once(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        if not categories:
            raise ValueError("list at least one category")
        for category in categories:
            if not category.strip():
                raise ValueError('an empty cell is no category: missing = "own" makes one of them')
            if categories.count(category) > 1:
                raise ValueError(f"{category!r} is listed {categories.count(category)} times")
        return categories

    @field_validator("unknown")
    @classmethod
    def _can_be_ignored(cls, unknown: str, info: Any) -> str:
        if unknown == "ignore" and info.data.get("encoding") in ("ordinal", "index"):
            raise ValueError('only one_hot can "ignore" what is not listed: an own category has a place')
        return unknown

    @property
    def _own(self) -> tuple[str, ...]:
        return (*["(missing)"] * (self.missing == "own"), *["(other)"] * (self.unknown == "own"))

    def names(self) -> tuple[str, ...]:
        if self.encoding != "one_hot":
            return (self.name,)
        return tuple(f"{self.name}={category}" for category in (*self.categories, *self._own))

    def numbers(self, cell: Cell) -> tuple[float, ...]:
        if cell in self.categories:
            return self._code(self.categories.index(str(cell)))
        if self.unknown == "error":
            known = ", ".join(self.categories[:12]) + (", ..." if len(self.categories) > 12 else "")
            raise ValueError(f"{cell!r} is not one of the categories", f"list it in `categories`; there are {known}")
        last = len(self.categories) + len(self._own) - 1
        return self._code(last) if self.unknown == "own" else (0.0,) * len(self.names())

    def _code(self, place: int) -> tuple[float, ...]:
        if self.encoding != "one_hot":
            return (float(place),)
        return tuple(float(k == place) for k in range(len(self.names())))

    def cells(self, numbers: Array) -> Sequence[Cell]:
        if self.encoding == "one_hot":
            places = numbers.argmax(axis=1)
        else:
            places = (numbers[:, 0] + 0.5).clip(0, len(self.categories) - 1).astype(int)
        listed = (*self.categories, *self._own)
        return [listed[place] for place in places.tolist()]

    def absent(self) -> Absent:
        return self._code(len(self.categories)) if self.missing == "own" else self.missing

    def scaling(self, section: Scaler | None) -> Scaler | None:
        return section if self.encoding == "ordinal" else None

    def surprises(self, numbers: Array) -> int:
        if self.unknown == "ignore":
            return int((numbers == 0).all(axis=1).sum())
        if self.unknown == "own":
            other = self._code(len(self.categories) + len(self._own) - 1)
            return int((numbers == other).all(axis=1).sum())
        return 0


class Boolean(Column):
    """1 for a true cell and 0 for a false one, whatever the case of their letters."""

    synonyms = ("bool", "binary", "flag")
    type: Literal["boolean"] = "boolean"
    true: Many[str] = ("true", "yes", "1")
    """The texts that are true; predictions are written as the first."""
    false: Many[str] = ("false", "no", "0")
    """The texts that are false; predictions are written as the first."""
    missing: Literal["error", "drop"] = "error"
    """What is done about an empty cell: "error", or "drop" the row."""

    @field_validator("true", "false")
    @classmethod
    def _says_one_thing(cls, texts: tuple[str, ...], info: Any) -> tuple[str, ...]:
        folded = {text.casefold() for text in texts}
        if not texts or "" in folded:
            raise ValueError("list at least one text, none of them empty")
        both = folded & {text.casefold() for text in info.data.get("true", ())} if info.field_name == "false" else None
        if both:
            raise ValueError(f"{min(both)!r} is listed as true, too")
        return texts

    def numbers(self, cell: Cell) -> tuple[float, ...]:
        text = str(cell).casefold()
        for number, texts in ((1.0, self.true), (0.0, self.false)):
            if text in (one.casefold() for one in texts):
                return (number,)
        listed = f"true is written {', '.join(self.true)}, and false {', '.join(self.false)}"
        raise ValueError(f"{cell!r} is neither true nor false", listed)

    def cells(self, numbers: Array) -> Sequence[Cell]:
        return [self.true[0] if number >= 0.5 else self.false[0] for number in numbers[:, 0].tolist()]

    def absent(self) -> Absent:
        return self.missing


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The columns of this room."""
    return [Category, Boolean]
