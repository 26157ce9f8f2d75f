"""Nets that are made of the built-in layers, from the spec to what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet import load_run, load_spec
from specnet.engine.network import Network
from specnet.errors import Finding, SpecError
from specnet.plan import make_plan
from specnet.registry import Registry
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from pathlib import Path


def relu(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "dense", "name": name, "units": 6, "activation": "relu", **more}


RESIDUAL = [
    relu("a"),
    {"type": "layer_norm"},
    relu("b"),
    {"type": "add", "inputs": ["a", "b"]},
    {"type": "batch_norm", "name": "norm"},
]
BRANCHES = [
    relu("a"),
    {"type": "dropout", "rate": 0.1},
    {"type": "gaussian_noise", "std": 0.05},
    {"type": "dense", "name": "b", "units": 6},
    {"type": "prelu", "name": "c"},
    {"type": "multiply", "name": "gated", "inputs": ["a", "c"]},
    {"type": "rms_norm", "name": "d"},
    {"type": "concatenate", "inputs": ["inputs", "gated", "d"]},
    {"type": "reshape", "shape": [2, -1]},
    {"type": "flatten"},
]


def spec(layers: list[dict[str, Any]], **training: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "net",
        "seed": 3,
        "dataset": {"type": "arithmetic", "samples": 60},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": [*layers, {"type": "dense", "units": 3}],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
        "training": {"epochs": 60, "batch_size": 16, **training},
    }


nets = pytest.mark.parametrize("layers", [RESIDUAL, BRANCHES], ids=["residual", "branches"])


def test_the_fault_of_a_skip_is_told_by_name() -> None:
    layers = [relu("a", units=4), relu("b"), {"type": "add", "inputs": ["a", "b"]}]
    with pytest.raises(SpecError) as caught:
        load_spec(spec(layers), registry=Registry([]))
    says = "add reads inputs of one shape: 'a' gives (4,), 'b' gives (6,): axis 0 is 6, not 4"
    assert caught.value.findings == (Finding("SN401", says, ("layers", 2), file="<mapping>"),)


def test_only_weights_decay() -> None:
    """Not the scales and shifts of norms, nor slopes, which He et al. 2015 leave alone, nor biases."""
    convolved: list[dict[str, Any]] = [
        {"type": "reshape", "shape": [2, 1]},
        {"type": "conv1d", "filters": 3, "kernel_size": 1},
        {"type": "flatten"},
    ]
    for layers in (RESIDUAL, BRANCHES, convolved):
        loaded = load_spec(spec(layers), registry=Registry([]))
        steps = make_plan(loaded.layers, loaded.dataset.plan()).steps
        assert {slot.parameter.name for step in steps for slot in step.slots if slot.parameter.decaying} == {"W"}


@nets
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_trains_and_is_stored(tmp_path: Path, layers: list[dict[str, Any]], dtype: str) -> None:
    document = {**spec(layers), "engine": {"type": "numpy", "dtype": dtype}}
    result = specnet.run(document, out=tmp_path / "run", registry=Registry([]))
    assert result.history["train.loss"][-1] < result.history["train.loss"][0] / 2
    assert result.metrics["test.loss"] < 0.5  # 1 is the mean of the targets
    rows = [[3.0, 4.0], [90.0, 1.0], [50.0, 50.0]]
    again = load_run(result.path, Registry([]))
    assert again.predict(rows).tobytes() == result.predict(rows).tobytes()
    alone = np.vstack([result.predict(row) for row in rows])
    # Of the largest: a difference of two targets near 0 has lost the digits that they share.
    off = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(result.predict(rows), alone, rtol=off, atol=off * np.max(np.abs(alone)))


def test_two_runs_are_equal_to_the_byte(tmp_path: Path) -> None:
    runs = [specnet.run(spec(RESIDUAL + BRANCHES[1:3]), out=tmp_path / k, registry=Registry([])) for k in "ab"]
    first, second = ((run.path / "model.safetensors").read_bytes() for run in runs)
    assert first == second


@nets
def test_the_gradient_of_the_whole_and_its_memory(layers: list[dict[str, Any]]) -> None:
    loaded = load_spec(spec(layers), registry=Registry([]))
    plan = make_plan(loaded.layers, loaded.dataset.plan())
    weights = Weights(plan, "float64").initialize(Streams(1))
    x, dy = (np.random.Generator(np.random.PCG64(k)).normal(size=(9, k)) for k in (2, 3))

    def network() -> Network:
        fresh = Network(plan, weights, training=True, streams=Streams(2))
        fresh.step = 1
        return fresh

    whole = network()
    whole.forward(x)
    whole.backward(dy.copy())
    direction = np.random.Generator(np.random.PCG64(7)).normal(size=weights.flat.shape)
    start, sums = weights.flat.copy(), []
    for by in (1e-6, -1e-6):
        weights.flat[:] = start + by * direction
        sums.append(np.sum(dy * network().forward(x)))
    weights.flat[:] = start
    assert whole.gradient @ direction == pytest.approx((sums[0] - sums[1]) / 2e-6, rel=1e-6)
    asked = whole.arena.allocations
    for step in (2, 3):  # the same memory at each step
        whole.step = step
        whole.forward(x)
        whole.backward(dy.copy())
    assert whole.arena.allocations == asked
