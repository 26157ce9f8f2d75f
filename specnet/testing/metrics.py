"""The contract of metrics: one number, however the rows are put into batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.losses import normal
from specnet.testing.numbers import ROUNDING, SHAPES, SINGLE, close, finite, generator, same, untouched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from specnet.arrays import Array
    from specnet.component import Metric
    from specnet.testing.losses import Draw, Pair

COUNT = f"{len(SHAPES)} shapes"


def check_metric(
    metric: Metric, *, draw: Draw = normal, expected_failures: Mapping[str, str] | None = None
) -> list[Check]:
    """Exact over batches of unequal size and over rows in any order, inputs kept, a finite float.

    `draw` gives predictions and targets of a shape, for a metric that is not defined for all numbers.
    """
    return contract(metric, draw).run(expected_failures)


@dataclass(frozen=True)
class _Tried:
    metric: Metric
    draw: Draw

    def pairs(self) -> Iterator[Pair]:
        return (self.draw(generator(i), shape) for i, shape in enumerate(SHAPES))

    def value(self, prediction: Array, target: Array, batches: Sequence[Any] = (slice(None),)) -> float:
        state = self.metric.start()
        for batch in batches:
            state = self.metric.add(state, prediction[batch].copy(order="K"), target[batch].copy(order="K"), np)
        return self.metric.result(state)


def contract(metric: Metric, draw: Draw = normal) -> Contract:
    """The promises of a metric."""
    tried = _Tried(metric, draw)
    first = {"a float": _a_float, "inputs unchanged": _inputs_unchanged}
    then = {
        "batches": _batches,
        "order of rows": _order_of_rows,
        "deterministic": _deterministic,
        "float32": _float32,
        "memory order": _memory_order,
        "finite at 1e3": _finite,
    }
    return Contract(shared(metric), (about(tried, first), about(tried, then)))


def _a_float(tried: _Tried) -> str:
    for pair in tried.pairs():
        value = tried.value(*pair)
        require(type(value) is float, f"it is a {type(value).__name__}")
        finite({"it": value})
    return COUNT


def _inputs_unchanged(tried: _Tried) -> str:
    for pair in tried.pairs():
        untouched(lambda p, t: tried.metric.add(tried.metric.start(), p, t, np), *pair)
    return COUNT


def _batches(tried: _Tried) -> str:
    for pair in tried.pairs():
        pieces = [part for part in (slice(0, 1), slice(1, 4), slice(4, 7)) if part.start < len(pair[0])]
        close(tried.value(*pair, pieces), tried.value(*pair), ROUNDING, f"{pair[0].shape} in {len(pieces)} batches")
    return COUNT


def _order_of_rows(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        order = generator(3).permutation(len(target))
        again = tried.value(prediction[order], target[order])
        close(again, tried.value(prediction, target), ROUNDING, str(target.shape))
    return COUNT


def _deterministic(tried: _Tried) -> str:
    for pair in tried.pairs():
        same(tried.value(*pair), tried.value(*pair), str(pair[0].shape))
    return COUNT


def _float32(tried: _Tried) -> str:
    for pair in tried.pairs():
        single: Any = [array.astype(np.float32) for array in pair]
        value = tried.value(*single)
        require(type(value) is float, f"of float32 it is a {type(value).__name__}")
        close(value, tried.value(*pair), SINGLE, str(pair[0].shape))
    return COUNT


def _memory_order(tried: _Tried) -> str:
    for pair in tried.pairs():
        prediction, target = map(np.asfortranarray, pair)
        close(tried.value(prediction, target), tried.value(*pair), ROUNDING, str(target.shape))
    return COUNT


def _finite(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        finite({"it": tried.value(np.where(prediction < 0, -1e3, 1e3), target)})
    return COUNT
