"""Marks: what the columns that a split goes by say of each row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import DataError, Finding, did_you_mean
from specnet.splits.cuts import Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from specnet.arrays import Array, Index
    from specnet.component import Column, Data


def classes(data: Data, columns: Sequence[Column], name: str) -> Marks:
    """The classes of a column, in the order of their names or numbers. Raises DataError SN564 for an empty label."""
    if name in data.labels:
        return labels(data, name, "stratify")
    column, numbers = _numbers(data, columns, name)
    # NaN would be a class for each row that has it
    there = np.where(np.isnan(numbers), np.inf, numbers)
    _, first, codes = np.unique(there, axis=0, return_index=True, return_inverse=True)
    return Marks(name, codes.reshape(-1), [_named(column, numbers[i : i + 1]) for i in first])


def labels(data: Data, name: str, key: str = "column") -> Marks:
    """The texts of a column, sorted. Raises DataError SN564 for an empty one."""
    texts = data.labels[name]
    for row, text in enumerate(texts):
        if not text.strip():
            raise _unplaced(data, row, name, "is empty", key)
    known, codes = np.unique(np.array(texts), return_inverse=True)
    return Marks(name, codes.reshape(-1), [repr(str(text)) for text in known])


def times(data: Data, columns: Sequence[Column], name: str) -> Marks:
    """The times of a column in their order. Raises DataError SN564 for a row without one."""
    if name in data.labels:
        moments = _moments(data, name)
        place = {moment: i for i, moment in enumerate(sorted(set(moments)))}
        return Marks(name, np.array([place[moment] for moment in moments], np.int64), list(map(str, place)))
    column, numbers = _numbers(data, columns, name)
    if (gaps := np.isnan(numbers).any(axis=1)).any():
        raise _unplaced(data, int(gaps.argmax()), name, "is empty", "time")
    keys = numbers if column is None else numbers[:, list(column.order())]
    known, codes = np.unique(keys, axis=0, return_inverse=True)
    return Marks(name, codes.reshape(-1), list(map(str, known.tolist())))


def named_parts(data: Data, name: str, parts: Sequence[str]) -> dict[str, Index]:
    """The rows of each part that the column names. Raises DataError: SN564 for another text, SN512 for no row."""
    texts = [text.strip() for text in data.labels[name]]
    for row, text in enumerate(texts):
        if text not in parts:
            help = did_you_mean(text, parts) or f"split.parts lists what may stand there: {', '.join(parts)}"
            raise _unplaced(data, row, name, f"says {text!r}, and must say {' or '.join(parts)}", "column", help)
    found: dict[str, Index] = {part: np.flatnonzero(np.array(texts) == part) for part in parts}
    if empty := [part for part, rows in found.items() if not len(rows)]:
        message = f"no row says {empty[0]} in column {name!r}"
        help = f"split.parts = {[part for part in parts if part not in empty]}".replace("'", '"')
        raise DataError(Finding("SN512", message, ("split", "parts"), help))
    return found


def _moments(data: Data, name: str) -> list[datetime]:
    """ISO 8601 read; with an offset all of them, or none."""
    moments = []
    for row, text in enumerate(data.labels[name]):
        if not text.strip():
            raise _unplaced(data, row, name, "is empty", "time")
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            help = "a column of type date reads other forms, one of type number any number"
            raise _unplaced(data, row, name, f"says {text!r}, which is no time in ISO 8601", "time", help) from None
        moments.append(moment if moment.tzinfo is None else moment.astimezone(UTC))
        if (moment.tzinfo is None) != (moments[0].tzinfo is None):
            says = (
                f"says {text!r}, and the first says {data.labels[name][0]!r}: only one of them has an offset from UTC"
            )
            raise _unplaced(data, row, name, says, "time")
    return moments


def _numbers(data: Data, columns: Iterable[Column], name: str) -> tuple[Column | None, Array]:
    """The column, where it is described, and its numbers, (rows, names)."""
    column = next((column for column in columns if column.name == name), None)
    names = (name,) if column is None else column.names()
    table = data.inputs if set(names) <= set(data.inputs.names) else data.targets
    return column, table.columns([table.names.index(one) for one in names]).values


def _named(column: Column | None, numbers: Array) -> str:
    """The class as its cell reads."""
    if np.isnan(numbers).any():
        return "of empty cells"
    if column is None or column.numeric:
        return f"{numbers[0, 0]:g}"
    if column.surprises(numbers):
        return "of what is not listed"
    cells: Callable[[Array], Sequence[object]] = column.cells
    return repr(cells(numbers)[0]) if "target" in column.roles else str(numbers[0].tolist())


def _unplaced(data: Data, row: int, name: str, says: str, key: str, help: str | None = None) -> DataError:
    return DataError(Finding("SN564", f"row {data.row(row)}, column {name!r} {says}", ("split", key), help))
