"""Metrics: numbers reported beside the loss, in the units of the net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from specnet.component import Component, MeanMetric
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class NormHalfSquareError(MeanMetric):
    """mean over rows of || (prediction - target)**2 / 2 ||, the 2-norm over the outputs of a row."""

    type: Literal["norm_half_square_error"] = "norm_half_square_error"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        half_squares = 0.5 * xp.square(prediction - target)
        norms: Array = xp.sqrt(xp.sum(xp.square(half_squares), axis=1))
        return norms


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The metrics of this room."""
    return [NormHalfSquareError]
