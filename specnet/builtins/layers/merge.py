"""Layers that make one of several: residual nets add, gates multiply, skips are laid side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from specnet.builtins.layers.inputs import alike, several
from specnet.component import Component, Layer, LayerPlan, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback


class Add(Layer):
    """y = the sum of the inputs, which have one shape."""

    type: Literal["add"] = "add"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        alike(self, several(self, in_shapes), "one shape", slice(None))
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (first, second, *more), xp = inputs, ctx.xp
        y = xp.add(first, second, out=ctx.empty(first.shape))
        for x in more:
            xp.add(y, x, out=y)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            """Copies, because the pullbacks of the inputs write into what they get."""
            return (dy, *(xp.positive(dy, out=ctx.empty(dy.shape)) for _ in inputs[1:]))

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        y = inputs[0]
        for x in inputs[1:]:
            y = y + x
        return y


class Multiply(Layer):
    """y = the product of the inputs, elementwise; they have one shape."""

    type: Literal["multiply"] = "multiply"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        alike(self, several(self, in_shapes), "one shape", slice(None))
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (first, second, *more), xp = inputs, ctx.xp
        y = xp.multiply(first, second, out=ctx.empty(first.shape))
        for x in more:
            xp.multiply(y, x, out=y)

        def gradient(dy: Array, own: int) -> Array:
            """dy times the others: y / x would be 0 / 0 where x is 0."""
            first, *rest = (x for k, x in enumerate(inputs) if k != own)
            dx: Array = xp.multiply(dy, first, out=ctx.empty(dy.shape))
            for x in rest:
                xp.multiply(dx, x, out=dx)
            return dx

        return y, lambda dy: tuple(gradient(dy, k) for k in range(len(inputs)))

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        y = inputs[0]
        for x in inputs[1:]:
            y = y * x
        return y


class Concatenate(Layer):
    """y = the inputs side by side along the last axis; their other axes are the same."""

    type: Literal["concatenate"] = "concatenate"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        alike(self, several(self, in_shapes), "one shape but for the last axis", slice(-1))
        return LayerPlan((*in_shapes[0][:-1], sum(shape[-1] for shape in in_shapes)))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        widths = [x.shape[-1] for x in inputs]
        y = ctx.empty((*inputs[0].shape[:-1], sum(widths)))
        ctx.xp.concatenate(inputs, axis=-1, out=y)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            ends = [sum(widths[: k + 1]) for k in range(len(widths))]
            return tuple(dy[..., end - width : end] for end, width in zip(ends, widths, strict=True))

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        y: Array = xp.concatenate(inputs, axis=-1)
        return y


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layers that merge."""
    return [Add, Concatenate, Multiply]
