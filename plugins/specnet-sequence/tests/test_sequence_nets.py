"""Whole nets against PyTorch: 20 steps from the same weights, the same losses; see tests/reference/nets.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet import load_run
from specnet.component.task import Split, TrainingTask
from specnet.engine.training import train
from specnet.plan import make_plan
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.spec import Spec

SPECS = Path(__file__).parents[1] / "specs"
REFERENCE = Path(__file__).parent / "reference" / "nets.npz"
BITS = {"type": "parity", "bits": 6}
NETS: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "lstm": (
        "mse",
        [
            {"type": "reshape", "shape": [6, 2]},
            {"type": "sequence.lstm", "units": 5, "forget_bias": 0.0},
            {"type": "dense", "units": 2},
        ],
    ),
    "transformer": (
        {"type": "categorical_cross_entropy", "from_logits": True},
        [
            {"type": "embedding", "categories": 5, "units": 4},
            {"type": "sequence.positional_encoding"},
            {"type": "sequence.transformer_block", "heads": 2, "hidden": 6, "causal": True},
            {"type": "flatten"},
            {"type": "dense", "units": 3},
        ],
    ),
}


def spec_of(tmp_path: Path, name: str, columns: int, outputs: int) -> Spec:
    loss, layers = NETS[name]
    inputs, targets = ([f"{kind}{i}" for i in range(count)] for kind, count in (("x", columns), ("y", outputs)))
    dataset = {"type": "csv", "path": str(tmp_path / "rows.csv"), "inputs": inputs, "targets": targets}
    return specnet.load_spec(
        {
            "format": 1,
            "name": name,
            "dataset": dataset,
            "layers": [{"name": letter, **layer} for letter, layer in zip("abcde", layers, strict=False)],
            "loss": loss,
            "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
            "training": {"epochs": 20},
        }
    )


@pytest.mark.parametrize("name", NETS)
def test_twenty_steps(name: str, tmp_path: Path) -> None:
    stored = {
        key.removeprefix(f"{name}/"): value for key, value in np.load(REFERENCE).items() if key.startswith(f"{name}/")
    }
    x, y, losses = (stored.pop(key) for key in ("x", "y", "losses"))
    spec = spec_of(tmp_path, name, x.shape[1], y.shape[1])
    plan = make_plan(spec.layers, spec.dataset.plan())
    weights = Weights(plan, "float64").restore(stored)
    task = TrainingTask(
        train=Split(np.asfortranarray(x), np.asfortranarray(y)),
        test=None,
        loss=spec.loss,
        metrics=(),
        optimizer=spec.optimizer,
        epochs=len(losses),
        batch_rows=len(x),
        shuffle=False,
        log_every=1,
        streams=Streams(1),
    )
    found = [epoch.values["train.loss"] for epoch in train(plan, weights, task)]
    np.testing.assert_allclose(found, losses, rtol=1e-10)
    assert losses[-1] < losses[0] * 0.95


LAYERS: list[list[dict[str, Any]]] = [
    [{"type": "sequence.simple_rnn", "units": 3, "bidirectional": True, "activation": "relu"}],
    [{"type": "sequence.lstm", "units": 3, "return_sequences": True}, {"type": "flatten"}],
    [{"type": "sequence.gru", "units": 3, "padding": 0.0}],
    [{"type": "sequence.multi_head_attention", "heads": 2}, {"type": "flatten"}],
    [
        {"type": "sequence.positional_encoding"},
        {"type": "sequence.transformer_block", "heads": 1, "hidden": 4, "dropout": 0.2},
        {"type": "sequence.transformer_block", "heads": 2, "hidden": 4, "norm": "after"},
        {"type": "flatten"},
    ],
]


@pytest.mark.parametrize("layers", LAYERS, ids=lambda layers: layers[0]["type"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_trains_is_stored_and_predicts(layers: list[dict[str, Any]], dtype: str, tmp_path: Path) -> None:
    spec = {
        "format": 1,
        "name": "each",
        "dataset": BITS,
        "layers": [{"type": "reshape", "shape": [3, 2]}, *layers, {"type": "dense", "units": 1}],
        "loss": "mse",
        "optimizer": {"type": "adam", "learning_rate": 0.01},
        "training": {"epochs": 10, "batch_size": 16},
        "engine": {"type": "numpy", "dtype": dtype},
    }
    run = specnet.run(spec, out=tmp_path / "run")
    assert run.manifest["plugins"] == {"specnet-sequence": "0.1.0"}
    assert run.history["train.loss"][-1] < run.history["train.loss"][0]
    rows = [[1.0, 0.0, 1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]]
    np.testing.assert_array_equal(load_run(run.path).predict(rows), run.predict(rows))


@pytest.mark.parametrize("name", sorted(path.name for path in SPECS.iterdir()))
def test_a_spec_trains_and_keeps_its_word(name: str, tmp_path: Path) -> None:
    run = specnet.run(SPECS / name, out=tmp_path / "run")
    assert run.status == "finished"
    assert run.verdicts
    assert [verdict for verdict in run.verdicts if not verdict.passed] == []
