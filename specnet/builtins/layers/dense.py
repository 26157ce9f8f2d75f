"""Dense layers: every output sees every input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from specnet.builtins.activations import Linear
from specnet.builtins.initializers import HeNormal
from specnet.component import (
    AnyActivation,
    AnyInitializer,
    Component,
    Layer,
    LayerPlan,
    Parameter,
    Shape,
    ShapeError,
)
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context, Meaning
    from specnet.component.network import Pullback


class Dense(Layer):
    """y = f(x W' + b), with W of shape (units, columns of x) and b of shape (units,)."""

    type: Literal["dense"] = "dense"
    units: int = Field(gt=0)
    """Numbers that come out for one row."""
    activation: AnyActivation = Linear.of_defaults()
    """The f, elementwise."""
    weight_initializer: AnyInitializer = HeNormal.of_defaults()
    """Where W starts."""
    bias_initializer: AnyInitializer = HeNormal.of_defaults()
    """Where b starts."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if len(in_shapes) != 1 or len(in_shapes[0]) != 1:
            raise ShapeError(f"dense reads one input with one axis of columns, not {', '.join(map(str, in_shapes))}")
        (columns,) = in_shapes[0]
        weights = Parameter("W", (self.units, columns), self.weight_initializer, columns, self.units)
        biases = Parameter("b", (self.units,), self.bias_initializer, columns, self.units, decaying=False)
        return LayerPlan((self.units,), (weights, biases))

    def bounds(self) -> tuple[float, float]:
        return self.activation.bounds()

    def gives(self) -> Meaning:
        return self.activation.gives()

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp, W = inputs, ctx.xp, params["W"]
        z = ctx.empty((len(x), self.units))
        xp.matmul(W, x.T, out=z.T)  # transposed: a product that writes contiguous rows of feature-major memory
        xp.add(z, params["b"], out=z)
        y, pull_activation = self.activation.forward(ctx, z)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dz = pull_activation(dy)
            xp.dot(dz.T, x, out=ctx.gradients["W"])  # for a small result of many rows the faster of the two
            xp.add.reduce(dz, axis=0, out=ctx.gradients["b"])
            if not ctx.input_gradient:
                return (None,)
            dx = ctx.empty(x.shape)
            xp.matmul(W.T, dz.T, out=dx.T)
            return (dx,)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return self.activation.value(x @ values["W"].T + values["b"], xp)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The dense layers."""
    return [Dense]
