"""Batches: the rows of an epoch in pieces, in an order that is a function of (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.task import Split
    from specnet.streams import Streams


Batch = tuple["Array", "Array", "Array | None"]
"""Inputs, targets, and the weights of the rows if they have any."""


class Batches:
    """The rows in pieces; the last batch of an epoch may be smaller."""

    def __init__(self, split: Split, rows: int, shuffle: bool, streams: Streams) -> None:
        self._split = split
        self._streams = streams
        self._pieces = [slice(start, start + rows) for start in range(0, len(split), rows)]
        self._in_order = None
        if not shuffle or len(self._pieces) == 1:
            self._in_order = [of(split, piece) for piece in self._pieces]
        else:
            self._room = (_room(split.inputs, rows), _room(split.targets, rows))

    def of(self, epoch: int) -> Iterable[Batch]:
        """The batches of that epoch; arrays are only good until the next one."""
        return self._shuffled(epoch) if self._in_order is None else self._in_order

    def _shuffled(self, epoch: int) -> Iterator[Batch]:
        order = self._streams.of("shuffle", epoch).permutation(len(self._split))
        (inputs, targets), split = self._room, self._split
        for piece in self._pieces:
            index = order[piece]
            weights = None if split.weights is None else split.weights[index]
            yield _gather(split.inputs, index, inputs), _gather(split.targets, index, targets), weights


def of(split: Split, piece: slice) -> Batch:
    """Those rows, as views."""
    return split.inputs[piece], split.targets[piece], None if split.weights is None else split.weights[piece]


def _room(whole: Array, rows: int) -> Array:
    return np.empty((rows, *whole.shape[1:]), whole.dtype, order="F")


def _gather(whole: Array, index: np.ndarray[Any, Any], room: Array) -> Array:
    out = room[: len(index)]
    # mode="clip" lets take() write straight into `out`; a permutation has nothing to clip.
    np.take(whole.T, index, axis=-1, out=out.T, mode="clip")
    return out
