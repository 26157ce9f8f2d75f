from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specnet.errors import Finding, SpecError
from specnet.plan import make_plan
from specnet.registry import Selection, load_registry
from specnet.spec import lint, load_spec
from specnet.spec.relocation import relocated
from specnet.spec.subject import Subject, UndecidedError

BUILTINS = load_registry(Selection(allowed=frozenset()))
COLUMNS = [
    {"type": "number", "name": "x"},
    {"type": "number", "name": "y", "role": "target"},
    {"type": "text", "name": "who"},
    {"type": "date", "name": "day"},
    {"type": "date", "name": "weekday", "parts": ["weekday"]},
    {"type": "category", "name": "kind", "categories": ["a", "b"]},
    {"type": "number", "name": "count", "role": "weight"},
    {"type": "text", "name": "note", "role": "ignore"},
]
GROUP = {"type": "text", "name": "patient", "role": "group"}


def spec_of(split: dict[str, Any], *columns: dict[str, Any], **fields: Any) -> Any:
    data = {
        "format": 1,
        "name": "small",
        "dataset": {"type": "csv", "path": "d.csv", "columns": [*COLUMNS, *columns]},
        "split": split,
        "layers": [{"type": "dense", "units": 1}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "training": {"epochs": 2},
        **fields,
    }
    return load_spec(data, None, BUILTINS)


def refused(split: dict[str, Any], *columns: dict[str, Any], **fields: Any) -> Finding:
    with pytest.raises(SpecError) as caught:
        spec_of(split, *columns, **fields)
    (finding,) = caught.value.findings
    return finding


# What contradicts itself


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"stratify": "kind", "time": "day"}, "stratify and time part the rows in different ways: keep one"),
        ({"stratify": "kind", "column": "who"}, "stratify and column part the rows in different ways: keep one"),
        ({"time": "day", "column": "who"}, "time and column part the rows in different ways: keep one"),
        (
            {"time": "day", "shuffle": True},
            "time takes the rows in their order, and shuffle in none: keep one",
        ),
        (
            {"time": "day", "folds": 3, "fold": 1},
            "folds take rows from all times for training, later ones too: leave time or the folds out",
        ),
        ({"folds": 3}, "folds and fold go together: fold = 1 of folds = 5"),
        ({"fold": 3}, "folds and fold go together: fold = 1 of folds = 5"),
        ({"folds": 3, "fold": 4}, "fold = 4 is none of 3 folds"),
        (
            {"parts": ["train", "test"]},
            "parts are what the cells of a column say: name it as `column`, or use fractions",
        ),
        (
            {"column": "who", "train": 0.7},
            "the column 'who' says which rows are for train: leave the fraction out",
        ),
        (
            {"column": "who", "validation": 0.1},
            "the column 'who' says which rows are for validation: leave the fraction out",
        ),
        ({"column": "who", "test": 0.3}, "the column 'who' says which rows are for test: leave the fraction out"),
        (
            {"column": "who", "test_path": "t.csv"},
            "test_path and column both say which rows there are: keep one",
        ),
        ({"column": "who", "parts": ["test"]}, "parts must name train, and none of them twice"),
        ({"column": "who", "parts": ["train", "test", "test"]}, "parts must name train, and none of them twice"),
        ({"test_path": "t.csv", "test": 0.3, "train": 0.7}, "test = 0.3 and test_path name other rows: keep one"),
        (
            {"validation_path": "v.csv", "train": 0.5, "validation": 0.2},
            "validation = 0.2 and validation_path name other rows: keep one",
        ),
        ({"test_path": "t.csv", "train": 0.7}, "train + test = 0.7, and must be 1"),
    ],
)
def test_a_split_that_contradicts_itself(split: dict[str, Any], message: str) -> None:
    finding = refused(split)
    assert (finding.code, finding.message, finding.dotted) == ("SN108", message, "split")


@pytest.mark.parametrize(("key", "value"), [("folds", 1), ("fold", 0)])
def test_folds_are_counted_from_1_and_there_are_two(key: str, value: int) -> None:
    assert refused({"folds": 2, "fold": 1, key: value}).code == "SN105"


# What does not go with the dataset


@pytest.mark.parametrize(
    ("split", "message", "help"),
    [
        ({"stratify": "kinds"}, "no column of the dataset is called 'kinds'", "did you mean 'kind'?"),
        (
            {"column": "part"},
            "no column of the dataset is called 'part'",
            'add it to dataset.columns: {type = "text", name = "part"}',
        ),
        (
            {"column": "note"},
            "the column 'note' has the role ignore, so that rows cannot be parted by it",
            None,
        ),
        ({"stratify": "count"}, "the column 'count' has the role weight, so that rows cannot be parted by it", None),
        (
            {"column": "kind"},
            "the column 'kind' holds no texts that could say of a row what it is for",
            "a column of type text, with the role id",
        ),
        (
            {"time": "kind"},
            "the column 'kind' puts the rows in no order of time",
            "a number, a date with its year, or a text (role id) in ISO 8601",
        ),
        (
            {"time": "weekday"},
            "the column 'weekday' puts the rows in no order of time",
            "a number, a date with its year, or a text (role id) in ISO 8601",
        ),
    ],
)
def test_a_column_that_cannot_part_the_rows(split: dict[str, Any], message: str, help: str | None) -> None:
    finding = refused(split)
    assert (finding.code, finding.message, finding.help) == ("SN560", message, help)
    assert finding.path == ("split", next(iter(split)))


@pytest.mark.parametrize("key", ["stratify", "time"])
def test_groups_and_another_rule(key: str) -> None:
    name = {"stratify": "kind", "time": "day"}[key]
    message = f"the rows of a group of column 'patient' stay together, and {key} would part them"
    help = "keep one: give the column the role id, or take this out"
    assert refused({key: name}, GROUP) == Finding("SN561", message, ("split", key), help, file="<mapping>")


def test_another_file_of_a_dataset_that_reads_none() -> None:
    finding = refused({"test_path": "t.csv"}, dataset={"type": "arithmetic"}, layers=[{"type": "dense", "units": 3}])
    assert (finding.code, finding.message) == ("SN561", "the dataset 'arithmetic' reads no file")
    assert finding.path == ("split", "test_path")


def test_another_file_without_a_name() -> None:
    finding = refused({"validation_path": " "})
    assert (finding.code, finding.path) == ("SN561", ("split", "validation_path"))
    assert finding.message == "path is empty: name a CSV file, relative to the spec file"


def test_a_column_of_a_generated_dataset() -> None:
    data = {"dataset": {"type": "arithmetic"}, "layers": [{"type": "dense", "units": 3}]}
    assert refused({"column": "a"}, **data).message.startswith("the column 'a' holds no texts")
    assert refused({"time": "c"}, **data).message == "no column of the dataset is called 'c'"
    assert spec_of({"time": "a"}, **data).split.time == "a"


def test_a_part_that_is_watched_and_that_the_column_does_not_say() -> None:
    finding = refused({"column": "who"}, early_stopping={"patience": 2})
    assert (finding.code, finding.help) == ("SN421", 'add "validation" to split.parts')
    assert spec_of({"column": "who", "parts": ["train", "validation"]}, early_stopping={"patience": 2})
    assert spec_of({"validation_path": "v.csv"}, early_stopping={"patience": 2})


# What there is


@pytest.mark.parametrize(
    ("split", "fractions", "present"),
    [
        ({}, (0.7, 0, 0.3), ("train", "test")),
        ({"test_path": "t.csv"}, (1, 0, 0), ("train", "test")),
        ({"validation_path": "v.csv"}, (0.7, 0, 0.3), ("train", "validation", "test")),
        ({"test_path": "t.csv", "train": 0.8, "validation": 0.2}, (0.8, 0.2, 0), ("train", "validation", "test")),
        ({"column": "who"}, (0, 0, 0), ("train", "test")),
        ({"column": "who", "parts": ["train", "validation"]}, (0, 0, 0), ("train", "validation")),
        ({"train": 1.0, "test": 0.0}, (1, 0, 0), ("train",)),
        ({"train": 1.0, "test": 0.0, "folds": 3, "fold": 2}, (1, 0, 0), ("train", "test")),
    ],
)
def test_the_parts_of_a_run(split: dict[str, Any], fractions: tuple[float, ...], present: tuple[str, ...]) -> None:
    spec = spec_of(split)
    assert tuple(spec.split.fractions().values()) == fractions
    assert spec.split.present() == present
    assert spec.columns() == [f"{part}.loss" for part in present]
    assert load_spec(spec.model_dump(mode="json"), None, BUILTINS).split == spec.split


def test_null_is_as_if_it_were_left_out() -> None:
    for split in ({}, {"test_path": "t.csv"}, {"column": "who"}):
        assert spec_of({**split, "train": None, "validation": None, "test": None}).split == spec_of(split).split


def test_time_takes_the_rows_in_their_order() -> None:
    assert spec_of({"time": "day"}).split.shuffle is False
    assert spec_of({}).split.shuffle is True


def test_the_files_of_a_split_move_with_the_spec(tmp_path: Path) -> None:
    spec = spec_of({"test_path": "data/t.csv"})
    assert relocated(spec, tmp_path, tmp_path / "specs").split.test_path == "../data/t.csv"


@pytest.mark.parametrize(
    ("split", "columns", "rows"),
    [({}, (), 70), ({"stratify": "kind"}, (), 70), ({"time": "day"}, (), None), ({"column": "who"}, (), None),
     ({"test_path": "t.csv"}, (), None), ({}, (GROUP,), None), ({"folds": 4, "fold": 1}, (), 52),
     ({"folds": 71, "fold": 1}, (), None)],
)  # fmt: skip
def test_how_many_training_rows_can_be_known(split: dict[str, Any], columns: Any, rows: int | None) -> None:
    spec = spec_of(split, *columns)
    if rows is None:
        with pytest.raises(UndecidedError):
            _ = Subject(spec, 100).training_rows
    else:
        assert Subject(spec, 100).training_rows == rows
    assert Subject(spec, 100, 33).training_rows == 33


def test_the_rules_count_the_rows_that_there_are() -> None:
    spec = spec_of({"column": "who"})
    assert make_plan(spec.layers, spec.dataset.plan()).parameter_count == 8
    assert [finding.code for finding in lint(spec, 100, training_rows=8)] == ["SN410"]
    assert lint(spec, 100, training_rows=9) == lint(spec, 100) == []
