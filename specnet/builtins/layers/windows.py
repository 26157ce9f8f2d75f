"""Windows that move over the places of a row, such as the pixels of a picture: arithmetic on sizes and slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError

from specnet.builtins.layers.inputs import the_only
from specnet.component import ShapeError

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Layer, Shape

    Slices = tuple[slice, ...]

MOST = 1 << 30
"""What no size of a window comes near."""


def _whole(value: Any, _check: Callable[[Any], Any], least: int, words: tuple[str, ...] = ()) -> Any:
    sizes = list(value) if isinstance(value, list | tuple) else [value]
    if value in words or (sizes and all(type(size) is int and least <= size <= MOST for size in sizes)):
        return tuple(sizes) if isinstance(value, list | tuple) else value
    first = "".join(f"{word!r}, " for word in words)
    wanted = f"{first}an integer from {least} to {MOST:,}, or a list with one for each axis"
    raise PydanticCustomError("sizes", "must be {wanted}", {"wanted": wanted})


def _schema(least: int, *words: str) -> WithJsonSchema:
    size = {"minimum": least, "maximum": MOST}
    lists = {"items": {"type": "integer", **size}, "minItems": 1}
    named = {"if": {"type": "string"}, "then": {"enum": list(words)}} if words else {}
    kinds = ["integer", "array", *(["string"] if words else [])]
    return WithJsonSchema({"type": kinds, **size, **lists, **named})


Sizes = Annotated[int | tuple[int, ...], WrapValidator(partial(_whole, least=1)), _schema(1)]
"""One number for all axes of places, or one for each."""
Padding = Annotated[
    str | int | tuple[int, ...],
    WrapValidator(partial(_whole, least=0, words=("valid", "same"))),
    _schema(0, "valid", "same"),
]
"""Zeros around the places: none, as many as keep ceil(size / stride) places, or that many on each side."""


Move = tuple[int, int, int, int, int, int]
"""One axis of windows: taps, stride, dilation, places added before and after, windows."""


@dataclass(frozen=True, slots=True)
class Window:
    """One axis: `kernel` taps, `dilation` apart, that start `before` places ahead of the first and move by `stride`."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    out: int

    def move(self) -> Move:
        """The same as numbers alone; what is added after the last place is what the last window lacks."""
        lacking = (self.out - 1) * self.stride + (self.kernel - 1) * self.dilation + 1 - self.size - self.before
        return self.kernel, self.stride, self.dilation, self.before, max(0, lacking), self.out

    def reach(self, tap: int) -> tuple[slice, slice]:
        """The places that a tap sees, and where the windows stand that see them; both are empty in the padding."""
        offset = tap * self.dilation - self.before
        first = max(0, -(offset // self.stride))
        last = min(self.out - 1, (self.size - 1 - offset) // self.stride)
        if last < first:
            return slice(0, 0), slice(0, 0)
        start = first * self.stride + offset
        return slice(start, start + (last - first) * self.stride + 1, self.stride), slice(first, last + 1)


def reaches(windows: tuple[Window, ...]) -> Iterator[tuple[tuple[int, ...], Slices, Slices]]:
    """Each tap of the window over all axes, with the places of (rows, ...) that it sees and where they are seen."""
    for tap in product(*(range(window.kernel) for window in windows)):
        axes = [window.reach(k) for window, k in zip(windows, tap, strict=True)]
        yield tap, (slice(None), *(seen for seen, _ in axes)), (slice(None), *(at for _, at in axes))


def seen_by_taps(x: Array, moves: tuple[Move, ...], around: float, xp: Any) -> Array:
    """What each tap of a moving window sees: (taps, rows, *windows, channels), `around` beyond the edges."""
    sides = [(before, after) for _, _, _, before, after, _ in moves]
    padded = xp.pad(x, [(0, 0), *sides, (0, 0)], constant_values=around)
    seen = []
    for tap in xp.ndindex(*(taps for taps, _, _, _, _, _ in moves)):
        axes = [
            slice(at * dilation, at * dilation + (windows - 1) * stride + 1, stride)
            for at, (_, stride, dilation, _, _, windows) in zip(tap, moves, strict=True)
        ]
        seen.append(padded[(slice(None), *axes)])
    stacked: Array = xp.stack(seen)
    return stacked


def places(layer: Layer, in_shapes: tuple[Shape, ...], count: int | None = None) -> Shape:
    """The shape of the single input without its channels, which are last. Raises ShapeError for another number."""
    shape = the_only(layer, in_shapes)
    if len(shape) - 1 != count if count is not None else len(shape) < 2:
        names = {None: "..., ", 1: "length, ", 2: "height, width, "}[count]
        help = "a reshape before it gives them" if len(shape) == 1 else f"it has {len(shape)} axes"
        raise ShapeError(f"{layer.type} reads rows of shape ({names}channels), its input is {shape}: {help}")
    return shape[:-1]


def windows_of(
    layer: Layer, sizes: Shape, kernel: int | Shape, stride: int | Shape, dilation: int | Shape, padding: Any
) -> tuple[Window, ...]:
    """The windows over places of these sizes. Raises ShapeError where there is no room for one."""
    taps = each(layer, kernel, sizes, "size of the window")
    strides, dilations = each(layer, stride, sizes, "stride"), each(layer, dilation, sizes, "dilation")
    spans = [by * (count - 1) + 1 for by, count in zip(dilations, taps, strict=True)]
    sides = _sides(layer, sizes, spans, strides, padding)
    found = []
    for k, (size, span, (before, after)) in enumerate(zip(sizes, spans, sides, strict=True)):
        if span > (room := size + before + after):
            has = f"its input has {size} there" + (f" and {room - size} of padding" if room > size else "")
            raise ShapeError(f"{layer.type} sees {span} places of {_named(k, len(sizes))} at once, {has}")
        out = (room - span) // strides[k] + 1
        found.append(Window(size, taps[k], strides[k], dilations[k], before, out))
    return tuple(found)


def each(layer: Layer, value: int | Shape, sizes: Shape, what: str) -> Shape:
    """One number for each axis of places. Raises ShapeError for a list of another length."""
    if isinstance(value, int):
        return (value,) * len(sizes)
    if len(value) != len(sizes):
        axes = f"{len(sizes)} {'axis' if len(sizes) == 1 else 'axes'} of places"
        raise ShapeError(f"{layer.type} has a {what} of {list(value)}, its input has {axes}")
    return value


def _sides(layer: Layer, sizes: Shape, spans: list[int], strides: Shape, padding: Any) -> list[tuple[int, int]]:
    """The zeros before and after each axis; of an odd number "same" puts one more after, as Keras and PyTorch do."""
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding != "same":
        return [(around, around) for around in each(layer, padding, sizes, "padding")]
    lacking = (
        max(0, (ceil(size / stride) - 1) * stride + span - size)
        for size, span, stride in zip(sizes, spans, strides, strict=True)
    )
    return [(lack // 2, lack - lack // 2) for lack in lacking]


def _named(axis: int, count: int) -> str:
    """`axis 0 (height)`."""
    names = {1: ("length",), 2: ("height", "width")}.get(count)
    return f"axis {axis} ({names[axis]})" if names else f"axis {axis}"
