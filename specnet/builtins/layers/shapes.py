"""Layers that keep every number of a row and put them in another shape, the last axis running fastest."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from specnet.builtins.layers.inputs import the_only
from specnet.component import Component, Layer, LayerPlan, Many, Shape, ShapeError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback

OPEN = -1
"""The size that follows from the others."""

Size = Annotated[int, Field(ge=OPEN, json_schema_extra={"not": {"const": 0}})]
"""What `_sizes` says of 0 stands in the schema too."""


def _sizes(shape: Shape) -> Shape:
    if 0 in shape:
        raise ValueError("an axis has at least one number")
    if shape.count(OPEN) > 1:
        raise ValueError(f"only one size can be {OPEN}, which stands for what the others leave")
    return shape


class Flatten(Layer):
    """y = the numbers of x in one axis."""

    type: Literal["flatten"] = "flatten"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan((prod(the_only(self, in_shapes)),))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        return _put(ctx, x, self.plan((x.shape[1:],)).out_shape)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return x.reshape(len(x), -1)


class Reshape(Layer):
    """y = the numbers of x in that shape."""

    type: Literal["reshape"] = "reshape"
    shape: Annotated[Many[Size], Field(min_length=1, examples=[[OPEN, 2]]), AfterValidator(_sizes)]
    """The sizes of the axes without the rows; one may be -1, for what the others leave."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        came = the_only(self, in_shapes)
        numbers, known = prod(came), prod(size for size in self.shape if size != OPEN)
        if numbers % known or (OPEN not in self.shape and numbers != known):
            wanted = f"a multiple of {known}" if OPEN in self.shape else known
            has = f"its input {came} has {numbers} for one row"
            raise ShapeError(f"reshape to {self.shape} needs {wanted} numbers, {has}")
        return LayerPlan(tuple(numbers // known if size == OPEN else size for size in self.shape))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        return _put(ctx, x, self.plan((x.shape[1:],)).out_shape)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return x.reshape(len(x), *self.shape)


def _put(ctx: Context, x: Array, shape: Shape) -> tuple[Array, Pullback]:
    def put(array: Array, shape: tuple[int, ...]) -> Array:
        """A copy in which both shapes are views: (rows, numbers), rows running fastest."""
        flat: Array = ctx.empty((len(array), prod(array.shape[1:])))
        flat.reshape(array.shape)[...] = array
        return flat.reshape(shape)

    y = put(x, (len(x), *shape))
    return y, lambda dy: (put(dy, x.shape) if ctx.input_gradient else None,)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layers that change nothing but the shape."""
    return [Flatten, Reshape]
