"""The loop: whole intervals of steps in compiled code, and what is to be told of them in Python."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import isfinite
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.api import ArtifactError, DivergenceError, Epoch, Finding, Optimizer, Position
from specnet_jit.feeding import Feed, Feeder
from specnet_jit.measuring import Predictor, Score
from specnet_jit.program import compiled, training_program
from specnet_jit.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.api import Plan, TrainingTask, Weights

Array = np.ndarray[Any, np.dtype[Any]]
TELL_EVERY = 0.05
"""Seconds between two epochs that are told though they are not logged."""
LEAVE = 0.02
"""About the seconds after which compiled code comes back, to see whether it is to stop."""
_PREDICTIONS = "predictions"
_STEPS, _ANYHOW, _GRADIENT = range(3)
"""What compiled code is asked for: updates, an update whatever the gradient is, or the gradient alone."""


def quiet() -> np.errstate:
    """Without NumPy's warnings of overflow: what is not finite is found by the loop."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def train(plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
    """Trains in place and yields the epochs worth telling; see `specnet.api.Engine.train`."""
    trainer = _Trainer(plan, weights, task)
    number = task.start.step // task.steps_per_epoch
    while number < task.epochs:
        with quiet():
            number, score = trainer.run(number + 1)
        if trainer.stopped:
            yield Epoch(number, position=trainer.position)
            return
        values = {} if score is None else _columns("train", score.values())
        for part in task.measures(number):
            if part != "train":
                with quiet():
                    values |= _columns(part, trainer.measured(part))
        watched = values[task.watch.column] if task.watch is not None and task.watches(number) else None
        yield Epoch(number, values | trainer.numbers() if task.logs(number) else {}, watched, trainer.position)


def _columns(part: str, values: dict[str, float]) -> dict[str, float]:
    return {f"{part}.{name}": value for name, value in values.items()}


class _Trainer:
    """One compiled net in training."""

    def __init__(self, plan: Plan, weights: Weights, task: TrainingTask) -> None:
        self._plan = plan
        self._weights = weights
        self._task = task
        dtype = str(weights.flat.dtype)
        self._program = training_program(plan, task.loss, task.optimizer, dtype)
        self._module = compiled(self._program)
        self._predictor = Predictor(plan, weights.flat)
        self._state = State(plan, weights, task)
        self._feeder = Feeder(task)
        self._table = self._program.products
        self._scratch = np.zeros(self._program.room, weights.flat.dtype)
        self._compiles_rule = self._program.has_rule and task.clipping is None
        self._schedules = task.optimizer.schedules
        self._optimizer: Optimizer = task.optimizer
        self._chunk = 1
        self._step = task.start.step
        self._kept: list[Array] = []
        self.stopped = False
        """True once the task has said so; then the last step is complete."""
        if self._step:
            task.start.restore(self._state.stored())

    @property
    def position(self) -> Position:
        """Where training stands; its arrays are those that training goes on with."""
        within = self._step % self._task.steps_per_epoch > 0
        kept = {_PREDICTIONS: np.concatenate(self._kept)} if within and self._kept else {}
        return Position(self._step, {**self._state.stored(), **kept})

    def measured(self, part: str) -> dict[str, float]:
        """`loss` and each metric over the rows of a part."""
        return self._predictor.measured(self._task.splits[part], self._score())

    def numbers(self) -> dict[str, float]:
        """What the schedules of the optimizer have given for the last update."""
        moment = self._task.moment(self._step)
        return {f"optimizer.{field}": schedule.at(moment) for field, schedule in self._schedules.items()}

    def run(self, first: int) -> tuple[int, Score | None]:
        """Epochs from `first` on, to the next that is logged, watched, saved or took long enough, or to a stop.

        Gives the last that has ended, and its score if one is asked for.
        """
        task, until, number = self._task, monotonic() + TELL_EVERY, first
        while True:
            score = self._score() if "train" in task.measures(number) else None
            if score is not None:
                self._scored(number, score)
            elif task.steps_per_epoch == 1:
                number = self._epochs(number)
            else:
                self._plain(number)
            if self.stopped:
                return self._step // task.steps_per_epoch, None
            if number == task.epochs or self._tells(number) or monotonic() >= until:
                return number, score
            number += 1

    def _tells(self, number: int) -> bool:
        task = self._task
        return "train" in task.measures(number) or task.watches(number) or task.saves(number)

    def _score(self) -> Score:
        return Score(self._task.loss, self._task.metrics, self._weights.flat.dtype)

    def _epochs(self, first: int) -> int:
        """Epochs of one batch each, without coming back between them; gives the last."""
        task, last = self._task, first
        while last < task.epochs and last - first + 1 < self._chunk:
            if self._tells(last) or "train" in task.measures(last + 1):
                break
            last += 1
        (feed,) = self._feeder.of(first, 0)
        self._steps(feed, last - first + 1, 0)
        return self._step if self._step >= first else first

    def _plain(self, epoch: int) -> None:
        """The rest of an epoch of several batches whose predictions nobody wants."""
        task = self._task
        self._kept = []
        done = self._step - (epoch - 1) * task.steps_per_epoch
        for feed in self._feeder.of(epoch, done):
            lo, batches = feed.lo, -(-(feed.hi - feed.lo) // task.batch_rows)
            while batches and not self.stopped:
                count = min(self._chunk, batches)
                self._steps(feed._replace(lo=lo), count, task.batch_rows)
                lo += count * task.batch_rows
                batches -= count
            if self.stopped:
                return

    def _scored(self, epoch: int, score: Score) -> None:
        """The rest of an epoch, batch by batch, each predicted before its update."""
        task = self._task
        done = self._step - (epoch - 1) * task.steps_per_epoch
        self._kept = []
        self._again(epoch, done, score)
        for feed in self._feeder.of(epoch, done):
            for lo in range(feed.lo, feed.hi, task.batch_rows):
                hi = min(lo + task.batch_rows, feed.hi)
                if task.stop():
                    self.stopped = True
                    return
                prediction = self._predictor.rows(feed.x, feed.stride, lo, hi)
                if task.steps_per_epoch > 1:
                    self._kept.append(prediction)
                value = score.add(prediction, feed.targets[lo:hi])
                batch = feed._replace(lo=lo, hi=hi)
                if not isfinite(value):
                    self._gradient(batch)
                    raise self._lost(batch, value)
                self._made(batch, 1, 0)

    def _again(self, epoch: int, done: int, score: Score) -> None:
        """Scores what was predicted before a break. Raises ArtifactError SN609 when that was not stored."""
        if not done:
            return
        stored = self._task.start.state.get(_PREDICTIONS)
        rows = done * self._task.batch_rows
        if stored is None or len(stored) < rows:
            message = "the training that was stored does not fit the spec: it lacks predictions of the epoch"
            raise ArtifactError(Finding("SN609", message))
        begin = 0
        for targets in islice(self._batches(epoch), done):
            prediction = np.asfortranarray(stored[begin : begin + len(targets)])
            self._kept.append(prediction)
            score.add(prediction, targets)
            begin += len(targets)

    def _batches(self, epoch: int) -> Iterator[Array]:
        for feed in self._feeder.of(epoch, 0):
            for lo in range(feed.lo, feed.hi, self._task.batch_rows):
                yield feed.targets[lo : min(lo + self._task.batch_rows, feed.hi)]

    def _steps(self, feed: Feed, count: int, advance: int) -> None:
        """Steps on batches that follow each other, unless the task says stop; learns how many fit its patience."""
        if self._task.stop():
            self.stopped = True
            return
        begin = perf_counter()
        self._made(feed, count, advance)
        taken = perf_counter() - begin
        if taken < LEAVE / 2:
            self._chunk *= 2
        elif taken > LEAVE:
            self._chunk = max(1, self._chunk // 2)

    def _made(self, feed: Feed, count: int, advance: int) -> None:
        """So many updates. Raises DivergenceError."""
        if not self._compiles_rule:
            for k in range(count):
                lo = feed.lo + k * advance
                self._moved(feed._replace(lo=lo, hi=min(lo + self._task.batch_rows, feed.hi)))
            return
        done, mode = 0, _STEPS
        while done < count:
            rest = count - done if mode == _STEPS else 1
            made, fault = self._compiled(feed._replace(lo=feed.lo + done * advance), rest, advance, mode)
            self._step += made
            done += made
            mode = _STEPS
            if fault:
                lo = feed.lo + done * advance
                batch = feed._replace(lo=lo, hi=min(lo + self._task.batch_rows, feed.hi))
                self._step += 1
                if fault == 2:
                    raise self._left(batch)
                self._suspect(batch)
                self._step -= 1
                mode = _ANYHOW

    def _compiled(self, feed: Feed, count: int, advance: int, mode: int) -> tuple[int, int]:
        state = self._state
        table = [
            [schedule.at(self._task.moment(self._step + k + 1)) for schedule in self._schedules.values()]
            for k in range(count)
        ]
        done: tuple[int, int] = self._module.steps(
            self._weights.flat, state.gradients, state.before, state.memory, state.decays, feed.x, feed.y,
            feed.stride, feed.stride, feed.lo, feed.hi, advance, self._task.batch_rows, self._scratch,
            self._table, np.array(table, np.float64).reshape(-1), self._step, count, mode,
        )  # fmt: skip
        return done

    def _moved(self, feed: Feed) -> None:
        """One update by the optimizer's own Python."""
        self._gradient(feed)
        self._step += 1
        if not isfinite(float(self._state.gradients.dot(self._state.gradients))):
            self._suspect(feed)
        if self._schedules:
            self._optimizer = self._task.optimizer.at(self._task.moment(self._step))
        if not self._state.move(self._optimizer, self._step):
            raise self._left(feed)

    def _gradient(self, feed: Feed) -> None:
        """The gradient of a batch, and no update."""
        if self._program.has_rule:
            self._compiled(feed, 1, 0, _GRADIENT)
            return
        self._module.gradient(
            self._weights.flat, self._state.gradients, feed.x, feed.y, feed.stride, feed.stride, feed.lo, feed.hi,
            self._scratch, self._table,
        )  # fmt: skip

    def _suspect(self, feed: Feed) -> None:
        """Raises DivergenceError unless the gradients are only so large that their squares are not finite."""
        prediction = self._predictor.rows(feed.x, feed.stride, feed.lo, feed.hi)
        value = self._score().add(prediction, feed.targets[feed.lo : feed.hi])
        if not (isfinite(value) and np.isfinite(self._state.gradients).all()):
            self._step -= 1
            raise self._lost(feed, value)

    def _lost(self, _feed: Feed, value: float) -> DivergenceError:
        self._step += 1
        self._state.undo()
        return self._diverged("a gradient is not finite" if isfinite(value) else f"the loss became {value}")

    def _left(self, feed: Feed) -> DivergenceError:
        self._gradient(feed)  # the optimizer may have written over it
        return self._diverged("the update would leave a weight that is not finite")

    def _diverged(self, what: str) -> DivergenceError:
        sizes = self._sizes()
        # NaN outranks every number: it is where the trouble is.
        worst = max(sizes.items(), key=lambda item: (np.isnan(item[1]), item[1]), default=None)
        largest = f"the largest gradient is {worst[1]:.3g}, in {worst[0]}" if worst else "there are no parameters"
        epoch = -(-self._step // self._task.steps_per_epoch)
        message = f"training diverged at epoch {epoch}, step {self._step}: {what}; {largest}"
        help = "try a smaller learning rate, and inputs and targets that are scaled"
        return DivergenceError(Finding("SN520", message, ("training",), help))

    def _sizes(self) -> Mapping[str, float]:
        gradients = self._weights.views(self._state.whole_gradient)
        return {
            f"{step.name}.{name}": float(np.max(np.abs(array), initial=0.0))
            for step, views in zip(self._plan.steps, gradients, strict=True)
            for name, array in views.items()
        }
