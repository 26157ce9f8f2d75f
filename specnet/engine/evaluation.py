"""Prediction, losses, metrics and silent units over any number of rows, in blocks of constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from specnet.engine.batches import of
from specnet.engine.network import Network, quiet

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context, Loss, Metric
    from specnet.component.task import Split
    from specnet.plan import Plan
    from specnet.weights import Weights


BLOCK = 4096
"""Rows that go through the net at once outside training."""


class Score:
    """The loss and the metrics of the rows added so far, exact over batches of unequal size."""

    def __init__(self, loss: Loss, metrics: tuple[Metric, ...]) -> None:
        self._loss = loss
        self._metrics = metrics
        self._states = [metric.start() for metric in metrics]
        self._total = 0.0
        self._weight = 0.0

    def add(self, ctx: Context, prediction: Array, target: Array, weights: Array | None = None) -> float:
        """Adds a batch and gives its own loss."""
        if prediction.shape != (len(target), *map(self._loss.outputs, target.shape[1:])):  # others might broadcast
            raise ValueError(f"predictions are {prediction.shape}, targets {target.shape}")
        value, weight = self._loss.weighted_value(ctx, prediction, target, weights), float(len(target))
        if weights is not None:
            weight = float(weights.sum(dtype=np.float64))
        self._total += value * weight
        self._weight += weight
        self._states = [
            metric.add(state, prediction, target, np) for metric, state in zip(self._metrics, self._states, strict=True)
        ]
        return value

    def values(self) -> dict[str, float]:
        """`loss`, then each metric by its name."""
        with quiet():
            results = {m.type: m.result(state) for m, state in zip(self._metrics, self._states, strict=True)}
        return {"loss": self._total / self._weight, **results}


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def predict(plan: Plan, weights: Weights, inputs: Array) -> Array:
    """(rows, outputs) in the units of the net."""
    network = Network(plan, weights, training=False)
    out = np.empty((len(inputs), *plan.steps[-1].out_shape), weights.flat.dtype)
    with quiet():
        for block in _blocks(len(inputs)):
            out[block] = network.forward(inputs[block])
    return out


class Evaluator:
    """Measures splits again and again with one network and one arena."""

    def __init__(self, plan: Plan, weights: Weights, loss: Loss, metrics: tuple[Metric, ...]) -> None:
        self._network = Network(plan, weights, training=False)
        self._loss = loss
        self._metrics = metrics

    def values(self, split: Split) -> dict[str, float]:
        """`loss` and each metric, over all rows."""
        score = Score(self._loss, self._metrics)
        with quiet():
            for block in _blocks(len(split)):
                inputs, targets, weights = of(split, block)
                score.add(self._network.loss_context, self._network.forward(inputs), targets, weights)
        return score.values()


def silent_units(plan: Plan, weights: Weights, inputs: Array) -> dict[str, tuple[int, int]]:
    """For each hidden step (units whose output is the same for every row, units): nothing flows through those.

    A unit is a place of the last axis, such as a channel of a picture. One row tells nothing: then none is silent.
    """
    network = Network(plan, weights, training=False)
    lows: list[Array] = []
    highs: list[Array] = []
    for block in _blocks(len(inputs)):
        with quiet():
            network.forward(inputs[block])
        hidden = network.outputs[:-1]
        axes = [tuple(range(y.ndim - 1)) for y in hidden]
        low = [y.min(axis=axis) for y, axis in zip(hidden, axes, strict=True)]
        high = [y.max(axis=axis) for y, axis in zip(hidden, axes, strict=True)]
        lows = [np.minimum(a, b) for a, b in zip(lows, low, strict=True)] if lows else low
        highs = [np.maximum(a, b) for a, b in zip(highs, high, strict=True)] if highs else high
    return {
        step.name: (int(np.count_nonzero(low == high)) if len(inputs) > 1 else 0, low.size)
        for step, low, high in zip(plan.steps[:-1], lows, highs, strict=True)
    }
