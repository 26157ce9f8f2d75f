"""Measuring: predictions by a compiled net in blocks of rows, and the loss and the metrics of them by NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet_jit.program import compiled, prediction_program

if TYPE_CHECKING:
    from specnet.api import Loss, Metric, Plan, Split

Array = np.ndarray[Any, np.dtype[Any]]
ROWS = 4096
"""Rows that are measured at once: memory does not grow with the rest."""


def columns(rows: Array) -> Array:
    """All numbers, one column after the other: a view of feature-major memory."""
    return rows.T.reshape(-1)


class NumpyContext:
    """What a loss sees while it is measured; see `specnet.api.Context`."""

    xp = np
    training = False
    input_gradient = True
    gradients: Mapping[str, Array] = {}  # nobody writes into it
    buffers: Mapping[str, Array] = {}

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype

    @property
    def rng(self) -> Any:
        """There is none: nothing random is measured."""
        raise RuntimeError("a loss draws random numbers")

    def empty(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """Feature-major memory."""
        return np.empty(shape, self._dtype if dtype is None else dtype, order="F")


class Score:
    """The loss and the metrics of the rows added so far."""

    def __init__(self, loss: Loss, metrics: tuple[Metric, ...], dtype: np.dtype[Any]) -> None:
        self._loss = loss
        self._metrics = metrics
        self._states = [metric.start() for metric in metrics]
        self._ctx = NumpyContext(dtype)
        self._total = 0.0
        self._weight = 0.0

    def add(self, prediction: Array, target: Array, weights: Array | None = None) -> float:
        """Adds a batch and gives its own loss."""
        value: float = self._loss.weighted_value(self._ctx, prediction, target, weights)
        weight = float(len(target)) if weights is None else float(weights.sum(dtype=np.float64))
        self._total += value * weight
        self._weight += weight
        pairs = zip(self._metrics, self._states, strict=True)
        self._states = [metric.add(state, prediction, target, np) for metric, state in pairs]
        return value

    def values(self) -> dict[str, float]:
        """`loss`, then each metric by its name."""
        results = {m.type: m.result(state) for m, state in zip(self._metrics, self._states, strict=True)}
        return {"loss": self._total / self._weight, **results}


class Predictor:
    """A compiled net outside training, with the memory that it needs."""

    def __init__(self, plan: Plan, flat: Array) -> None:
        self._forward, room, self._table = _forward(_Same(plan), str(flat.dtype))
        self._flat = flat
        self._outputs = prod(plan.steps[-1].out_shape)
        self._scratch = np.empty(room, flat.dtype)

    def rows(self, inputs: Array, count: int, lo: int, hi: int) -> Array:
        """(hi - lo, outputs) for rows of `columns(...)` of so many."""
        out = np.empty((self._outputs, hi - lo), self._flat.dtype)
        self._forward(self._flat, inputs, count, lo, hi, self._scratch, self._table, out.reshape(-1), hi - lo)
        return out.T

    def measured(self, split: Split, score: Score) -> dict[str, float]:
        """`loss` and each metric over all rows."""
        inputs = columns(split.inputs)
        for block in _blocks(len(split)):
            weights = None if split.weights is None else split.weights[block]
            score.add(self.rows(inputs, len(split), block.start, block.stop), split.targets[block], weights)
        return score.values()


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + ROWS, count)) for start in range(0, count, ROWS))


class _Same:
    """A plan as a key: the same object, whatever it holds."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.plan is other.plan

    def __hash__(self) -> int:
        return id(self.plan)


@lru_cache(maxsize=8)  # whoever predicts row after row does not wait for the plan to be looked through
def _forward(same: _Same, dtype: str) -> tuple[Any, int, Array]:
    program = prediction_program(same.plan, dtype)
    return compiled(program).forward, program.room, program.products
