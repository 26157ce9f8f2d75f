"""Controlled rounding: a table of shares in whole numbers, whose rows and columns sum to what they must.

Every table of reals with whole sums has one within 1 of each entry (Bacharach 1966, as a flow in a network).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_Table = npt.NDArray[np.int64]


def shares(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """`rows[i] * columns[j] / sum`, each up or down to a whole number; the largest remainders go up, where they can.

    `rows` and `columns` have the same sum.
    """
    total = sum(rows)
    exact = [[row * column for column in columns] for row in rows]
    floors = np.array([[product // total for product in line] for line in exact], np.int64)
    rest = np.array([[product % total for product in line] for line in exact], np.int64)
    up = _largest(rest, np.array(rows) - floors.sum(axis=1))
    missing = np.array(columns) - floors.sum(axis=0) - up.sum(axis=0)
    while missing.any():
        _shift(rest, up, missing)
    return (floors + up).tolist()  # type: ignore[no-any-return]


def _largest(rest: _Table, counts: _Table) -> _Table:
    """1 for so many of the largest remainders of each row."""
    places = np.argsort(-rest, axis=1, kind="stable")
    up = np.zeros_like(rest)
    for row, count in enumerate(counts):
        up[row, places[row, :count]] = 1
    return up


def _shift(rest: _Table, up: _Table, missing: _Table) -> None:
    """Takes 1 from a column with too many to one with too few, by the shortest way over rows that can swap."""
    start = int(np.argmin(missing))
    came: dict[int, tuple[int, int]] = {start: (-1, -1)}
    queue = [start]
    for column in queue:
        if missing[column] > 0:
            break
        for other in range(len(missing)):
            can = (up[:, column] == 1) & (up[:, other] == 0) & (rest[:, other] > 0)
            if other not in came and can.any():
                loss = np.where(can, rest[:, column] - rest[:, other], np.iinfo(np.int64).max)
                came[other] = (column, int(np.argmin(loss)))
                queue.append(other)
    missing[column] -= 1
    while column != start:
        before, row = came[column]
        up[row, [before, column]] = 0, 1
        column = before
    missing[start] += 1
