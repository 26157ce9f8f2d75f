"""A rectifier whose slope below 0 is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from specnet.builtins.layers.inputs import the_only
from specnet.builtins.plain_initializers import Constant
from specnet.component import AnyInitializer, Component, Layer, LayerPlan, Parameter, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback


class PRelu(Layer):
    """y = max(x, 0) + a min(x, 0), with the slopes a trained (He et al. 2015, eq. 1)."""

    type: Literal["prelu"] = "prelu"
    shared: bool = True
    """One slope for all, as PyTorch has it by default; else one for each place of the last axis."""
    slope_initializer: AnyInitializer = Constant(value=0.25)
    """Where the slopes start."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        shape = the_only(self, in_shapes)
        slopes = Parameter("a", (1 if self.shared else shape[-1],), self.slope_initializer, 1, 1, decaying=False)
        return LayerPlan(shape, (slopes,))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp, a = inputs, ctx.xp, params["a"]
        below = xp.minimum(x, 0, out=ctx.empty(x.shape))
        y = xp.maximum(x, 0, out=ctx.empty(x.shape))
        y += a * below

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            xp.multiply(below, dy, out=below)
            axes = tuple(range(x.ndim if len(a) == 1 else x.ndim - 1))
            ctx.gradients["a"][:] = xp.sum(below, axis=axes)
            if not ctx.input_gradient:
                return (None,)
            return (xp.multiply(dy, a, out=dy, where=xp.less_equal(x, 0, out=ctx.empty(x.shape, xp.bool_))),)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = xp.maximum(x, 0) + values["a"] * xp.minimum(x, 0)
        return y


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The trained rectifier."""
    return [PRelu]
