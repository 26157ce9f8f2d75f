"""The predictions of an epoch so far: what a score is made of, kept so that it can be made again after a break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array

_NAME = "predictions"


class Predictions:
    """Batch after batch of one epoch. The state of a metric is its own affair; what it has seen is an array.

    Without `several` batches there is nothing between the first and the last, and nothing is kept.
    """

    def __init__(self, stored: Mapping[str, Array], several: bool) -> None:
        self._stored = stored.get(_NAME)
        self._several = several
        self._batches: list[Array] = []

    def begin(self) -> None:
        """A new epoch."""
        self._batches = []

    def keep(self, prediction: Array) -> Array:
        """A copy, in the one order of memory in which it is scored, before a break and after it."""
        if not self._several:
            return prediction
        copy = np.array(prediction, order="F")
        self._batches.append(copy)
        return copy

    def again(self, rows: int) -> Array:
        """The next of the batches that were stored. Raises ArtifactError SN609 when there is none."""
        begin = sum(map(len, self._batches))
        if self._stored is None or len(self._stored) < begin + rows:
            message = "the training that was stored does not fit the spec: it lacks predictions of the epoch"
            raise ArtifactError(Finding("SN609", message))
        return self.keep(self._stored[begin : begin + rows])

    def stored(self) -> dict[str, Array]:
        """One array of all rows; none in an epoch that is not scored."""
        return {_NAME: np.concatenate(self._batches)} if self._batches else {}
