"""Convolutions: one small dense layer that moves over the places of a row, its input laid out as a matrix (im2col)."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from specnet.builtins.activations import Linear
from specnet.builtins.initializers import HeNormal, Zeros
from specnet.builtins.layers.windows import (
    Move,
    Padding,
    Sizes,
    Window,
    places,
    reaches,
    seen_by_taps,
    windows_of,
)
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


class _Convolution(Layer):
    """What convolutions over any number of axes share."""

    axes: ClassVar[int]
    filters: int = Field(gt=0)
    """Channels that come out."""
    kernel_size: Sizes
    """Places that a filter sees along each axis."""
    stride: Sizes = 1
    """Places from one window to the next."""
    padding: Padding = "valid"
    """Zeros around the places: "valid" none, "same" as many as keep size / stride places, a number on each side."""
    dilation: Sizes = 1
    """Places from one that a filter sees to the next."""
    groups: int = Field(default=1, gt=0)
    """Parts of the channels that do not see each other; as many as channels make a depthwise convolution."""
    activation: AnyActivation = Linear.of_defaults()
    """The f, elementwise."""
    weight_initializer: AnyInitializer = HeNormal.of_defaults()
    """Where W starts."""
    bias_initializer: AnyInitializer = Zeros.of_defaults()
    """Where b starts."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        windows, channels = self._windows(places(self, in_shapes, self.axes)), in_shapes[0][-1]
        for what, count in (("channels of its input", channels), ("filters", self.filters)):
            if count % self.groups:
                raise ShapeError(f"{self.type} parts the {what} into {self.groups} groups: {count} is no multiple")
        kernel = tuple(window.kernel for window in windows)
        fan_in, fan_out = (prod(kernel) * count // self.groups for count in (channels, self.filters))
        shape = (*kernel, channels // self.groups, self.filters)
        weights = Parameter("W", shape, self.weight_initializer, fan_in, fan_out)
        biases = Parameter("b", (self.filters,), self.bias_initializer, fan_in, fan_out, decaying=False)
        return LayerPlan((*(window.out for window in windows), self.filters), (weights, biases))

    def bounds(self) -> tuple[float, float]:
        return self.activation.bounds()

    def gives(self) -> Meaning:
        return self.activation.gives()

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp, groups = inputs, ctx.xp, self.groups
        windows = self._windows(x.shape[1:-1])
        seen = _seen(ctx, x, windows, groups)
        columns = _matrix(seen, groups, windows)  # (groups, taps and channels, windows)
        kernels = params["W"].reshape(columns.shape[1], groups, -1).transpose(1, 2, 0)
        z = ctx.empty((len(x), *(window.out for window in windows), self.filters))
        xp.matmul(kernels, columns, out=_matrix(z, groups, windows))
        y, pull_activation = self.activation.forward(ctx, xp.add(z, params["b"], out=z))

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dz = _matrix(pull_activation(dy), groups, windows)
            dW, db = ctx.gradients["W"], ctx.gradients["b"]
            xp.matmul(columns, dz.transpose(0, 2, 1), out=dW.reshape(-1, *dz.shape[:2]).transpose(1, 0, 2))
            xp.sum(dz, axis=2, out=db.reshape(dz.shape[:2]))
            if not ctx.input_gradient:
                return (None,)
            xp.matmul(kernels.transpose(0, 2, 1), dz, out=columns)  # in the place of what was seen
            return (_scattered(ctx, seen, x.shape, windows, groups),)

        return y, pullback

    def _windows(self, sizes: Shape) -> tuple[Window, ...]:
        return windows_of(self, sizes, self.kernel_size, self.stride, self.dilation, self.padding)

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        seen = seen_by_taps(x, self._moves(in_shapes), 0, xp)
        return self.activation.value(correlated(seen, values["W"], self.groups, xp) + values["b"], xp)

    def _moves(self, in_shapes: tuple[Shape, ...]) -> tuple[Move, ...]:
        return tuple(window.move() for window in self._windows(places(self, in_shapes, self.axes)))


class Conv1d(_Convolution):
    """y = f(sum over the taps of x W + b), along one axis; rows are (length, channels).

    W is (taps, channels / groups, filters); nothing is turned round, as in Keras and PyTorch.
    """

    axes = 1
    type: Literal["conv1d"] = "conv1d"


class Conv2d(_Convolution):
    """y = f(sum over the taps of x W + b), over pictures; rows are (height, width, channels).

    W is (taps down, taps across, channels / groups, filters); nothing is turned round, as in Keras and PyTorch.
    """

    axes = 2
    type: Literal["conv2d"] = "conv2d"


def correlated(seen: Array, W: Array, groups: int, xp: Any) -> Array:
    """The sum, over the taps and the channels of a group, of what each tap sees times its W."""
    taps, *rest = seen.shape
    parts = seen.reshape(taps, *rest[:-1], groups, -1)
    kernels = W.reshape(taps, -1, groups, W.shape[-1] // groups)
    y = sum(xp.einsum("...gc,cgf->...gf", part, kernel) for part, kernel in zip(parts, kernels, strict=True))
    z: Array = y.reshape(*rest[:-1], W.shape[-1])
    return z


def _seen(ctx: Context, x: Array, windows: tuple[Window, ...], groups: int) -> Array:
    """What each tap of each window sees: (rows, *windows, channels of a group, *taps from the last axis on, groups)."""
    parts = _parted(x, groups)
    taps = tuple(window.kernel for window in reversed(windows))
    seen: Array = ctx.empty((len(x), *(window.out for window in windows), parts.shape[-2], *taps, groups))
    for tap, source, target in reaches(windows):
        own = _of_tap(seen, tap)
        if own[target].shape != own.shape:
            own[...] = 0  # the padding
        own[target] = parts[source]
    return seen


def _scattered(ctx: Context, seen: Array, shape: Shape, windows: tuple[Window, ...], groups: int) -> Array:
    """The sum of all that was seen, for each place of an array of that shape."""
    whole: Array = ctx.empty(shape)
    whole[...] = 0
    parts = _parted(whole, groups)
    for tap, source, target in reaches(windows):
        parts[source] += _of_tap(seen, tap)[target]
    return whole


def _parted(x: Array, groups: int) -> Array:
    """(rows, *places, channels of a group, groups); a view of feature-major memory, where the last axis is slowest."""
    return x.reshape((*x.shape[:-1], -1, groups), order="F")


def _of_tap(seen: Array, tap: tuple[int, ...]) -> Array:
    at: Any = (..., *reversed(tap), slice(None))
    own: Array = seen[at]
    return own


def _matrix(array: Array, groups: int, windows: tuple[Window, ...]) -> Array:
    """(groups, the rest of the axes, windows of all rows), of (rows, *windows, ...); a view of feature-major memory."""
    return array.T.reshape(groups, -1, len(array) * prod(window.out for window in windows))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The convolutions."""
    return [Conv1d, Conv2d]
