"""What a tracker is told of a run: plain values that it can read and not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from specnet.component import Shape
    from specnet.component.task import TrainingTask
    from specnet.plan import Plan
    from specnet.spec import Spec
    from specnet.spec.expectations import Expectation

Status = Literal["finished", "interrupted", "diverged"]


@dataclass(frozen=True, eq=False)
class TrackedRun:
    """A run that has begun; each of its hooks gets this same object, so that it can be a key of a WeakKeyDictionary."""

    name: str
    path: Path
    """The run directory. Files right in it are sealed: a tracker writes into a folder of its own below it."""
    started: datetime
    seed: int
    spec: Mapping[str, Any]
    """The spec with overrides and every default, as `resolved.json` holds it."""
    parameters: int
    rows: Mapping[str, int]
    """How many each part of the split has, those without rows left out."""

    @classmethod
    def of(cls, path: Path, started: datetime, spec: Spec, plan: Plan, task: TrainingTask) -> TrackedRun:
        """The run in `path` that is about to train."""
        rows = MappingProxyType({part: len(split) for part, split in task.splits.items()})
        resolved = frozen(spec.model_dump(mode="json"))
        return cls(spec.name, path, started, spec.seed, resolved, plan.parameter_count, rows)


@dataclass(frozen=True, eq=False)
class LoggedEpoch:
    """An epoch that went into the history; `values` are its columns."""

    number: int
    epochs: int
    """How many there will be unless training ends before."""
    values: Mapping[str, float]


@dataclass(frozen=True)
class Verdict:
    """An expectation beside the value that it was held against."""

    expectation: Expectation
    value: float | Shape
    baseline: float | None = None
    """The same metric of the baseline that it has to be better than, None where there is none."""

    @property
    def what(self) -> str:
        """The name of what was held: `test.loss`, `parameters`."""
        return self.expectation.what

    @property
    def passed(self) -> bool:
        """Bounds are included; NaN is within none."""
        return self.expectation.allows(self.value, self.baseline)


@dataclass(frozen=True, eq=False)
class RunEnd:
    """How a run has ended, told when its directory is complete."""

    status: Status
    metrics: Mapping[str, float]
    """The loss and the metrics of the weights as they are at the end, in the units of the net."""
    verdicts: tuple[Verdict, ...]
    seconds: float
    """From the beginning of training to the complete run directory."""


def frozen(value: Any) -> Any:
    """Plain data that nobody can change: tables as read-only mappings, lists as tuples, all the way down."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value


def numbers(values: Mapping[str, float]) -> Mapping[str, float]:
    """A read-only copy whose values are floats of Python, whatever a metric has returned."""
    return MappingProxyType({name: float(value) for name, value in values.items()})
