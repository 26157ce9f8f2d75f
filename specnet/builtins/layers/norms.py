"""Layers that give numbers a common size: over a row, or over the rows of a batch; g and b are trained."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.builtins.initializers import Zeros
from specnet.builtins.layers.inputs import the_only
from specnet.builtins.plain_initializers import Ones
from specnet.component import Buffer, Component, Layer, LayerPlan, Parameter, Shape, ShapeError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback

    Axes = tuple[int, ...]


class LayerNorm(Layer):
    """y = g (x - mean) / sqrt(variance + epsilon) + b, over the last axis of each row (Ba et al. 2016, eq. 4)."""

    type: Literal["layer_norm"] = "layer_norm"
    epsilon: Annotated[float, Field(gt=0)] = 1e-5
    """Added to the variance, which is the mean of the squares."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        shape = the_only(self, in_shapes)
        if shape[-1] == 1:
            raise ShapeError(f"layer_norm needs two numbers or more in the last axis: {shape} would always become b")
        return LayerPlan(shape, (_gain(shape), _shift(shape)))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        z = xp.subtract(x, xp.mean(x, axis=-1, keepdims=True), out=ctx.empty(x.shape))
        y = xp.multiply(z, z, out=ctx.empty(x.shape))
        scale = 1 / xp.sqrt(xp.mean(y, axis=-1, keepdims=True) + self.epsilon)
        return _normed(ctx, params, z, scale, (-1,), y)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        z = x - xp.mean(x, axis=-1, keepdims=True)
        variance = xp.mean(z * z, axis=-1, keepdims=True)
        y: Array = values["g"] * z / xp.sqrt(variance + self.epsilon) + values["b"]
        return y


class RmsNorm(Layer):
    """y = g x / sqrt(mean of x**2 + epsilon), over the last axis of each row (Zhang and Sennrich 2019, eq. 4)."""

    type: Literal["rms_norm"] = "rms_norm"
    epsilon: Annotated[float, Field(gt=0)] = 1e-6
    """Added to the mean of the squares."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        shape = the_only(self, in_shapes)
        return LayerPlan(shape, (_gain(shape),))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        y = xp.multiply(x, x, out=ctx.empty(x.shape))
        scale = 1 / xp.sqrt(xp.mean(y, axis=-1, keepdims=True) + self.epsilon)
        z = xp.positive(x, out=ctx.empty(x.shape))
        return _normed(ctx, params, z, scale, (-1,), y)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = values["g"] * x / xp.sqrt(xp.mean(x * x, axis=-1, keepdims=True) + self.epsilon)
        return y


class BatchNorm(Layer):
    """y = g (x - mean) / sqrt(variance + epsilon) + b; kept = (1 - momentum) kept + momentum new, as in PyTorch.

    Mean and variance of each place of the last axis are those of the batch in training, and the kept ones outside
    (Ioffe and Szegedy 2015). A batch is normalized by the mean of its squares; what is kept of it is the unbiased
    variance, an estimate for all rows.
    """

    type: Literal["batch_norm"] = "batch_norm"
    momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    """The share of the new batch in what is kept; Keras names the share of the old, and says 0.9 for 0.1 here."""
    epsilon: Annotated[float, Field(gt=0)] = 1e-5
    """Added to the variance."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        shape = the_only(self, in_shapes)
        kept = (Buffer("mean", shape[-1:]), Buffer("variance", shape[-1:], 1.0))
        return LayerPlan(shape, (_gain(shape), _shift(shape)), kept, least_rows=2 if prod(shape[:-1]) == 1 else 1)

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        axes, z, y = tuple(range(x.ndim - 1)), ctx.empty(x.shape), ctx.empty(x.shape)
        mean = xp.mean(x, axis=axes) if ctx.training else ctx.buffers["mean"]
        xp.subtract(x, mean, out=z)
        variance = xp.mean(xp.multiply(z, z, out=y), axis=axes) if ctx.training else ctx.buffers["variance"]
        if ctx.training:
            count = prod(x.shape[:-1])
            self._keep(ctx.buffers["mean"], mean)
            self._keep(ctx.buffers["variance"], variance * (count / (count - 1)))
        return _normed(ctx, params, z, 1 / xp.sqrt(variance + self.epsilon), axes if ctx.training else None, y)

    def _keep(self, kept: Array, new: Array) -> None:
        kept *= 1 - self.momentum
        kept += self.momentum * new

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = values["g"] * (x - values["mean"]) / xp.sqrt(values["variance"] + self.epsilon) + values["b"]
        return y


def _gain(shape: Shape) -> Parameter:
    return Parameter("g", shape[-1:], Ones(), 1, 1, decaying=False)


def _shift(shape: Shape) -> Parameter:
    return Parameter("b", shape[-1:], Zeros(), 1, 1, decaying=False)


def _normed(
    ctx: Context, params: Mapping[str, Array], z: Array, scale: Any, axes: Axes | None, y: Array
) -> tuple[Array, Pullback]:
    """g z scale + b, written into y, where scale is a function of z over these axes, or else kept; z is overwritten.

    The pullback is that of x where z is x, and that of x where z is x - mean over the same axes if there is a b.
    """
    xp, g, centred = ctx.xp, params["g"], "b" in params
    xp.multiply(z, scale, out=z)
    xp.multiply(z, g, out=y)
    if centred:
        xp.add(y, params["b"], out=y)

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        """dx = scale (dz - mean of dz - z (mean of z dz)), with dz = g dy; Ioffe and Szegedy 2015, section 3."""
        rows, product = tuple(range(z.ndim - 1)), xp.multiply(dy, z, out=ctx.empty(z.shape))
        xp.sum(product, axis=rows, out=ctx.gradients["g"])
        if centred:
            xp.sum(dy, axis=rows, out=ctx.gradients["b"])
        if not ctx.input_gradient:
            return (None,)
        xp.multiply(dy, g, out=dy)
        if axes is None:
            return (xp.multiply(dy, scale, out=dy),)
        xp.multiply(z, xp.mean(xp.multiply(product, g, out=product), axis=axes, keepdims=True), out=z)
        if centred:
            xp.subtract(dy, xp.mean(dy, axis=axes, keepdims=True), out=dy)
        xp.subtract(dy, z, out=dy)
        return (xp.multiply(dy, scale, out=dy),)

    return y, pullback


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The norms."""
    return [BatchNorm, LayerNorm, RmsNorm]
