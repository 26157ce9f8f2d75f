"""More losses of numbers: the first line of each says what is averaged over what."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.component import Component, ElementwiseLoss, RowwiseLoss
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Wanted

_LEAST_RATE = 1e-30
"""Its inverse, times any sensible count, is a number in float32 too."""


class Huber(ElementwiseLoss):
    """e**2 / 2 where |e| <= delta, else delta (|e| - delta / 2), mean over rows and outputs; e = prediction - target.

    Huber 1964; with delta = 1 also called smooth L1.
    """

    synonyms = ("smooth_l1",)
    type: Literal["huber"] = "huber"
    delta: Annotated[float, Field(gt=0)] = 1.0
    """The size of an error from which on it counts by itself and no longer by its square."""

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        size = xp.abs(prediction - target)
        near = xp.minimum(size, self.delta)
        errors: Array = near * (size - 0.5 * near)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        slopes: Array = xp.clip(prediction - target, -self.delta, self.delta)
        return slopes


class LogCosh(ElementwiseLoss):
    """log(cosh(prediction - target)), mean over rows and outputs."""

    synonyms = ("logcosh",)
    type: Literal["log_cosh"] = "log_cosh"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        size = xp.abs(prediction - target)
        near = xp.log1p(2 * xp.square(xp.sinh(0.5 * xp.minimum(size, 1.0))))  # keeps the digits of small errors
        errors: Array = xp.where(size < 1, near, size + xp.log1p(xp.square(xp.exp(-size))) - log(2))
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        slopes: Array = xp.tanh(prediction - target)
        return slopes


class Quantile(ElementwiseLoss):
    """max(q e, (q - 1) e) of e = target - prediction, mean over rows and outputs; the slope at 0 is 0.

    It is least where a part q of the targets lies below the prediction (Koenker and Bassett 1978).
    """

    synonyms = ("pinball", "quantile_loss")
    type: Literal["quantile"] = "quantile"
    q: Annotated[float, Field(gt=0, lt=1)]
    """The quantile that is predicted; 0.5 is the median."""

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        below = target - prediction
        errors: Array = xp.maximum(self.q * below, (self.q - 1) * below)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        side = xp.sign(prediction - target)
        slopes: Array = 0.5 * (side + (1 - 2 * self.q) * xp.abs(side))  # 1 - q above, -q below
        return slopes


class Poisson(ElementwiseLoss):
    """rate - target log(rate), mean over rows and outputs: the likelihood of counts, without what no rate changes.

    With log_input = true the prediction is log(rate); the rate grows no more where sums of it would overflow.
    Otherwise it is the rate, and one below 1e-30 counts as 1e-30 inside the logarithm.
    """

    synonyms = ("poisson_nll",)
    type: Literal["poisson"] = "poisson"
    log_input: bool
    """Whether predictions are the logarithms of rates, or the rates."""

    def wants(self) -> Wanted:
        return "anything" if self.log_input else "positive"

    def target_bounds(self) -> tuple[float, float]:
        return 0.0, inf

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        if self.log_input:
            return _exp(prediction, xp) - target * prediction
        errors: Array = prediction - target * xp.log(xp.maximum(prediction, _LEAST_RATE))
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        if self.log_input:
            return _exp(prediction, xp) - target
        slopes: Array = 1 - target / xp.maximum(prediction, _LEAST_RATE)
        return slopes


class CosineSimilarity(RowwiseLoss):
    """1 - cos of the angle between prediction and target, mean over rows; a row of zeros has the cosine 0."""

    synonyms = ("cosine", "cosine_distance", "cosine_embedding")
    type: Literal["cosine_similarity"] = "cosine_similarity"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        errors: Array = 1 - xp.sum(_unit(prediction, xp) * _unit(target, xp), axis=1)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        p, t = _unit(prediction, xp), _unit(target, xp)
        greatest = _greatest(prediction, xp)
        length = xp.sqrt(xp.sum(xp.square(prediction / greatest), axis=1, keepdims=True))
        cosine = xp.sum(p * t, axis=1, keepdims=True)
        slopes: Array = (cosine * p - t) / xp.where(length > 0, length, 1.0) / greatest
        return slopes


def _exp(x: Array, xp: Any) -> Array:
    """Where that overflows, the largest that can be added a hundred million times."""
    powers: Array = xp.exp(xp.minimum(x, log(xp.finfo(x.dtype).max) - log(1e8)))
    return powers


def _greatest(x: Array, xp: Any) -> Array:
    """The greatest size in each row, 1 for a row of zeros: by it rows can be squared without overflow."""
    size = xp.max(xp.abs(x), axis=1, keepdims=True)
    greatest: Array = xp.where(size > 0, size, 1.0)
    return greatest


def _unit(x: Array, xp: Any) -> Array:
    """Rows of length 1, zeros where there is no direction."""
    y = x / _greatest(x, xp)
    length = xp.sqrt(xp.sum(xp.square(y), axis=1, keepdims=True))
    rows: Array = y / xp.where(length > 0, length, 1.0)
    return rows


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The losses of this room."""
    return [CosineSimilarity, Huber, LogCosh, Poisson, Quantile]
