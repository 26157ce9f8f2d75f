"""Typed columns from a file to the numbers that a net sees, and what was learned of them to disk and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from specnet import load_run, run
from specnet.artifacts import RunDirectory, decode_tensors
from specnet.builtins.class_columns import Boolean, Category
from specnet.builtins.columns import Date, Number, Text
from specnet.builtins.datasets.csv import Csv
from specnet.component import Column, Data, LoadContext
from specnet.errors import DataError, Finding, UsageError
from specnet.streams import Streams

if TYPE_CHECKING:
    from pathlib import Path

AREA = Number(name="area", missing="median")
COLOUR = Category(name="colour", categories=("blue", "red"))
PRICE = Number(name="price", role="target")
ROWS = "area,colour,price,id,sold\n10,red,1,h1,yes\n,blue,2,h2,no\n30,red,3,h3,yes\n"


def table(*columns: Column, **fields: Any) -> Csv:
    return Csv(path="d.csv", columns=columns, **fields)


def load(folder: Path, text: str, *columns: Column, **fields: Any) -> Data:
    (folder / "d.csv").write_text(text)
    return table(*columns, **fields).load(LoadContext(folder, Streams(0).of("data")))


def refused(*columns: Column, **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        table(*columns, **fields)
    (error,) = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


def fault(folder: Path, text: str, *columns: Column) -> Finding:
    with pytest.raises(DataError) as caught:
        load(folder, text, *columns)
    (finding,) = caught.value.findings
    return finding


# Refusals


def test_a_column_stands_in_one_place() -> None:
    says = refused(AREA, PRICE, inputs=("area",))
    assert says == "column 'area' is named 2 times: in `inputs`, in `targets` or in `columns`"


def test_there_is_something_to_learn_from_and_something_to_learn() -> None:
    assert refused(AREA) == "there is no target: name one in `targets`, or give one of `columns` the role target"
    assert refused(PRICE) == "there is no input: name one in `inputs`, or give one of `columns` the role input"


def test_one_column_of_weights() -> None:
    weights = [Number(name=name, role="weight") for name in ("v", "w")]
    assert refused(AREA, PRICE, *weights) == "'v' and 'w' have the role weight, and there can be one"


def test_two_numbers_of_one_name() -> None:
    says = refused(Number(name="colour=red"), COLOUR, PRICE)
    assert says == "two columns give a number called 'colour=red': rename one of them in the file"


def test_an_empty_cell_is_refused_unless_something_is_said(tmp_path: Path) -> None:
    found = fault(tmp_path, ROWS, Number(name="area"), PRICE)
    assert found == Finding(
        "SN507",
        "row 3, column 'area' is empty",
        ("dataset", "columns", 0, "name"),
        "fill it in, or say `missing = ...` of the column",
        file=str(tmp_path / "d.csv"),
        line=3,
    )


def test_p03_the_row_and_the_column_of_a_category_that_is_not_listed(tmp_path: Path) -> None:
    found = fault(tmp_path, ROWS.replace("blue", "green"), AREA, COLOUR, PRICE)
    assert (found.code, found.line) == ("SN507", 3)
    assert found.message == "row 3, column 'colour': 'green' is not one of the categories"
    assert found.help == "list it in `categories`; there are blue, red"


def test_the_first_fault_of_the_file_is_told(tmp_path: Path) -> None:
    text = "area,colour,price\n1,red,1\n2,green,2\n,red,3\n"
    assert fault(tmp_path, text, Number(name="area"), COLOUR, PRICE).line == 3


def test_weights_below_nothing(tmp_path: Path) -> None:
    found = fault(tmp_path, "area,price,w\n1,1,1\n2,2,-1\n", AREA, PRICE, Number(name="w", role="weight"))
    assert found.message == "column 'w' holds the weights of rows, and -1 is below 0"
    found = fault(tmp_path, "area,price,w\n1,1,0\n", AREA, PRICE, Number(name="w", role="weight"))
    assert found.message == "column 'w' holds the weights of rows, and all of them are 0"


def test_nothing_is_left_when_each_row_is_dropped(tmp_path: Path) -> None:
    found = fault(tmp_path, "area,price\n,1\n,2\n", Number(name="area", missing="drop"), PRICE)
    assert (found.code, found.message) == ("SN505", "d.csv: none of 2 rows has a value in each column that it needs")


# What is read


def test_every_column_in_its_role(tmp_path: Path) -> None:
    columns = (AREA, COLOUR, Text(name="id"), PRICE, Boolean(name="sold", role="ignore"))
    data = load(tmp_path, ROWS, *columns)
    assert data.inputs.names == ("area", "colour=blue", "colour=red")
    np.testing.assert_array_equal(data.inputs.values, [[10, 0, 1], [np.nan, 1, 0], [30, 0, 1]])
    assert data.targets.values.ravel().tolist() == [1, 2, 3]
    assert data.labels == {"id": ["h1", "h2", "h3"]}
    assert (data.weights, data.dropped) == (None, 0)
    assert data.lines is not None
    assert data.lines.tolist() == [2, 3, 4]
    assert table(*columns).plan() == (("area", "colour=blue", "colour=red"), ("price",), None)


def test_short_lists_come_first(tmp_path: Path) -> None:
    data = load(
        tmp_path, "a,b,c,y\n1,2,red,4\n", Category(name="c", categories=("red",)), inputs=("b", "a"), targets=("y",)
    )
    assert data.inputs.names == ("b", "a", "c=red")
    assert data.inputs.values.tolist() == [[2, 1, 1]]


def test_p05_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    columns = (Number(name="area", missing="drop"), Text(name="id"), PRICE, Number(name="price2", role="weight"))
    data = load(tmp_path, ROWS.replace("sold", "price2").replace("yes", "1").replace("no", "2"), *columns)
    assert (data.inputs.values.ravel().tolist(), data.dropped) == ([10, 30], 1)
    assert (data.labels, data.weights is not None and data.weights.tolist()) == ({"id": ["h1", "h3"]}, [1, 1])
    assert data.lines is not None
    assert data.lines.tolist() == [2, 4]


def test_parts_of_a_date_are_inputs(tmp_path: Path) -> None:
    data = load(tmp_path, "day,price\n2024-02-29,1\n", Date(name="day", parts=("weekday", "month")), PRICE)
    assert data.inputs.names == ("day.weekday", "day.month")
    assert data.inputs.values.tolist() == [[3, 2]]


def test_a_spreadsheet_of_another_country(tmp_path: Path) -> None:
    text = "\ufeffarea;price\r\n1.234,5;NA\r\n-2,5;3\r\n"
    marks = {"delimiter": ";", "decimal": ",", "thousands": ".", "missing": ("NA",)}
    data = load(tmp_path, text, Number(name="area"), Number(name="price", role="target", missing=0), **marks)
    assert data.inputs.values.tolist() == [[1234.5], [-2.5]]
    assert data.targets.values.tolist() == [[0], [3]]


# The path


def spec(**changes: Any) -> dict[str, Any]:
    columns = [
        {"type": "number", "name": "area", "missing": "median", "scaler": "robust"},
        {"type": "category", "name": "colour", "categories": ["blue", "red"], "unknown": "ignore"},
        {"type": "number", "name": "floor"},
        {"type": "number", "name": "price", "role": "target"},
    ]
    base = {
        "format": 1,
        "name": "houses",
        "dataset": {"type": "csv", "path": "houses.csv", "columns": columns},
        "split": {"train": 0.75, "test": 0.25, "shuffle": False},
        "scaling": {"inputs": "standardize", "targets": "minmax"},
        "layers": [{"type": "dense", "units": 1}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "training": {"epochs": 3},
        "predict": [{"inputs": [[10, "red", 1]]}],
    }
    return base | changes


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [f"{'' if i == 3 else i * 10},{('red', 'blue')[i % 2]},{i % 3},{i * 100}" for i in range(8)]
    (tmp_path / "houses.csv").write_text("\n".join(["area,colour,floor,price", *rows]))
    return tmp_path


def test_what_is_learned_comes_from_the_training_rows_and_is_stored(houses: Path) -> None:
    trained = run(spec(), out="out")
    tensors, _ = decode_tensors(RunDirectory.open(houses / "out").read_bytes("model.safetensors"))
    learned = {name: array.tolist() for name, array in tensors.items() if name.startswith("scaling/")}
    # areas 0, 10, 20, gap, 40, 50: the median 20 in the gap, then the quartiles 12.5 and 35
    assert learned["scaling/inputs/area.median"] == [20]
    assert learned["scaling/inputs/area.spread"] == [22.5]
    assert learned["scaling/inputs.mean"] == [1], "of the floor alone: no category is scaled"
    assert learned["scaling/targets.range"] == [500]
    np.testing.assert_array_equal(learned["scaling/fill/inputs"], [20, np.nan, np.nan, np.nan])
    assert trained.input_names == ("area", "colour", "floor")


def test_p24_a_stored_run_predicts_the_same(houses: Path) -> None:
    trained = run(spec(), out="out")
    rows = [[10, "red", 1], [None, "blue", 2], [None, "green", 2.5]]
    np.testing.assert_array_equal(load_run("out").predict(rows), trained.predict(rows))
    W, b = trained.weights.tensors()["layers.0.W"], trained.weights.tensors()["layers.0.b"]
    std = np.sqrt(2 / 3)
    z = np.array([[(10 - 20) / 22.5, 0, 1, (1 - 1) / std], [0, 1, 0, 1 / std], [0, 0, 0, 1.5 / std]])
    np.testing.assert_allclose(trained.predict(rows), (z @ np.atleast_2d(W).T + b) * 500, rtol=1e-12)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([[1, "red"]], "a row needs 3 cells (area, colour, floor), not 2 cells"),
        ([["x", "red", 1]], "row 1, column 'area': 'x' is not a number"),
        ([[True, "red", 1]], "row 1, column 'area': True is not a number"),
        ([[1, "red", None]], "row 1, column 'floor': nan is no input"),
        ([[1, None, 1]], "row 1, column 'colour': None is no input"),
        ([[1, "red", float("inf")]], "row 1, column 'floor': inf is not finite"),
    ],
)
def test_cells_that_cannot_be_predicted_from(houses: Path, rows: Any, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(spec(), out="out").predict(rows)
    assert caught.value.findings[0].message == says


def test_predictions_of_a_row_that_training_leaves_out_are_nothing(houses: Path) -> None:
    columns = [dict(column) for column in spec()["dataset"]["columns"]]
    columns[0]["missing"] = "drop"
    trained = run(spec(dataset={"type": "csv", "path": "houses.csv", "columns": columns}), out="out")
    predicted = trained.predict([[None, "red", 1], [10, "red", 1]])
    assert np.isnan(predicted).ravel().tolist() == [True, False]
    assert trained.predict([[10, "red", 1]])[0] == predicted[1]


def test_a_column_without_a_value_in_training(houses: Path) -> None:
    text = (houses / "houses.csv").read_text().splitlines()
    emptied = [text[0], *("," + row.split(",", 1)[1] for row in text[1:7]), *text[7:]]
    (houses / "houses.csv").write_text("\n".join(emptied))
    with pytest.raises(DataError) as caught:
        run(spec(), out="out")
    (found,) = caught.value.findings
    says = "column 'area' is empty in all training rows: there is no median of it"
    assert (found.code, found.message) == ("SN515", says)
    assert not (houses / "out").exists()


@pytest.mark.parametrize("row", [2, 8])
def test_a_number_that_a_scaler_cannot_take(houses: Path, row: int) -> None:
    columns = [dict(column) for column in spec()["dataset"]["columns"]]
    columns[2]["scaler"] = "log1p"
    text = (houses / "houses.csv").read_text().splitlines()
    a, b, _, d = text[row].split(",")
    text[row] = f"{a},{b},-1,{d}"
    (houses / "houses.csv").write_text("\n".join(text))
    with pytest.raises(DataError) as caught:
        run(spec(dataset={"type": "csv", "path": "houses.csv", "columns": columns}), out="out")
    (found,) = caught.value.findings
    says = "column 'floor' holds -1, and log1p takes numbers from -1 to inf without these"
    assert (found.code, found.message) == ("SN514", says)


def test_rows_to_predict_are_checked_before_training(houses: Path) -> None:
    from specnet.errors import SpecError

    with pytest.raises(SpecError) as caught:
        run(spec(predict=[{"inputs": [["x", "red", 1], [1, "pink", True]]}]), out="out")
    found = {finding.dotted: finding.message for finding in caught.value.findings}
    assert found["predict.0.inputs.0.0"] == "the column 'area': 'x' is no number"
    assert found["predict.0.inputs.1.2"] == "the column 'floor': true is no number"
