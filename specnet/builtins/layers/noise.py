"""Layers that disturb the net while it is trained, and let everything pass outside training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.builtins.layers.inputs import the_only
from specnet.component import Component, Layer, LayerPlan, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback


class Dropout(Layer):
    """y = x m / (1 - rate), where m is 0 with probability `rate` and else 1 (Srivastava et al. 2014); else y = x.

    Dividing in training, as Keras and PyTorch do, keeps the mean, so that nothing is to be scaled outside of it.
    """

    type: Literal["dropout"] = "dropout"
    rate: Annotated[float, Field(ge=0, lt=1)]
    """The share of numbers that become 0, not of those that stay."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(the_only(self, in_shapes))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp, scale = inputs, ctx.xp, 1 / (1 - self.rate)
        if not ctx.training:
            return x, lambda dy: (dy,)
        drawn = ctx.rng.uniform(0.0, 1.0, x.shape[::-1]).T  # feature-major, as the rest
        kept = xp.greater_equal(drawn, self.rate, out=ctx.empty(x.shape, xp.bool_))
        y = xp.multiply(x, kept, out=ctx.empty(x.shape))
        xp.multiply(y, scale, out=y)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            xp.multiply(dy, kept, out=dy)
            return (xp.multiply(dy, scale, out=dy),)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return x


class GaussianNoise(Layer):
    """y = x + std n, with n normal of mean 0 and deviation 1; y = x outside training."""

    type: Literal["gaussian_noise"] = "gaussian_noise"
    std: Annotated[float, Field(gt=0)]
    """The deviation of what is added, in the units of x."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(the_only(self, in_shapes))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        if not ctx.training:
            return x, lambda dy: (dy,)
        drawn = ctx.rng.standard_normal(x.shape[::-1]).T  # feature-major, as the rest
        y = xp.multiply(drawn, self.std, out=ctx.empty(x.shape))
        return xp.add(y, x, out=y), lambda dy: (dy,)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return x


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layers of noise."""
    return [Dropout, GaussianNoise]
