"""The activations that most specs use, in a room of their own because every spec imports it."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from specnet.component import Activation, Component
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context, Meaning


class Linear(Activation):
    """y = x."""

    synonyms = ("identity", "none")
    type: Literal["linear"] = "linear"

    def value(self, x: Array, xp: Any) -> Array:
        return x

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        ones: Array = xp.ones_like(x)
        return ones

    def gives(self) -> Meaning:
        return "numbers"

    def forward(self, ctx: Context, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        return x, lambda dy: dy


class Relu(Activation):
    """y = max(0, x); the slope at 0 is 0."""

    type: Literal["relu"] = "relu"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.maximum(x, 0.0)
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = xp.sign(y)
        return slopes

    def bounds(self) -> tuple[float, float]:
        return 0.0, inf

    def forward(self, ctx: Context, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        y: Array = ctx.xp.maximum(x, 0.0, out=x)

        def pullback(dy: Array) -> Array:
            active = ctx.xp.greater(y, 0.0, out=ctx.empty(y.shape, bool))
            dx: Array = ctx.xp.multiply(dy, active, out=dy)
            return dx

        return y, pullback


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The activations of this room."""
    return [Linear, Relu]
