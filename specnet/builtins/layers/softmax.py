"""Layers that make distributions: the last axis of each row sums to 1."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from specnet.builtins.logits import log_softmax, softmax
from specnet.component import Component, Layer, LayerPlan, Shape, ShapeError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context, Meaning
    from specnet.component.network import Pullback


class Softmax(Layer):
    """y = exp(x) / sum of exp(x) along the last axis."""

    type: Literal["softmax"] = "softmax"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return _same_shape(self.type, in_shapes)

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def gives(self) -> Meaning:
        return "distributions"

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        y = softmax(x, xp)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            return (y * (dy - xp.sum(dy * y, axis=-1, keepdims=True)),)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return softmax(x, xp)


class LogSoftmax(Layer):
    """y = x - log(sum of exp(x)) along the last axis."""

    type: Literal["log_softmax"] = "log_softmax"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return _same_shape(self.type, in_shapes)

    def bounds(self) -> tuple[float, float]:
        return -inf, 0.0

    def gives(self) -> Meaning:
        return "log_distributions"

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        y = log_softmax(x, xp)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            return (dy - xp.exp(y) * xp.sum(dy, axis=-1, keepdims=True),)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return log_softmax(x, xp)


def _same_shape(name: str, in_shapes: tuple[Shape, ...]) -> LayerPlan:
    if len(in_shapes) != 1:
        raise ShapeError(f"{name} reads one input, not {len(in_shapes)}")
    return LayerPlan(in_shapes[0])


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layers that make distributions."""
    return [LogSoftmax, Softmax]
