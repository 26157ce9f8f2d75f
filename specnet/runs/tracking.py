"""Tracking: the run hooks of the plugins that were asked for, called while a run goes on and never at its cost."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from specnet.errors import Finding
from specnet.records import LoggedEpoch, RunEnd, numbers
from specnet.runs.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from specnet.component.task import Epoch, TrainingTask
    from specnet.records import TrackedRun
    from specnet.registry import Plugin, Registry
    from specnet.runs.result import Run
    from specnet.spec import Spec


def trackers(names: Registry, track: Iterable[str]) -> list[Plugin]:
    """The plugins of the namespaces in `SPECNET_TRACK=a,b` and in `track`, each once.

    Raises UsageError for one that is not installed (SN205), unusable (SN210) or tracks nothing (SN207).
    """
    listed = filter(None, map(str.strip, os.environ.get("SPECNET_TRACK", "").split(",")))
    return [names.tracker(namespace) for namespace in dict.fromkeys([*listed, *track])]


class Tracking(Watcher):
    """Tells the trackers; one that raises is warned of by `seen`, and not called again.

    KeyboardInterrupt goes on: it is the user's second Ctrl-C, while a tracker was waiting for something.
    """

    def __init__(self, names: Registry, trackers: list[Plugin], run: TrackedRun, epochs: int, seen: Watcher) -> None:
        self._names = names
        self._trackers = list(trackers)
        self._run = run
        self._epochs = epochs
        self._seen = seen
        self._begun = time.monotonic()

    def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
        self._tell("specnet_run_started")

    def epoch(self, epoch: Epoch) -> None:
        if epoch.values:
            logged = LoggedEpoch(epoch.number, self._epochs, numbers(epoch.values))
            self._tell("specnet_epoch_ended", epoch=logged)

    def finished(self, run: Run) -> None:
        seconds = time.monotonic() - self._begun
        self._tell("specnet_run_ended", end=RunEnd(run.status, numbers(run.metrics), run.verdicts, seconds))

    def warned(self, finding: Finding) -> None:
        """Is no news for trackers."""

    def _tell(self, hook: str, **news: LoggedEpoch | RunEnd) -> None:
        for plugin in list(self._trackers):
            try:
                self._names.hook(plugin, hook)(run=self._run, **news)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # SystemExit and the like: a tracker does not decide about the run
                self._trackers.remove(plugin)
                said = f"tracker {plugin.namespace!r} ({plugin}) failed in {hook} and is not called again: "
                message = said + f"{type(error).__name__}: {error}"
                self._seen.warned(Finding("SN509", message, severity="warning"))
