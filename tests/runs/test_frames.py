from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import run
from specnet.errors import UsageError

if TYPE_CHECKING:
    from specnet.runs import Run

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "frames",
    "dataset": {
        "type": "csv",
        "path": "d.csv",
        "inputs": ["a"],
        "targets": ["y"],
        "columns": [
            {"type": "category", "name": "colour", "categories": ["blue", "red"]},
            {"type": "number", "name": "size", "missing": "median"},
            {"type": "boolean", "name": "new"},
        ],
    },
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "adam", "learning_rate": 0.05},
    "training": {"epochs": 2},
}
COLUMNS: dict[str, list[Any]] = {
    "size": [5.0, None, 7.5],
    "unused": ["x", "y", "z"],
    "new": [True, False, True],
    "colour": ["red", "blue", "blue"],
    "a": [1.0, 2.0, 3.0],
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("trained")
    rows = "".join(f"{i},{('blue', 'red')[i % 2]},{i % 5},{i % 3 == 0},{i}\n" for i in range(20))
    (folder / "d.csv").write_text("a,colour,size,new,y\n" + rows)
    return run({**SPEC, "dataset": {**SPEC["dataset"], "path": str(folder / "d.csv")}}, out=folder / "run")


@pytest.fixture
def wanted(trained: Run) -> list[list[float]]:
    rows = [[COLUMNS[name][i] for name in ("a", "colour", "size", "new")] for i in range(3)]
    predictions: list[list[float]] = trained.predict(rows).tolist()
    return predictions


class NAType:
    """As pandas says that nothing is there: it is neither true nor false."""

    def __eq__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = None  # type: ignore[assignment]


class Series:
    """A column of a dataframe."""

    def __init__(self, cells: list[Any]) -> None:
        self._cells = cells

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        cells = np.empty(len(self._cells), object)
        cells[:] = self._cells
        return cells if dtype is None else cells.astype(dtype)


class Frame:
    """What pandas and polars have in common; iterating over pandas gives names."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self._columns = columns
        self.columns = np.array(list(columns), object)

    def __getitem__(self, name: str) -> Series:
        return Series(self._columns[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)


class Streamed:
    """What gives its columns by the Arrow protocol alone."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({}, "SN530 column 'a' is not among those of the rows"),
        ({"a": [1], "color": ["red"]}, "SN530 column 'colour' is not among those of the rows\n  = help: did you mean"),
        ({**COLUMNS, "a": [1, 2]}, "SN530 columns must be lists of cells that are equally long: 'colour' has 3, 'a' 2"),
        ({**COLUMNS, "a": 1}, "SN530 columns must be lists of cells that are equally long: 'a' has 0 axes, 'a' 0 axes"),
        ({**COLUMNS, "a": [1, "2", 3]}, "SN530 row 2, column 'a': '2' is not a number"),
        ({**COLUMNS, "a": [1, None, 3]}, "SN530 row 2, column 'a': nan is no input"),
        ({**COLUMNS, "a": [1, True, 3]}, "SN530 row 2, column 'a': True is not a number"),
        ({**COLUMNS, "colour": ["red", "pink", "red"]}, "SN530 row 2, column 'colour': 'pink' is not one of the cat"),
        (Frame({"a": [1]}), "SN530 column 'colour' is not among those of the rows\n  = help: columns: a"),
        (Streamed(), "SN530 Streamed gives its columns by a protocol that is read with pyarrow, which is missing"),
    ],
)
def test_columns_that_cannot_be_predicted(trained: Run, rows: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError) as caught:
        trained.predict(rows)
    assert str(caught.value).startswith(says)


def test_p04_columns_by_name_in_any_order_with_others_between(trained: Run, wanted: list[list[float]]) -> None:
    assert trained.predict(COLUMNS).tolist() == wanted
    assert trained.predict(dict(reversed(COLUMNS.items()))).tolist() == wanted
    arrays = {name: np.array(cells) for name, cells in COLUMNS.items()}
    assert trained.predict(arrays).tolist() == wanted


@pytest.mark.parametrize("gap", [None, float("nan"), NAType()], ids=["none", "nan", "na"])
def test_a_dataframe_is_columns_by_name(trained: Run, wanted: list[list[float]], gap: object) -> None:
    assert trained.predict(Frame({**COLUMNS, "size": [5.0, gap, 7.5]})).tolist() == wanted


def test_a_structured_array_and_a_mask(trained: Run, wanted: list[list[float]]) -> None:
    dtype = [("new", "O"), ("colour", "U4"), ("a", "f4"), ("size", "f8")]
    rows = [(COLUMNS["new"][i], COLUMNS["colour"][i], COLUMNS["a"][i], COLUMNS["size"][i] or np.nan) for i in range(3)]
    assert trained.predict(np.array(rows, dtype)).tolist() == wanted
    masked = np.ma.MaskedArray([5.0, -99.0, 7.5], [False, True, False])
    assert trained.predict({**COLUMNS, "size": masked}).tolist() == wanted


def test_columns_are_left_as_they_were(trained: Run) -> None:
    before = {name: list(cells) for name, cells in COLUMNS.items()}
    trained.predict(before)
    assert before == COLUMNS


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_dataframes_of_others(trained: Run, wanted: list[list[float]], library: str) -> None:
    module = pytest.importorskip(library)
    make = module.table if library == "pyarrow" else module.DataFrame
    assert trained.predict(make(COLUMNS)).tolist() == wanted


def test_answers_have_the_names_of_a_file_of_predictions(trained: Run, wanted: list[list[float]]) -> None:
    answers = trained.answers(COLUMNS)
    assert list(answers) == ["predicted_y"]
    assert answers["predicted_y"].tolist() == [row[0] for row in wanted]
    assert Path(trained.path).exists()
