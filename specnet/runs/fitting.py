"""Fitting: the engine led through a task, and what its epochs have left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from specnet.component.task import TrainingTask
from specnet.errors import DataError, DivergenceError, Finding
from specnet.runs.early_stopping import Patience, watch_of

if TYPE_CHECKING:
    from specnet.arrays import Array, Index
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.records import Status
    from specnet.runs.early_stopping import Ending
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


def task_of(spec: Spec, prepared: Prepared, streams: Streams, stop: Callable[[], bool]) -> TrainingTask:
    """The training section of a spec, with the rows in the units and the dtype of the net.

    Raises DataError SN518 for targets that the loss does not take.
    """
    dtype, training = spec.engine.dtype, spec.training
    splits = {part: prepared.split(index, dtype) for part, index in prepared.parts.items() if len(index)}
    for part, split in splits.items():
        if wrong := spec.loss.wrong_target(split.targets, np):
            row, why = wrong
            message = f"row {prepared.parts[part][row] + 1} of the data is no target of {spec.loss.type}: {why}"
            raise DataError(Finding("SN518", message, ("dataset",), "other target columns, or another loss"))
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
    )


def fit(spec: Spec, plan: Plan, weights: Weights, task: TrainingTask, seen: Watcher) -> Fitted:
    """Trains `weights`; a divergence is kept in the result, because what came before it is worth saving."""
    rows: list[dict[str, float]] = []
    status: Status = "finished"
    error = None
    last, stopped = 0, False
    patience = None if spec.early_stopping is None else Patience(spec.early_stopping, weights)
    try:
        for epoch in spec.engine.train(plan, weights, task):
            last = epoch.number
            if epoch.values:
                rows.append({"epoch": epoch.number, **epoch.values})
            seen.epoch(epoch)
            if patience is not None and patience.ends(epoch):
                stopped = True
                break
    except DivergenceError as divergence:
        status, error = "diverged", divergence
    if error is None and last < task.epochs and not stopped:
        status = "interrupted"
    ending = None if patience is None else patience.close(last, stopped, restore=error is None)
    columns = ["epoch", *spec.history_columns()]
    history = {name: history_column(name, [row[name] for row in rows]) for name in columns}
    metrics = _metrics(spec, plan, weights, task)
    silent = spec.engine.silent_units(plan, weights, task.train.inputs)
    return Fitted(status, history, metrics, last, silent, error, ending)


def _metrics(spec: Spec, plan: Plan, weights: Weights, task: TrainingTask) -> dict[str, float]:
    return {
        f"{part}.{name}": value
        for part, split in task.splits.items()
        for name, value in spec.engine.evaluate(plan, weights, split, spec.loss, spec.metrics).items()
    }


def history_column(name: str, values: Sequence[float]) -> Array | Index:
    """The values of a column of the history: whole numbers for `epoch`, floats for the rest."""
    return np.array(values, np.int64) if name == "epoch" else np.array(values, np.float64)
