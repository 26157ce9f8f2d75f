"""Activations that are straight between bends: elementwise, each a value and a slope."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.component import Activation, Component
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class LeakyRelu(Activation):
    """y = x if x > 0, else negative_slope x; the slope at 0 is negative_slope (Maas et al. 2013)."""

    type: Literal["leaky_relu"] = "leaky_relu"
    negative_slope: Annotated[float, Field(ge=0, le=1)] = 0.01
    """What is left of the negative side."""

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.maximum(x, self.negative_slope * x)
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = xp.where(x > 0, xp.ones_like(x), self.negative_slope)
        return slopes

    def bounds(self) -> tuple[float, float]:
        return (-inf if self.negative_slope else 0.0), inf


class HardSigmoid(Activation):
    """y = x / 6 + 1/2, clipped to 0 and 1, as in PyTorch and Keras 3; the slope at -3 and 3 is 0."""

    type: Literal["hard_sigmoid"] = "hard_sigmoid"

    def value(self, x: Array, xp: Any) -> Array:
        return _hard_sigmoid(x, xp)

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = xp.sign(y) * xp.sign(1 - y) / 6
        return slopes

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


class HardTanh(Activation):
    """y = x, clipped to -1 and 1; the slope at -1 and 1 is 0."""

    type: Literal["hard_tanh"] = "hard_tanh"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.clip(x, -1.0, 1.0)
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = xp.sign(1 - xp.abs(y))
        return slopes

    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0


class HardSwish(Activation):
    """y = x hard_sigmoid(x); the slope at -3 is 0, at 3 it is 1 (Howard et al. 2019, arXiv:1905.02244)."""

    synonyms = ("hard_silu",)
    type: Literal["hard_swish"] = "hard_swish"

    def value(self, x: Array, xp: Any) -> Array:
        return x * _hard_sigmoid(x, xp)

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = xp.where(xp.abs(x) < 3, x / 3 + 0.5, xp.sign(xp.maximum(x, 0.0)))
        return slopes

    def bounds(self) -> tuple[float, float]:
        return -0.375, inf


def _hard_sigmoid(x: Array, xp: Any) -> Array:
    y: Array = xp.clip(x / 6 + 0.5, 0.0, 1.0)
    return y


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The activations of this room."""
    return [HardSigmoid, HardSwish, HardTanh, LeakyRelu]
