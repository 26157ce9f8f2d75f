"""Early stopping: the best look so far, how long ago it was, and the weights that belong to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from specnet.component.task import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array
    from specnet.component.task import Epoch
    from specnet.spec.stopping import EarlyStopping
    from specnet.weights import Weights


@dataclass(frozen=True)
class Ending:
    """Where a run with an `[early_stopping]` has ended, and where it was best."""

    metric: str
    best: float | None
    """None when no look has shown a number."""
    best_epoch: int | None
    epoch: int
    """The last that was trained."""
    stopped: bool
    """True when it ended for want of a better one."""
    restored: bool
    """True when the weights are those of the best epoch."""

    @property
    def reason(self) -> str:
        """Why training ended, and which weights it has left."""
        if self.best is None or self.best_epoch is None:
            found = f"{self.metric} has shown no number"
        elif self.stopped:
            waited = self.epoch - self.best_epoch
            found = f"no better {self.metric} than {self.best:.6g} (epoch {self.best_epoch:,}) for {_epochs(waited)}"
        else:
            found = f"the best {self.metric} was {self.best:.6g} (epoch {self.best_epoch:,})"
        return f"{'stopped early' if self.stopped else 'ended'} after epoch {self.epoch:,}: {found}"

    def record(self) -> dict[str, Any]:
        """What `metrics.json` and the manifest hold."""
        return {**asdict(self), "reason": self.reason}

    @classmethod
    def read(cls, record: dict[str, Any] | None) -> Ending | None:
        """What `record` gave, None for a run without it."""
        return None if record is None else cls(**{name: record[name] for name in cls.__dataclass_fields__})


def _epochs(count: int) -> str:
    return f"{count:,} epoch{'s' * (count != 1)}"


class Patience:
    """Looks at the watched column, keeps the weights of its best, and says when it has waited enough."""

    def __init__(self, section: EarlyStopping, weights: Weights) -> None:
        self._section = section
        self._weights = weights
        self._kept: dict[str, Array] = {}
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.waited = 0
        """Looks in a row without a new best."""

    def ends(self, epoch: Epoch) -> bool:
        """True when training is over; an epoch that nobody looks at changes nothing."""
        if epoch.watched is None:
            return False
        if self._better(epoch.watched):
            self.best, self.best_epoch, self.waited = float(epoch.watched), epoch.number, 0
            if self._section.restore_best:
                self._kept = {name: array.copy() for name, array in self._weights.tensors().items()}
            return False
        self.waited += 1
        return self.over

    @property
    def over(self) -> bool:
        """True when it has waited enough."""
        return self.waited > 0 and self.waited >= self._section.patience

    @property
    def looks(self) -> dict[str, Any]:
        """What it has counted, for a checkpoint, where the weights of the best stand beside it."""
        return {"best": self.best, "best_epoch": self.best_epoch, "waited": self.waited}

    @property
    def kept(self) -> dict[str, Array]:
        """The weights of the best, none where they are not wanted."""
        return dict(self._kept)

    def restore(self, looks: Mapping[str, Any], kept: Mapping[str, Array]) -> None:
        """Takes up what another has counted and kept."""
        self.best, self.best_epoch, self.waited = looks["best"], looks["best_epoch"], looks["waited"]
        self._kept = {name: array.copy() for name, array in kept.items()}

    def close(self, last: int, stopped: bool, restore: bool) -> Ending:
        """The ending, with the best weights in their place when they are wanted."""
        restored = restore and self._section.restore_best and self.best is not None
        if restored:
            self._weights.restore(self._kept)
        return Ending(self._section.metric, self.best, self.best_epoch, last, stopped, restored)

    def _better(self, value: float) -> bool:
        """NaN and infinity are never better than anything."""
        if not isfinite(value):
            return False
        if self.best is None:
            return True
        gain = self.best - value if self._section.mode == "min" else value - self.best
        return gain > self._section.min_delta


def watch_of(section: EarlyStopping | None) -> Watch | None:
    """What the engine is asked to tell."""
    if section is None:
        return None
    part, _, name = section.metric.partition(".")
    return Watch(part, name, section.every)
