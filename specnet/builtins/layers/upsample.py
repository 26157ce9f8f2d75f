"""Upsampling: several places of one; channels do not see each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from specnet.builtins.layers.windows import Sizes, each, places
from specnet.component import Component, Layer, LayerPlan, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback


class Upsample(Layer):
    """y = each place of x again `factor` times along its axis, the nearest-neighbour way."""

    type: Literal["upsample"] = "upsample"
    factor: Sizes = 2
    """Places that become of one, along each axis."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        sizes = places(self, in_shapes)
        factors = each(self, self.factor, sizes, "factor")
        return LayerPlan((*(size * by for size, by in zip(sizes, factors, strict=True)), in_shapes[0][-1]))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        factors = each(self, self.factor, x.shape[1:-1], "factor")
        y = ctx.empty((len(x), *self.plan((x.shape[1:],)).out_shape))
        copies = [
            (slice(None), *(slice(start, None, by) for start, by in zip(starts, factors, strict=True)))
            for starts in product(*map(range, factors))
        ]
        for copy in copies:
            y[copy] = x

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dx = ctx.empty(x.shape)
            dx[...] = 0
            for copy in copies:
                dx += dy[copy]
            return (dx,)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        for axis, factor in enumerate(self._factors(in_shapes)):
            x = xp.repeat(x, factor, axis=axis + 1)
        return x

    def _factors(self, in_shapes: tuple[Shape, ...]) -> Shape:
        return each(self, self.factor, places(self, in_shapes), "factor")


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layer that makes more places."""
    return [Upsample]
