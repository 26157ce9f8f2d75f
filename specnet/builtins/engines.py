"""Engines: what runs a plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from specnet.component import Component, Engine
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Loss, Metric
    from specnet.component.task import Epoch, Split, TrainingTask
    from specnet.plan import Plan
    from specnet.weights import Weights


class NumpyEngine(Engine):
    """NumPy, one step of the plan after the other, in memory that is reused."""

    type: Literal["numpy"] = "numpy"

    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        from specnet.engine.training import train

        return train(plan, weights, task)

    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        from specnet.engine.evaluation import predict

        return predict(plan, weights, inputs)

    def evaluate(
        self, plan: Plan, weights: Weights, split: Split, loss: Loss, metrics: tuple[Metric, ...]
    ) -> dict[str, float]:
        from specnet.engine.evaluation import Evaluator

        return Evaluator(plan, weights, loss, metrics).values(split)

    def silent_units(self, plan: Plan, weights: Weights, inputs: Array) -> dict[str, tuple[int, int]]:
        from specnet.engine.evaluation import silent_units

        return silent_units(plan, weights, inputs)


DEFAULT_ENGINE = NumpyEngine.of_defaults()
"""What a spec without an `[engine]` runs on."""


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The engines of this room."""
    return [NumpyEngine]
