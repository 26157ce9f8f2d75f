"""What losses and metrics are tried with: predictions as they want them, and targets within their bounds."""

from __future__ import annotations

from collections.abc import Callable
from math import isinf
from typing import TYPE_CHECKING

import numpy as np

from specnet.component import ShapeError
from specnet.testing.checks import Broken
from specnet.testing.numbers import SHAPES

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Loss, Metric, Wanted

    Pair = tuple[Array, Array]
    Draw = Callable[[np.random.Generator, tuple[int, int]], Pair]


def drawn_for(loss: Loss) -> Draw:
    """Predictions as the loss wants them, and targets within its bounds; rows of classes sum to 1."""
    if (whole := loss.whole_targets()) is not None:
        return drawn_whole(loss.wants(), loss.outputs, whole)
    return drawn_as(loss.wants(), *loss.target_bounds())


def drawn_whole(wants: Wanted, outputs: Callable[[int], int], whole: int) -> Draw:
    """Predictions of that meaning, as many as belong to the targets, which are whole numbers from 0 on."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Pair:
        rows, targets = shape
        prediction, _ = drawn_as(wants, 0.0, 1.0)(rng, (rows, outputs(targets)))
        if wants == "distributions":  # one for each target
            parts = prediction.reshape(rows, targets, -1)
            prediction = (parts / parts.sum(axis=2, keepdims=True)).reshape(prediction.shape)
        return prediction, rng.integers(whole, size=shape).astype(float)

    return draw


def drawn_as(wants: Wanted, low: float, high: float) -> Draw:
    """Predictions of that meaning, and targets between the bounds."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Pair:
        prediction: Array = rng.normal(size=shape)
        target = within_bounds(rng.normal(size=shape), low, high)
        if wants == "positive":
            prediction = np.exp(prediction)
        if wants in ("probabilities", "distributions"):
            prediction = within_bounds(prediction, 0.0, 1.0)
        if wants == "distributions":
            prediction /= prediction.sum(axis=1, keepdims=True)
        if wants in ("class_logits", "distributions") and (low, high) == (0, 1):
            target /= target.sum(axis=1, keepdims=True)
        return prediction, target

    return draw


def within_bounds(x: Array, low: float, high: float) -> Array:
    """Numbers of any size moved between the bounds, and not onto them."""
    if isinf(low) and isinf(high):
        return x
    if isinf(low) or isinf(high):
        return high - np.exp(x) if isinf(low) else low + np.exp(x)
    return low + (high - low) * (0.5 + np.arctan(x) / np.pi)


def allowed(measure: Loss | Metric) -> tuple[tuple[int, int], ...]:
    """The shapes of the kit whose outputs are not refused for their number. Raises Broken when all are."""
    shapes = []
    for shape in SHAPES:
        try:
            measure.check(measure.outputs(shape[1]))
        except ShapeError:
            continue
        shapes.append(shape)
    if not shapes:
        raise Broken("it refuses every number of outputs that was tried")
    return tuple(shapes)
