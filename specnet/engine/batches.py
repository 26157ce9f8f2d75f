"""Batches: the rows of an epoch in pieces, in an order that is a function of (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.task import Split
    from specnet.streams import Streams


class Batches:
    """(inputs, targets) pairs; the last batch of an epoch may be smaller."""

    def __init__(self, split: Split, rows: int, shuffle: bool, streams: Streams) -> None:
        self._split = split
        self._streams = streams
        self._pieces = [slice(start, start + rows) for start in range(0, len(split), rows)]
        self._in_order = None
        if not shuffle or len(self._pieces) == 1:
            self._in_order = [(split.inputs[piece], split.targets[piece]) for piece in self._pieces]
        else:
            self._room = (_room(split.inputs, rows), _room(split.targets, rows))

    def of(self, epoch: int) -> Iterable[tuple[Array, Array]]:
        """The batches of that epoch; arrays are only good until the next one."""
        return self._shuffled(epoch) if self._in_order is None else self._in_order

    def _shuffled(self, epoch: int) -> Iterator[tuple[Array, Array]]:
        order = self._streams.of("shuffle", epoch).permutation(len(self._split))
        inputs, targets = self._room
        for piece in self._pieces:
            yield _gather(self._split.inputs, order[piece], inputs), _gather(self._split.targets, order[piece], targets)


def _room(whole: Array, rows: int) -> Array:
    return np.empty((rows, *whole.shape[1:]), whole.dtype, order="F")


def _gather(whole: Array, index: np.ndarray[Any, Any], room: Array) -> Array:
    out = room[: len(index)]
    # mode="clip" lets take() write straight into `out`; a permutation has nothing to clip.
    np.take(whole.T, index, axis=-1, out=out.T, mode="clip")
    return out
