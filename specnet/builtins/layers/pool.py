"""Pools: the largest number of a channel, or the mean, in each window or in all places."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Literal

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
from specnet.component import Component, Layer, LayerPlan, Shape, ShapeError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.component.network import Pullback


class _Pool(Layer):
    """What pools share: windows over all axes between the rows and the channels."""

    size: Sizes
    """Places that a window sees along each axis."""
    stride: Sizes | None = None
    """Places from one window to the next; the size when it is left out, so that each place is seen once."""
    padding: Padding = "valid"
    """Places around the others, which count for nothing: "valid" none, "same" as many as keep size / stride places."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        windows = self._windows(places(self, in_shapes))
        for window in windows:
            if window.before >= window.kernel:
                has = f"a padding of {window.before} and a size of {window.kernel}"
                raise ShapeError(f"{self.type} has {has}: its first window would see nothing")
        return LayerPlan((*(window.out for window in windows), in_shapes[0][-1]))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        windows = self._windows(x.shape[1:-1])
        y = ctx.empty((len(x), *(window.out for window in windows), x.shape[-1]))
        return self._pooled(ctx, x, y, windows)

    @abstractmethod
    def _pooled(self, ctx: Context, x: Array, y: Array, windows: tuple[Window, ...]) -> tuple[Array, Pullback]:
        """Fills y and gives the pullback."""

    def _windows(self, sizes: Shape) -> tuple[Window, ...]:
        stride = self.size if self.stride is None else self.stride
        return windows_of(self, sizes, self.size, stride, 1, self.padding)

    def _moves(self, in_shapes: tuple[Shape, ...]) -> tuple[Move, ...]:
        return tuple(window.move() for window in self._windows(places(self, in_shapes)))


class MaxPool(_Pool):
    """y = the largest x of each window, channel by channel; of equal ones the first gets the gradient."""

    type: Literal["max_pool"] = "max_pool"

    def _pooled(self, ctx: Context, x: Array, y: Array, windows: tuple[Window, ...]) -> tuple[Array, Pullback]:
        xp = ctx.xp
        y[...] = -xp.inf
        for _, source, target in reaches(windows):
            xp.maximum(y[target], x[source], out=y[target])

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dx, part = _zeros(ctx, x.shape), ctx.empty(y.shape)
            hits, free = ctx.empty(y.shape, xp.bool_), ctx.empty(y.shape, xp.bool_)
            free[...] = True
            for _, source, target in reaches(windows):
                hit = xp.equal(x[source], y[target], out=hits[target])
                xp.logical_and(hit, free[target], out=hit)
                xp.logical_xor(free[target], hit, out=free[target])
                dx[source] += xp.multiply(dy[target], hit, out=part[target])
            return (dx,)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = xp.max(seen_by_taps(x, self._moves(in_shapes), -xp.inf, xp), axis=0)
        return y


class AvgPool(_Pool):
    """y = the mean x of each window, channel by channel; padding is not counted, so that a mean stays one."""

    type: Literal["avg_pool"] = "avg_pool"

    def _pooled(self, ctx: Context, x: Array, y: Array, windows: tuple[Window, ...]) -> tuple[Array, Pullback]:
        xp = ctx.xp
        counts = xp.zeros((*y.shape[:-1][1:], 1), x.dtype)
        y[...] = 0
        for _, source, target in reaches(windows):
            y[target] += x[source]
            counts[target[1:]] += 1
        xp.divide(y, counts, out=y)

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dx = _zeros(ctx, x.shape)
            xp.divide(dy, counts, out=dy)
            for _, source, target in reaches(windows):
                dx[source] += dy[target]
            return (dx,)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = xp.nanmean(seen_by_taps(x, self._moves(in_shapes), xp.nan, xp), axis=0)
        return y


class _GlobalPool(Layer):
    """What pools over all places share: one number for each channel."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        places(self, in_shapes)
        return LayerPlan(in_shapes[0][-1:])


class GlobalMaxPool(_GlobalPool):
    """y = the largest x of each channel; of equal ones the first gets the gradient."""

    type: Literal["global_max_pool"] = "global_max_pool"

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        rows, *sizes, channels = x.shape
        flat = x.reshape(rows, prod(sizes), channels)
        where = xp.argmax(flat, axis=1)
        y = xp.max(flat, axis=1, out=ctx.empty((rows, channels)))

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dx = ctx.empty(x.shape)
            for k, place in enumerate(product(*map(range, sizes))):
                xp.multiply(dy, where == k, out=dx[(slice(None), *place)])
            return (dx,)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = xp.max(x, axis=tuple(range(1, x.ndim - 1)))
        return y


class GlobalAvgPool(_GlobalPool):
    """y = the mean x of each channel."""

    type: Literal["global_avg_pool"] = "global_avg_pool"

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,), xp = inputs, ctx.xp
        rows, *sizes, channels = x.shape
        y = xp.mean(x, axis=tuple(range(1, x.ndim - 1)), out=ctx.empty((rows, channels)))

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            dx = ctx.empty(x.shape)
            dx[...] = xp.divide(dy, prod(sizes), out=dy).reshape(rows, *(1 for _ in sizes), channels)
            return (dx,)

        return y, pullback

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        y: Array = xp.mean(x, axis=tuple(range(1, x.ndim - 1)))
        return y


def _zeros(ctx: Context, shape: Shape) -> Array:
    dx: Array = ctx.empty(shape)
    dx[...] = 0
    return dx


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The pools."""
    return [AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool]
