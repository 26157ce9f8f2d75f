from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.component import Layer, LayerPlan, Shape
from specnet.engine.network import Network
from specnet.plan import make_plan
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.component import Context, DatasetPlan

STEP = 1e-6


class Sum(Layer):
    """y = x1 + x2 + ..."""

    type: Literal["sum"] = "sum"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> Any:
        return sum(inputs[1:], start=inputs[0].copy()), lambda dy: (dy,) * len(inputs)


class Square(Layer):
    """y = x**2; the pullback writes into dy, as it may."""

    type: Literal["square"] = "square"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return x**2, lambda dy: (np.multiply(dy, 2 * x, out=dy),)


class Noise(Layer):
    """y = x + u, u ~ U[0, 1)."""

    type: Literal["noise"] = "noise"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        noise = ctx.rng.uniform(0, 1, x.shape) if ctx.training else 0.0
        return x + noise, lambda dy: (dy,)


@pytest.fixture
def columns() -> DatasetPlan:
    from specnet.component import DatasetPlan

    return DatasetPlan(("a", "b"), ("y", "z"), 10)


def loss_of(network: Network, x: Any) -> float:
    return float((network.forward(x) ** 2).sum() / 2)


def test_the_gradient_of_the_flat_vector_is_that_of_differences(net: Callable[..., Any]) -> None:
    made = net(rows=6)
    network = Network(made.plan, made.weights, training=True)
    x, direction = made.task.train.inputs, np.random.default_rng(1).normal(size=made.weights.flat.size)
    network.backward(network.forward(x).copy())
    gradient, before = network.gradient.copy(), made.weights.flat.copy()
    values = []
    for sign in (1, -1):
        made.weights.flat[:] = before + sign * STEP * direction
        values.append(loss_of(network, x))
    assert gradient @ direction == pytest.approx((values[0] - values[1]) / (2 * STEP), rel=1e-6)


def test_where_a_path_forks_and_joins_gradients_add_and_stay_apart(columns: DatasetPlan) -> None:
    from specnet.builtins.layers.dense import Dense

    layers = [
        Dense(units=2, name="first"),
        Square(name="left", inputs=("first",)),
        Square(name="right", inputs=("first",)),
        Sum(inputs=("left", "right", "first")),
    ]
    plan = make_plan(layers, columns)
    weights = Weights(plan, "float64").initialize(Streams(0))
    network = Network(plan, weights, training=True)
    x = np.asfortranarray(np.random.default_rng(0).normal(size=(5, 2)))
    network.backward(network.forward(x).copy())
    gradient, before = network.gradient.copy(), weights.flat.copy()
    for place in range(before.size):
        values = []
        for sign in (1, -1):
            weights.flat[:] = before
            weights.flat[place] += sign * STEP
            values.append(loss_of(network, x))
        assert gradient[place] == pytest.approx((values[0] - values[1]) / (2 * STEP), rel=1e-5, abs=1e-8)


def test_the_outputs_are_those_of_every_step(net: Callable[..., Any]) -> None:
    made = net(rows=6)
    network = Network(made.plan, made.weights, training=False)
    last = network.forward(made.task.train.inputs)
    assert [y.shape for y in network.outputs] == [(6, 4), (6, 4), (6, 3)]
    assert network.outputs[-1] is last


def test_steady_state_asks_for_no_memory(net: Callable[..., Any]) -> None:
    made = net(rows=50)
    network = Network(made.plan, made.weights, training=True)
    x, y = made.task.train.inputs, made.task.train.targets
    for rows in (50, 20, 50, 7):
        prediction = network.forward(x[:rows])
        network.backward(made.task.loss.gradient(network.loss_context, prediction, y[:rows]))
        assert network.arena.allocations == 8  # three outputs, the loss, two masks, two gradients of inputs


def test_the_gradient_of_the_data_is_not_computed(net: Callable[..., Any]) -> None:
    made = net(rows=5)
    network = Network(made.plan, made.weights, training=True)
    network.backward(network.forward(made.task.train.inputs).copy())
    before = network.arena.allocations
    assert before == 7  # the one of the loss is not asked for here


def test_noise_is_a_function_of_seed_layer_and_step(columns: DatasetPlan) -> None:
    plan = make_plan([Noise(), Noise()], columns)
    x = np.zeros((3, 2))

    def drawn(seed: int, step: int) -> list[Any]:
        network = Network(plan, Weights(plan, "float64"), training=True, streams=Streams(seed))
        network.step = step
        network.forward(x)
        return [y.copy() for y in network.outputs]

    first = drawn(0, 1)
    np.testing.assert_array_equal(first, drawn(0, 1))
    assert not np.array_equal(first[1] - first[0], first[0])
    assert not np.array_equal(first, drawn(0, 2))
    assert not np.array_equal(first, drawn(1, 1))


def test_outside_training_nothing_may_be_drawn(columns: DatasetPlan) -> None:
    plan = make_plan([Noise()], columns)
    network = Network(plan, Weights(plan, "float64"), training=True)
    with pytest.raises(RuntimeError, match=r"^a layer draws random numbers outside training$"):
        network.forward(np.zeros((3, 2)))
