"""The plain losses of numbers: the first line of each says what is averaged over what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from specnet.component import Component, ElementwiseLoss
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context


class MeanSquaredError(ElementwiseLoss):
    """mean: squared error, mean over rows and outputs; half_sum: half of it, sum over outputs, mean over rows."""

    synonyms = ("mean_squared_error", "squared_error", "l2")
    type: Literal["mse"] = "mse"
    convention: Literal["mean", "half_sum"] = "mean"
    """half_sum has the gradient (prediction - target) / rows."""

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        errors: Array = self._factor * xp.square(prediction - target)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return 2 * self._factor * (prediction - target)

    def divisor(self, rows: int, outputs: int) -> int:
        return rows * outputs if self.convention == "mean" else rows

    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        gradient: Array = ctx.xp.subtract(prediction, target, out=ctx.empty(prediction.shape))
        ctx.xp.multiply(gradient, 2 * self._factor / self.divisor(*prediction.shape), out=gradient)
        return gradient

    @property
    def _factor(self) -> float:
        return 1.0 if self.convention == "mean" else 0.5


class MeanAbsoluteError(ElementwiseLoss):
    """|prediction - target|, mean over rows and outputs; the slope at 0 is 0."""

    synonyms = ("mean_absolute_error", "absolute_error", "l1")
    type: Literal["mae"] = "mae"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        errors: Array = xp.abs(prediction - target)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        slopes: Array = xp.sign(prediction - target)
        return slopes


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The losses of this room."""
    return [MeanAbsoluteError, MeanSquaredError]
