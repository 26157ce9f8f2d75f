"""Layers that are not trained: their numbers stay, and the gradient goes through them to those that are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet import load_run, load_spec
from specnet.engine.network import Network
from specnet.engine.training import train
from specnet.plan import make_plan
from specnet.registry import Registry
from specnet.spec import examine, read_document

if TYPE_CHECKING:
    from pathlib import Path

    from specnet.errors import Finding


def dense(name: str, units: int, **more: Any) -> dict[str, Any]:
    return {"type": "dense", "name": name, "units": units, **more}


FROZEN = [
    dense("first", 5, activation="tanh"),
    {"type": "batch_norm", "name": "norm", "trainable": False},
    dense("middle", 4, activation="tanh", trainable=False),
    dense("last", 3),
]


def warnings(layers: list[dict[str, Any]]) -> tuple[Finding, ...]:
    document = {
        "format": 1,
        "name": "net",
        "dataset": {"type": "arithmetic", "samples": 200},
        "layers": layers,
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2},
    }
    return examine(read_document(document), {}, Registry([]))[1]


def test_a_layer_without_parameters_cannot_be_frozen() -> None:
    (finding,) = warnings([dense("a", 4), {"type": "dropout", "rate": 0.5, "trainable": False}, dense("b", 3)])
    assert (finding.code, finding.dotted, finding.severity) == ("SN415", "layers.1.trainable", "warning")
    assert finding.message == "trainable = false has no effect: dropout has no parameters"


def test_the_place_is_that_of_the_file_where_the_work_has_another_order() -> None:
    late = {"type": "dropout", "rate": 0.5, "trainable": False, "name": "late", "inputs": ["a"]}
    (finding,) = warnings(
        [
            {"type": "add", "name": "sum", "inputs": ["a", "late"]},
            late,
            dense("a", 4, inputs=["inputs"]),
            dense("b", 3, inputs=["sum"]),
        ]
    )
    assert finding.dotted == "layers.1.trainable"


def test_a_net_that_is_frozen_whole() -> None:
    (finding,) = warnings([dense("a", 4, trainable=False), dense("b", 3, trainable=False)])
    assert (finding.code, finding.dotted) == ("SN415", "training")
    assert finding.message == "training has no effect: every layer with parameters has trainable = false"


def test_only_the_others_move(net: Callable[..., Any]) -> None:
    made = net(spec={"layers": FROZEN}, epochs=3)
    before = {name: value.copy() for name, value in made.weights.tensors().items()}
    list(train(made.plan, made.weights, made.task))
    moved = {name for name, value in made.weights.tensors().items() if not np.array_equal(value, before[name])}
    assert moved == {"first.W", "first.b", "last.W", "last.b"}


def test_trained_parameters_come_first_and_the_rest_is_as_it_would_be(net: Callable[..., Any]) -> None:
    """A stream belongs to a place, so that freezing a layer does not draw the others anew."""
    made = net(spec={"layers": FROZEN})
    free = net(
        spec={"layers": [{key: value for key, value in layer.items() if key != "trainable"} for layer in FROZEN]}
    )
    assert made.plan.trained_count == 5 * 3 + 3 * 5
    assert made.plan.parameter_count == free.plan.parameter_count == free.plan.trained_count
    offsets = {step.name: step.slots[0].offset for step in made.plan.steps}
    assert offsets == {"first": 0, "last": 15, "norm": 30, "middle": 40}
    for name, value in free.weights.tensors().items():
        np.testing.assert_array_equal(made.weights.tensors()[name], value)


def test_the_gradient_of_what_is_trained_is_that_of_differences(net: Callable[..., Any]) -> None:
    made = net(rows=6, spec={"layers": FROZEN})
    made.weights.buffers[1]["mean"][:] = 0.3
    made.weights.buffers[1]["variance"][:] = 2.0
    network = Network(made.plan, made.weights, training=True)
    x, count = made.task.train.inputs, made.plan.trained_count
    network.backward(network.forward(x).copy())
    direction, start = np.random.default_rng(1).normal(size=count), made.weights.flat.copy()
    sums = []
    for by in (1e-6, -1e-6):
        made.weights.flat[:count] = start[:count] + by * direction
        sums.append(np.sum(network.forward(x) ** 2) / 2)
    assert not network.gradient[count:].any()
    assert network.gradient[:count] @ direction == pytest.approx((sums[0] - sums[1]) / 2e-6, rel=1e-6)


def test_nobody_asks_for_gradients_that_nobody_uses(net: Callable[..., Any]) -> None:
    """Behind layers that do not move there is nothing to pull back."""
    layers = [dense("a", 5, trainable=False), {"type": "reshape", "shape": [5, 1]}, {"type": "flatten"}, dense("b", 3)]
    made = net(spec={"layers": layers})
    network = Network(made.plan, made.weights, training=True)
    network.gradient[:] = np.nan
    network.backward(network.forward(made.task.train.inputs))
    assert np.isfinite(network.gradient[: made.plan.trained_count]).all()
    assert np.isnan(network.gradient[made.plan.trained_count :]).all()


def test_a_frozen_norm_takes_a_single_row() -> None:
    layers = [dense("a", 4), {"type": "batch_norm", "trainable": False}, dense("b", 3)]
    loaded = load_spec(
        {
            "format": 1,
            "name": "net",
            "dataset": {"type": "arithmetic", "samples": 100},
            "split": {"train": 0.7, "test": 0.3},
            "layers": layers,
            "loss": "mse",
            "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
            "training": {"epochs": 2, "batch_size": 3},
        },
        registry=Registry([]),
    )
    assert [step.least_rows for step in make_plan(loaded.layers, loaded.dataset.plan()).steps] == [1, 1, 1]


def test_it_is_stored_and_said(tmp_path: Path) -> None:
    document = {
        "format": 1,
        "name": "net",
        "dataset": {"type": "arithmetic", "samples": 60},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": FROZEN,
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
        "training": {"epochs": 40},
    }
    result = specnet.run(document, out=tmp_path / "run", registry=Registry([]))
    assert result.history["train.loss"][-1] < result.history["train.loss"][0]
    again = load_run(result.path, Registry([]))
    assert [layer.trainable for layer in again.spec.layers] == [True, False, False, True]
    assert again.predict([[3.0, 4.0]]).tobytes() == result.predict([[3.0, 4.0]]).tobytes()
