from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.api import MeanMetric, Metric, ShapeError, Undefined
from specnet.testing import check_metric, failures, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


class Distance(MeanMetric):
    """The mean over rows of the sum of |prediction - target|."""

    type: Literal["distance"] = "distance"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(prediction - target), axis=1)  # type: ignore[no-any-return]


class NumpyNumber(Distance):
    def result(self, state: tuple[float, ...]) -> float:
        return np.float64(super().result(state))


class Endless(Distance):
    def result(self, state: tuple[float, ...]) -> float:
        return float("inf")


class SaysNotWhy(Distance):
    def result(self, state: tuple[float, ...]) -> float:
        return Undefined(" ") if state[1] == 1 else super().result(state)


class NeverDefined(Distance):
    def result(self, state: tuple[float, ...]) -> float:
        return Undefined("it never is")


class KeepsMemory(Distance):
    def start(self) -> Any:
        return ()

    def add(self, state: Any, prediction: Array, target: Array, xp: Any) -> Any:
        return *state, (prediction, target)

    def result(self, state: Any) -> float:
        rows = np.concatenate([self.rows(p, t, np) for p, t in state])
        return float(rows.mean())


class AnotherReason(Distance):
    """Undefined for 7 rows, and the reason is the first row of the last batch."""

    def start(self) -> Any:
        return 0.0, 0, ""

    def add(self, state: Any, prediction: Array, target: Array, xp: Any) -> Any:
        return *super().add(state[:2], prediction, target, xp), "many" if len(target) > 3 else "few"

    def result(self, state: Any) -> float:
        return Undefined(state[2]) if state[1] == 7 else super().result(state[:2])


class RefusesAll(Distance):
    def check(self, outputs: int) -> None:
        raise ShapeError("takes none")


class WritesTarget(Distance):
    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        target -= prediction
        return xp.sum(xp.abs(target), axis=1)  # type: ignore[no-any-return]


class MeanOfBatches(Distance):
    def add(self, state: tuple[float, ...], prediction: Array, target: Array, xp: Any) -> tuple[float, ...]:
        total, count = state
        return total + float(self.rows(prediction, target, xp).mean()), count + 1


class FirstRowTwice(Distance):
    def add(self, state: tuple[float, ...], prediction: Array, target: Array, xp: Any) -> tuple[float, ...]:
        if state == self.start():
            state = super().add(state, prediction[:1], target[:1], xp)
        return super().add(state, prediction, target, xp)


class Trembles(Distance):
    def result(self, state: tuple[float, ...]) -> float:
        return super().result(state) + float(np.random.Generator(np.random.PCG64()).uniform(0, 1e-12))


class Rounds(Distance):
    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        rows = super().rows(prediction, target, xp)
        return np.round(rows, 1) if rows.dtype == np.float32 else rows


class SingleNumber(Distance):
    def add(self, state: tuple[float, ...], prediction: Array, target: Array, xp: Any) -> tuple[float, ...]:
        total, count = state
        rows = self.rows(prediction, target, xp)
        return total + (rows.sum() if rows.dtype == np.float32 else float(rows.sum())), count + len(rows)


class SeesMemory(Distance):
    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        return super().rows(prediction, target, xp) * (1 + (not prediction.flags.c_contiguous))


class Overflows(Distance):
    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.sum(xp.log(xp.cosh(prediction - target)), axis=1)  # type: ignore[no-any-return]


class DrawsFromAll(Distance):
    def start(self) -> tuple[float, ...]:
        np.random.random()  # noqa: NPY002
        return super().start()


FAULTS: list[tuple[Metric, set[str]]] = [
    (NumpyNumber(), {"a float"}),
    (Endless(), {"a float"}),
    (SaysNotWhy(), {"a float"}),
    (KeepsMemory(), {"a float"}),
    (NeverDefined(), {"a float"}),
    (RefusesAll(), {"a float", "inputs unchanged"}),
    (AnotherReason(), {"batches"}),
    (WritesTarget(), {"inputs unchanged"}),
    (MeanOfBatches(), {"batches"}),
    (FirstRowTwice(), {"order of rows"}),
    (Trembles(), {"deterministic"}),
    (Rounds(), {"float32"}),
    (SingleNumber(), {"float32"}),
    (SeesMemory(), {"memory order"}),
    (Overflows(), {"finite at 1e3"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Metric, failed: set[str]) -> None:
    assert seen(check_metric(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_metric(Distance())) == "ran 17: 17 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_metric(Distance())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


class ForPairs(Distance):
    """The mean over rows of the distance between probabilities; there is none of one output, nor of one row."""

    def wants(self, outputs: int) -> Any:
        return "probabilities"

    def check(self, outputs: int) -> None:
        if outputs == 1:
            raise ShapeError("needs two outputs")

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        assert target.shape[1] > 1
        far = (xp.abs(prediction) == 1e3).all()  # whatever is said, it must be a number for these
        low, high = (0.0, 1.0) if not far else (-1e4, 1e4)
        assert (low < prediction).all()
        assert (prediction < high).all()
        assert ((target > 0) & (target < 1)).all()
        return xp.sum(xp.abs(prediction - target), axis=1)  # type: ignore[no-any-return]

    def result(self, state: tuple[float, ...]) -> float:
        return Undefined("of one row") if state[1] == 1 else super().result(state)


def test_it_is_tried_with_what_it_takes_and_may_be_undefined() -> None:
    checks = check_metric(ForPairs())
    assert failures(checks) == []
    assert {check.check: check.detail for check in checks}["a float"] == "21 shapes, undefined for 7"


class Ratio(Distance):
    """The mean over rows of the sum of log(target / prediction)**2: for numbers above 0 only."""

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.sum(xp.log(target / prediction) ** 2, axis=1)  # type: ignore[no-any-return]


def test_a_metric_that_is_not_for_all_numbers_is_drawn_from_those_that_it_is_for() -> None:
    def positive(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Array, Array]:
        return rng.uniform(1, 2, shape), rng.uniform(1, 2, shape)

    assert "a float" in {check.check for check in failures(check_metric(Ratio()))}
    assert failures(check_metric(Ratio(), draw=positive)) == []
