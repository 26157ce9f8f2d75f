"""What layers say of inputs that they cannot take: which one, what came, what was wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.component import ShapeError

if TYPE_CHECKING:
    from specnet.component import Layer, Shape


def the_only(layer: Layer, in_shapes: tuple[Shape, ...]) -> Shape:
    """The shape of the single input. Raises ShapeError for several, and for one without an axis of columns."""
    if len(in_shapes) != 1:
        raise ShapeError(f"{layer.type} reads one input, not {len(in_shapes)}")
    return with_columns(layer, in_shapes)[0]


def several(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """The shapes of two inputs or more. Raises ShapeError for one, and for one without an axis of columns."""
    if len(in_shapes) < 2:
        raise ShapeError(f"{layer.type} reads two inputs or more, not {len(in_shapes)}: name them in `inputs`")
    return with_columns(layer, in_shapes)


def with_columns(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """The shapes as they are. Raises ShapeError for a single number a row, which has no last axis."""
    for k, shape in enumerate(in_shapes):
        if not shape:
            raise ShapeError(
                f"{layer.type} reads rows with an axis of columns, {called(layer, k)} gives single numbers"
            )
    return in_shapes


def alike(layer: Layer, in_shapes: tuple[Shape, ...], wanted: str, axes: slice) -> None:
    """Raises ShapeError for the first input that differs from the first of all in one of these axes."""
    first = in_shapes[0]
    for k, shape in enumerate(in_shapes):
        if len(shape) != len(first):
            how = f"{len(shape)} {'axis' if len(shape) == 1 else 'axes'}, not {len(first)}"
        elif shape[axes] != first[axes]:
            axis = next(i for i, (own, other) in enumerate(zip(shape, first, strict=True)) if own != other)
            how = f"axis {axis} is {shape[axis]}, not {first[axis]}"
        else:
            continue
        seen = f"{called(layer, 0)} gives {first}, {called(layer, k)} gives {shape}"
        raise ShapeError(f"{layer.type} reads inputs of {wanted}: {seen}: {how}")


def called(layer: Layer, k: int) -> str:
    """What the spec calls that input of a layer."""
    return f"input {k}" if layer.inputs is None else repr(layer.inputs[k])
