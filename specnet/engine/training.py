"""The loop: forward, loss, back, update; it stops within one batch when any of them is no longer finite."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from math import isfinite, sqrt
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from specnet.component.task import Epoch, Position
from specnet.engine.batches import Batches
from specnet.engine.divergence import LAST, first_gradient, first_output, in_words, norm, parameter_at
from specnet.engine.evaluation import Evaluator, Score
from specnet.engine.network import Network, quiet
from specnet.engine.predictions import Predictions
from specnet.engine.reactions import Reactions
from specnet.engine.updates import Updates, all_finite
from specnet.errors import DivergenceError, Finding

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.task import TrainingTask
    from specnet.engine.batches import Batch
    from specnet.plan import Plan
    from specnet.weights import Weights

TELL_EVERY = 0.05
"""Seconds between two epochs that are told though they are not logged."""


def train(plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
    """Trains in place and yields the epochs worth telling; see `specnet.component.Engine.train`."""
    trainer = _Trainer(plan, weights, task)
    evaluator = Evaluator(plan, weights, task.loss, task.metrics)
    number = task.start.step // task.steps_per_epoch
    while number < task.epochs:
        number, score = trainer.run(number + 1)
        if trainer.stopped:
            yield Epoch(number, position=trainer.position)
            return
        values = {} if score is None else _columns("train", score.values())
        for part in task.measures(number):
            if part != "train":
                values |= _columns(part, evaluator.values(task.splits[part]))
        trainer.reactions.tell(values)
        watched = values[task.watch.column] if task.watch is not None and task.watches(number) else None
        yield Epoch(number, values | trainer.numbers() if task.logs(number) else {}, watched, trainer.position)


def _columns(part: str, values: dict[str, float]) -> dict[str, float]:
    return {f"{part}.{name}": value for name, value in values.items()}


class _Trainer:
    """One network in training: what an epoch needs, made once."""

    def __init__(self, plan: Plan, weights: Weights, task: TrainingTask) -> None:
        self._plan = plan
        self._task = task
        self._weights = weights
        self._network = Network(plan, weights, training=True, streams=task.streams)
        self._batches = Batches(task.train, task.batch_rows, task.shuffle, task.streams)
        moved = slice(plan.trained_count)
        gradient = self._network.gradient
        self._updates = Updates(task.optimizer, weights.flat[moved], gradient[moved], plan.spared)
        self._parts = [part for views in weights.views(gradient) for part in views.values()]
        self._schedules = tuple(task.optimizer.schedules)
        self._predictions = Predictions(task.start.state, several=task.steps_per_epoch > 1)
        self._norms: deque[float] = deque(maxlen=LAST)
        """Those of the last gradients, before they were clipped."""
        self.reactions = Reactions(task.optimizer, task.start.state)
        self.stopped = False
        """True once the task has said so; then the last step is complete."""
        if task.start.step:
            self._network.step = task.start.step
            task.start.restore(self._updates.stored())

    @property
    def position(self) -> Position:
        """Where training stands; its arrays are those that training goes on with."""
        within = self._network.step % self._task.steps_per_epoch > 0
        kept = self._predictions.stored() if within else {}
        return Position(self._network.step, {**self._updates.stored(), **self.reactions.stored(), **kept})

    def run(self, first: int) -> tuple[int, Score | None]:
        """Epochs from `first` on, to the next that is logged, watched, saved or took long enough, or to a stop.

        Gives the last that has ended, and its score if one is asked for.
        """
        task, until = self._task, monotonic() + TELL_EVERY
        with quiet():
            for number in range(first, task.epochs + 1):
                score = Score(task.loss, task.metrics) if "train" in task.measures(number) else None
                for batch in self._rest_of(number, score):
                    if task.stop():
                        self.stopped = True
                        return number - 1, None
                    self._step(number, batch, score)
                if score is not None or task.measures(number) or task.saves(number) or monotonic() >= until:
                    break
        return number, score

    def _rest_of(self, epoch: int, score: Score | None) -> Iterable[Batch]:
        """The batches of an epoch that are to come; those before a break are scored as they were."""
        self._predictions.begin()
        done = self._network.step - (epoch - 1) * self._task.steps_per_epoch
        batches = self._batches.of(epoch)
        if not done:
            return batches
        rest = iter(batches)
        for _, targets, weights in islice(rest, done):
            if score is not None:
                self._network.arena.rewind()
                score.add(self._network.loss_context, self._predictions.again(len(targets)), targets, weights)
        return rest

    def numbers(self) -> dict[str, float]:
        """What the schedules of the optimizer have given for the last update."""
        return {f"optimizer.{field}": getattr(self._updates.optimizer, field) for field in self._schedules}

    def _step(self, epoch: int, batch: Batch, score: Score | None) -> None:
        network, (inputs, targets, weights) = self._network, batch
        network.step += 1
        prediction, ctx = network.forward(inputs), network.loss_context
        value = 0.0 if score is None else score.add(ctx, self._predictions.keep(prediction), targets, weights)
        self._back(prediction, batch)
        squared = float(network.gradient.dot(network.gradient))
        if not (isfinite(squared) and isfinite(value)):
            # Only gradients beyond the square root of the largest number come here, or a loss that is not finite.
            value = self._task.loss.weighted_value(ctx, prediction, targets, weights)
            if not (isfinite(value) and all_finite(network.gradient)):
                raise self._stopped_by(value, epoch)
        self._norms.append(sqrt(squared) if isfinite(squared) else norm(network.gradient))
        if self._task.clipping is not None:
            self._task.clipping.clip(network.gradient, self._parts, np)
        if self._schedules:
            moment = self._task.moment(network.step)
            self._updates.optimizer = self._task.optimizer.at(moment, self.reactions.states)
        if not self._updates.move(network.step):
            self._back(network.forward(inputs), batch)  # the optimizer may have written over the gradient
            self._norms.pop()
            first = parameter_at(self._plan, self._updates.lost)
            raise self._diverged("the update would leave a weight that is not finite", first, epoch)

    def _back(self, prediction: Array, batch: Batch) -> None:
        _, targets, weights = batch
        gradient = self._task.loss.weighted_gradient(self._network.loss_context, prediction, targets, weights)
        self._network.backward(gradient)

    def _stopped_by(self, value: float, epoch: int) -> DivergenceError:
        """The error of a loss, or of a gradient, that is not finite; the weights are those before it."""
        if isfinite(value):
            first = first_gradient(self._plan, self._weights.views(self._network.gradient))
            error = self._diverged("a gradient is not finite", first, epoch)
        else:
            error = self._diverged(f"the loss became {value}", first_output(self._plan, self._network.outputs), epoch)
        self._updates.undo()
        return error

    def _diverged(self, what: str, first: str, epoch: int) -> DivergenceError:
        gradients = self._weights.views(self._network.gradient)
        sizes = {
            f"{step.name}.{name}": float(np.max(np.abs(array), initial=0.0))
            for step, views in zip(self._plan.steps, gradients, strict=True)
            for name, array in views.items()
        }
        # NaN outranks every number: it is where the trouble is.
        worst = max(sizes.items(), key=lambda item: (np.isnan(item[1]), item[1]), default=None)
        told = "there are no parameters"
        if worst is not None:
            norms = [*self._norms, norm(self._network.gradient)][-LAST:]
            told = f"the largest gradient is {worst[1]:.3g}, in {worst[0]}; {in_words(norms)}"
        where = f"training diverged at epoch {epoch}, step {self._network.step}"
        message = f"{where}: {what}, first in {first}; {told}"
        help = "try a smaller learning rate, and inputs and targets that are scaled"
        return DivergenceError(Finding("SN520", message, ("training",), help))
