"""Fitting: the engine led through a task, and what its epochs have left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from specnet.component.task import Position, TrainingTask
from specnet.errors import DataError, DivergenceError, Finding
from specnet.inspection import unfit
from specnet.runs.divergence import explained
from specnet.runs.early_stopping import Patience, watch_of

if TYPE_CHECKING:
    from specnet.arrays import Array, Index
    from specnet.component import Loss
    from specnet.component.task import Epoch, Split
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.records import Status
    from specnet.runs.checkpoint import Checkpoint
    from specnet.runs.early_stopping import Ending
    from specnet.runs.keeping import Keeper
    from specnet.runs.watcher import Watcher
    from specnet.spec import Spec
    from specnet.streams import Streams
    from specnet.weights import Weights


@dataclass(frozen=True)
class Fitted:
    """How training ended, and what was seen of it; `error` is set when it diverged."""

    status: Status
    history: dict[str, Array | Index]
    metrics: dict[str, float]
    epochs: int
    silent_units: dict[str, tuple[int, int]]
    error: DivergenceError | None = None
    early_stopping: Ending | None = None
    """How it went, where the spec has an `[early_stopping]`."""


def task_of(
    spec: Spec, prepared: Prepared, streams: Streams, stop: Callable[[], bool], start: Position | None = None
) -> TrainingTask:
    """The training section of a spec, with the rows in the units and the dtype of the net.

    Raises DataError SN518 for targets that the loss does not take.
    """
    dtype, training = spec.engine.dtype, spec.training
    splits = {part: prepared.split(index, dtype) for part, index in prepared.parts.items() if len(index)}
    for wrong in unfit(spec, prepared, splits):
        raise DataError(wrong)
    for part, split in splits.items():
        if fault := weights_fault(spec.loss, split, part):
            raise DataError(fault)
    return TrainingTask(
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        loss=spec.loss,
        metrics=spec.metrics,
        optimizer=spec.optimizer,
        epochs=training.epochs,
        batch_rows=training.batch_rows(len(prepared.train)),
        shuffle=training.shuffle,
        log_every=training.log_every,
        streams=streams,
        stop=stop,
        watch=watch_of(spec.early_stopping),
        clipping=spec.gradient_clipping,
        start=start or Position(),
        save_every=None if spec.checkpoint is None else spec.checkpoint.every_epochs,
    )


def weights_fault(loss: Loss, split: Split, part: str) -> Finding | None:
    """SN521 where the rows have weights that the loss cannot use, or of which nothing is left to be measured."""
    if split.weights is None:
        return None
    if not loss.by_rows:
        message = f"the rows have weights, and {loss.type} says no loss of single rows that they could weigh"
        return Finding("SN521", message, ("loss",), "another loss, or a dataset without weights")
    if not (split.weights > 0).any():
        return Finding(
            "SN521", f"no row of {part} has a weight above 0", ("dataset",), "other weights, or another split"
        )
    return None


def fit(
    spec: Spec,
    plan: Plan,
    weights: Weights,
    task: TrainingTask,
    seen: Watcher,
    keeper: Keeper,
    before: Checkpoint | None = None,
) -> Fitted:
    """Trains `weights`, from `before` on; a divergence is kept in the result, because what came before is worth saving.

    Raises ArtifactError when a checkpoint cannot be saved.
    """
    course, begun = _Course(spec, weights, task, before), weights.flat.copy()
    status: Status = "finished"
    error = None
    try:
        if not course.stopped:
            course.follow(spec.engine.train(plan, weights, task), seen, keeper)
    except DivergenceError as divergence:
        status, error = "diverged", explained(divergence, plan, begun, task)
    if error is None and course.unfinished:
        status = "interrupted"
    ending = course.close(restore=error is None)
    metrics = _metrics(spec, plan, weights, task)
    silent = spec.engine.silent_units(plan, weights, task.train.inputs)
    return Fitted(status, course.columns(), metrics, course.last, silent, error, ending)


class _Course:
    """How far training has come, with the history and the looks up to there."""

    def __init__(self, spec: Spec, weights: Weights, task: TrainingTask, before: Checkpoint | None) -> None:
        self._names = ["epoch", *spec.history_columns()]
        self._task = task
        self._rows: list[dict[str, float]] = []
        self.last = 0
        self._patience = None if spec.early_stopping is None else Patience(spec.early_stopping, weights)
        if before is not None:
            self._take_up(before)
        self.stopped = self._patience is not None and self._patience.over

    @property
    def unfinished(self) -> bool:
        """True when epochs are to come."""
        return self.last < self._task.epochs and not self.stopped

    def follow(self, epochs: Iterable[Epoch], seen: Watcher, keeper: Keeper) -> None:
        """To the end, or to where the engine was told to stop; what an engine yields then is no new epoch."""
        epoch = None
        for epoch in epochs:
            if epoch.number <= self.last:
                continue
            self.last = epoch.number
            if epoch.values:
                self._rows.append({"epoch": epoch.number, **epoch.values})
            seen.epoch(epoch)
            if self._patience is not None and self._patience.ends(epoch):
                self.stopped = True
                break
            keeper.ended(epoch, self._patience, self.columns)
        if epoch is not None:
            keeper.stopped(epoch, self._patience, self.columns, self.unfinished)

    def columns(self) -> dict[str, Array | Index]:
        """The history so far."""
        return {name: history_column(name, [row[name] for row in self._rows]) for name in self._names}

    def close(self, restore: bool) -> Ending | None:
        """The ending of early stopping."""
        return None if self._patience is None else self._patience.close(self.last, self.stopped, restore)

    def _take_up(self, before: Checkpoint) -> None:
        """The history and the looks of a checkpoint; the row of what was the last epoch may be none of a longer run."""
        self.last = before.epoch
        rows = zip(*(before.history[name].tolist() for name in self._names), strict=True)
        self._rows = [dict(zip(self._names, row, strict=True)) for row in rows if self._task.logs(int(row[0]))]
        if self._patience is not None and before.looks is not None:
            self._patience.restore(before.looks, before.best)


def _metrics(spec: Spec, plan: Plan, weights: Weights, task: TrainingTask) -> dict[str, float]:
    return {
        f"{part}.{name}": value
        for part, split in task.splits.items()
        for name, value in spec.engine.evaluate(plan, weights, split, spec.loss, spec.metrics).items()
    }


def history_column(name: str, values: Sequence[float]) -> Array | Index:
    """The values of a column of the history: whole numbers for `epoch`, floats for the rest."""
    return np.array(values, np.int64) if name == "epoch" else np.array(values, np.float64)
