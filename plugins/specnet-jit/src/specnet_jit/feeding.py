"""Feeding: the rows of an epoch as columns in memory, in an order that is a function of (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from specnet_jit.measuring import columns

if TYPE_CHECKING:
    from specnet.api import TrainingTask

Array = np.ndarray[Any, np.dtype[Any]]
GATHERED = 16_384
"""About how many rows are put into their order at once: those of an epoch that no cache holds are not all copied."""


class Feed(NamedTuple):
    """Rows for batches that follow each other, from `lo` to `hi`; `stride` rows lie between two columns."""

    x: Array
    y: Array
    stride: int
    lo: int
    hi: int
    inputs: Array
    targets: Array


class Feeder:
    """The rows of a training task."""

    def __init__(self, task: TrainingTask) -> None:
        self._task = task
        split = task.train
        self._whole = Feed(
            columns(split.inputs), columns(split.targets), len(split), 0, len(split), split.inputs, split.targets
        )
        self._shuffles = task.shuffle and task.steps_per_epoch > 1
        batches = max(1, GATHERED // task.batch_rows)
        self._room = min(batches * task.batch_rows, len(split)) if self._shuffles else 0
        self._rooms = [
            np.empty((self._room, whole.shape[1]), whole.dtype, order="F") for whole in (split.inputs, split.targets)
        ]

    def of(self, epoch: int, done: int) -> Iterator[Feed]:
        """The rows of an epoch after so many batches."""
        task, first = self._task, done * self._task.batch_rows
        if not self._shuffles:
            yield self._whole._replace(lo=first)
            return
        order = task.streams.of("shuffle", epoch).permutation(len(task.train))
        for start in range(first, len(order), self._room):
            yield self._gathered(order[start : start + self._room])

    def _gathered(self, index: np.ndarray[Any, Any]) -> Feed:
        inputs, targets = (room[: len(index)] for room in self._rooms)
        for whole, room in zip((self._task.train.inputs, self._task.train.targets), (inputs, targets), strict=True):
            np.take(whole.T, index, axis=-1, out=room.T, mode="clip")  # a permutation has nothing to clip
        x, y = (columns(room) for room in self._rooms)
        return Feed(x, y, self._room, 0, len(index), inputs, targets)
