"""Cuts: rows in an order become parts of wanted sizes, by one rule each, and always in the same way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import DataError, Finding
from specnet.splits.rounding import shares

if TYPE_CHECKING:
    from specnet.arrays import Index


class Cut(ABC):
    """A rule by which rows are parted."""

    @abstractmethod
    def cut(self, rows: Index, counts: Mapping[str, int]) -> dict[str, Index]:
        """The rows of each part, in their order; `counts` sum to the rows. Raises DataError for an empty part."""


class InOrder(Cut):
    """The first rows for the first part, and so on."""

    def cut(self, rows: Index, counts: Mapping[str, int]) -> dict[str, Index]:
        cuts = np.cumsum(list(counts.values()))[:-1]
        return dict(zip(counts, np.split(rows, cuts), strict=True))


@dataclass(frozen=True)
class Marks:
    """A value for each row, as its place in the list of all values; `column` is where they come from."""

    column: str
    codes: Index
    names: Sequence[str]


@dataclass(frozen=True)
class Stratified(Cut):
    """Of each class every part has its share, up or down to a whole row, and the parts have their exact counts."""

    classes: Marks

    def cut(self, rows: Index, counts: Mapping[str, int]) -> dict[str, Index]:
        codes = self.classes.codes[rows]
        sizes = np.bincount(codes, minlength=len(self.classes.names))
        table = shares(sizes.tolist(), list(counts.values()))
        by_class = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
        places: dict[str, list[Index]] = {part: [] for part in counts}
        for each, (row, places_of) in enumerate(zip(table, by_class, strict=True)):
            if not sizes[each]:
                continue
            self._require(each, int(sizes[each]), dict(zip(counts, row, strict=True)), counts)
            for part, piece in zip(counts, np.split(places_of, np.cumsum(row)[:-1]), strict=True):
                places[part].append(piece)
        return {part: rows[np.sort(np.concatenate(pieces))] for part, pieces in places.items()}

    def _require(self, each: int, size: int, has: Mapping[str, int], counts: Mapping[str, int]) -> None:
        for part, count in has.items():
            if counts[part] and not count:
                named = f"the class {self.classes.names[each]} of column {self.classes.column!r}"
                message = f"{named} has {size} row{'s' * (size != 1)}, and none of them comes to {part}"
                help = "more rows of it, a larger fraction or fewer folds, or no stratify"
                raise DataError(Finding("SN562", message, ("split", "stratify"), help))


@dataclass(frozen=True)
class Grouped(Cut):
    """The rows of a group stay together: the largest group first, each to the part that lacks the most rows.

    `order` has the place of each group among those of one size.
    """

    groups: Marks
    order: Index

    def cut(self, rows: Index, counts: Mapping[str, int]) -> dict[str, Index]:
        codes = self.groups.codes[rows]
        sizes = np.bincount(codes, minlength=len(self.groups.names))
        wanted = [part for part, count in counts.items() if count]
        there = sorted(np.flatnonzero(sizes).tolist(), key=lambda group: (-sizes[group], self.order[group]))
        if len(there) < len(wanted):
            column = f"column {self.groups.column!r}"
            message = (
                f"{column} has {_counted(len(there), 'group')} for {', '.join(wanted)}: one of them would be empty"
            )
            raise DataError(Finding("SN563", message, ("split",), "more groups, or fewer parts or folds"))
        lacks, home = {part: counts[part] for part in wanted}, np.empty(len(self.groups.names), np.int64)
        empty = list(wanted)
        for left, group in zip(range(len(there), 0, -1), there, strict=True):
            part = max(empty if left == len(empty) else wanted, key=lacks.__getitem__)
            lacks[part] -= int(sizes[group])
            home[group] = wanted.index(part)
            empty = [other for other in empty if other != part]
        homes = home[codes]
        return {part: rows[homes == wanted.index(part)] if part in wanted else rows[:0] for part in counts}


@dataclass(frozen=True)
class Timed(Cut):
    """The earliest rows for the first part; a cut that would part rows of one time moves to the nearest that does not.

    `times.codes` are in the order of time.
    """

    times: Marks

    def cut(self, rows: Index, counts: Mapping[str, int]) -> dict[str, Index]:
        rows = rows[np.argsort(self.times.codes[rows], kind="stable")]
        changes = (np.flatnonzero(np.diff(self.times.codes[rows])) + 1).tolist()
        wanted = [part for part, count in counts.items() if count]
        if len(changes) + 1 < len(wanted):
            column = f"column {self.times.column!r}"
            message = f"{column} has {_counted(len(changes) + 1, 'time')} for {', '.join(wanted)}, and none is parted"
            raise DataError(Finding("SN563", message, ("split", "time"), "more times, or fewer parts"))
        cuts: list[int] = []
        at = 0
        for left, part in zip(range(len(wanted) - 1, 0, -1), wanted, strict=False):
            at += counts[part]
            free = [change for change in changes if not cuts or change > cuts[-1]]
            cuts.append(min(free[: len(free) - left + 1], key=lambda change: abs(change - at)))
        pieces = dict(zip(wanted, np.split(rows, cuts), strict=True))
        return {part: pieces.get(part, rows[:0]) for part in counts}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
