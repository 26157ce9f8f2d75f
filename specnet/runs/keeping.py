"""Keeping: which moments of a training become checkpoints, and which of those stay."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from specnet.runs.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from specnet.arrays import Array, Index
    from specnet.artifacts import Checkpoints
    from specnet.component.task import Epoch
    from specnet.runs.early_stopping import Patience
    from specnet.spec.checkpointing import Checkpointing
    from specnet.weights import Weights

    Columns = Callable[[], Mapping[str, Array | Index]]


class Keeper:
    """Saves what the `[checkpoint]` of a spec asks for, and where training stands when it ends."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        section: Checkpointing | None,
        spec: str,
        weights: Weights,
        scaling: Mapping[str, Array],
        saved_step: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checkpoints = checkpoints
        self._section = section
        self._spec = spec
        self._weights = weights
        self._scaling = scaling
        self._clock = clock
        self._saved_at = clock()
        self._saved_step = saved_step

    def ended(self, epoch: Epoch, patience: Patience | None, columns: Columns) -> None:
        """Saves the epoch when it is due. Raises ArtifactError when that fails; what was saved before is unharmed."""
        section = self._section
        if section is None:
            return
        is_best = section.keep_best and patience is not None and patience.best_epoch == epoch.number
        by_epochs = section.every_epochs is not None and epoch.number % section.every_epochs == 0
        by_time = section.every_seconds is not None and self._clock() - self._saved_at >= section.every_seconds
        if is_best or by_epochs or by_time:
            self.save(epoch, patience, columns)

    def stopped(self, epoch: Epoch, patience: Patience | None, columns: Columns, interrupted: bool) -> None:
        """Saves where training has ended: always where it is to go on, else where the spec has a `[checkpoint]`."""
        if (interrupted or self._section is not None) and epoch.position.step != self._saved_step:
            self.save(epoch, patience, columns)

    def save(self, epoch: Epoch, patience: Patience | None, columns: Columns) -> None:
        """One checkpoint more, and then those that are no longer wanted are removed."""
        checkpoint = Checkpoint(
            epoch=epoch.number,
            position=epoch.position,
            weights=self._weights.tensors(),
            scaling=self._scaling,
            history={name: column.astype("float64") for name, column in columns().items()},
            spec=self._spec,
            looks=None if patience is None else patience.looks,
            best={} if patience is None else patience.kept,
        )
        self._checkpoints.write(f"epoch-{epoch.number}-step-{epoch.position.step}", checkpoint.encode())
        self._saved_at, self._saved_step = self._clock(), epoch.position.step
        self._checkpoints.keep(self._wanted(patience))

    def _wanted(self, patience: Patience | None) -> set[str]:
        names, section = self._checkpoints.names(), self._section
        wanted = set(names[-(1 if section is None else section.keep_last) :])
        if section is not None and section.keep_best and patience is not None:
            best = [name for name in names if f"-epoch-{patience.best_epoch}-" in name]
            wanted.update(best[:1])  # a later one of that number stands within the epoch after it
        return wanted
