"""The exporter: refusals, and models that onnxruntime runs as the engine does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
import pytest
import specnet_onnx
from specnet_onnx import Onnx

from specnet import run
from specnet.cli import main
from specnet.testing import contract_tests

if TYPE_CHECKING:
    from specnet import Run

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BASE: dict[str, Any] = {
    "format": 1,
    "name": "net",
    "seed": 4,
    "dataset": {"type": "arithmetic", "samples": 60},
    "split": {"train": 0.5, "test": 0.5},
    "scaling": {"inputs": "standardize", "targets": "minmax"},
    "layers": [{"type": "dense", "units": 3, "activation": "tanh"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 3, "batch_size": 8},
}
OUT = {"type": "dense", "units": 3}
IMAGES: list[dict[str, Any]] = [
    {"type": "dense", "units": 72},
    {"type": "reshape", "shape": [6, 6, 2]},
    {"type": "conv2d", "filters": 4, "kernel_size": 3, "padding": "same", "stride": 2, "groups": 2},
    {"type": "batch_norm"},
    {"type": "upsample", "factor": 2},
    {"type": "conv2d", "filters": 3, "kernel_size": [2, 3], "dilation": [2, 1], "activation": "gelu"},
    {"type": "max_pool", "size": 2, "padding": "same"},
    {"type": "avg_pool", "size": 2, "stride": 1, "padding": 1},
    {"type": "flatten"},
    OUT,
]
MERGED: list[dict[str, Any]] = [
    {"type": "dense", "units": 4, "activation": "silu", "name": "a"},
    {"type": "layer_norm", "name": "b"},
    {"type": "rms_norm", "inputs": ["a"], "name": "c"},
    {"type": "add", "inputs": ["a", "b", "c"], "name": "d"},
    {"type": "multiply", "inputs": ["d", "b"], "name": "e"},
    {"type": "prelu", "name": "f"},
    {"type": "concatenate", "inputs": ["e", "f"]},
    {"type": "dropout", "rate": 0.2},
    OUT,
    {"type": "softmax"},
]
ACTIVATIONS = [
    "elu",
    "exp",
    "gelu",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "tanh",
]

test_contract = contract_tests(specnet_onnx)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trained(**changes: Any) -> Run:
    return run(BASE | changes, out="out")


def exported(*more: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["export", "out", "--to", "onnx", *more])
    return ended.value.code


# Refusals


def test_a_category_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.csv").write_text("a,b,y\n" + "".join(f"{i},{'rb'[i % 2]},{i}\n" for i in range(9)))
    columns = [
        {"type": "number", "name": "a"},
        {"type": "category", "name": "b", "categories": ["r", "b"]},
        {"type": "number", "name": "y", "role": "target"},
    ]
    csv = {"type": "csv", "path": "d.csv", "columns": columns}
    trained(dataset=csv, layers=[{"type": "dense", "units": 1}])
    assert exported() == 2
    said = "SN541 the run cannot be exported to onnx: the column 'b' is of the type 'category'"
    assert said in capsys.readouterr().err
    assert not Path("net.onnx").exists()


def test_a_layer_that_decides_by_its_rows_has_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    parity = {"type": "parity", "bits": 4}
    embedding = {"type": "embedding", "categories": 2, "units": 2}
    trained(dataset=parity, scaling={}, layers=[embedding, {"type": "flatten"}, {"type": "dense", "units": 1}])
    assert exported() == 2
    assert "the layer 'embedding': what it does is decided by the numbers" in capsys.readouterr().err


def test_a_scaler_without_words(capsys: pytest.CaptureFixture[str]) -> None:
    trained(scaling={"inputs": "quantile"})
    assert exported() == 2
    assert "there is no interp in ONNX" in capsys.readouterr().err


# What it does


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"engine": {"type": "numpy", "dtype": "float32"}},
        {"layers": IMAGES},
        {"layers": IMAGES, "engine": {"type": "numpy", "dtype": "float32"}},
        {"layers": MERGED, "scaling": {"inputs": "robust"}},
        {"layers": [*MERGED[:-1], {"type": "log_softmax"}], "scaling": {"inputs": "log1p", "targets": "minmax"}},
        {"dataset": {"type": "blobs", "samples": 60}, "scaling": {"inputs": "robust", "targets": "log1p"}},
        {"layers": [{"type": "dense", "units": 6}, {"type": "reshape", "shape": [3, 2]},
                    {"type": "conv1d", "filters": 2, "kernel_size": 2}, {"type": "global_max_pool"}, OUT]},
        {"layers": [{"type": "dense", "units": 6}, {"type": "reshape", "shape": [3, 2]},
                    {"type": "global_avg_pool"}, OUT]},
    ],
    ids=["plain", "float32", "images", "images float32", "merged", "logarithms", "powers", "conv1d", "means"],
)  # fmt: skip
def test_onnxruntime_predicts_as_the_run(changes: dict[str, Any]) -> None:
    made = trained(**changes)
    assert exported("-o", "own.onnx") == 0
    close = 1e-6 if "engine" in changes else 1e-12
    rows = np.array([[30.5, 70.0], [3.0, 88.25], [50.0, 50.0]])
    session = onnxruntime.InferenceSession("own.onnx", providers=["CPUExecutionProvider"])
    expected = made.predict(rows)
    for count in (1, 3):
        (found,) = session.run(["predictions"], {"rows": rows[:count]})
        np.testing.assert_allclose(found, expected[:count], rtol=close, atol=close * np.abs(expected).max())


def test_every_activation_has_words(capsys: pytest.CaptureFixture[str]) -> None:
    layers = [{"type": "dense", "units": 3, "activation": name} for name in ACTIVATIONS]
    trained(layers=layers)
    assert exported() == 0, capsys.readouterr().err


def test_gaps_and_columns_with_scalers_of_their_own() -> None:
    Path("d.csv").write_text("a,b,y\n" + "".join(f"{i if i % 4 else ''},{i * i},{i % 5}\n" for i in range(30)))
    columns = [
        {"type": "number", "name": "a", "missing": "mean", "scaler": "minmax"},
        {"type": "number", "name": "b", "missing": -1},
        {"type": "number", "name": "y", "role": "target"},
    ]
    made = trained(dataset={"type": "csv", "path": "d.csv", "columns": columns}, layers=[{"type": "dense", "units": 1}])
    assert exported() == 0
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    rows = [[None, 3.0], [2.0, None]]
    (found,) = session.run(["predictions"], {"rows": np.array(rows, np.float64)})
    np.testing.assert_allclose(found, made.predict(rows), rtol=1e-12)


def test_the_model_names_its_columns() -> None:
    trained()
    assert exported() == 0
    said = {entry.key: entry.value for entry in onnx.load("net.onnx").metadata_props}
    assert said == {"inputs": "a\nb", "targets": "a+b\na-b\n|a-b|"}


def test_the_suffix_is_that_of_onnx() -> None:
    assert Onnx().suffix == ".onnx"


def test_the_readme_says_what_can_be_run() -> None:
    made = trained()
    assert exported() == 0
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    code = f"import json\n{block}\nprint(json.dumps(predictions.tolist()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(json.loads(done.stdout), made.predict([[30.0, 70.0]]), rtol=1e-12)
