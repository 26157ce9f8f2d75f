"""An activation as a layer of its own: behind a layer that has none, or for a second look at the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from specnet.component import AnyActivation, Component, Layer, LayerPlan, Shape, ShapeError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context, Meaning
    from specnet.component.network import Pullback


class ActivationLayer(Layer):
    """y = f(x), elementwise."""

    type: Literal["activation"] = "activation"
    activation: AnyActivation
    """The f."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if len(in_shapes) != 1:
            raise ShapeError(f"activation reads one input, not {len(in_shapes)}")
        return LayerPlan(in_shapes[0])

    def bounds(self) -> tuple[float, float]:
        return self.activation.bounds()

    def gives(self) -> Meaning:
        return self.activation.gives()

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        z: Array = ctx.xp.positive(x, out=ctx.empty(x.shape))  # a copy: an activation may write over what it gets
        y, pull = self.activation.forward(ctx, z)
        return y, lambda dy: (pull(dy),)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return self.activation.value(x, xp)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layer of an activation."""
    return [ActivationLayer]
