"""The contract of losses: a mean over rows, and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.component import ElementwiseLoss, RowwiseLoss
from specnet.testing.checks import Check, Contract, Unchecked, about, require
from specnet.testing.component import shared
from specnet.testing.draws import allowed, drawn_for
from specnet.testing.numbers import (
    ATTEMPTS,
    ROUNDING,
    TOLERANCE,
    close,
    context,
    finite,
    generator,
    same,
    slope_along,
    untouched,
)
from specnet.testing.portability import portable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.arrays import Array
    from specnet.component import Loss
    from specnet.testing.draws import Draw, Pair


def check_loss(
    loss: Loss, *, draw: Draw | None = None, expected_failures: Mapping[str, str] | None = None
) -> list[Check]:
    """The gradient against differences, the mean over rows in any order, inputs and types kept, finite.

    Predictions are drawn as the loss `wants` them, targets from its `target_bounds`, in shapes that it does not refuse;
    `draw` gives others, for a loss that is defined for something else.
    """
    return contract(loss, draw).run(expected_failures)


@dataclass(frozen=True)
class _Tried:
    loss: Loss
    draw: Draw

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Those that the loss does not refuse. Raises Broken when it refuses all."""
        return allowed(self.loss)

    @property
    def count(self) -> str:
        """How many shapes are looked at."""
        return f"{len(self.shapes)} shapes"

    def pairs(self, attempt: int = 0) -> Iterator[Pair]:
        return (self.draw(generator(attempt, i), shape) for i, shape in enumerate(self.shapes))

    def value(self, prediction: Array, target: Array) -> float:
        return self.loss.value(context(prediction.dtype), prediction.copy(order="K"), target.copy(order="K"))

    def gradient(self, prediction: Array, target: Array) -> Array:
        # A copy: a gradient may be written over its prediction by a loss that breaks its promise.
        return self.loss.gradient(context(prediction.dtype), prediction.copy(order="K"), target.copy(order="K"))


def contract(loss: Loss, draw: Draw | None = None) -> Contract:
    """The promises of a loss."""
    tried = _Tried(loss, draw or drawn_for(loss))
    first = {"gradient shape": _gradient_shape, "inputs unchanged": _inputs_unchanged}
    then = {
        "gradient": _gradient,
        "mean over rows": _mean_over_rows,
        "order of rows": _order_of_rows,
        "deterministic": _deterministic,
        "dtype kept": _dtype_kept,
        "memory order": _memory_order,
        "finite at 1e3": _finite,
        "portable": _portable,
    }
    last = {"weights of rows": _weights_of_rows}
    return Contract(shared(loss), (about(tried, first), about(tried, then), about(tried, last)))


def _gradient_shape(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        shape = tried.gradient(prediction, target).shape
        require(shape == prediction.shape, f"that of {prediction.shape} is {shape}")
    return tried.count


def _inputs_unchanged(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        untouched(lambda p, t: tried.loss.value(context(), p, t), prediction, target)
        untouched(lambda p, t: tried.loss.gradient(context(), p, t), prediction, target)
    return tried.count


def _gradient(tried: _Tried) -> str:
    for i, shape in enumerate(tried.shapes):
        attempts = (tried.draw(generator(attempt, i), shape) for attempt in range(ATTEMPTS))
        require(any(_agrees(tried, *pair) for pair in attempts), f"{shape}: kinks near {ATTEMPTS} points")
    return tried.count


def _agrees(tried: _Tried, prediction: Array, target: Array) -> bool:
    """False when a kink lies near."""
    direction = generator(1).normal(size=prediction.shape)
    numeric = slope_along(lambda by: tried.value(prediction + by * direction, target))
    if numeric is not None:
        found = np.sum(tried.gradient(prediction, target) * direction)
        close(found, numeric, TOLERANCE, str(prediction.shape))
    return numeric is not None


def _mean_over_rows(tried: _Tried) -> str:
    for pair in tried.pairs():
        twice = tried.value(*(np.repeat(array, 2, axis=0) for array in pair))
        close(twice, tried.value(*pair), ROUNDING, f"each row of {pair[0].shape} twice")
    return tried.count


def _weights_of_rows(tried: _Tried) -> str:
    """A row with the weight 2 is that row twice, one with the weight 0 is none."""
    if not tried.loss.by_rows:
        return "its rows have no weights"
    for prediction, target in tried.pairs():
        weights, ctx = np.arange(1.0, len(target) + 1) % 3, context()
        rows = np.repeat(np.arange(len(target)), weights.astype(int))
        value = tried.loss.weighted_value(ctx, prediction.copy(), target.copy(), weights)
        close(value, tried.value(prediction[rows], target[rows]), ROUNDING, f"the value of {target.shape}")
        gradient = tried.loss.weighted_gradient(ctx, prediction.copy(), target.copy(), weights)
        wanted = np.zeros_like(gradient)
        np.add.at(wanted, rows, tried.gradient(prediction[rows], target[rows]))
        close(gradient, wanted, ROUNDING, f"the gradient of {target.shape}")
    return tried.count


def _order_of_rows(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        order = generator(3).permutation(len(target))
        close(tried.value(prediction[order], target[order]), tried.value(prediction, target), ROUNDING, "value")
        wanted = tried.gradient(prediction, target)[order]
        close(tried.gradient(prediction[order], target[order]), wanted, ROUNDING, "gradient")
    return tried.count


def _deterministic(tried: _Tried) -> str:
    for pair in tried.pairs():
        same(tried.value(*pair), tried.value(*pair), "value")
        same(tried.gradient(*pair), tried.gradient(*pair), "gradient")
    return tried.count


def _dtype_kept(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        single: Any = prediction.astype(np.float32), target.astype(np.float32)
        value, gradient = tried.value(*single), tried.gradient(*single)
        require(type(value) is float, f"the value is a {type(value).__name__}, not a float")
        require(gradient.dtype == np.float32, f"the gradient of float32 is {gradient.dtype}")
    return tried.count


def _memory_order(tried: _Tried) -> str:
    for pair in tried.pairs():
        columns = [np.asfortranarray(array) for array in pair]
        close(tried.value(*columns), tried.value(*pair), ROUNDING, "value")
        close(tried.gradient(*columns), tried.gradient(*pair), ROUNDING, "gradient")
    return tried.count


def _finite(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        far = np.where(prediction < 0, -1e3, 1e3)
        finite({"the value": tried.value(far, target), "the gradient": tried.gradient(far, target)})
    return tried.count


def _portable(tried: _Tried) -> str:
    if not isinstance(tried.loss, ElementwiseLoss | RowwiseLoss):
        raise Unchecked("it is no ElementwiseLoss and no RowwiseLoss")
    pair = tried.draw(generator(), (7, 3))
    portable("error", tried.loss.error, *pair)
    return portable("slope", tried.loss.slope, *pair)
