"""Whole nets against PyTorch: 20 steps from the same weights, the same losses; see tests/reference/nets_torch.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from specnet.builtins.classification_losses import CategoricalCrossEntropy
from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.optimizers import GradientDescent
from specnet.component import AnyLayer, DatasetPlan, Loss
from specnet.component.task import Split, TrainingTask
from specnet.engine.training import train
from specnet.plan import make_plan
from specnet.registry import Registry
from specnet.streams import Streams
from specnet.weights import Weights

REFERENCE = Path(__file__).parents[2] / "reference" / "nets_torch.npz"


def named(*layers: dict[str, Any]) -> list[dict[str, Any]]:
    """With the names a, b, c, ... that the reference knows them by."""
    return [{"name": name, **layer} for name, layer in zip("abcdefghijkl", layers, strict=False)]


def dense(units: int, activation: str = "linear") -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


def conv(filters: int, size: int, **more: Any) -> dict[str, Any]:
    return {"type": "conv2d", "filters": filters, "kernel_size": size, **more}


RELU = {"type": "activation", "activation": "relu"}
CLASSES = CategoricalCrossEntropy(from_logits=True)
NETS: dict[str, tuple[Loss, list[dict[str, Any]]]] = {
    "residual": (
        MeanSquaredError(),
        named(
            dense(6, "relu"),
            {"type": "layer_norm"},
            dense(6, "relu"),
            {"type": "add", "inputs": ["a", "c"]},
            {"type": "batch_norm"},
            {"type": "prelu"},
            dense(2),
        ),
    ),
    "lenet": (
        CLASSES,
        named(
            {"type": "reshape", "shape": [8, 8, 1]},
            conv(4, 3, padding="same", activation="tanh"),
            {"type": "avg_pool", "size": 2},
            conv(6, 3, activation="tanh"),
            {"type": "max_pool", "size": 2},
            {"type": "flatten"},
            dense(8, "relu"),
            dense(3),
        ),
    ),
    "residual_convolution": (
        CLASSES,
        named(
            {"type": "reshape", "shape": [6, 6, 2]},
            conv(4, 3, padding="same", activation="relu"),
            conv(4, 3, padding=1, groups=2),
            {"type": "batch_norm"},
            RELU,
            {"type": "add", "inputs": ["e", "b"]},
            {"type": "max_pool", "size": 2},
            {"type": "upsample"},
            conv(5, 2),
            {"type": "global_avg_pool"},
            dense(3),
        ),
    ),
}


@pytest.mark.parametrize("name", NETS)
def test_twenty_steps(name: str) -> None:
    stored = {
        key.removeprefix(f"{name}/"): value for key, value in np.load(REFERENCE).items() if key.startswith(f"{name}/")
    }
    x, y, losses = (stored.pop(key) for key in ("x", "y", "losses"))
    loss, tables = NETS[name]
    layers: Any = TypeAdapter(tuple[AnyLayer, ...]).validate_python(tuple(tables), context={"registry": Registry([])})
    columns, targets = (tuple(f"{kind}{i}" for i in range(part.shape[1])) for kind, part in (("x", x), ("y", y)))
    plan = make_plan(layers, DatasetPlan(columns, targets))
    weights = Weights(plan, "float64")
    kept = {key: value for key, value in weights.tensors().items() if key.rpartition(".")[2] in ("mean", "variance")}
    weights.restore(stored | kept)
    task = TrainingTask(
        train=Split(np.asfortranarray(x), np.asfortranarray(y)),
        test=None,
        loss=loss,
        metrics=(),
        optimizer=GradientDescent(learning_rate=0.1),
        epochs=len(losses),
        batch_rows=len(x),
        shuffle=False,
        log_every=1,
        streams=Streams(1),
    )
    found = [epoch.values["train.loss"] for epoch in train(plan, weights, task)]
    np.testing.assert_allclose(found, losses, rtol=1e-10)
    assert losses[-1] < losses[0] * 0.95
