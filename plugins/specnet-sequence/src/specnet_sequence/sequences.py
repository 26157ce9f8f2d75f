"""What layers of sequences read: (rows, time, features), and which of the times are padding."""

from __future__ import annotations

from typing import Any

from specnet.api import Layer, Shape, ShapeError


def sequence_of(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[int, int]:
    """Time and features of the single input. Raises ShapeError."""
    if len(in_shapes) != 1:
        raise ShapeError(f"{layer.type} reads one input, not {len(in_shapes)}")
    return _axes(layer, in_shapes[0])


def padded_sequence_of(layer: Layer, in_shapes: tuple[Shape, ...], padding: float | None) -> tuple[int, int]:
    """Time and features of the first input; with `padding` a second may say which times count. Raises ShapeError."""
    if padding is None and len(in_shapes) != 1:
        raise ShapeError(f"{layer.type} reads one input, not {len(in_shapes)}: only with `padding` it reads a second")
    if len(in_shapes) > 2:
        raise ShapeError(f"{layer.type} reads a sequence and what marks its padding, not {len(in_shapes)} inputs")
    steps, features = _axes(layer, in_shapes[0])
    marks = in_shapes[-1]
    if len(marks) not in (1, 2) or marks[0] != steps:
        raise ShapeError(f"what marks the padding of {layer.type} has {steps} times as its first axis, not {marks}")
    return steps, features


def _axes(layer: Layer, shape: Shape) -> tuple[int, int]:
    if len(shape) != 2:
        raise ShapeError(f"{layer.type} reads rows of shape (time, features), not {shape}: reshape or embed them")
    return shape[0], shape[1]


def idle_times(inputs: tuple[Any, ...], padding: float | None, xp: Any) -> Any:
    """True for each time of each row, (time, rows), whose numbers in the last input all are the padding; or None."""
    if padding is None:
        return None
    same = (inputs[-1] == padding).T
    return same if same.ndim == 2 else xp.all(same, axis=0)


def unmoved(ctx: Any, marks: tuple[Any, ...]) -> tuple[Any, ...]:
    """The gradients of the inputs that mark padding, which are 0: no small change makes a padding of a number."""
    gradients = []
    for mark in marks:
        gradients.append(ctx.empty(mark.shape))
        gradients[-1][...] = 0
    return tuple(gradients)
