"""Units: from the numbers of a table to those that the net sees, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, Literal

import numpy as np

from specnet.errors import DataError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from specnet.arrays import Array
    from specnet.component import Column, Scaler, Table
    from specnet.errors import Path


OUTSIDE = "another scaler, or other rows"
"""What would do about a number that its scaler cannot take."""


@dataclass(frozen=True)
class Scale:
    """A scaler with what it has learned."""

    scaler: Scaler
    state: Mapping[str, Array]

    @classmethod
    def fit(cls, scaler: Scaler, train: Table, place: Path) -> Scale:
        """Fitted on training rows. Raises DataError for a column that the scaler or float64 cannot scale."""
        if _is_bounded(scaler) and (outside := _first_outside(scaler, train)):
            raise DataError(Finding("SN514", outside[1], place, OUTSIDE))
        with np.errstate(over="ignore", invalid="ignore"):
            state = scaler.fit(train.values)
        for array in state.values():
            finite = np.isfinite(array).reshape(-1, len(train.names)).all(axis=0)
            if not finite.all():
                message = (
                    f"column {train.names[int(np.argmin(finite))]!r} holds numbers too large to be scaled in float64"
                )
                raise DataError(Finding("SN510", message, place))
        return cls(scaler, state)

    def transform(self, x: Array) -> Array:
        """Into the units of the net."""
        return self.scaler.transform(dict(self.state), x)

    def inverse(self, z: Array) -> Array:
        """Back into the units of the data."""
        return self.scaler.inverse(dict(self.state), z)


def _is_bounded(scaler: Scaler) -> bool:
    return not all(map(isinf, scaler.domain()))


def _first_outside(scaler: Scaler, table: Table) -> tuple[int, str] | None:
    """The row of the first number that the scaler cannot take, with what is wrong with it; None when all can be."""
    low, high = scaler.domain()
    outside = (table.values <= low) | (table.values >= high)
    if not outside.any():
        return None
    row, column = np.argwhere(outside)[0]
    holds = f"column {table.names[column]!r} holds {table.values[row, column]:g}"
    return int(row), f"{holds}, and {scaler.type} takes numbers from {low:g} to {high:g} without these"


@dataclass(frozen=True)
class Piece:
    """Some columns of a table that one scaler takes; `key` is empty for those that the section scales."""

    key: str
    places: tuple[int, ...]
    scaler: Scaler


@dataclass(frozen=True)
class Layout:
    """What is known of the units of a table before any row: which scaler takes what, and what gaps are filled with."""

    pieces: tuple[Piece, ...]
    fills: Mapping[int, Literal["mean", "median"]]
    width: int

    @classmethod
    def of(cls, columns: Sequence[Column], section: Scaler | None, width: int) -> Layout:
        """Of the columns of one role; without any, all `width` numbers are scaled as the section says."""
        shared = [] if columns else list(range(width))
        pieces: list[Piece] = []
        fills: dict[int, Literal["mean", "median"]] = {}
        for column, places in _placed(columns):
            scaler, absent = column.scaling(section), column.absent()
            if scaler is not None and scaler is section:
                shared += places
            elif scaler is not None:
                pieces.append(Piece(column.name, places, scaler))
            if absent == "mean" or absent == "median":
                fills |= dict.fromkeys(places, absent)
        if shared and section is not None:
            pieces.insert(0, Piece("", tuple(shared), section))
        return cls(tuple(pieces), fills, width)


def _placed(columns: Sequence[Column]) -> Iterator[tuple[Column, tuple[int, ...]]]:
    start = 0
    for column in columns:
        stop = start + len(column.names())
        yield column, tuple(range(start, stop))
        start = stop


@dataclass(frozen=True)
class Units:
    """What was learned on the training rows: numbers for the gaps, then the scales, each with its columns."""

    layout: Layout
    scales: tuple[Scale, ...]
    fill: Array | None = None
    """(columns,), NaN where a gap is not filled; None where none is."""

    @classmethod
    def fit(cls, layout: Layout, train: Table, section: str) -> Units:
        """Fitted on training rows. Raises DataError for a column without a value, or that cannot be scaled."""
        fill = _fill(layout, train)
        filled = train if fill is None else type(train)(train.names, _filled(train.values, fill))
        scales = [
            Scale.fit(
                piece.scaler, filled.columns(piece.places), ("scaling", section) if not piece.key else ("dataset",)
            )
            for piece in layout.pieces
        ]
        return cls(layout, tuple(scales), fill)

    @property
    def whole(self) -> Scale | None:
        """The one scale of all columns, where there is only that."""
        only = len(self.scales) == 1 and len(self.layout.pieces[0].places) == self.layout.width
        return self.scales[0] if only else None

    def pieces(self) -> Iterator[tuple[Piece, Scale]]:
        """Each piece that is scaled, with its scale."""
        return zip(self.layout.pieces, self.scales, strict=True)

    def transform(self, x: Array) -> Array:
        """Into the units of the net, (rows, columns)."""
        x = self.filled(x)
        if (whole := self.whole) is not None:
            return whole.transform(x)
        if not self.scales:
            return x
        z = x.copy(order="K")
        for piece, scale in self.pieces():
            z[:, list(piece.places)] = scale.transform(x[:, list(piece.places)])
        return z

    def inverse(self, z: Array) -> Array:
        """Back into the units of the data, (rows, columns)."""
        if (whole := self.whole) is not None:
            return whole.inverse(z)
        if not self.scales:
            return z
        x = z.copy(order="K")
        for piece, scale in self.pieces():
            x[:, list(piece.places)] = scale.inverse(z[:, list(piece.places)])
        return x

    def filled(self, x: Array) -> Array:
        """The same numbers, with what was learned in the gaps."""
        return x if self.fill is None else _filled(x, self.fill)

    def outside(self, table: Table) -> str | None:
        """What is wrong with the first number that its scaler cannot take, None when all can be."""
        first = self.first_outside(table)
        return None if first is None else first[1]

    def first_outside(self, table: Table) -> tuple[int, str] | None:
        """The row of a number that its scaler cannot take, with what is wrong with it; None when all can be."""
        bounded = ((piece, scale.scaler) for piece, scale in self.pieces() if _is_bounded(scale.scaler))
        found = (_first_outside(scaler, table.columns(piece.places)) for piece, scaler in bounded)
        return next((first for first in found if first is not None), None)


def _fill(layout: Layout, train: Table) -> Array | None:
    if not layout.fills:
        return None
    fill = np.full(layout.width, np.nan)
    for place, how in layout.fills.items():
        column = train.values[:, place]
        there = column[~np.isnan(column)]
        if not there.size:
            message = f"column {train.names[place]!r} is empty in all training rows: there is no {how} of it"
            raise DataError(Finding("SN515", message, ("dataset",), "leave the column out, or give a number for gaps"))
        fill[place] = np.mean(there / len(there)) * len(there) if how == "mean" else np.median(there)
    return fill


def _filled(x: Array, fill: Array) -> Array:
    return np.where(np.isnan(x), fill, x)
