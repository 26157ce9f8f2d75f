"""Optimizers, engines and what they are given: what training is made of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from specnet.component.base import Component
from specnet.component.schedule import Moment, Schedule

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.measures import Loss, Metric
    from specnet.plan import Plan
    from specnet.streams import Streams
    from specnet.weights import Weights


class Optimizer(Component):
    """A rule that moves one flat vector of parameters along one flat vector of gradients."""

    kind: ClassVar[str] = "optimizer"
    slots: ClassVar[tuple[str, ...]] = ()
    """Names of the vectors of state, each as long as the parameters and 0 at first."""

    @abstractmethod
    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        """Moves `parameters` in place at step 1, 2, ...; may overwrite `gradients` and `state`.

        It is called with pieces of the vectors that fit the cache, so each element must be moved by itself.
        """

    @property
    def schedules(self) -> dict[str, Schedule]:
        """The schedules that stand in the place of numbers, by the name of their field."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, Schedule)}

    def at(self, moment: Moment) -> Self:
        """The optimizer with each schedule replaced by its number of that moment; an engine updates with this one."""
        numbers = {name: schedule.at(moment) for name, schedule in self.schedules.items()}
        return self.model_copy(update=numbers) if numbers else self


@dataclass(frozen=True, slots=True)
class Split:
    """Rows in the units and the dtype of the net: inputs (rows, columns) and targets (rows, outputs)."""

    inputs: Array
    targets: Array

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, slots=True)
class Watch:
    """A column of the history that is looked at more often than it is logged: `part.name`, each `every` epochs."""

    part: str
    name: str
    every: int

    @property
    def column(self) -> str:
        """Such as `validation.loss`."""
        return f"{self.part}.{self.name}"


@dataclass(frozen=True, slots=True)
class TrainingTask:
    """Everything that an engine needs besides the plan and the weights."""

    train: Split
    test: Split | None
    loss: Loss
    metrics: tuple[Metric, ...]
    optimizer: Optimizer
    epochs: int
    batch_rows: int
    shuffle: bool
    log_every: int
    streams: Streams
    stop: Callable[[], bool] = field(default=lambda: False)
    """Asked after each batch; training ends there when it says so."""
    validation: Split | None = None
    watch: Watch | None = None
    """The column by which who leads the engine decides whether to go on."""

    @property
    def steps_per_epoch(self) -> int:
        """The batches of an epoch, each of which is followed by an update."""
        return -(-len(self.train) // self.batch_rows)

    def moment(self, step: int) -> Moment:
        """When the update `step` is made, counted from 1."""
        return Moment(step, self.epochs * self.steps_per_epoch, self.steps_per_epoch)

    @property
    def splits(self) -> dict[str, Split]:
        """The parts that have rows, in the order of their columns."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {part: split for part, split in parts.items() if split is not None}

    def watches(self, epoch: int) -> bool:
        """True for the epochs whose watched column is told: each `every`-th and the last."""
        return self.watch is not None and (epoch % self.watch.every == 0 or epoch == self.epochs)

    def logs(self, epoch: int) -> bool:
        """True for the epochs that go into the history: the first, each `log_every`-th and the last."""
        return epoch in (1, self.epochs) or epoch % self.log_every == 0

    def measures(self, epoch: int) -> tuple[str, ...]:
        """The parts that are measured in an epoch: all where it is logged, else the one that is watched."""
        if self.logs(epoch):
            return tuple(self.splits)
        return (self.watch.part,) if self.watch is not None and self.watches(epoch) else ()


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch that has ended; `values` are its columns of the history, empty where it is not logged.

    The train columns are those of the predictions made during the epoch, those of other parts come after it. For each
    schedule of the optimizer there is `optimizer.FIELD`, the number that the last update of the epoch has used.
    """

    number: int
    values: Mapping[str, float] = field(default_factory=dict)
    watched: float | None = None
    """The value of the watched column, None where `task.watches` says that nobody looks."""


class Engine(Component):
    """Runs a plan. It knows components by their protocols, and none by name."""

    kind: ClassVar[str] = "engine"

    dtype: Literal["float64", "float32"] = "float64"
    """The type of parameters, activations and gradients; scalers are always fitted in float64."""

    @property
    def itemsize(self) -> int:
        """The bytes of one number."""
        return {"float64": 8, "float32": 4}[self.dtype]

    @abstractmethod
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        """Trains `weights` in place; yields each logged epoch as it ends, and others now and then to show progress.

        Each update is made by `task.optimizer.at(task.moment(step))`. Where the task watches a column, each epoch that
        `task.watches` is yielded with its value, and `weights` then are those of its end; whoever leads the engine may
        ask for no more epochs.

        Raises DivergenceError within one batch of a loss, gradient or weight that is not finite, with the
        last finite weights in `weights`.
        """

    @abstractmethod
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        """(rows, outputs) for (rows, columns), in the units of the net, in memory that does not grow with rows."""

    @abstractmethod
    def evaluate(
        self, plan: Plan, weights: Weights, split: Split, loss: Loss, metrics: tuple[Metric, ...]
    ) -> dict[str, float]:
        """`loss` and each metric over all rows of the split."""

    @abstractmethod
    def silent_units(self, plan: Plan, weights: Weights, inputs: Array) -> dict[str, tuple[int, int]]:
        """For each hidden step (units whose output is the same for every row, all units)."""
