"""Arrays in a program's hands: what is refused, and that they are trained on as a file with the same numbers is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specnet import load_run, resume, run
from specnet.errors import DataError, SpecError
from specnet.registry import Registry
from specnet.runs.evaluation import evaluate

REGISTRY = Registry([])
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "arrays",
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
    "training": {"epochs": 5},
}
X = np.random.Generator(np.random.PCG64(1)).normal(size=(20, 2))
Y = X @ [1.0, -2.0]


class Frame:
    """As much of a dataframe as is looked at."""

    columns = ("left", 7)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return X


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, Y[1:], "X has 20 rows, y has 19"),
        (X[0], Y, "X must have rows and columns, its shape is (2,)"),
        (X[:0], Y[:0], "X must have rows and columns, its shape is (0, 2)"),
        ([["a"]], Y, "X is no array of numbers"),
        ([[1.0], [2.0, 3.0]], Y, "X is no array of numbers"),
        (X, [*Y[:3], np.nan, *Y[4:]], "y[3, 0] is nan"),
        ([*X[:2].tolist(), [0, np.inf], *X[3:].tolist()], Y, "X[2, 1] is inf"),
    ],
)
def test_what_cannot_be_trained_on(x: Any, y: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(SPEC, data=(x, y), out=tmp_path / "run", registry=REGISTRY)
    help = "X is (rows, columns) of finite numbers, y has as many rows"
    assert str(caught.value) == f"SN543 {message}\n  = help: {help}"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (["a"], "the weights are no array of numbers"),
        (np.ones(19), "there is one weight for each of 20 rows, their shape is (19,)"),
        (np.zeros(20), "a weight is a finite number from 0 on, and one of them is above"),
        (np.linspace(-1, 1, 20), "a weight is a finite number from 0 on, and one of them is above"),
        (np.full(20, np.inf), "a weight is a finite number from 0 on, and one of them is above"),
    ],
)
def test_weights_that_are_none(weights: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(SPEC, data=(X, Y, weights), out=tmp_path / "run", registry=REGISTRY)
    assert caught.value.findings[0].message == message


def test_a_spec_without_a_dataset_needs_one_when_no_arrays_are_given(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="SN103 missing key 'dataset'"):
        run(SPEC, out=tmp_path / "run", registry=REGISTRY)


def test_other_columns_than_the_spec_names_are_refused(tmp_path: Path) -> None:
    named = SPEC | {"dataset": {"type": "arrays", "inputs": ["a", "b"], "targets": ["y"]}}
    with pytest.raises(DataError, match="SN511"):
        run(named, data=(X, Y), out=tmp_path / "run", registry=REGISTRY)


def test_a_run_of_arrays_has_no_rows_to_be_measured_on_again(tmp_path: Path) -> None:
    made = run(SPEC, data=(X, Y), out=tmp_path / "run", registry=REGISTRY)
    for again in (lambda: evaluate(made), lambda: resume(made.path, epochs=9, registry=REGISTRY)):
        with pytest.raises(DataError, match=r"^SN544 the rows are those of a program, which is not here to show them"):
            again()


def test_arrays_are_trained_on_as_a_file_is(tmp_path: Path) -> None:
    rows = "\n".join(f"{a!r},{b!r},{y!r}" for (a, b), y in zip(X.tolist(), Y.tolist(), strict=True))
    (tmp_path / "d.csv").write_text(f"x0,x1,y\n{rows}\n")
    csv = {"type": "csv", "path": str(tmp_path / "d.csv"), "inputs": ["x0", "x1"], "targets": ["y"]}
    by_file = run(SPEC | {"dataset": csv}, out=tmp_path / "file", registry=REGISTRY)
    by_arrays = run(SPEC, data=(X, Y.tolist()), out=tmp_path / "arrays", registry=REGISTRY)
    np.testing.assert_array_equal(by_arrays.weights.flat, by_file.weights.flat)
    assert by_arrays.manifest["rows"] == by_file.manifest["rows"]
    np.testing.assert_array_equal(load_run(by_arrays.path, REGISTRY).predict(X), by_file.predict(X))


def test_rows_count_as_those_of_a_file_do(tmp_path: Path) -> None:
    weights = np.arange(20.0)
    lines = (f"{a!r},{b!r},{y!r},{w!r}" for (a, b), y, w in zip(X.tolist(), Y.tolist(), weights.tolist(), strict=True))
    (tmp_path / "d.csv").write_text("\n".join(["x0,x1,y,w", *lines]))
    weight = {"type": "number", "name": "w", "role": "weight"}
    path = str(tmp_path / "d.csv")
    csv = {"type": "csv", "path": path, "inputs": ["x0", "x1"], "targets": ["y"], "columns": [weight]}
    by_file = run(SPEC | {"dataset": csv}, out=tmp_path / "file", registry=REGISTRY)
    by_arrays = run(SPEC, data=(X, Y, weights), out=tmp_path / "arrays", registry=REGISTRY)
    equal = run(SPEC, data=(X, Y), out=tmp_path / "equal", registry=REGISTRY)
    np.testing.assert_array_equal(by_arrays.weights.flat, by_file.weights.flat)
    assert (by_arrays.weights.flat != equal.weights.flat).any()


def test_columns_have_the_names_of_a_dataframe(tmp_path: Path) -> None:
    made = run(SPEC, data=(Frame(), Y), out=tmp_path / "run", registry=REGISTRY)
    assert (made.plan.inputs, made.plan.targets) == (("left", "7"), ("y",))
    two = run(SPEC, set={"layers.0.units": 2}, data=(X, X), out=tmp_path / "two", registry=REGISTRY)
    assert (two.plan.inputs, two.plan.targets) == (("x0", "x1"), ("y0", "y1"))


def test_a_file_without_a_dataset_will_do(tmp_path: Path) -> None:
    text = '{"format": 1, "name": "file", "layers": [{"type": "dense", "units": 1}], "loss": "mse", '
    text += '"optimizer": {"type": "gradient_descent", "learning_rate": 0.1}, "training": {"epochs": 2}}'
    (tmp_path / "spec.json").write_text(text)
    assert run(tmp_path / "spec.json", data=(X, Y), out=tmp_path / "run", registry=REGISTRY).status == "finished"
