from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from specnet.builtins.engines import NumpyEngine
from specnet.component import Refusal
from specnet.testing import check_engine, failures, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.component import Engine, Loss, Metric, Optimizer
    from specnet.component.task import Epoch, Split, TrainingTask
    from specnet.plan import Plan
    from specnet.testing import Check
    from specnet.weights import Weights

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


class Idle(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        before = weights.flat.copy()
        for epoch in super().train(plan, weights, task):
            weights.flat[:] = before
            yield epoch


class LogsHalf(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        return super().train(plan, weights, replace(task, log_every=2))


class Pure(NumpyEngine):
    """Refuses what keeps numbers between batches, and so the layer that the kit would break off with."""

    def refusals(self, plan: Plan, loss: Loss, optimizer: Optimizer) -> Iterator[Refusal]:
        for step in plan.steps:
            if step.buffers:
                yield Refusal(step.layer, "it keeps numbers between batches")

    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        assert not any(step.buffers for step in plan.steps)
        return super().train(plan, weights, task)


class Flat(NumpyEngine):
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        return super().predict(plan, weights, inputs)[:, 0]


class Double(NumpyEngine):
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        return super().predict(plan, weights, inputs).astype(np.float32)


class WritesInputs(NumpyEngine):
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        inputs += 1
        inputs -= 1
        return super().predict(plan, weights, inputs)


class MovesWeights(NumpyEngine):
    def silent_units(self, plan: Plan, weights: Weights, inputs: Array) -> dict[str, tuple[int, int]]:
        weights.flat += 1e-12
        return super().silent_units(plan, weights, inputs)


class OwnStream(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        yield from super().train(plan, weights, task)
        weights.flat += np.random.Generator(np.random.PCG64()).uniform(0, 1e-12, len(weights.flat))


class LosesRows(NumpyEngine):
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        predicted = super().predict(plan, weights, inputs)
        predicted[len(inputs) // 8 * 8 :] = 0
        return predicted


class Flatters(NumpyEngine):
    def evaluate(
        self, plan: Plan, weights: Weights, split: Split, loss: Loss, metrics: tuple[Metric, ...]
    ) -> dict[str, float]:
        return {name: value / 2 for name, value in super().evaluate(plan, weights, split, loss, metrics).items()}


class GoesOn(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        return super().train(plan, weights, replace(task, stop=lambda: False))


class DecaysAll(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        everywhere = task.optimizer.model_copy(update={"decay_biases": True})
        return super().train(plan, weights, replace(task, optimizer=everywhere))


class ClipsNothing(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        return super().train(plan, weights, replace(task, clipping=None))


class NoDecay(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        plain = task.optimizer.model_copy(update={"weight_decay": 0.0})
        return super().train(plan, weights, replace(task, optimizer=plain))


class ForgetsState(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        state = {name: np.zeros_like(array) for name, array in task.start.state.items()}
        return super().train(plan, weights, replace(task, start=replace(task.start, state=state)))


class TellsNoMore(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        for epoch in super().train(plan, weights, task):
            if epoch.position.step % task.steps_per_epoch == 0:
                yield epoch


class SavesLate(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        return super().train(plan, weights, replace(task, save_every=None))


class NeverReacts(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        first = task.optimizer.at(task.moment(1))
        reacting = any(schedule.watches() for schedule in task.optimizer.schedules.values())
        return super().train(plan, weights, replace(task, optimizer=first) if reacting else task)


class WeighsNothing(NumpyEngine):
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        return super().train(plan, weights, replace(task, train=replace(task.train, weights=None)))


class MeasuresAllAlike(NumpyEngine):
    def evaluate(
        self, plan: Plan, weights: Weights, split: Split, loss: Loss, metrics: tuple[Metric, ...]
    ) -> dict[str, float]:
        return super().evaluate(plan, weights, replace(split, weights=None), loss, metrics)


class DrawsFromAll(NumpyEngine):
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        np.random.random()  # noqa: NPY002
        return super().predict(plan, weights, inputs)


FAULTS: list[tuple[Engine, set[str]]] = [
    (Idle(), {"loss goes down"}),
    (LogsHalf(), {"loss goes down"}),
    (Flat(), {"predictions"}),
    (Double(), {"predictions"}),
    (WritesInputs(), {"inputs unchanged"}),
    (MovesWeights(), {"inputs unchanged"}),
    (OwnStream(), {"deterministic"}),
    (LosesRows(), {"order of rows"}),
    (Flatters(), {"evaluation"}),
    (DecaysAll(), {"weight decay"}),
    (NoDecay(), {"weight decay"}),
    (ClipsNothing(), {"gradient clipping"}),
    (GoesOn(), {"stops"}),
    (ForgetsState(), {"breaks", "ends of epochs"}),
    (TellsNoMore(), {"breaks"}),
    (SavesLate(), {"ends of epochs"}),
    (NeverReacts(), {"reactions"}),
    (WeighsNothing(), {"weights of rows"}),
    (MeasuresAllAlike(), {"weights of rows"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Engine, failed: set[str]) -> None:
    assert seen(check_engine(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_engine(NumpyEngine())) == "ran 22: 22 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_engine(NumpyEngine())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


def test_an_engine_is_checked_in_its_own_dtype() -> None:
    checks = check_engine(NumpyEngine(dtype="float32"))
    assert failures(checks) == []
    assert {check.check: check.detail for check in checks}["predictions"] == "float32"


def test_what_an_engine_refuses_is_not_asked_of_it() -> None:
    checks = check_engine(Pure())
    assert not failures(checks)
    (check,) = [check for check in checks if check.check == "breaks"]
    assert check.detail == "11 breaks, of a net without buffers and noise, which it refuses"
