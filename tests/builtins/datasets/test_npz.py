from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from specnet.builtins.class_columns import Category
from specnet.builtins.datasets.npz import Npz
from specnet.component import Data, LoadContext
from specnet.errors import DataError
from specnet.streams import Streams


def load(folder: Path, **fields: Any) -> Data:
    spec = {"path": "d.npz", "inputs": ["X0..X1"], "targets": ["y"], **fields}
    return Npz(**spec).load(LoadContext(folder, Streams(0).of("data")))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"path": " "}, "path is empty: name an .npz or .npy file, relative to the spec file"),
        (
            {"inputs": ["X5..X3"]},
            "'X5..X3' goes from 5 to 3: write the smaller number first, at most 1,000,000 columns",
        ),
        (
            {"inputs": ["X0..X1000000"]},
            "'X0..X1000000' goes from 0 to 1000000: write the smaller number first, at most 1,000,000 columns",
        ),
        ({"inputs": ["X0..X3", "X2"]}, "column 'X2' is named 2 times in inputs"),
        ({"inputs": 3}, "Input should be a valid tuple"),
        ({"inputs": [3]}, "Input should be a valid string"),
    ],
)
def test_fields_that_are_refused(fields: dict[str, Any], message: str) -> None:
    said: dict[str, Any] = {"path": "d.npz", "inputs": ["X0"], "targets": ["y"]} | fields
    with pytest.raises(ValidationError) as caught:
        Npz(**said)
    assert caught.value.errors()[0]["msg"].removeprefix("Value error, ") == message


def test_p04_an_array_of_another_width_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", X=np.zeros((3, 1)), y=np.zeros(3))
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == ("SN504", "column 'X1' is not in the header of d.npz")


def test_a_missing_number_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", X=[[1.0, 2.0], [3.0, np.nan]], y=np.zeros(2))
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.line) == ("SN507", 2)
    assert "column 'X1'" in finding.message


def test_names_between_two_numbers() -> None:
    names = Npz(path="d.npz", inputs=("a", "X8..X11", "b0..c3"), targets=("y0..y0",))
    assert names.inputs == ("a", "X8", "X9", "X10", "X11", "b0..c3")
    assert names.targets == ("y0",)


def test_arrays_are_columns(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", X=np.arange(8).reshape(2, 2, 2), y=[1.5, 2.5], k=["b", "a"])
    data = load(tmp_path, inputs=["X0..X3"])
    assert data.inputs.names == ("X0", "X1", "X2", "X3")
    assert data.inputs.values.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert data.targets.values.tolist() == [[1.5], [2.5]]
    assert data.files == ((tmp_path / "d.npz").resolve(),)
    classes = Category(name="k", role="target", categories=("a", "b"))
    one_hot = load(tmp_path, targets=[], columns=[classes]).targets
    assert (one_hot.names, one_hot.values.tolist()) == (("k=a", "k=b"), [[0, 1], [1, 0]])


def test_one_array(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.arange(6.0).reshape(2, 3))
    data = load(tmp_path, path="d.npy", inputs=["x0..x1"], targets=["x2"])
    assert data.inputs.values.tolist() == [[0, 1], [3, 4]]


@pytest.mark.parametrize("room", ["npz", "idx", "rows"])
def test_the_room_is_imported_without_numpy(room: str) -> None:
    code = f"import sys, specnet.builtins.datasets.{room}; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
