"""The engine of this plugin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from specnet.api import Engine, Finding, Refusal, SpecError

if TYPE_CHECKING:
    from specnet.api import Epoch, Loss, Metric, Optimizer, Plan, Split, TrainingTask, Weights


class Jit(Engine):
    """Compiles the plan: one loop over the rows, forward and back, generated for this net and no other."""

    type: Literal["jit"] = "jit"

    def refusals(self, plan: Plan, loss: Loss, optimizer: Optimizer) -> Iterator[Refusal]:
        from specnet_jit.program import faults, training_program
        from specnet_jit.refusals import RefusedError

        if (why := faults(plan)) is not None:
            yield Refusal(self, why)
            return
        for schedule in optimizer.schedules.values():
            if schedule.watches() is not None:
                yield Refusal(schedule, "it reacts to what is measured after each epoch")
        try:
            training_program(plan, loss, optimizer, self.dtype)
        except RefusedError as error:
            yield Refusal(error.component, error.why)

    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        from specnet_jit.training import train

        if task.train.weights is not None or task.reacts:
            what = "rows with weights" if task.train.weights is not None else "a schedule that reacts to the training"
            raise SpecError(Finding("SN428", f"engine {self.type!r} cannot run {what}", ("engine",)))
        return train(plan, weights, task)

    def predict(self, plan: Plan, weights: Weights, inputs: Any) -> Any:
        from specnet_jit.measuring import Predictor, columns

        return Predictor(plan, weights.flat).rows(columns(inputs), len(inputs), 0, len(inputs))

    def evaluate(
        self, plan: Plan, weights: Weights, split: Split, loss: Loss, metrics: tuple[Metric, ...]
    ) -> dict[str, float]:
        from specnet_jit.measuring import Predictor, Score
        from specnet_jit.training import quiet

        with quiet():
            return Predictor(plan, weights.flat).measured(split, Score(loss, metrics, weights.flat.dtype))

    def silent_units(self, plan: Plan, weights: Weights, inputs: Any) -> dict[str, tuple[int, int]]:
        from specnet.api import NumpyEngine

        return NumpyEngine(dtype=self.dtype).silent_units(plan, weights, inputs)
