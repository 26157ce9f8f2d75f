"""Batches: the rows of an epoch in pieces, in an order that is a function of (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Split
    from specnet.streams import Streams


class Batches:
    """(inputs, targets) pairs; the last batch of an epoch may be smaller."""

    def __init__(self, split: Split, rows: int, shuffle: bool, streams: Streams) -> None:
        self._split = split
        self._rows = rows
        self._streams = streams
        self._gathered: tuple[Array, Array] | None = None
        if shuffle and rows < len(split):
            self._gathered = (_room(split.inputs, rows), _room(split.targets, rows))

    def of(self, epoch: int) -> Iterator[tuple[Array, Array]]:
        """The batches of that epoch; arrays are only good until the next one."""
        inputs, targets, count = self._split.inputs, self._split.targets, len(self._split)
        if self._gathered is None:
            for start in range(0, count, self._rows):
                yield inputs[start : start + self._rows], targets[start : start + self._rows]
            return
        order = self._streams.of("shuffle", epoch).permutation(count)
        for start in range(0, count, self._rows):
            index = order[start : start + self._rows]
            yield _gather(inputs, index, self._gathered[0]), _gather(targets, index, self._gathered[1])


def _room(whole: Array, rows: int) -> Array:
    return np.empty((rows, *whole.shape[1:]), whole.dtype, order="F")


def _gather(whole: Array, index: np.ndarray[Any, Any], room: Array) -> Array:
    out = room[: len(index)]
    # mode="clip" lets take() write straight into `out`; a permutation has nothing to clip.
    np.take(whole.T, index, axis=-1, out=out.T, mode="clip")
    return out
