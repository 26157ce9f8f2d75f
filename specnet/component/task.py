"""What an engine is given and what it tells: the rows, the task, an epoch that has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specnet.component.schedule import Moment
from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.clipping import GradientClipping
    from specnet.component.measures import Loss, Metric
    from specnet.component.training import Optimizer
    from specnet.streams import Streams


@dataclass(frozen=True, slots=True)
class Split:
    """Rows in the units and the dtype of the net: inputs (rows, columns) and targets (rows, columns)."""

    inputs: Array
    targets: Array
    weights: Array | None = None
    """How much each row counts in the loss, (rows,), which is sum(w l) / sum(w); metrics count all rows alike."""

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
class Position:
    """Where training stands between two updates: with the weights and buffers of that moment, all it needs to go on."""

    step: int = 0
    """The updates that were made; whatever is left of the division by the steps of an epoch lies within the next."""
    state: Mapping[str, Array] = field(default_factory=dict)
    """Arrays of float32 or float64 under names of the engine's own, good until it goes on."""

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Copies the state into arrays of its names. Raises ArtifactError SN609 where it is another optimizer's."""
        for name, array in arrays.items():
            given = self.state.get(name)
            if given is None or given.shape != array.shape or given.dtype != array.dtype:
                message = (
                    f"the training that was stored does not fit the spec: {name!r} is missing or has another shape"
                )
                raise ArtifactError(Finding("SN609", message))
            array[:] = given


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
    """Asked before each batch; training ends there when it says so. An engine whose batches take microseconds may ask
    fewer times in epochs that nobody measures, if that is still some dozen times a second."""
    validation: Split | None = None
    watch: Watch | None = None
    """The column by which who leads the engine decides whether to go on."""
    clipping: GradientClipping | None = None
    """What is done to finite gradients before anything else is."""
    start: Position = field(default_factory=Position)
    """Where training goes on, once the weights and buffers of that moment are in their place."""
    save_every: int | None = None
    """The epochs between two that are yielded because they will be saved."""
    reacts: tuple[str, ...] = field(init=False, default=())
    """The columns that schedules of the optimizer watch, in each epoch."""

    def __post_init__(self) -> None:
        watched = (schedule.watches() for schedule in self.optimizer.schedules.values())
        object.__setattr__(self, "reacts", tuple(column for column in watched if column is not None))

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

    def saves(self, epoch: int) -> bool:
        """True for each `save_every`-th epoch."""
        return self.save_every is not None and epoch % self.save_every == 0

    def logs(self, epoch: int) -> bool:
        """True for the epochs that go into the history: the first, each `log_every`-th and the last."""
        return epoch in (1, self.epochs) or epoch % self.log_every == 0

    def measures(self, epoch: int) -> tuple[str, ...]:
        """The parts that are measured in an epoch: all where it is logged, else those that are watched."""
        if self.logs(epoch):
            return tuple(self.splits)
        watched = (self.watch.part,) if self.watch is not None and self.watches(epoch) else ()
        if not self.reacts:
            return watched
        parts = {*watched, *(column.partition(".")[0] for column in self.reacts)}
        return tuple(part for part in self.splits if part in parts)


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
    position: Position = field(default_factory=Position)
    """Where training stands; beyond the end of the epoch only in the last that is yielded when training was stopped."""
