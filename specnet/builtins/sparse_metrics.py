"""Metrics of classes that are told by their numbers, as sparse_categorical_cross_entropy reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from specnet.component import Component, MeanMetric
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class SparseAccuracy(MeanMetric):
    """The part of the targets whose class has the greatest of its outputs, the first of several; mean over rows."""

    synonyms = ("sparse_categorical_accuracy",)
    type: Literal["sparse_accuracy"] = "sparse_accuracy"
    classes: int = Field(ge=2)
    """How many outputs belong to each target column, which has the number of a class, from 0 on."""

    def outputs(self, targets: int) -> int:
        return targets * self.classes

    def whole_targets(self) -> int:
        return self.classes

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        chosen = xp.argmax(xp.reshape(prediction, (*target.shape, self.classes)), axis=2)
        shares: Array = xp.mean(1.0 * (chosen == target), axis=1)
        return shares


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The metrics of this room."""
    return [SparseAccuracy]
