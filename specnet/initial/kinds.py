"""Kinds: what each column of a table is taken for, from all of its texts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from specnet.tables.cells import Cells

MOST_CATEGORIES = 50
"""A column with more of them is left out."""
_BOOLEANS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("ja", "nein"), ("oui", "non"))
_DATES = ("%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?")
_NAMES_A_ROW = re.compile(r"(?i)(.*[_ ])?(id|nr|no|index|key)|unnamed.*")


@dataclass(frozen=True)
class Texts:
    """A column as it is written: how often each text is there, and how many cells are empty."""

    name: str
    counts: Counter[str]
    empty: int

    @property
    def filled(self) -> int:
        """The cells with something in them."""
        return self.counts.total()


@dataclass(frozen=True)
class Kind:
    """What a column is taken for: `said` is its table in the spec, empty for a number of which there is no more to say.

    A column that is left out has the reason.
    """

    name: str
    said: Mapping[str, Any]
    left_out: str = ""


def input_kind(texts: Texts, cells: Cells) -> Kind:
    """The kind of a column that may be an input."""
    if len(texts.counts) < 2:
        return Kind(texts.name, {}, "it is empty" if not texts.counts else "it is constant")
    if numbers := _numbers(texts, cells):
        if _names_rows(texts, numbers):
            return Kind(texts.name, {}, "its numbers name the rows")
        said = {"type": "number", "name": texts.name, "missing": "median"} if texts.empty else {}
        return Kind(texts.name, said)
    for kind in (_boolean, _date):
        if (found := kind(texts)) is not None:
            return Kind(texts.name, found)
    if len(texts.counts) == texts.filled and texts.filled > 10:
        return Kind(texts.name, {"type": "text", "name": texts.name})
    if len(texts.counts) > MOST_CATEGORIES:
        return Kind(texts.name, {}, f"it holds {len(texts.counts):,} different texts")
    own = {"missing": "own"} if texts.empty else {}
    return Kind(texts.name, {"type": "category", "name": texts.name, "categories": sorted(texts.counts), **own})


def _numbers(texts: Texts, cells: Cells) -> list[float]:
    """The different numbers of the column, none where one of its texts is none."""
    found = [cells.number(text) for text in texts.counts]
    return [] if None in found else sorted({value for value in found if value is not None})


def is_numeric(texts: Texts, cells: Cells) -> bool:
    """True when every text is a number."""
    return bool(_numbers(texts, cells))


def whole(texts: Texts, cells: Cells) -> bool:
    """True when every text is a whole number."""
    numbers = _numbers(texts, cells)
    return bool(numbers) and all(value == int(value) for value in numbers)


def _names_rows(texts: Texts, numbers: list[float]) -> bool:
    every = len(numbers) == texts.filled and all(value == int(value) for value in numbers)
    counted = numbers[-1] - numbers[0] == len(numbers) - 1 and numbers[0] in (0, 1)
    return every and (counted or bool(_NAMES_A_ROW.fullmatch(texts.name)))


def _boolean(texts: Texts) -> dict[str, Any] | None:
    folded = {text.casefold() for text in texts.counts}
    for true, false in _BOOLEANS:
        if folded == {true, false} and not texts.empty:
            usual = (true, false) in _BOOLEANS[:2]
            return {"type": "boolean", "name": texts.name, **({} if usual else {"true": [true], "false": [false]})}
    return None


def _date(texts: Texts) -> dict[str, Any] | None:
    if all(map(_ISO.fullmatch, texts.counts)):
        dates = _read(texts.counts, datetime.fromisoformat)
        return None if dates is None else _parts(texts, dates, {})
    for format in _DATES:
        dates = _read(texts.counts, partial(_parsed, format))
        if dates is not None:
            return _parts(texts, dates, {"format": format})
    return None


def _parsed(format: str, text: str) -> datetime:
    return datetime.strptime(text, format)


def _read(texts: Counter[str], parse: Callable[[str], datetime]) -> list[datetime] | None:
    try:
        return [parse(text.strip()) for text in texts]
    except ValueError:
        return None


def _parts(texts: Texts, dates: list[datetime], format: dict[str, str]) -> dict[str, Any]:
    """With the parts that differ; a year alone is no season, so the month stays with it."""
    parts = [part for part in ("year", "month", "day", "hour") if len({getattr(date, part) for date in dates}) > 1]
    missing = {"missing": "drop"} if texts.empty else {}
    return {"type": "date", "name": texts.name, **format, "parts": parts or ["year"], **missing}
