"""The contract of metrics: one number, however the rows are put into batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.component import Undefined
from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.draws import allowed, drawn_as, drawn_whole
from specnet.testing.numbers import ROUNDING, SINGLE, close, finite, generator, same, untouched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from specnet.arrays import Array
    from specnet.component import Metric
    from specnet.testing.draws import Draw, Pair


def check_metric(
    metric: Metric, *, draw: Draw | None = None, expected_failures: Mapping[str, str] | None = None
) -> list[Check]:
    """Exact over batches of unequal size and over rows in any order, inputs kept, a finite float.

    It may be undefined for some rows, if it says why. Predictions are drawn as the metric `wants` them, in shapes
    that it does not refuse; `draw` gives others, for a metric that is defined for something else.
    """
    return contract(metric, draw).run(expected_failures)


@dataclass(frozen=True)
class _Tried:
    metric: Metric
    draw: Draw | None

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Those that the metric does not refuse. Raises Broken when it refuses all."""
        return allowed(self.metric)

    @property
    def count(self) -> str:
        """How many shapes are looked at."""
        return f"{len(self.shapes)} shapes"

    def pairs(self) -> Iterator[Pair]:
        for i, shape in enumerate(self.shapes):
            wants = self.metric.wants(self.metric.outputs(shape[1]))
            if (whole := self.metric.whole_targets()) is not None:
                yield (self.draw or drawn_whole(wants, self.metric.outputs, whole))(generator(i), shape)
                continue
            bounds = (-inf, inf) if wants == "anything" else (0.0, inf if wants == "positive" else 1.0)
            yield (self.draw or drawn_as(wants, *bounds))(generator(i), shape)

    def value(self, prediction: Array, target: Array, batches: Sequence[Any] = (slice(None),)) -> float:
        state = self.metric.start()
        for batch in batches:
            given = prediction[batch].copy(order="K"), target[batch].copy(order="K")
            state = self.metric.add(state, *given, np)
            for array in given:
                array.fill(np.nan)  # as an engine does, which uses its memory again
        return self.metric.result(state)


def contract(metric: Metric, draw: Draw | None = None) -> Contract:
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
    undefined = []
    for pair in tried.pairs():
        value = tried.value(*pair)
        _plain(value, "it")
        undefined += [value.reason] if isinstance(value, Undefined) else []
    require(len(undefined) < len(tried.shapes), f"it is undefined for all of {tried.count}: {undefined[:1]}")
    return f"{tried.count}, undefined for {len(undefined)}"


def _plain(value: float, what: str) -> None:
    """Raises Broken unless it is a finite float, or an Undefined that says why."""
    if isinstance(value, Undefined):
        require(value.reason.strip(), f"{what} is undefined, and does not say why")
    else:
        require(type(value) is float, f"{what} is a {type(value).__name__}")
        finite({what: value})


def _near(value: float, wanted: float, tolerance: float, where: str) -> None:
    """Raises Broken unless both are near, or undefined for one reason."""
    if isinstance(value, Undefined) and isinstance(wanted, Undefined):
        require(value.reason == wanted.reason, f"{where}: {value.reason}, and not {wanted.reason}")
    else:
        close(value, wanted, tolerance, where)


def _inputs_unchanged(tried: _Tried) -> str:
    for pair in tried.pairs():
        untouched(lambda p, t: tried.metric.add(tried.metric.start(), p, t, np), *pair)
    return tried.count


def _batches(tried: _Tried) -> str:
    for pair in tried.pairs():
        pieces = [part for part in (slice(0, 1), slice(1, 4), slice(4, 7)) if part.start < len(pair[0])]
        _near(tried.value(*pair, pieces), tried.value(*pair), ROUNDING, f"{pair[0].shape} in {len(pieces)} batches")
    return tried.count


def _order_of_rows(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        order = generator(3).permutation(len(target))
        again = tried.value(prediction[order], target[order])
        _near(again, tried.value(prediction, target), ROUNDING, str(target.shape))
    return tried.count


def _deterministic(tried: _Tried) -> str:
    for pair in tried.pairs():
        same(tried.value(*pair), tried.value(*pair), str(pair[0].shape))
    return tried.count


def _float32(tried: _Tried) -> str:
    for pair in tried.pairs():
        single: Any = [array.astype(np.float32) for array in pair]
        value = tried.value(*single)
        _plain(value, "that of float32")
        _near(value, tried.value(*pair), SINGLE, str(pair[0].shape))
    return tried.count


def _memory_order(tried: _Tried) -> str:
    for pair in tried.pairs():
        prediction, target = map(np.asfortranarray, pair)
        _near(tried.value(prediction, target), tried.value(*pair), ROUNDING, str(target.shape))
    return tried.count


def _finite(tried: _Tried) -> str:
    for prediction, target in tried.pairs():
        _plain(tried.value(np.where(prediction < 0, -1e3, 1e3), target), "it")
    return tried.count
