"""Run: a trained network with its history, its metrics and its place on disk."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.errors import Finding, UsageError, listed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from specnet.arrays import Array, Index
    from specnet.component import Split
    from specnet.plan import Plan
    from specnet.preparation import Scale
    from specnet.runs.early_stopping import Ending
    from specnet.runs.fitting import Status
    from specnet.spec import Spec
    from specnet.spec.model import Expectation
    from specnet.weights import Weights


@dataclass(frozen=True)
class Verdict:
    """An expectation beside the value that it was held against."""

    metric: str
    value: float
    min: float | None
    max: float | None

    @classmethod
    def of(cls, expectation: Expectation, metrics: Mapping[str, float]) -> Verdict:
        """The verdict of one `[[expect]]`."""
        return cls(expectation.metric, metrics[expectation.metric], expectation.min, expectation.max)

    @property
    def passed(self) -> bool:
        """True within the bounds, both included; NaN is within none."""
        # A plugin's metric may be a number of NumPy, whose comparisons are no truth values that JSON knows.
        return bool((self.min is None or self.value >= self.min) and (self.max is None or self.value <= self.max))


@dataclass(frozen=True)
class Run:
    """What training has left. Losses and metrics are in the units of the net, predictions in those of the data."""

    path: Path
    status: Status
    spec: Spec
    plan: Plan
    weights: Weights
    inputs: Scale
    targets: Scale
    history: dict[str, Array | Index]
    """`epoch`, one column a metric, one for each scheduled number of the optimizer; a row for each logged epoch."""
    metrics: dict[str, float]
    """The loss and the metrics of the weights as they are now."""
    verdicts: tuple[Verdict, ...]
    silent_units: dict[str, tuple[int, int]]
    """For each hidden layer (units that give the same for every training row, all units)."""
    manifest: Mapping[str, Any]
    early_stopping: Ending | None = None
    """Where it ended and where it was best, when the spec has an `[early_stopping]`."""

    def predict(self, rows: Any) -> Array:
        """(rows, targets) in the units of the data, for (rows, inputs) or a single row.

        Raises UsageError for rows of another width, or with a number that is not finite.
        """
        try:
            x = np.atleast_2d(np.asarray(rows, np.float64))
        except (OverflowError, TypeError, ValueError):
            raise UsageError(Finding("SN530", "rows must be numbers, as many in each row")) from None
        names = self.plan.inputs
        if x.ndim != 2 or x.shape[1] != len(names):
            given = f"{x.shape[1]} numbers" if x.ndim == 2 else f"{x.ndim} axes"
            raise UsageError(Finding("SN530", f"a row needs {len(names)} numbers ({listed(names)}), not {given}"))
        if not np.isfinite(x).all():
            row, column = np.argwhere(~np.isfinite(x))[0]
            raise UsageError(Finding("SN530", f"row {row + 1}, column {names[column]!r}: {x[row, column]} is no input"))
        with np.errstate(over="ignore", invalid="ignore"):  # a row may hold any size, and so may a diverged run
            scaled = np.asfortranarray(self.inputs.transform(x), self.spec.engine.dtype)
            y = self.spec.engine.predict(self.plan, self.weights, scaled)
            return self.targets.inverse(y.astype(np.float64))

    def measure(self, split: Split) -> dict[str, float]:
        """The loss and the metrics over rows in the units of the net."""
        return self.spec.engine.evaluate(self.plan, self.weights, split, self.spec.loss, self.spec.metrics)

    def predictions(self) -> list[tuple[list[float], list[float]]]:
        """(inputs, predicted targets) of each row of `[[predict]]`."""
        rows = [list(row) for case in self.spec.predict for row in case.inputs]
        return list(zip(rows, self.predict(rows).tolist(), strict=True)) if rows else []

    def __repr__(self) -> str:
        metrics = ", ".join(f"{name}={value:.6g}" for name, value in self.metrics.items())
        return f"<Run {self.spec.name!r} {self.status}: {metrics}; {self.path}>"

    def _repr_html_(self) -> str:
        cells = [(name, f"{value:.6g}") for name, value in self.metrics.items()]
        cells += [(f"expect {verdict.metric}", "passed" if verdict.passed else "FAILED") for verdict in self.verdicts]
        rows = "".join(f"<tr><td>{html.escape(a)}</td><td>{html.escape(b)}</td></tr>" for a, b in cells)
        title = f"{self.spec.name}: {self.status}, {self.plan.parameter_count:,} parameters"
        caption = f"{html.escape(title)}<br><code>{html.escape(str(self.path))}</code>"
        return f'<table><caption style="text-align: left; white-space: nowrap">{caption}</caption>{rows}</table>'
