"""The hooks that specnet calls, and the marker that a plugin puts on its implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from specnet.component import Component
    from specnet.records import LoggedEpoch, RunEnd, TrackedRun

hookspec = pluggy.HookspecMarker("specnet")
hookimpl = pluggy.HookimplMarker("specnet")

RUN_HOOKS = ("specnet_run_started", "specnet_epoch_ended", "specnet_run_ended")
"""What makes a plugin a tracker: at least one of these."""


@hookspec
def specnet_components() -> list[type[Component]]:  # type: ignore[empty-body]  # pluggy calls the implementations
    """The component classes that this plugin offers."""


@hookspec
def specnet_run_started(run: TrackedRun) -> None:
    """The run directory is there, and training begins."""


@hookspec
def specnet_epoch_ended(run: TrackedRun, epoch: LoggedEpoch) -> None:
    """An epoch that is logged has ended; of the others nothing is told."""


@hookspec
def specnet_run_ended(run: TrackedRun, end: RunEnd) -> None:
    """The run directory is complete; also after an interruption or a divergence."""
