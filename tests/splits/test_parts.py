from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.errors import DataError, Finding
from specnet.preparation import load_data, parts_of
from specnet.registry import Selection, load_registry
from specnet.spec import Spec, load_spec
from specnet.streams import Streams

if TYPE_CHECKING:
    from specnet.component import Data

BUILTINS = load_registry(Selection(allowed=frozenset()))
NUMBER = {"type": "number", "name": "x"}
TARGET = {"type": "number", "name": "y", "role": "target"}
FOLDER = Path()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def spec_of(columns: list[dict[str, Any]], **split: Any) -> Spec:
    data = {
        "format": 1,
        "name": "small",
        "dataset": {"type": "csv", "path": "d.csv", "columns": [*columns, TARGET]},
        "split": split,
        "layers": [{"type": "dense", "units": 1}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "training": {"epochs": 2},
    }
    return load_spec(data, None, BUILTINS)


def write(by: list[Any], file: str = "d.csv") -> None:
    Path(file).write_text("x,y,by\n" + "".join(f"{i},{i % 7},{cell}\n" for i, cell in enumerate(by)))


def loaded(spec: Spec) -> Data:
    return load_data(spec, FOLDER, Streams(spec.seed))


def parted(by: list[Any], kind: dict[str, Any], seed: int = 0, /, **split: Any) -> dict[str, list[int]]:
    write(by)
    spec = spec_of([NUMBER, {"name": "by", **kind}], **split)
    return {part: rows.tolist() for part, rows in parts_of(spec, loaded(spec), Streams(seed)).items()}


def refused(*args: Any, **split: Any) -> Finding:
    with pytest.raises(DataError) as caught:
        parted(*args, **split)
    (finding,) = caught.value.findings
    return finding


TEXT = {"type": "text", "role": "id"}
GROUP = {"type": "text", "role": "group"}
SPECIES = {"type": "category", "categories": ["cat", "dog", "eel"]}


# Refusals


def test_a_row_that_says_no_part() -> None:
    finding = refused(["train", "test", "tset", "train"], TEXT, column="by")
    message = "row 4, column 'by' says 'tset', and must say train or test"
    assert finding == Finding("SN564", message, ("split", "column"), "did you mean 'test'?")


def test_a_part_that_is_not_listed() -> None:
    finding = refused(["train", "test", "validation"], TEXT, column="by")
    assert finding.message == "row 4, column 'by' says 'validation', and must say train or test"
    assert finding.help == "split.parts lists what may stand there: train, test"


def test_a_listed_part_without_a_row() -> None:
    finding = refused(["train", "train"], TEXT, column="by")
    message, help = "no row says test in column 'by'", 'split.parts = ["train"]'
    assert finding == Finding("SN512", message, ("split", "parts"), help)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (["2024-01-01", "soon"], "row 3, column 'by' says 'soon', which is no time in ISO 8601"),
        (["2024-01-01", '""'], "row 3, column 'by' is empty"),
        (
            ["2024-01-01T00:00Z", "2024-01-02"],
            "row 3, column 'by' says '2024-01-02', and the first says '2024-01-01T00:00Z': "
            "only one of them has an offset from UTC",
        ),
    ],
)
def test_a_row_without_a_time(by: list[str], message: str) -> None:
    finding = refused(by, TEXT, time="by")
    assert (finding.code, finding.message, finding.path) == ("SN564", message, ("split", "time"))


def test_a_gap_in_a_column_of_times() -> None:
    finding = refused([3, "", 1], {"type": "number", "missing": "mean"}, time="by")
    assert finding == Finding("SN564", "row 3, column 'by' is empty", ("split", "time"))


def test_an_empty_group() -> None:
    finding = refused(["ann", "", "bob"], GROUP)
    assert (finding.code, finding.message) == ("SN564", "row 3, column 'by' is empty")


@pytest.mark.parametrize(
    ("column", "class_"),
    [(SPECIES, "'eel'"), (TEXT, "'eel'"), ({**SPECIES, "encoding": "index"}, "'eel'")],
)
def test_the_class_with_too_few_rows_is_named(column: dict[str, Any], class_: str) -> None:
    finding = refused(["cat"] * 10 + ["dog"] * 10 + ["eel"], column, stratify="by")
    message = f"the class {class_} of column 'by' has 1 row, and none of them comes to test"
    assert (finding.code, finding.message) == ("SN562", message)


@pytest.mark.parametrize(
    ("column", "cell", "named"),
    [
        ({"type": "number", "missing": "mean"}, "", "of empty cells"),
        ({"type": "number"}, "2.5", "2.5"),
        ({"type": "boolean", "true": ["cat"], "false": ["eel"]}, "eel", "'eel'"),
        ({"type": "category", "categories": ["cat", "dog"], "unknown": "own"}, "eel", "of what is not listed"),
        ({"type": "date"}, "2025-02-03", "[2025.0, 2.0, 3.0]"),
    ],
)
def test_how_a_class_is_named(column: dict[str, Any], cell: str, named: str) -> None:
    usual = {"number": "1", "date": "2024-01-01"}.get(column["type"], "cat")
    finding = refused([usual] * 20 + [cell], column, stratify="by")
    assert finding.message.startswith(f"the class {named} of column 'by' has 1 row")


def test_a_group_that_a_file_puts_in_two_parts() -> None:
    write(["ann", "bob"], "t.csv")
    finding = refused(["ann", "cid"], GROUP, test_path="t.csv")
    message = "the group 'ann' of column 'by' is in two parts: row 2 is for train, and row 2 for test"
    help = "put all its rows in one part, or take the role group from the column"
    assert finding == Finding("SN565", message, ("split",), help)


@pytest.mark.parametrize(("rows", "folds"), [(3, 4), (4, 5)])
def test_fewer_rows_than_folds(rows: int, folds: int) -> None:
    finding = refused(list(range(rows)), TEXT, train=1.0, test=0.0, folds=folds, fold=1)
    assert (finding.code, finding.message) == ("SN512", f"{rows} rows leave none for fold {folds}")


# A column


def test_p14_a_column_says_which_rows_are_for_what() -> None:
    by = ["train", "test", "validation", "train", "test"]
    parts = parted(by, TEXT, column="by", parts=["train", "validation", "test"], shuffle=False)
    assert parts == {"train": [0, 3], "validation": [2], "test": [1, 4]}
    shuffled = parted(by, TEXT, column="by", parts=["train", "validation", "test"])
    assert {part: sorted(rows) for part, rows in shuffled.items()} == parts


# Files


def test_parts_in_files_of_their_own() -> None:
    write(["v"] * 2, "v.csv")
    write(["t"] * 3, "t.csv")
    write(["d"] * 4)
    spec = spec_of([NUMBER, {"name": "by", **TEXT}], validation_path="v.csv", test_path="t.csv", shuffle=False)
    data = loaded(spec)
    parts = parts_of(spec, data, Streams(0))
    assert {part: rows.tolist() for part, rows in parts.items()} == {
        "train": [0, 1, 2, 3],
        "validation": [4, 5],
        "test": [6, 7, 8],
    }
    assert list(data.labels["by"]) == list("ddddvvttt")
    assert [file.name for file in data.files] == ["d.csv", "v.csv", "t.csv"]
    assert [data.row(row) for row in range(9)] == [2, 3, 4, 5, 2, 3, 2, 3, 4]


def test_the_other_rows_are_parted_by_fractions() -> None:
    write(["t"] * 3, "t.csv")
    parts = parted(["d"] * 10, TEXT, test_path="t.csv", train=0.8, validation=0.2)
    assert list(map(len, parts.values())) == [8, 2, 3]
    assert parts["test"] == [10, 11, 12]
    assert sorted([*parts["train"], *parts["validation"]]) == list(range(10))


def test_p05_rows_without_a_target_are_dropped_per_file_and_an_empty_test_is_refused() -> None:
    target = {**TARGET, "missing": "drop"}
    Path("d.csv").write_text("x,y\n1,2\n2,\n3,4\n")
    Path("t.csv").write_text("x,y\n1,\n2,5\n3,\n")
    spec = spec_of([NUMBER], test_path="t.csv")
    dataset = spec.dataset.model_copy(update={"columns": load_columns([NUMBER, target])})
    spec = spec.model_copy(update={"dataset": dataset})
    data = loaded(spec)
    assert data.dropped == 3
    assert {part: len(rows) for part, rows in parts_of(spec, data, Streams(0)).items()} == {
        "train": 2,
        "validation": 0,
        "test": 1,
    }
    Path("t.csv").write_text("x,y\n1,\n2,\n")
    with pytest.raises(DataError) as error:
        loaded(spec)
    (finding,) = error.value.findings
    assert finding.message == "t.csv: none of 2 rows has a value in each column that it needs"
    assert (finding.code, finding.path) == ("SN505", ("split", "test_path"))


def load_columns(columns: list[dict[str, Any]]) -> Any:
    data = {"type": "csv", "path": "d.csv", "columns": columns}
    return BUILTINS.find("dataset", "csv").model_validate(data, context={"registry": BUILTINS}).columns  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        (None, "SN501", ("split", "test_path")),
        ("x,y\n", "SN505", ("split", "test_path")),
        ("x,z\n1,2\n", "SN504", ("dataset", "columns", 1, "name")),
    ],
)
def test_what_is_wrong_with_another_file(text: str | None, code: str, path: tuple[str | int, ...]) -> None:
    Path("d.csv").write_text("x,y\n1,2\n2,3\n")
    if text is not None:
        Path("t.csv").write_text(text)
    with pytest.raises(DataError) as error:
        loaded(spec_of([NUMBER], test_path="t.csv"))
    (finding,) = error.value.findings
    assert (finding.code, finding.path) == (code, path)
    assert finding.file is None or finding.file.endswith("t.csv")


# Strata, groups and times


@pytest.mark.parametrize("column", [SPECIES, TEXT, {**SPECIES, "encoding": "index"}])
@pytest.mark.parametrize("seed", range(3))
def test_every_part_has_its_share_of_each_class(column: dict[str, Any], seed: int) -> None:
    by = ["cat", "dog", "dog", "eel", "dog"] * 20
    parts = parted(by, column, seed, stratify="by", train=0.7, validation=0.15, test=0.15)
    found = {part: [[by[row] for row in rows].count(name) for name in ("cat", "dog", "eel")] for part, rows in
             parts.items()}  # fmt: skip
    assert found == {"train": [14, 42, 14], "validation": [3, 9, 3], "test": [3, 9, 3]}


def test_a_target_of_a_generated_dataset_stratifies() -> None:
    spec = load_spec(
        {
            "format": 1,
            "name": "small",
            "dataset": {"type": "blobs", "samples": 90},
            "split": {"stratify": "class_0"},
            "layers": [{"type": "dense", "units": 3}],
            "loss": {"type": "categorical_cross_entropy", "from_logits": True},
            "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
            "training": {"epochs": 1},
        },
        None,
        BUILTINS,
    )
    data = loaded(spec)
    parts = parts_of(spec, data, Streams(0))
    of_class = data.targets.values[:, 0] == 1
    assert [int(of_class[rows].sum()) for rows in parts.values()] == [21, 0, 9]


@given(st.permutations(["ann"] * 5 + ["bob"] * 4 + ["cid"] * 4 + ["dan"] * 2 + ["eve"]), st.integers(0, 5))
@settings(derandomize=True, deadline=None, max_examples=20)
def test_which_group_goes_where_does_not_depend_on_the_order_of_the_rows(by: list[str], seed: int) -> None:
    def homes(by: list[str]) -> dict[str, str]:
        parts = parted(by, GROUP, seed, train=0.6, validation=0.2, test=0.2)
        return {by[row]: part for part, rows in parts.items() for row in rows}

    assert homes(by) == homes(sorted(by))


def test_the_seed_decides_between_groups_of_one_size() -> None:
    by = [name for name in "abcdefgh" for _ in range(3)]
    tests = {tuple(sorted({by[row] for row in parted(by, GROUP, seed, train=0.75, test=0.25)["test"]})) for seed in
             range(20)}  # fmt: skip
    assert len(tests) > 5
    first = parted(by, GROUP, train=0.75, test=0.25, shuffle=False)
    assert sorted({by[row] for row in first["test"]}) == ["f", "h"]


@pytest.mark.parametrize(
    ("column", "by"),
    [
        (TEXT, ["2024-03-01", "2023-12-31T23:59", "2024-01-05", "2024-01-05T00:00", "2024-02-29"]),
        (TEXT, ["2024-01-01T02:00+02:00", "2023-12-31T22:00Z", "2023-12-31T23:00Z", "2024-01-01T00:00+01:00",
                "2023-12-31T23:30Z"]),
        ({"type": "number"}, [7, -1, 3, 3, 5]),
        ({"type": "date"}, ["2024-03-01", "2023-12-31", "2024-01-05", "2024-01-05", "2024-02-29"]),
        ({"type": "date", "parts": ["day", "month", "year"]}, ["2024-03-01", "2023-12-31", "2024-01-05", "2024-01-05",
                                                              "2024-02-29"]),
        ({"type": "date", "parts": ["day_of_year", "year", "weekday"]}, ["2024-03-01", "2023-12-31", "2024-01-05",
                                                                        "2024-01-05", "2024-02-29"]),
    ],
)  # fmt: skip
def test_the_earliest_rows_are_for_training(column: dict[str, Any], by: list[Any]) -> None:
    assert parted(by, column, time="by", train=0.4, validation=0.4, test=0.2) == {
        "train": [1],
        "validation": [2, 3, 4],
        "test": [0],
    }


# Folds


@pytest.mark.parametrize(
    ("column", "split"),
    [
        (TEXT, {}),
        (TEXT, {"shuffle": False}),
        (TEXT, {"stratify": "by"}),
        (GROUP, {}),
        (TEXT, {"train": 0.6, "validation": 0.2, "test": 0.2}),
        (TEXT, {"stratify": "by", "train": 0.6, "validation": 0.2, "test": 0.2}),
        (TEXT, {"train": 1.0, "test": 0.0}),
    ],
)
def test_each_row_that_is_not_for_the_test_is_in_one_fold(column: dict[str, Any], split: dict[str, Any]) -> None:
    by = [f"g{i % 9}" for i in range(90)]
    whole = parted(by, column, 3, **split)
    folds = [parted(by, column, 3, **split, folds=3, fold=fold) for fold in (1, 2, 3)]
    pool = sorted([*whole["train"], *whole["validation"]])
    assert sorted(row for parts in folds for row in parts["test"]) == pool
    for parts in folds:
        assert sorted(row for rows in parts.values() for row in rows) == pool
        assert bool(parts["validation"]) == ("validation" in split)
        assert abs(3 * len(parts["test"]) - len(pool)) <= (10 * 3 if column is GROUP else 2)
        if column is GROUP:
            assert not {by[row] for row in parts["train"]} & {by[row] for row in parts["test"]}
        if "stratify" in split:
            assert {[by[row] for row in parts["test"]].count(name) for name in by} <= {2, 3}


@pytest.mark.parametrize("split", [{}, {"stratify": "by"}])
def test_folds_are_cut_from_the_rows_as_they_were_shuffled(split: dict[str, Any]) -> None:
    by = ["a"] * 40
    order = Streams(3).of("split").permutation(40).tolist()
    assert parted(by, TEXT, 3, **split, folds=4, fold=2) == {"train": order[:7] + order[14:28], "validation": [],
                                                            "test": order[7:14]}  # fmt: skip


def test_validation_rows_of_a_file_or_a_column_stay_what_they_are() -> None:
    by = ["train"] * 6 + ["validation"] * 2 + ["test"] * 2
    parts = parted(by, TEXT, column="by", parts=["train", "validation", "test"], shuffle=False, folds=3, fold=2)
    assert parts == {"train": [0, 1, 4, 5], "validation": [6, 7], "test": [2, 3]}
    write(["v"] * 2, "v.csv")
    parts = parted(["d"] * 6, TEXT, validation_path="v.csv", train=1.0, test=0.0, shuffle=False, folds=3, fold=3)
    assert parts == {"train": [0, 1, 2, 3], "validation": [6, 7], "test": [4, 5]}


@given(st.integers(0, 2**32 - 1), st.sampled_from([{}, {"stratify": "by"}, {"folds": 4, "fold": 2}]))
@settings(derandomize=True, deadline=None, max_examples=20)
def test_the_parts_are_a_pure_function_of_the_seed(seed: int, split: dict[str, Any]) -> None:
    by = [f"g{i % 3}" for i in range(40)]
    assert parted(by, TEXT, seed, **split) == parted(by, TEXT, seed, **split)
    assert parted(by, TEXT, seed, **split) != parted(by, TEXT, seed + 1, **split)


def test_what_the_plan_says_before_the_data_is_read() -> None:
    for rows, folds in [(100, 3), (41, 4), (10, 2)]:
        for fold in range(1, folds + 1):
            split = {"train": 0.6, "validation": 0.2, "test": 0.2, "folds": folds, "fold": fold}
            parts = parted(list(range(rows)), TEXT, **split)
            spec = spec_of([NUMBER], **split)
            assert spec.split.sizes(rows) == {part: len(index) for part, index in parts.items()}
