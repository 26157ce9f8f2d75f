"""The exported file: refusals, what it says, and that it predicts as the run where there is NumPy and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet import run
from specnet.api import Activation, Layer, LayerPlan, ShapeError
from specnet.builtins.exporters.numpy_file import NumpyFile
from specnet.component import TrainedNet
from specnet.errors import DataError, UsageError
from specnet.registry import Registry
from specnet.runs.export import export, trained_net
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from specnet.arrays import Array
    from specnet.runs import Run

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
IMAGES: list[dict[str, Any]] = [
    {"type": "dense", "units": 72},
    {"type": "reshape", "shape": [6, 6, 2]},
    {"type": "conv2d", "filters": 4, "kernel_size": 3, "padding": "same", "stride": 2, "groups": 2, "name": "seen"},
    {"type": "batch_norm"},
    {"type": "upsample", "factor": 2},
    {"type": "conv2d", "filters": 3, "kernel_size": [2, 3], "dilation": [2, 1], "activation": "gelu"},
    {"type": "max_pool", "size": 2, "padding": "same"},
    {"type": "avg_pool", "size": 2, "stride": 1, "padding": 1},
    {"type": "flatten"},
    {"type": "dense", "units": 3},
]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trained(**changes: Any) -> Run:
    return run(BASE | changes, registry=Registry([]))


def alone(file: Path, rows: Sequence[Any]) -> Array:
    """What the file prints in a Python that finds NumPy and no other package."""
    packages = file.parent / "packages"
    packages.mkdir(exist_ok=True)
    for part in Path(np.__file__).parents[1].glob("numpy*"):
        if not (packages / part.name).exists():
            (packages / part.name).symlink_to(part)
    code = f"import runpy, sys; sys.path.append({str(packages)!r}); runpy.run_path({str(file)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], input=json.dumps(rows), text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout))


# Refusals


class Bare(Layer):
    type: Literal["bare"] = "bare"

    def plan(self, in_shapes: tuple[tuple[int, ...], ...]) -> LayerPlan:
        if len(in_shapes) != 1:
            raise ShapeError("one input")
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Any, params: Mapping[str, Array], *inputs: Array) -> Any:
        return inputs[0], lambda dy: (dy,)


class Tangled(Activation):
    """y = x, by what only this module has."""

    type: Literal["tangled"] = "tangled"

    def value(self, x: Array, xp: Any) -> Array:
        return x * TrainedNet.__name__.count("T")

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = xp.ones_like(x)
        return slopes


class Wavy(Activation):
    """y = x + depth sin(x)."""

    type: Literal["wavy"] = "wavy"
    depth: float = 0.5

    def value(self, x: Array, xp: Any) -> Array:
        return x + self.depth * self._wave(x, xp)

    def _wave(self, x: Array, xp: Any) -> Array:
        wave: Array = xp.sin(x)
        return wave

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return 1 + self.depth * xp.cos(x)  # type: ignore[no-any-return]


def test_a_layer_without_a_formula_cannot_be_exported() -> None:
    with pytest.raises(UsageError) as caught:
        export(_swapped(Bare()), NumpyFile())
    reason = "the layer 'bare' has no `formula` that says in NumPy what it gives"
    assert str(caught.value) == f"SN541 the run cannot be exported to numpy: {reason}\n --> (layers.1)"
    assert not Path("net.py").exists()


def test_a_method_that_uses_what_its_module_has_cannot_be_exported() -> None:
    with pytest.raises(UsageError, match=r"SN541 .* 'TrainedNet' is no function or number that can be copied"):
        export(_swapped(activation=Tangled()), NumpyFile())


def test_data_that_has_changed_cannot_show_that_it_is_right() -> None:
    Path("d.csv").write_text("a,b,y\n" + "".join(f"{i},{i * i},{i % 3}\n" for i in range(12)))
    csv = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]}
    made = trained(dataset=csv, layers=[{"type": "dense", "units": 1}])
    Path("d.csv").write_text("a,b,y\n1,2,3\n4,5,6\n7,8,9\n")
    with pytest.raises(DataError, match="SN513"):
        export(made, NumpyFile())
    assert not Path("net.py").exists()


class Wrong(NumpyFile):
    """Forgets the last bias."""

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        content = super().files(net)[".py"].decode()
        return {".py": content.replace(" + layers_1_b)", ")").encode()}


class Broken(NumpyFile):
    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        return {".py": b"raise SystemExit('no')\n"}


def test_what_predicts_otherwise_is_not_written() -> None:
    with pytest.raises(
        UsageError, match=r"^SN542 what was exported to numpy predicts otherwise than the run, by \S+; n"
    ):
        export(trained(), Wrong(), Path("own.py"))
    assert not Path("own.py").exists()


def test_what_does_not_run_is_not_written() -> None:
    with pytest.raises(UsageError, match=r"^SN542 the file does not run: no; nothing was written$"):
        export(trained(), Broken())
    assert not list(Path().glob("*.py"))


def test_no_name_in_a_run_directory_becomes_code() -> None:
    made = trained()
    (scale,) = made.inputs.scales
    hostile = "x\": print('no'), \"y"
    state = {**scale.state, hostile: scale.state["mean"]}
    inputs = replace(made.inputs, scales=(replace(scale, state=state),))
    text = NumpyFile().files(trained_net(replace(made, inputs=inputs)))[".py"].decode()
    tables = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict)]
    keys = [{ast.literal_eval(key) for key in table.keys if key is not None} for table in tables]
    assert keys == [{"mean", "std", hostile}, {"min", "range"}]


def _swapped(layer: Layer | None = None, activation: Activation | None = None) -> Run:
    """A run of which the last layer, or its activation, is another that gives as many numbers."""
    made = trained()
    first, last = made.plan.steps
    if layer is not None:
        step = last._replace(layer=layer, slots=(), buffers=())
        plan = made.plan._replace(steps=(first, step))
        return replace(made, plan=plan, weights=Weights(plan, "float64").initialize(Streams(0)))
    changed = last.layer.model_copy(update={"activation": activation})
    return replace(made, plan=made.plan._replace(steps=(first, last._replace(layer=changed))))


# What it does


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"engine": {"type": "numpy", "dtype": "float32"}},
        {"layers": IMAGES},
        {"layers": IMAGES, "engine": {"type": "numpy", "dtype": "float32"}},
        {"scaling": {"inputs": "quantile", "targets": "robust"}},
        {"split": {"train": 1.0, "test": 0.0}},
        {"layers": [{"type": "dense", "units": 300, "activation": "relu"}, {"type": "dense", "units": 3}]},
    ],
    ids=["plain", "float32", "images", "images float32", "scalers", "no test", "packed weights"],
)
def test_it_predicts_as_the_run_without_it(changes: dict[str, Any], tmp_path: Path) -> None:
    made = trained(**changes)
    exported = export(made, NumpyFile())
    rows = [[30.5, 70.0], [3.0, 88.25]]
    close = 1e-6 if "engine" in changes else 1e-12
    assert exported.difference <= close
    assert exported.part == ("train" if "split" in changes else "test")
    expected = made.predict(rows)
    np.testing.assert_allclose(
        alone(tmp_path / "net.py", rows), expected, rtol=close, atol=close * np.abs(expected).max()
    )
    np.testing.assert_array_equal(alone(tmp_path / "net.py", rows[0]), alone(tmp_path / "net.py", rows[:1]))


def test_an_activation_of_a_plugin_costs_nothing(tmp_path: Path) -> None:
    made = _swapped(activation=Wavy(depth=0.25))
    export(made, NumpyFile())
    text = (tmp_path / "net.py").read_text()
    assert '"""y = x + depth sin(x)."""\n    return x + 0.25 * wavy_wave(x)' in text
    np.testing.assert_allclose(alone(tmp_path / "net.py", [[1.0, 2.0]]), made.predict([[1.0, 2.0]]), rtol=1e-12)


def test_a_dense_net_reads_like_one(tmp_path: Path) -> None:
    export(trained(), NumpyFile())
    text = (tmp_path / "net.py").read_text()
    assert "    layers_0 = tanh(x @ layers_0_W.T + layers_0_b)\n" in text
    assert "    layers_1 = linear(layers_0 @ layers_1_W.T + layers_1_b)\n    return layers_1\n" in text
    assert "specnet" not in "".join(line for line in text.splitlines() if "import" in line)
    imported = {
        ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {"import json", "import sys", "import numpy as np"}


CELLS = """area;colour;day;flag;level;id;price
10;red;2024-02-29;yes;1;a;7.5
NA;blue;2024-03-01;no;;b;8
12.5;NA;2023-01-05;YES;3;c;9
7;green;2022-12-31;no;2;d;3
8;red;NA;no;2;e;3
9;blue;2021-06-07;yes;2;f;4
"""
COLUMNS: list[dict[str, Any]] = [
    {"type": "number", "name": "area", "missing": "median", "scaler": "robust"},
    {
        "type": "category",
        "name": "colour",
        "categories": ["blue", "red", 'it\'s \\ "so"'],
        "missing": "own",
        "unknown": "own",
    },
    {"type": "date", "name": "day", "parts": ["year", "weekday"], "missing": "drop"},
    {"type": "boolean", "name": "flag"},
    {"type": "number", "name": "level", "missing": -1},
    {"type": "text", "name": "id"},
    {"type": "number", "name": "price", "role": "target"},
]


def test_cells_are_read_as_in_the_file(tmp_path: Path) -> None:
    Path("c.csv").write_text(CELLS)
    csv = {"type": "csv", "path": "c.csv", "delimiter": ";", "missing": ["NA", ""], "columns": COLUMNS}
    made = trained(dataset=csv, layers=[{"type": "dense", "units": 1}], split={"train": 0.6, "test": 0.4})
    assert export(made, NumpyFile()).rows == 2
    rows = [
        [None, "red", "2024-02-29", True, 3.5],
        [2, None, "2020-01-01", "No", None],
        [2, "mauve", None, "no", 1],
    ]
    found = alone(tmp_path / "net.py", rows)
    np.testing.assert_allclose(found, made.predict(rows), rtol=1e-12)
    assert np.isnan(found[2]).all()
