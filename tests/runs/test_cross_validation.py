from __future__ import annotations

import csv
import json
import signal
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet.errors import DataError, DivergenceError, Interrupted, SpecError, SpecnetError
from specnet.runs import Watcher, load_run
from specnet.runs.evaluation import evaluate

if TYPE_CHECKING:
    from specnet.component.task import Epoch
    from specnet.preparation import Prepared
    from specnet.spec import Spec

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "dataset": {
        "type": "csv",
        "path": "d.csv",
        "inputs": ["x"],
        "targets": ["y"],
        "columns": [{"type": "text", "name": "who"}],
    },
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "metrics": ["mae"],
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
    "training": {"epochs": 30},
}


@pytest.fixture(autouse=True)
def data() -> None:
    Path("d.csv").write_text("x,y,who\n" + "".join(f"{i},{3 * i + i % 5},g{i % 6}\n" for i in range(60)))


class Seen(Watcher):
    def __init__(self) -> None:
        self.parts: list[dict[str, list[int]]] = []

    def prepared(self, spec: Spec, prepared: Prepared) -> None:
        self.parts.append({part: rows.tolist() for part, rows in prepared.parts.items()})


class Stopped(Watcher):
    """A signal while the second fold is trained."""

    folds = 0

    def epoch(self, epoch: Epoch) -> None:
        self.folds += epoch.number == 1
        if self.folds == 2:
            signal.raise_signal(signal.SIGINT)


# Refusals


@pytest.mark.parametrize(
    ("changes", "folds", "code"),
    [({}, 1, "SN105"), ({"split": {"time": "x"}}, 3, "SN108"), ({"training": {"epochs": 0}}, 3, "SN105")],
)
def test_what_the_spec_cannot_do_is_refused_before_there_is_a_directory(
    changes: dict[str, Any], folds: int, code: str
) -> None:
    with pytest.raises(SpecError) as error:
        specnet.cross_validate({**SPEC, **changes}, folds, out="cv")
    assert [finding.code for finding in error.value.findings] == [code]
    assert not Path("cv").exists()


@pytest.mark.parametrize(
    ("split", "folds", "code"),
    [
        ({}, 43, "SN512"),
        ({"stratify": "who"}, 12, "SN562"),
        ({"stratify": "x"}, 2, "SN562"),
    ],
)
def test_data_that_cannot_be_parted_leaves_no_directory(split: dict[str, Any], folds: int, code: str) -> None:
    with pytest.raises(DataError) as error:
        specnet.cross_validate({**SPEC, "split": split}, folds, out="cv")
    assert [finding.code for finding in error.value.findings] == [code]
    assert not Path("cv").exists()


def test_a_directory_that_is_there() -> None:
    Path("cv").mkdir()
    with pytest.raises(SpecnetError, match="SN604"):
        specnet.cross_validate(SPEC, 3, out="cv")


def test_what_is_done_stays_when_it_is_interrupted() -> None:
    with pytest.raises(Interrupted) as stopped:
        specnet.cross_validate(SPEC, 3, out="cv", watcher=Stopped())
    assert (stopped.value.exit_code, stopped.value.path) == (130, Path("cv", "fold-2"))
    assert [load_run(path).status for path in sorted(Path("cv").iterdir())] == ["finished", "interrupted"]


def test_a_fold_that_diverges_ends_it() -> None:
    optimizer = {"type": "gradient_descent", "learning_rate": 1e200}
    with pytest.raises(DivergenceError):
        specnet.cross_validate({**SPEC, "optimizer": optimizer, "scaling": {}}, 3, out="cv")
    assert [path.name for path in Path("cv").iterdir()] == ["fold-1"]


# What there is


def test_each_row_is_predicted_once_by_a_net_that_has_not_seen_it() -> None:
    seen = Seen()
    made = specnet.cross_validate(SPEC, 4, out="cv", watcher=seen)
    assert made.left_out == 18
    assert len(made.predictions) == 42
    assert made.predictions.rows.tolist() == sorted(row + 2 for parts in seen.parts for row in parts["test"])
    for fold, (parts, run) in enumerate(zip(seen.parts, made.runs, strict=True), start=1):
        assert not set(parts["train"]) & set(parts["test"])
        assert len(parts["train"]) + len(parts["test"]) == 42
        of_fold = made.predictions.folds == fold
        rows = made.predictions.rows[of_fold] - 2
        assert rows.tolist() == sorted(parts["test"])
        assert made.predictions.targets[of_fold, 0].tolist() == [3 * i + i % 5 for i in rows.tolist()]
        expected = run.predict(rows.reshape(-1, 1).astype(float))
        np.testing.assert_array_equal(made.predictions.predicted[of_fold], expected)


def test_the_mean_and_the_deviation_over_the_folds() -> None:
    made = specnet.cross_validate(SPEC, 3, out="cv")
    assert list(made.metrics) == [
        *("train.loss", "train.mae", "test.loss", "test.mae"),
    ]
    for name, summary in made.metrics.items():
        values = [run.metrics[name] for run in made.runs]
        assert summary.values == tuple(values)
        assert summary.mean == pytest.approx(statistics.mean(values), rel=1e-14)
        assert summary.deviation == pytest.approx(statistics.stdev(values), rel=1e-12)


def test_what_is_written() -> None:
    made = specnet.cross_validate(SPEC, 3)
    assert made.path.parent == Path("runs")
    names = ["cross-validation.json", "fold-1", "fold-2", "fold-3", "predictions.csv"]
    assert sorted(path.name for path in made.path.iterdir()) == names
    said = json.loads((made.path / "cross-validation.json").read_text())
    assert said == made.record()
    assert (said["folds"], said["rows"], said["left_out"]) == (3, 42, 18)
    assert said["runs"] == ["fold-1", "fold-2", "fold-3"]
    assert said["metrics"]["test.loss"]["mean"] == made.metrics["test.loss"].mean
    with (made.path / "predictions.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["row", "fold", "y", "predicted y"]
    assert [int(row[0]) for row in rows] == made.predictions.rows.tolist()
    assert [float(row[3]) for row in rows] == made.predictions.predicted[:, 0].tolist()


def test_a_fold_is_what_its_spec_says_by_itself() -> None:
    made = specnet.cross_validate(SPEC, 3, out="cv", set={"training.epochs": 3})
    again = specnet.run(SPEC, set={"training.epochs": 3, "split.folds": 3, "split.fold": 2}, out="again")
    assert again.metrics == made.runs[1].metrics
    for name in ("model.safetensors", "split.safetensors", "resolved.json"):
        assert Path("again", name).read_bytes() == Path("cv", "fold-2", name).read_bytes()
    assert evaluate(load_run("cv/fold-2")).metrics["loss"] == again.metrics["test.loss"]


def test_all_rows_where_none_are_for_the_test() -> None:
    made = specnet.cross_validate({**SPEC, "split": {"train": 1.0, "test": 0.0}}, 6, out="cv")
    assert made.left_out == 0
    assert made.predictions.rows.tolist() == list(range(2, 62))
    assert "test.loss" in made.metrics


def test_strata_and_groups_are_kept() -> None:
    seen = Seen()
    specnet.cross_validate({**SPEC, "split": {"stratify": "who"}}, 3, out="strata", watcher=seen)
    for parts in seen.parts:
        assert {[row % 6 for row in parts["test"]].count(who) for who in range(6)} <= {2, 3}
    seen = Seen()
    columns = [{"type": "text", "name": "who", "role": "group"}]
    specnet.cross_validate({**SPEC, "dataset": {**SPEC["dataset"], "columns": columns}}, 3, out="cv", watcher=seen)
    for parts in seen.parts:
        assert not {row % 6 for row in parts["test"]} & {row % 6 for row in parts["train"]}
