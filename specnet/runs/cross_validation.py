"""Cross-validation: a spec trained once for each fold of its rows, and measured on the rows of that fold."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from specnet.artifacts import RunDirectory, finite_or_reason
from specnet.failures import blamed
from specnet.registry import load_registry
from specnet.runs.path import train
from specnet.runs.watcher import Watcher, Watchers
from specnet.spec import load_spec, read_document

if TYPE_CHECKING:
    from specnet.arrays import Array, Index
    from specnet.preparation import Prepared
    from specnet.registry import Registry
    from specnet.runs.result import Run
    from specnet.spec import Spec

SUMMARY, PREDICTIONS = "cross-validation.json", "predictions.csv"


class Summary(NamedTuple):
    """A metric over the folds; the deviation is that of a sample, with one fold less in its denominator."""

    mean: float
    deviation: float
    values: tuple[float, ...]

    @classmethod
    def of(cls, values: tuple[float, ...]) -> Summary:
        """Of two or more folds; NaN where one of them has no number."""
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)), values)


@dataclass(frozen=True)
class OutOfFold:
    """What the net that has not seen a row predicts for it, in the units of the data; in the order of the rows."""

    rows: Index
    """The line at which the row begins in its file, or its number from 1."""
    folds: Index
    targets: Array
    predicted: Array

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, parts: list[OutOfFold]) -> OutOfFold:
        """Those of all folds."""
        order = np.argsort(np.concatenate([part.rows for part in parts]))
        names = ("rows", "folds", "targets", "predicted")
        return cls(*(np.concatenate([getattr(part, name) for part in parts])[order] for name in names))


@dataclass(frozen=True)
class CrossValidation:
    """The runs of all folds in their order, and the directory that holds theirs."""

    path: Path
    runs: tuple[Run, ...]
    predictions: OutOfFold
    left_out: int
    """The rows of the spec's own test, which no fold has seen, and its validation rows where these stay apart."""

    @property
    def metrics(self) -> dict[str, Summary]:
        """Each metric of the runs over the folds."""
        return {name: Summary.of(tuple(run.metrics[name] for run in self.runs)) for name in self.runs[0].metrics}

    def record(self) -> dict[str, Any]:
        """All of it in strict JSON, without the predictions."""
        metrics = {
            name: {
                "mean": finite_or_reason(summary.mean),
                "deviation": finite_or_reason(summary.deviation),
                "values": list(map(finite_or_reason, summary.values)),
            }
            for name, summary in self.metrics.items()
        }
        runs, rows = [run.path.name for run in self.runs], len(self.predictions)
        return {"folds": len(runs), "rows": rows, "left_out": self.left_out, "metrics": metrics, "runs": runs}


def cross_validate(
    source: str | Path | Mapping[str, Any],
    folds: int = 5,
    *,
    set: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    registry: Registry | None = None,
    watcher: Watcher | None = None,
) -> CrossValidation:
    """Trains the spec once for each fold, as `split.folds` and `split.fold` have it, and writes what has come of it.

    The test rows of the spec are left out before, and no fold sees them. The new directory, `runs/NAME-...` unless
    `out` says where, has one run directory for each fold, `cross-validation.json` and `predictions.csv`. Raises what
    `run` raises; the folds that were trained by then stay.
    """
    names, seen = registry or load_registry(), watcher or Watcher()
    with blamed(names):
        document = read_document(source)
        spec = load_spec(document, _of_fold(set, folds, 1), names)
        path = RunDirectory.create(
            None, spec.name, datetime.now().astimezone(), None if out is None else Path(out)
        ).path
        runs, predictions, left_out = [], [], 0
        try:
            for fold in range(1, folds + 1):
                rows = _Rows()
                where = path / f"fold-{fold}"
                run = train(document, _of_fold(set, folds, fold), where, names, Watchers(rows, seen), ())
                runs.append(run)
                predictions.append(rows.predicted(run, fold))
                left_out = rows.left_out
        finally:
            with suppress(OSError):  # it is empty when the first fold was refused, and else it stays
                path.rmdir()
        return _written(CrossValidation(path, tuple(runs), OutOfFold.of(predictions), left_out))


def _of_fold(overrides: Mapping[str, Any] | None, folds: int, fold: int) -> dict[str, Any]:
    return {**(overrides or {}), "split.folds": folds, "split.fold": fold}


class _Rows(Watcher):
    """Keeps the rows of a fold."""

    _prepared: Prepared

    def prepared(self, spec: Spec, prepared: Prepared) -> None:
        self._prepared = prepared

    def predicted(self, run: Run, fold: int) -> OutOfFold:
        """What the run makes of the rows that it has not seen."""
        data, test = self._prepared.data, np.sort(self._prepared.test)
        named = np.array([data.row(row) for row in test.tolist()], np.int64)
        predicted = run.predict_encoded(data.inputs.values[test])
        return OutOfFold(named, np.full(len(test), fold), data.targets.values[test], predicted)

    @property
    def left_out(self) -> int:
        return len(self._prepared.data.inputs) - sum(map(len, self._prepared.parts.values()))


def _written(result: CrossValidation) -> CrossValidation:
    directory, made = RunDirectory(result.path), result.predictions
    targets = result.runs[0].plan.targets
    header = ["row", "fold", *targets, *(f"predicted {name}" for name in targets)]
    columns = zip(made.rows.tolist(), made.folds.tolist(), made.targets.tolist(), made.predicted.tolist(), strict=True)
    directory.write_csv(PREDICTIONS, header, ([row, fold, *is_, *said] for row, fold, is_, said in columns))
    directory.write_json(SUMMARY, result.record())
    return result
