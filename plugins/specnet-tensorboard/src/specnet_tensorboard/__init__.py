"""Event files for TensorBoard, in the folder `tensorboard` of each run directory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from specnet.api import hookimpl

if TYPE_CHECKING:
    from specnet.api import LoggedEpoch, RunEnd, TrackedRun
    from specnet_tensorboard.events import Events

SPECNET_API = 1

_OPEN: WeakKeyDictionary[TrackedRun, Events] = WeakKeyDictionary()
"""The event file of each run that goes on: several may, in threads."""


@hookimpl
def specnet_run_started(run: TrackedRun) -> None:
    """Opens the event file, and begins it with what is trained."""
    from specnet_tensorboard.events import Events  # imports protobuf and tensorboardX, which only a tracked run needs

    events = _OPEN[run] = Events(run.path / "tensorboard")
    rows = {f"{part} rows": count for part, count in run.rows.items()}
    facts = {"seed": run.seed, "parameters": run.parameters, **rows}
    events.text("spec", f"```json\n{json.dumps(run.spec, indent=2, default=dict)}\n```")  # dict: it is read-only
    events.text("run", _table({"name": run.name, "started": run.started.isoformat(timespec="seconds"), **facts}))
    events.flush()


@hookimpl
def specnet_epoch_ended(run: TrackedRun, epoch: LoggedEpoch) -> None:
    """Adds a point to each curve."""
    _OPEN[run].scalars(epoch.number, epoch.values)


@hookimpl
def specnet_run_ended(run: TrackedRun, end: RunEnd) -> None:
    """Says how it ended, and closes the file."""
    verdicts = {f"expect {v.what}": "passed" if v.passed else "FAILED" for v in end.verdicts}
    events = _OPEN.pop(run)
    events.text("end", _table({"status": end.status, "seconds": f"{end.seconds:.1f}", **end.metrics, **verdicts}))
    events.close()


def _table(rows: dict[str, object]) -> str:
    """Markdown, which TensorBoard shows as a table."""
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])
