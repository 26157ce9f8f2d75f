"""Watcher: what a run tells while it goes on, step by step of the lesson."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from specnet.component import Data
    from specnet.component.task import Epoch, TrainingTask
    from specnet.errors import Finding
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.runs.result import Run
    from specnet.spec import Spec
    from specnet.weights import Weights


class Watcher:
    """Told of each step; this one says nothing."""

    def loaded(self, spec: Spec, data: Data) -> None:
        """Step 1: the rows are there."""

    def prepared(self, spec: Spec, prepared: Prepared) -> None:
        """Steps 2 and 3: the rows are parted and scaled."""

    def planned(self, plan: Plan, weights: Weights) -> None:
        """Step 4: the net is built."""

    def checked(self, plan: Plan, rows: int, warnings: Sequence[Finding]) -> None:
        """Step 5: parameters against training rows, and what the rules warn of."""

    def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
        """Steps 6 to 8 begin: forward, back, update."""

    def resumed(self, checkpoint: str | None, epoch: int, passed: Sequence[str]) -> None:
        """A run goes on after that epoch; `passed` are newer checkpoints that cannot be used, and why."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch has ended."""

    def finished(self, run: Run) -> None:
        """Step 9: the run directory is complete; also after an interruption or a divergence."""

    def warned(self, finding: Finding) -> None:
        """Something went wrong beside the run and does it no harm; unlike the rest, it is not kept silent."""
        # Unless the program says otherwise, logging prints it on standard error, and never raises.
        logging.getLogger("specnet").warning("%s", finding)


class Watchers(Watcher):
    """Several, each told of each step in their order."""

    def __init__(self, *watchers: Watcher) -> None:
        self._all = watchers

    def loaded(self, spec: Spec, data: Data) -> None:
        for watcher in self._all:
            watcher.loaded(spec, data)

    def prepared(self, spec: Spec, prepared: Prepared) -> None:
        for watcher in self._all:
            watcher.prepared(spec, prepared)

    def planned(self, plan: Plan, weights: Weights) -> None:
        for watcher in self._all:
            watcher.planned(plan, weights)

    def checked(self, plan: Plan, rows: int, warnings: Sequence[Finding]) -> None:
        for watcher in self._all:
            watcher.checked(plan, rows, warnings)

    def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
        for watcher in self._all:
            watcher.started(path, spec, task)

    def resumed(self, checkpoint: str | None, epoch: int, passed: Sequence[str]) -> None:
        for watcher in self._all:
            watcher.resumed(checkpoint, epoch, passed)

    def epoch(self, epoch: Epoch) -> None:
        for watcher in self._all:
            watcher.epoch(epoch)

    def finished(self, run: Run) -> None:
        for watcher in self._all:
            watcher.finished(run)

    def warned(self, finding: Finding) -> None:
        for watcher in self._all:
            watcher.warned(finding)
