"""Embeddings: a row of trained numbers for each of so many things, looked up by whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.builtins.initializers import HeNormal
from specnet.builtins.layers.inputs import the_only
from specnet.component import AnyInitializer, Component, Layer, LayerPlan, Parameter, Shape
from specnet.errors import DataError, Finding
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array, Index
    from specnet.component import Context
    from specnet.component.network import Pullback


class Embedding(Layer):
    """y = W[x], with W of shape (categories, units); each number of x becomes an axis of its own, the last one."""

    type: Literal["embedding"] = "embedding"
    categories: Annotated[int, Field(gt=0, le=1 << 24)]
    """How many things there are: the inputs are whole numbers from 0 to one less."""
    units: int = Field(gt=0)
    """Numbers that come out for each of the inputs."""
    weight_initializer: AnyInitializer = HeNormal.of_defaults()
    """Where W starts; one number goes into a unit."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        W = Parameter("W", (self.categories, self.units), self.weight_initializer, 1, self.units)
        return LayerPlan((*the_only(self, in_shapes), self.units), (W,))

    def whole_numbers(self) -> int:
        return self.categories

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        index = self._index(x, xp)
        y = ctx.empty((*x.shape, self.units))
        for unit in range(self.units):
            y[..., unit] = params["W"][:, unit][index]

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dW, which = ctx.gradients["W"], index.ravel()
            for unit in range(self.units):
                dW[:, unit] = xp.bincount(which, dy[..., unit].ravel(), self.categories)
            if not ctx.input_gradient:
                return (None,)
            dx = ctx.empty(x.shape)
            dx[...] = 0
            return (dx,)

        return y, pullback

    def _index(self, x: Array, xp: Any) -> Index:
        """Raises DataError for what is none of the categories."""
        right = (x >= 0) & (x < self.categories) & (x == xp.floor(x))
        if not right.all():
            says = f"embedding reads whole numbers from 0 to {self.categories - 1:,}"
            message = f"{says}, and there is {float(x[~right][0]):g} in what it reads"
            raise DataError(Finding("SN519", message, ("dataset",), "more categories, or other input columns"))
        index: Index = x.astype(xp.int64)
        return index

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        index: Index = x.astype(int)
        if (index != x).any() or (index < 0).any() or (index >= self.categories).any():
            raise ValueError("an embedding reads whole numbers from 0 to one less than its categories")
        y: Array = values["W"][index]
        return y


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The embeddings."""
    return [Embedding]
