"""Run: a trained network with its history, its metrics and its place on disk."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.artifacts import finite_or_reason
from specnet.component import Table
from specnet.errors import Finding, UsageError
from specnet.records import Verdict
from specnet.runs.answers import answers
from specnet.runs.rows import encode_rows, inputs_of
from specnet.spec.expectations import plan_facts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from specnet.arrays import Array, Index
    from specnet.component import Shape
    from specnet.component.task import Split
    from specnet.plan import Plan
    from specnet.records import Status
    from specnet.runs.baselines import Baseline
    from specnet.runs.early_stopping import Ending
    from specnet.spec import Spec
    from specnet.units import Units
    from specnet.weights import Weights


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """The verdict in strict JSON."""
    (low, high), equals = verdict.expectation.bounds, verdict.expectation.equals
    value = list(verdict.value) if isinstance(verdict.value, tuple) else _strict(verdict.value)
    exact = list(equals) if isinstance(equals, tuple) else equals
    said = {"what": verdict.what, "value": value, "equals": exact, "min": low, "max": high}
    if (named := verdict.expectation.better_than) is not None:
        baseline = None if verdict.baseline is None else finite_or_reason(verdict.baseline)
        said["better_than"] = {"baseline": named, "value": baseline}
    return {**said, "passed": verdict.passed}


def _strict(value: float) -> Any:
    return value if isinstance(value, int) else finite_or_reason(value)


def verdicts(
    spec: Spec, plan: Plan, metrics: Mapping[str, float], epochs: int, baselines: Mapping[str, Baseline]
) -> tuple[Verdict, ...]:
    """A verdict for each `[[expect]]`, in their order."""
    facts: dict[str, float | Shape] = {**metrics, **plan_facts(plan), "epochs": epochs}
    measured = {name: baseline.metrics for name, baseline in baselines.items()}
    return tuple(
        Verdict(held, facts[held.what], measured.get(held.better_than or "", {}).get(held.what)) for held in spec.expect
    )


@dataclass(frozen=True)
class Run:
    """What training has left. Losses and metrics are in the units of the net, predictions in those of the data."""

    path: Path
    status: Status
    spec: Spec
    plan: Plan
    weights: Weights
    inputs: Units
    targets: Units
    history: dict[str, Array | Index]
    """`epoch`, one column a metric, one for each scheduled number of the optimizer; a row for each logged epoch."""
    metrics: dict[str, float]
    """The loss and the metrics of the weights as they are now."""
    epochs: int
    """The epochs that training went through; where it was cut short, up to the last that was told."""
    verdicts: tuple[Verdict, ...]
    silent_units: dict[str, tuple[int, int]]
    """For each hidden layer (units that give the same for every training row, all units)."""
    manifest: Mapping[str, Any]
    early_stopping: Ending | None = None
    """Where it ended and where it was best, when the spec has an `[early_stopping]`."""
    divergence: Mapping[str, str] | None = None
    """What went wrong and what would do, `message` and `help`, where training has diverged."""
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    """What the mean and a linear model score on the same rows; empty in runs of versions that had none."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The columns of the data that a row to predict has a cell of, in this order."""
        return tuple(column.name for column in inputs_of(self.spec, self.plan))

    def predict(self, rows: Any) -> Array:
        """(rows, outputs) in the units of the data, for rows of cells or a single row.

        A row has a cell for each input column, as the file of the data has it; None is a cell with nothing in it. Or
        columns by name: a mapping of lists, a structured array or a dataframe, in any order and with others. The
        predictions of a row that training would have left out are NaN; what goes into a loss that takes logits are
        logits, and `answers` has probabilities. Raises UsageError SN530 for rows of another width, for a column that
        is missing, and for a cell that cannot be.
        """
        return self.predict_encoded(encode_rows(inputs_of(self.spec, self.plan), rows))

    def predict_encoded(self, x: Array) -> Array:
        """(rows, outputs) in the units of the data, for (rows, inputs) of numbers, NaN in gaps. Raises UsageError."""
        if outside := self.inputs.outside(Table(self.plan.inputs, x)):
            raise UsageError(Finding("SN530", outside))
        with np.errstate(over="ignore", invalid="ignore"):  # a row may hold any size, and so may a diverged run
            scaled = np.asfortranarray(self.inputs.transform(x), self.spec.engine.dtype)
            whole = ~np.isnan(scaled).any(axis=1)
            y = np.full((len(x), len(self.plan.outputs)), np.nan)
            y[whole] = self.spec.engine.predict(self.plan, self.weights, scaled if whole.all() else scaled[whole])
            return self.targets.inverse(y)

    def answers(self, rows: Any) -> dict[str, np.ndarray[Any, Any]]:
        """The columns of a file of predictions, for rows as `predict` takes them: a number, or a text that is a class.

        `predicted_TARGET` for each target, and `probability_TARGET_CLASS` for a class where the loss is one of
        probabilities. Raises UsageError SN530.
        """
        return answers(self, self.predict(rows))

    def measure(self, split: Split) -> dict[str, float]:
        """The loss and the metrics over rows in the units of the net."""
        return self.spec.engine.evaluate(self.plan, self.weights, split, self.spec.loss, self.spec.metrics)

    def predictions(self) -> list[tuple[list[Any], list[float]]]:
        """(inputs, predicted targets) of each row of `[[predict]]`."""
        rows: list[list[Any]] = [list(row) for case in self.spec.predict for row in case.inputs]
        return list(zip(rows, self.predict(rows).tolist(), strict=True)) if rows else []

    def __repr__(self) -> str:
        metrics = ", ".join(f"{name}={value:.6g}" for name, value in self.metrics.items())
        return f"<Run {self.spec.name!r} {self.status}: {metrics}; {self.path}>"

    def _repr_html_(self) -> str:
        cells = [(name, f"{value:.6g}") for name, value in self.metrics.items()]
        cells += [(f"expect {verdict.what}", "passed" if verdict.passed else "FAILED") for verdict in self.verdicts]
        rows = "".join(f"<tr><td>{html.escape(a)}</td><td>{html.escape(b)}</td></tr>" for a, b in cells)
        title = f"{self.spec.name}: {self.status}, {self.plan.parameter_count:,} parameters"
        caption = f"{html.escape(title)}<br><code>{html.escape(str(self.path))}</code>"
        return f'<table><caption style="text-align: left; white-space: nowrap">{caption}</caption>{rows}</table>'
