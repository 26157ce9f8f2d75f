"""Trials of a layer: its shapes, and one draw of inputs, parameters and dy for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.component import ShapeError
from specnet.streams import Streams
from specnet.testing.checks import Broken
from specnet.testing.numbers import SEED, context, frozen, generator

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Layer, LayerPlan, Shape
    from specnet.engine.network import StepContext
    from specnet.streams import Random

Shapes = tuple["Shape", ...]
"""The shapes of all inputs of a layer, without the rows."""

_ONE: tuple[Shape, ...] = (
    *((width,) for width in (1, 2, 3, 4, 5, 6, 8, 9)),
    *((1, 1), (4, 3), (6, 2)),
    *((1, 1, 1), (5, 5, 2), (8, 6, 3)),
)
_SEVERAL: tuple[Shapes, ...] = (*(((width,),) * 2 for width in (1, 3, 4)), ((3,),) * 3, ((2, 3),) * 2)
CANDIDATES: tuple[Shapes, ...] = (*((shape,) for shape in _ONE), *_SEVERAL)
"""What every layer is offered: vectors, rows of columns, pictures, and several inputs of one shape."""
_ROWS = (1, 2, 7, 3, 4, 5, 6, *range(8, 21))
CASES = 20
"""How many pairs of rows and shapes a layer is tried with at least."""


def accepted(layer: Layer, given: tuple[Shapes, ...]) -> list[Shapes]:
    """The shapes among those given and the candidates that the layer plans.

    Raises Broken when it refuses one that was given, or all of them.
    """
    for in_shapes in given:
        try:
            layer.plan(in_shapes)
        except ShapeError as error:
            raise Broken(f"it refuses {in_shapes}: {error}") from error
    taken = [*given, *(shapes for shapes in CANDIDATES if shapes not in given and _plans(layer, shapes))]
    if not taken:
        raise Broken(f"it takes none of {len(CANDIDATES)} shapes that were tried: give it one that it takes")
    return taken


def _plans(layer: Layer, in_shapes: Shapes) -> bool:
    try:
        layer.plan(in_shapes)
    except Exception:  # whether it was a ShapeError is asked by a check of its own
        return False
    return True


def trials(layer: Layer, given: tuple[Shapes, ...]) -> Iterator[Trial]:
    """A trial for each pair of accepted shapes and number of rows, from the least that a batch has; at least CASES."""
    taken = accepted(layer, given)
    more = [count - 1 for count in _ROWS[: max(3, ceil(CASES / len(taken)))]]
    return (draw(layer, shapes, layer.plan(shapes).least_rows + count) for shapes in taken for count in more)


def draw(layer: Layer, in_shapes: Shapes, rows: int, attempt: int = 0) -> Trial:
    """Inputs in feature-major memory, as the engine has them, normal or the whole numbers that the layer reads.

    Parameters and dy are normal.
    """
    rng, planned, whole = generator(attempt, rows), layer.plan(in_shapes), layer.whole_numbers()
    drawn = [
        rng.normal(size=size) if whole is None else rng.integers(whole, size=size).astype(float)
        for size in ((rows, *shape) for shape in in_shapes)
    ]
    inputs = tuple(np.asfortranarray(x) for x in drawn)
    params = {parameter.name: rng.normal(size=parameter.shape) for parameter in planned.params}
    dy = np.asfortranarray(rng.normal(size=(rows, *planned.out_shape)))
    return Trial(layer, planned, inputs, params, dy, f"{rows} row{'s' * (rows != 1)} of {in_shapes}")


@dataclass(frozen=True)
class Passed:
    """What one way through a layer and back has given."""

    y: Array
    dx: tuple[Any, ...]
    gradients: Mapping[str, Array]


@dataclass(frozen=True)
class Trial:
    """A layer, and what it is tried with."""

    layer: Layer
    planned: LayerPlan
    inputs: tuple[Array, ...]
    params: Mapping[str, Array]
    dy: Array
    label: str

    def context(
        self, dtype: Any = np.float64, training: bool = True, input_gradient: bool = True, draw: Any = None
    ) -> StepContext:
        """Gradients that are NaN until they are written, and buffers as they are at first."""
        gradients = {p.name: np.full(p.shape, np.nan, dtype) for p in self.planned.params}
        buffers = {buffer.name: np.full(buffer.shape, buffer.initial, dtype) for buffer in self.planned.buffers}
        return context(dtype, training, gradients, buffers, input_gradient, draw)

    def forward(
        self, inputs: tuple[Array, ...] | None = None, params: Mapping[str, Array] | None = None, training: bool = True
    ) -> Array:
        """y for other inputs or parameters; all that it reads is a copy."""
        own, ctx = self.inputs if inputs is None else inputs, self.context(training=training)
        y, _ = self.layer.forward(ctx, params or self.params, *[np.array(x, order="F") for x in own])
        return np.array(y)

    def predicted(self, rows: Any = slice(None)) -> Array:
        """y outside training, of those rows."""
        given = [np.array(x[rows], order="F") for x in self.inputs]
        y, _ = self.layer.forward(self.context(training=False), self.params, *given)
        return np.array(y)

    def again(self, attempt: int) -> Trial:
        """The same layer, shapes and rows with another draw."""
        return draw(self.layer, tuple(x.shape[1:] for x in self.inputs), len(self.dy), attempt)

    def there_and_back(
        self, order: Any = "F", dtype: Any = np.float64, input_gradient: bool = True, training: bool = True
    ) -> Passed:
        """Everything that it gives, from arrays in that order and dtype."""
        ctx = self.context(dtype, training, input_gradient)
        inputs = [x.astype(dtype, order=order) for x in self.inputs]
        params = {name: value.astype(dtype) for name, value in self.params.items()}
        y, pullback = self.layer.forward(ctx, params, *inputs)
        kept = np.array(y)  # a copy: the pullback may write into it
        dx = tuple(pullback(self.dy.astype(dtype, order=order)))
        return Passed(kept, dx, ctx.gradients)

    def read_only(self, order: Any) -> None:
        """Through the layer with inputs and parameters that cannot be written, in training and outside."""
        params = {name: frozen(value) for name, value in self.params.items()}
        for training in (True, False):
            self.layer.forward(self.context(training=training), params, *[frozen(x, order) for x in self.inputs])

    def touched(self) -> list[str]:
        """What moves outside training and should not: random numbers drawn, buffers written."""
        seen: list[str] = []

        def draw() -> Random:
            seen.append("random numbers")
            return Streams(SEED).of("noise")

        ctx = self.context(training=False, draw=draw)
        self.layer.forward(ctx, self.params, *[x.copy(order="K") for x in self.inputs])
        return seen + [b.name for b in self.planned.buffers if not np.all(ctx.buffers[b.name] == b.initial)]

    def along(self, name: int | str, direction: Array, training: bool) -> Callable[[float], float]:
        """The sum of dy y as a function of how far an input, or a parameter, is moved in a direction."""

        def value(by: float) -> float:
            params = {key: v + by * direction if key == name else v for key, v in self.params.items()}
            inputs = tuple(x + by * direction if i == name else x for i, x in enumerate(self.inputs))
            return float(np.sum(self.dy * self.forward(inputs, params, training)))

        return value
