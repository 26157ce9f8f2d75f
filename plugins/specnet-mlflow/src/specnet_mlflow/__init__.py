"""A run of MLflow for each run of specnet: parameters, metrics by epoch, tags and how it ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from specnet.api import hookimpl

if TYPE_CHECKING:
    from specnet.api import LoggedEpoch, RunEnd, TrackedRun
    from specnet_mlflow.store import StoredRun

SPECNET_API = 1

_OPEN: WeakKeyDictionary[TrackedRun, StoredRun] = WeakKeyDictionary()
"""What the store holds of each run that goes on: several may, in threads."""
_STATUS = {"finished": "FINISHED", "diverged": "FAILED", "interrupted": "KILLED"}


@hookimpl
def specnet_run_started(run: TrackedRun) -> None:
    """Creates the run in the store, with the resolved spec as its parameters."""
    from specnet_mlflow.store import StoredRun, flat  # imports MLflow, which takes seconds

    counts = {"parameters": run.parameters, **{f"{part}_rows": rows for part, rows in run.rows.items()}}
    tags = {f"specnet.{name}": str(value) for name, value in {"path": run.path.resolve(), **counts}.items()}
    stored = _OPEN[run] = StoredRun(run.name, run.path.name, run.started, tags)
    stored.parameters(flat(run.spec))


@hookimpl
def specnet_epoch_ended(run: TrackedRun, epoch: LoggedEpoch) -> None:
    """Logs the columns of the history, with the epoch as the step."""
    _OPEN[run].metrics(epoch.values, epoch.number, time.time())


@hookimpl
def specnet_run_ended(run: TrackedRun, end: RunEnd) -> None:
    """Logs the metrics at the end, the verdicts and the status."""
    stored = _OPEN.pop(run)
    stored.metrics({f"end.{name}": value for name, value in end.metrics.items()}, 0, time.time())
    verdicts = {f"specnet.expect.{v.what}": "passed" if v.passed else "FAILED" for v in end.verdicts}
    stored.end(_STATUS[end.status], {"specnet.status": end.status, **verdicts})
