"""specnet evaluate on files and on stored parts, by class and by the values of a column."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import specnet
from specnet.cli import main
from specnet.runs import load_run

ROWS = [[i, i * i % 7, ("low", "mid", "top")[i % 3 if i < 30 else 2], f"g{i % 4}", 3 * i + 1] for i in range(40)]
HEADER = ["a", "b", "kind", "group", "y"]
BASE: dict[str, Any] = {
    "format": 1,
    "name": "plain",
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "metrics": ["r2", "mae"],
    "optimizer": {"type": "adam", "learning_rate": 0.05},
    "training": {"epochs": 20},
}
KINDS: dict[str, Any] = {
    **BASE,
    "name": "kinds",
    "dataset": {
        "type": "csv",
        "path": "d.csv",
        "inputs": ["a", "b"],
        "columns": [{"type": "category", "name": "kind", "categories": ["low", "mid", "new", "top"], "role": "target"}],
    },
    "scaling": {"inputs": "standardize"},
    "layers": [{"type": "dense", "units": 4}],
    "loss": {"type": "categorical_cross_entropy", "from_logits": True},
    "metrics": ["accuracy"],
}


def written(name: str, header: list[str], rows: list[list[Any]]) -> None:
    with Path(name).open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    written("d.csv", HEADER, ROWS)


def call(*args: object) -> tuple[object, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main([str(arg) for arg in args])
    return caught.value.code, out.getvalue(), err.getvalue()


def answer(*args: object) -> Any:
    code, out, err = call("evaluate", *args, "--format", "json")
    assert (code, err) == (0, "")
    return json.loads(out, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))


def refusal(*args: object) -> str:
    code, out, err = call("evaluate", *args)
    assert (code, out) == (2, "")
    return err


# What is refused


def test_what_does_not_go_together() -> None:
    specnet.run(BASE, out="run")
    assert refusal("run", "d.csv", "--split", "test") == (
        "SN535 --split is a part of the run's own data, and goes without DATA\n"
    )
    assert refusal("run", "--decimal", ",") == "SN535 the options of files go with DATA\n"


def test_a_column_that_is_not_there() -> None:
    specnet.run(BASE, out="run")
    assert "SN504 column 'grup' is not in the header of d.csv\n" in refusal("run", "--by", "grup")
    assert "did you mean 'group'?" in refusal("run", "d.csv", "--by", "grup")
    spec = {**BASE, "dataset": {"type": "arithmetic", "samples": 40}, "layers": [{"type": "dense", "units": 3}]}
    specnet.run(spec, out="arithmetic")
    assert refusal("arithmetic", "--by", "c") == (
        "SN537 the data has no column 'c'\n  = help: columns: a, b, a+b, a-b, |a-b|\n"
    )


def test_a_column_in_which_each_row_is_its_own_group() -> None:
    specnet.run(BASE, out="run")
    written("new.csv", HEADER, [[i, i, "low", i, i] for i in range(1001)])
    assert refusal("run", "new.csv", "--by", "group").startswith("SN537 the column has 1,001 values, and ")


@pytest.mark.parametrize("cells", [["", "1"], ["1", ""], ["", ""]])
def test_p05_rows_without_a_target_are_not_measured_in_silence(cells: list[str]) -> None:
    specnet.run(BASE, out="run")
    written("new.csv", ["a", "b", "y"], [[1, 2, cell] for cell in cells])
    row = cells.index("") + 2
    assert refusal("run", "new.csv").startswith(f"SN507 row {row}, column 'y' is empty\n --> new.csv:{row}\n")


def test_all_rows_left_out_are_no_rows() -> None:
    dataset = {**BASE["dataset"], "targets": [], "columns": [
        {"type": "number", "name": "y", "role": "target", "missing": "drop"},
    ]}  # fmt: skip
    specnet.run({**BASE, "dataset": dataset}, out="run")
    written("new.csv", ["a", "b", "y"], [[1, 2, ""], [3, 4, ""]])
    assert refusal("run", "new.csv").startswith("SN505 new.csv: all 2 rows lack a cell\n")
    written("new.csv", ["a", "b", "y"], [[1, 2, ""], [3, 4, 5], [3, 5, 6]])
    record = answer("run", "new.csv", "--by", "b")
    assert (record["rows"], record["dropped"]) == (2, 1)
    assert [each["value"] for each in record["by"]["values"]] == ["4", "5"]
    assert call("evaluate", "run", "new.csv")[1].startswith("new.csv: 2 rows, 1 left out because a cell is empty\n")


# What is measured


def test_p14_a_file_with_the_rows_of_a_part_gives_what_the_run_has_logged() -> None:
    result = specnet.run(BASE, out="run")
    record = answer("run")
    assert record["rows"] == 12
    for name, value in record["metrics"].items():
        assert abs(value - result.metrics[f"test.{name}"]) <= 1e-12
    from specnet.preparation import load_data, parts_of
    from specnet.streams import Streams

    streams = Streams(result.spec.seed, result.spec.rng)
    rows = parts_of(result.spec, load_data(result.spec, Path(), streams), streams)["test"]
    written("test.csv", HEADER[::-1], [ROWS[i][::-1] for i in rows])
    again = answer("run", "test.csv")
    assert again["rows"] == 12
    for name, value in again["metrics"].items():
        assert abs(value - record["metrics"][name]) <= 1e-12


def test_p14_the_rows_of_a_part_are_counted_with_and_without_anything_else_in_the_folder() -> None:
    specnet.run(BASE, out="run")
    before = answer("run", "--split", "train")
    Path("cache").mkdir()
    assert (before["rows"], answer("run", "--split", "train")) == (28, before)


def test_by_the_values_of_a_column() -> None:
    specnet.run(BASE, out="run")
    record = answer("run", "d.csv", "--by", "group")
    assert record["by"]["column"] == "group"
    values = record["by"]["values"]
    assert [each["value"] for each in values] == ["g0", "g1", "g2", "g3"]
    for each in values:
        written("part.csv", HEADER, [row for row in ROWS if row[3] == each["value"]])
        alone = answer("run", "part.csv")
        assert (alone["rows"], alone["metrics"]) == (each["rows"], pytest.approx(each["metrics"], rel=1e-12))
    weighted = sum(each["rows"] * each["metrics"]["loss"] for each in values) / 40
    assert weighted == pytest.approx(record["metrics"]["loss"], rel=1e-12)


def test_by_a_column_of_the_stored_rows() -> None:
    specnet.run(BASE, out="run")
    stored = answer("run", "--split", "train", "--by", "group")
    assert sum(each["rows"] for each in stored["by"]["values"]) == 28
    run = load_run("run")
    from specnet.preparation import load_data, parts_of
    from specnet.streams import Streams

    streams = Streams(run.spec.seed, run.spec.rng)
    rows = parts_of(run.spec, load_data(run.spec, Path(), streams), streams)["train"]
    counts = {each["value"]: each["rows"] for each in stored["by"]["values"]}
    assert counts == {f"g{k}": sum(i % 4 == k for i in rows) for k in range(4)}


def test_by_a_column_of_a_dataset_without_a_file() -> None:
    dataset = {"type": "arithmetic", "samples": 40, "low": 0, "high": 3}
    specnet.run({**BASE, "dataset": dataset, "layers": [{"type": "dense", "units": 3}]}, out="run")
    values = answer("run", "--split", "train", "--by", "a")["by"]["values"]
    assert [each["value"] for each in values] == sorted({each["value"] for each in values}, key=float)
    assert sum(each["rows"] for each in values) == 28


def test_p16_a_metric_of_one_row_is_null_with_a_reason() -> None:
    specnet.run(BASE, out="run")
    written("one.csv", HEADER, [[1, 2, "low", "", 5], [1, 2, "low", "g", 5], [2, 2, "low", "g", 6]])
    record = answer("run", "one.csv", "--by", "group")
    empty, pair = record["by"]["values"]
    assert (empty["value"], empty["rows"]) == ("", 1)
    assert empty["metrics"]["r2"]["value"] is None
    assert "2 rows" in empty["metrics"]["r2"]["reason"]
    assert isinstance(empty["metrics"]["loss"], float)
    assert isinstance(pair["metrics"]["r2"], float)
    lines = call("evaluate", "run", "one.csv", "--by", "group")[1].splitlines()
    (line,) = [line for line in lines if "(empty)" in line]
    assert line.split()[1] == "1"
    assert "-" in line.split()


def test_each_class_is_counted() -> None:
    specnet.run(KINDS, out="run")
    record = answer("run", "d.csv")
    classes = record["classes"]["kind"]
    assert list(classes) == ["low", "mid", "new", "top"]
    wanted = [row[2] for row in ROWS]
    found = load_run("run").answers([row[:2] for row in ROWS])["predicted_kind"].tolist()
    for name, score in classes.items():
        right = sum(a == b == name for a, b in zip(wanted, found, strict=True))
        assert (score["rows"], score["predicted"], score["right"]) == (wanted.count(name), found.count(name), right)
        if score["rows"]:
            assert score["recall"] == right / score["rows"]
    assert classes["new"]["recall"] == {"value": None, "reason": "the class is never the target"}
    assert sum(score["right"] for score in classes.values()) / 40 == pytest.approx(record["metrics"]["accuracy"])
    code, out, _ = call("evaluate", "run", "d.csv", "--by", "group")
    assert code == 0
    assert "\nby class of kind\n" in out
    assert out.splitlines()[4].split() == ["rows", "predicted", "right", "precision", "recall", "f1"]
    assert max(map(len, out.splitlines())) <= 80


def test_columns_that_are_classes_together_are_counted_too() -> None:
    written("d.csv", ["a", "x", "y"], [[i, int(i < 20), int(i >= 20)] for i in range(40)])
    dataset = {"type": "csv", "path": "d.csv", "inputs": ["a"], "targets": ["x", "y"]}
    specnet.run({**KINDS, "dataset": dataset, "layers": [{"type": "dense", "units": 2}]}, out="run")
    classes = answer("run", "d.csv")["classes"]["class"]
    assert {name: score["rows"] for name, score in classes.items()} == {"x": 20, "y": 20}
    predictions = load_run("run").predict(np.arange(40.0)[:, None]).argmax(axis=1)
    assert classes["y"]["predicted"] == int((predictions == 1).sum())


def test_p03_unknown_categories_are_counted() -> None:
    column = {"type": "category", "name": "kind", "categories": ["low", "mid", "top"], "unknown": "ignore"}
    specnet.run({**BASE, "dataset": {**BASE["dataset"], "columns": [column]}}, out="run")
    written("new.csv", HEADER, [[1, 2, "odd", "", 5], [1, 2, "low", "g", 5]])
    assert answer("run", "new.csv")["unlisted"] == {"kind": 1}
    assert "\nkind: 1 row with something that the spec does not list\n" in call("evaluate", "run", "new.csv")[1]


def test_rows_count_by_their_weights() -> None:
    weight = {"type": "number", "name": "w", "role": "weight"}
    written("d.csv", [*HEADER, "w"], [[*row, i % 4] for i, row in enumerate(ROWS)])
    result = specnet.run({**BASE, "dataset": {**BASE["dataset"], "columns": [weight]}}, out="run")
    assert answer("run")["metrics"]["loss"] == pytest.approx(result.metrics["test.loss"], rel=1e-12)
    record = answer("run", "d.csv", "--by", "group")
    first, *others = record["by"]["values"]
    assert first["metrics"]["loss"] == {"value": None, "reason": "no row has a weight above 0"}
    total = sum(each["rows"] * k * each["metrics"]["loss"] for k, each in enumerate(others, 1))
    assert total / 60 == pytest.approx(record["metrics"]["loss"], rel=1e-12)
    written("new.csv", [*HEADER, "w"], [[*row, 0] for row in ROWS])
    assert "SN521 no row of the data has a weight above 0" in refusal("run", "new.csv")


def test_classes_that_are_numbers_are_counted() -> None:
    written("d.csv", ["a", "kind"], [[i, int(i > 9)] for i in range(20)])
    dataset = {"type": "csv", "path": "d.csv", "inputs": ["a"], "targets": ["kind"]}
    loss = {"type": "sparse_categorical_cross_entropy", "classes": 2, "from_logits": True}
    changes = {"dataset": dataset, "layers": [{"type": "dense", "units": 2}], "loss": loss, "metrics": []}
    specnet.run({**KINDS, **changes}, out="run")
    classes = answer("run", "d.csv")["classes"]["kind"]
    assert {name: score["rows"] for name, score in classes.items()} == {"0": 10, "1": 10}
    found = load_run("run").predict(np.arange(20.0)[:, None]).argmax(axis=1)
    assert [score["predicted"] for score in classes.values()] == np.bincount(found, minlength=2).tolist()


def test_by_a_column_of_the_rows_that_have_a_file_of_their_own() -> None:
    written("other.csv", HEADER, ROWS[5:9])
    specnet.run({**BASE, "split": {"test_path": "other.csv"}}, out="run")
    values = answer("run", "--by", "group")["by"]["values"]
    assert {each["value"]: each["rows"] for each in values} == dict.fromkeys(sorted({row[3] for row in ROWS[5:9]}), 1)
