"""P47: whatever the registry has is trained, stored and loaded, and predicts: no component is only written down."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from specnet import load_run, run
from specnet.builtins.exporters.numpy_file import NumpyFile
from specnet.component import KINDS
from specnet.errors import SpecnetError
from specnet.registry import Registry
from specnet.runs.export import export
from specnet.testing.examples import example
from specnet.testing.trials import accepted

if TYPE_CHECKING:
    from pathlib import Path

    from specnet.component import Layer

REGISTRY = Registry([])
CASES = [(kind, name) for kind in KINDS for name in REGISTRY.names(kind)]
GIVEN: dict[str, dict[str, Any]] = {
    "csv": {"type": "csv", "path": "rows.csv", "inputs": ["a", "b"], "targets": ["y"]},
    "idx": {"type": "idx", "images": "images.idx", "labels": "labels.idx", "height": 2, "width": 1, "classes": 2},
    "images": {"type": "images", "path": "images", "classes": ["cat", "dog"], "height": 1, "width": 2},
    "log_softmax": {"type": "log_softmax"},
    "npz": {"type": "npz", "path": "rows.npz", "inputs": ["X0..X1"], "targets": ["y"]},
    "softmax": {"type": "softmax"},
    "top_k": {"type": "top_k", "k": 2},
}
"""What cannot stand as its example does in the midst of a net, or beside these data."""
EXPORTED = ("activation", "column", "layer", "scaler")
"""What an exported file has of its own."""
COLUMNS = {"boolean": "flag", "category": "colour", "date": "day", "number": "b", "text": "day"}
BITS = {"type": "parity", "bits": 4}
DATASETS = [{"type": "arithmetic", "samples": 40}, BITS, {"type": "blobs", "samples": 40}]
ENDS = [[], [{"type": "softmax"}], [{"type": "log_softmax"}], [{"type": "activation", "activation": "sigmoid"}]]
"""What losses and metrics may want of the net; the first that a component takes is used."""


def table(kind: str, name: str) -> dict[str, Any]:
    made = GIVEN.get(name) or example(REGISTRY.find(kind, name), REGISTRY).model_dump(mode="json")
    return {key: value for key, value in made.items() if value is not None}


def net(outputs: int, *behind: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "dense", "units": 3, "activation": "tanh"}, {"type": "dense", "units": outputs}, *behind]


def around(layer: Layer, said: dict[str, Any]) -> list[dict[str, Any]]:
    """A net with the layer in the midst: what it reads is made by dense layers, whatever its shape."""
    if layer.whole_numbers() is not None:
        return [said, {"type": "flatten"}, {"type": "dense", "units": 1}]
    shapes = accepted(layer, ())[0]
    before: list[dict[str, Any]] = []
    for i, shape in enumerate(shapes):
        before.append({"type": "dense", "units": prod(shape), "inputs": ["inputs"], "name": f"flat{i}"})
        before.append({"type": "reshape", "shape": list(shape), "inputs": [f"flat{i}"], "name": f"in{i}"})
    reads = {"inputs": [f"in{i}" for i in range(len(shapes))]}
    return [*before, said | reads, {"type": "flatten"}, {"type": "dense", "units": 1}]


def specs(kind: str, name: str) -> list[dict[str, Any]]:
    """What may hold the component, the first that is accepted will do."""
    said = table(kind, name)
    base: dict[str, Any] = {
        "format": 1,
        "name": "every",
        "dataset": BITS,
        "split": {"train": 0.5, "test": 0.5},
        "layers": net(1),
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 4, "batch_size": 4},
    }
    component: Any = None if name in GIVEN else example(REGISTRY.find(kind, name), REGISTRY)
    match kind:
        case "dataset":
            wide = {"csv": 1, "npz": 1, "idx": 2, "images": 2}.get(name) or len(component.plan().targets)
            return [base | {"dataset": said, "layers": net(wide)}]
        case "column":
            target = {"type": "number", "name": "y", "role": "target"}
            columns = [{"type": "number", "name": "a"}, said | {"name": COLUMNS[name]}, target]
            return [base | {"dataset": {"type": "csv", "path": "rows.csv", "columns": columns}, "layers": net(1)}]
        case "scaler":
            return [base | {"scaling": {"inputs": said, "targets": said}}]
        case "layer" if name not in GIVEN:
            return [base | {"layers": around(component, said)}]
        case "activation":
            return [base | {"layers": [{"type": "dense", "units": 1, "activation": said}]}]
        case "initializer":
            return [base | {"layers": [{"type": "dense", "units": 1, "weight_initializer": said}]}]
        case "exporter":
            return [base]
        case "optimizer" | "engine":
            return [base | {kind: said}]
        case "schedule":
            parts = {"train": 0.5, "validation": 0.25, "test": 0.25}
            return [base | {"split": parts, "optimizer": {"type": "adam", "learning_rate": said}}]
    ends = [[said]] if kind == "layer" else ENDS
    numbered: dict[str, Any] = {"type": "sparse_categorical_cross_entropy", "classes": 3, "from_logits": True}
    found = []
    for targets, dataset in zip((3, 1, 3), DATASETS, strict=True):
        keys: dict[str, dict[str, Any]] = {"loss": {"loss": said}, "metric": {"metrics": [said]}, "layer": {}}
        wide = component.outputs(targets) if component is not None else targets
        if wide != targets:
            keys["metric"] |= {"loss": numbered}
        found += [base | {"dataset": dataset, "layers": net(wide, *end)} | keys[kind] for end in ends]
    return found


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_p47_every_component_trains_is_stored_and_predicts(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = (f"{i},{i * i},{i % 3},{('red', 'blue')[i % 2]},{i % 2 > 0},2024-02-{i + 1:02}" for i in range(16))
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,y,colour,flag,day", *lines]))
    np.savez(tmp_path / "rows.npz", X=np.arange(32.0).reshape(16, 2), y=np.arange(16.0))
    (tmp_path / "images.idx").write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 1, *range(32)]))
    (tmp_path / "labels.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 16, *[0, 1] * 8]))
    for label in ("cat", "dog"):
        (tmp_path / "images" / label).mkdir(parents=True)
        for i in range(8):
            pixels = np.array([[i, len(label) * 80 + i]], np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / label / f"{i}.png")
    refused: list[SpecnetError] = []
    for number, spec in enumerate(specs(kind, name)):
        try:
            rows = (np.ones((8, 2)), np.ones(8)) if name == "arrays" else None
            trained = run(spec, out=tmp_path / f"run{number}", registry=REGISTRY, data=rows)
        except SpecnetError as error:
            refused.append(error)
            continue
        break
    else:
        pytest.fail("\n".join(map(str, refused)))
    assert trained.status == "finished"
    loaded = load_run(trained.path, REGISTRY)
    cell: dict[str, Any] = {"boolean": True, "category": "red", "date": "2024-02-29"}
    cells: Any = [[1.0, cell.get(name, 1.0)]] * 3 if kind == "column" else np.ones((3, len(trained.plan.inputs)))
    cells = [[1.0]] if name == "text" else cells
    np.testing.assert_array_equal(loaded.predict(cells), trained.predict(cells))
    if kind in EXPORTED:
        assert export(loaded, NumpyFile(), tmp_path / "alone.py").difference <= 1e-12
    assert str(loaded.metrics) == str(trained.metrics), "one that is undefined is like no number, itself included"
