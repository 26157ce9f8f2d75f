"""Layers as a third party would write them, in a module that is its own plugin: the protocol must fit them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from pydantic import Field

import specnet
from specnet import load_run, load_spec
from specnet.api import (
    Buffer,
    Component,
    Context,
    DatasetPlan,
    Initializer,
    Layer,
    LayerPlan,
    LoadContext,
    Parameter,
    Shape,
    ShapeError,
    hookimpl,
)
from specnet.builtins.activations import Relu
from specnet.builtins.layers.dense import Dense
from specnet.engine.network import Network
from specnet.errors import Finding, SpecError
from specnet.plan import make_plan
from specnet.registry import Plugin, Registry
from specnet.streams import Streams
from specnet.testing import check_layer, failures
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.network import Pullback
    from specnet.streams import Random

SPECNET_API = 1


class Ones(Initializer):
    """All ones."""

    type: Literal["ones"] = "ones"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return np.ones(shape)


class Noughts(Initializer):
    """All zeros."""

    type: Literal["noughts"] = "noughts"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return np.zeros(shape)


def only(name: str, in_shapes: tuple[Shape, ...]) -> Shape:
    """The shape of the single input."""
    if len(in_shapes) != 1:
        raise ShapeError(f"{name} reads one input, not {len(in_shapes)}")
    return in_shapes[0]


class Dropout(Layer):
    """y = x m / (1 - rate), where m is 0 with probability `rate` and else 1; y = x outside training."""

    type: Literal["dropout"] = "dropout"
    rate: float = Field(ge=0, lt=1)
    """The share of numbers that become 0."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(only("dropout", in_shapes))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        if not ctx.training:
            return x, lambda dy: (dy,)
        kept = ctx.empty(x.shape)
        kept[:] = ctx.rng.uniform(0.0, 1.0, x.shape) >= self.rate
        kept /= 1 - self.rate
        return np.multiply(x, kept, out=ctx.empty(x.shape)), lambda dy: (np.multiply(dy, kept, out=dy),)


class BatchNorm(Layer):
    """y = g (x - mean) / sqrt(variance + epsilon) + b, over the rows of a batch; the running ones outside training."""

    type: Literal["batch_norm"] = "batch_norm"
    momentum: float = 0.9
    """How much of the running statistics stays at each step."""
    epsilon: float = 1e-5
    """Added to the variance."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        shape = only("batch_norm", in_shapes)
        params = (Parameter("g", shape, Ones(), 1, 1), Parameter("b", shape, Noughts(), 1, 1))
        return LayerPlan(shape, params, (Buffer("mean", shape), Buffer("variance", shape, 1.0)))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        g, b, running = params["g"], params["b"], ctx.buffers
        if ctx.training:
            now = {"mean": x.mean(axis=0), "variance": x.var(axis=0)}
            for name, value in now.items():
                running[name][:] = self.momentum * running[name] + (1 - self.momentum) * value
        else:
            now = dict(running)
        scale = 1 / np.sqrt(now["variance"] + self.epsilon)
        z = (x - now["mean"]) * scale

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            """Ioffe and Szegedy 2015, section 3."""
            ctx.gradients["g"][:] = (dy * z).sum(axis=0)
            ctx.gradients["b"][:] = dy.sum(axis=0)
            if not ctx.training:
                return (g * scale * dy,)
            return (g * scale * (dy - dy.mean(axis=0) - z * (dy * z).mean(axis=0)),)

        return g * z + b, pullback


class Add(Layer):
    """The sum of its inputs."""

    type: Literal["add"] = "add"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if len(set(in_shapes)) != 1:
            raise ShapeError(f"add reads inputs of one shape, not {', '.join(map(str, in_shapes))}")
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        y: Array = np.sum(inputs, axis=0)
        return y, lambda dy: (dy,) * len(inputs)


@hookimpl
def specnet_components() -> list[type[Component]]:
    return [Dropout, BatchNorm, Add, Ones, Noughts]


@pytest.fixture
def registry() -> Registry:
    return Registry([Plugin("own", "specnet-own", "1.0", EntryPoint("own", __name__, "specnet"))])


def spec(*layers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "own",
        "seed": 3,
        "dataset": {"type": "arithmetic", "samples": 60},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": [*layers, {"type": "dense", "units": 3}],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
        "training": {"epochs": 12, "batch_size": 16},
        **changes,
    }


def relu(name: str, units: int = 6, **more: Any) -> dict[str, Any]:
    return {"type": "dense", "name": name, "units": units, "activation": "relu", **more}


RESIDUAL = [relu("a"), relu("b"), {"type": "own.add", "inputs": ["a", "b"]}]
DROPPING = [relu("a"), {"type": "own.dropout", "rate": 0.5}, relu("b"), {"type": "own.dropout", "rate": 0.2}]
NORMED = [{"type": "own.batch_norm", "name": "norm"}, relu("a"), {"type": "own.batch_norm"}]


# Refusals


def test_shapes_that_do_not_fit(registry: Registry) -> None:
    layers = [relu("a", 4), relu("b", 5), {"type": "own.add", "inputs": ["a", "b"]}]
    with pytest.raises(SpecError) as caught:
        load_spec(spec(*layers), registry=registry)
    assert caught.value.findings == (
        Finding("SN401", "add reads inputs of one shape, not (4,), (5,)", ("layers", 2), file="<mapping>"),
    )


def test_an_option_out_of_range(registry: Registry) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec({"type": "own.dropout", "rate": 1.0}), registry=registry)
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN105", "layers.0.rate")


# The kit


@pytest.mark.parametrize(
    ("layer", "in_shapes"),
    [
        (Dropout(rate=0.0), ((4,),)),
        (Dropout(rate=0.5), ((4,),)),
        (Dropout(rate=0.5), ((4, 2),)),
        (BatchNorm(), ((4,),)),
        (BatchNorm(momentum=0.5, epsilon=1e-3), ((1,),)),
        (Add(), ((3,), (3,))),
        (Add(), ((2, 2), (2, 2), (2, 2))),
    ],
    ids=str,
)
def test_a_layer_keeps_its_promises(layer: Layer, in_shapes: tuple[Shape, ...]) -> None:
    assert failures(check_layer(layer, in_shapes)) == []


class UpdatesAlways(BatchNorm):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        ctx.buffers["mean"][:] = inputs[0].mean(axis=0)
        return super().forward(ctx, params, *inputs)


def test_a_buffer_that_moves_outside_training_is_seen() -> None:
    found = failures(check_layer(UpdatesAlways(), ((4,),)))
    (broken,) = [check for check in found if check.check == "evaluation"]
    assert broken.detail == "1 row of ((4,),): it touched mean"


# Whole nets


def dense(name: str, units: int = 4) -> Dense:
    return Dense(name=name, units=units, activation=Relu())


NETS: dict[str, list[Layer]] = {
    "residual": [dense("a"), dense("b"), Add(name="sum", inputs=("a", "b")), Dense(units=2)],
    "residual, the other way round": [dense("a"), dense("b"), Add(name="sum", inputs=("b", "a")), Dense(units=2)],
    "the same twice": [dense("a"), Add(name="sum", inputs=("a", "a")), Dense(units=2)],
    "two branches": [
        dense("a"),
        *(Dense(name=name, units=4, inputs=("a",), activation=Relu()) for name in "bc"),
        Add(name="sum", inputs=("b", "c", "a")),
        Add(name="more", inputs=("sum", "b")),
        Dense(units=2),
    ],
    "the data and a layer": [dense("a", 3), Add(name="sum", inputs=("inputs", "a")), Dense(units=2)],
    "all of them": [
        BatchNorm(),
        dense("a"),
        Dropout(name="d", rate=0.4),
        BatchNorm(name="n"),
        dense("b"),
        Add(name="sum", inputs=("d", "b", "n")),
        Dense(units=2),
    ],
}


@pytest.mark.parametrize("net", NETS)
def test_the_gradient_of_a_whole_net(net: str) -> None:
    plan = make_plan(NETS[net], DatasetPlan(("p", "q", "r"), ("y", "z")))
    weights = Weights(plan, "float64").initialize(Streams(1))
    x, dy = (np.random.Generator(np.random.PCG64(k)).normal(size=(9, k)) for k in (3, 2))

    def network() -> Network:
        fresh = Network(plan, weights, training=True, streams=Streams(2))
        fresh.step = 1
        return fresh

    whole = network()
    whole.forward(x)
    whole.backward(dy.copy())
    numeric = np.empty_like(weights.flat)
    for i, value in enumerate(weights.flat.copy()):
        weights.flat[i] = value + 1e-6
        ahead = np.sum(dy * network().forward(x))
        weights.flat[i] = value - 1e-6
        behind = np.sum(dy * network().forward(x))
        weights.flat[i] = value
        numeric[i] = (ahead - behind) / 2e-6
    np.testing.assert_allclose(whole.gradient, numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layers", [RESIDUAL, DROPPING, NORMED], ids=["add", "dropout", "batch_norm"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_they_train(registry: Registry, tmp_path: Path, layers: list[dict[str, Any]], dtype: str) -> None:
    document = spec(*layers, engine={"type": "numpy", "dtype": dtype})
    document["training"]["epochs"] = 60
    result = specnet.run(document, out=tmp_path / "run", registry=registry)
    assert result.history["train.loss"][-1] < result.history["train.loss"][0] / 2
    assert result.metrics["test.loss"] < 0.7  # 1 is the mean of the targets
    assert {array.dtype.name for array in result.weights.tensors().values()} == {dtype}
    assert result.manifest["plugins"] == {"specnet-own": "1.0"}
    again = load_run(result.path, registry)
    rows = [[3.0, 4.0], [90.0, 1.0], [50.0, 50.0]]
    assert again.predict(rows).tobytes() == result.predict(rows).tobytes()
    # Outside training a row's prediction is its own affair.
    alone = np.vstack([result.predict(row) for row in rows])
    np.testing.assert_allclose(result.predict(rows), alone, rtol=1e-4 if dtype == "float32" else 1e-12)


def model_bytes(path: Path) -> bytes:
    return (path / "model.safetensors").read_bytes()


@pytest.mark.parametrize("layers", [DROPPING, NORMED], ids=["dropout", "batch_norm"])
def test_two_runs_are_equal_to_the_byte(registry: Registry, tmp_path: Path, layers: list[dict[str, Any]]) -> None:
    first, second = (specnet.run(spec(*layers), out=tmp_path / k, registry=registry) for k in "ab")
    assert model_bytes(first.path) == model_bytes(second.path)
    assert (first.path / "history.csv").read_bytes() == (second.path / "history.csv").read_bytes()
    other = specnet.run(spec(*layers, seed=4), out=tmp_path / "c", registry=registry)
    assert model_bytes(first.path) != model_bytes(other.path)


def test_noise_is_a_function_of_seed_layer_and_step() -> None:
    layers = [Dropout(rate=0.5), Dense(name="a", units=1), Dropout(rate=0.5)]
    plan = make_plan(layers, DatasetPlan(("p",), ("y",)))
    weights = Weights(plan, "float64")
    weights.flat[:] = 1.0
    x = np.ones((40, 1))

    def masks(network: Network, step: int) -> tuple[list[bool], list[bool]]:
        network.step = step
        network.forward(x)
        first, _, last = network.outputs
        return (first[:, 0] > 0).tolist(), (last[:, 0] > 0).tolist()

    one, two = (Network(plan, weights, training=True, streams=Streams(9)) for _ in range(2))
    walked = [masks(one, step) for step in (1, 2, 3)]
    assert masks(two, 3) == walked[2]  # without having been at 1 and 2
    assert masks(two, 1) == walked[0]
    drawn = [tuple(mask) for pair in walked for mask in pair]
    assert len(set(drawn)) == 6
    assert masks(Network(plan, weights, training=True, streams=Streams(10)), 1) != walked[0]


def test_dropout_keeps_the_mean(registry: Registry) -> None:
    plan = make_plan([Dropout(rate=0.25)], DatasetPlan(("y",), ("y",)))
    network = Network(plan, Weights(plan, "float64"), training=True, streams=Streams(1))
    y = network.forward(np.ones((100_000, 1)))
    assert set(np.unique(y)) == {0.0, 1 / 0.75}
    # The deviation of the mean is sqrt(rate / (1 - rate) / n) = 0.0018.
    assert y.mean() == pytest.approx(1.0, abs=0.01)


def test_running_statistics_follow_the_batches(registry: Registry, tmp_path: Path) -> None:
    document = spec(*NORMED, scaling={"targets": "standardize"}, training={"epochs": 5})
    document["dataset"] |= {"low": 2.0, "high": 4.0}
    result = specnet.run(document, out=tmp_path / "run", registry=registry)
    # One batch an epoch, always of the same rows, and nothing trained before the first layer.
    data = result.spec.dataset.load(LoadContext(tmp_path, Streams(3).of("data")))
    x = data.inputs.values[Streams(3).of("split").permutation(60)[:42]]
    kept = result.weights.buffers[0]
    rest = 0.9**5
    np.testing.assert_allclose(kept["mean"], (1 - rest) * x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(kept["variance"], rest + (1 - rest) * x.var(axis=0), rtol=1e-12)
    result.predict([[2.0, 3.0]])  # moves no buffer
    stored = load_run(result.path, registry).weights.tensors()
    assert {"norm.mean", "norm.variance", "norm.g", "norm.b"} <= stored.keys()
    assert {k: v.tobytes() for k, v in stored.items()} == {k: v.tobytes() for k, v in result.weights.tensors().items()}
