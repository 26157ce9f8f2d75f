from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from specnet.builtins.layers.noise import Dropout, GaussianNoise
from specnet.component import DatasetPlan, Layer, ShapeError
from specnet.engine.network import Network
from specnet.plan import make_plan
from specnet.streams import Streams
from specnet.testing.numbers import context
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array

LAYERS: list[Layer] = [Dropout(rate=0.25), GaussianNoise(std=0.5)]


def network(*layers: Layer, columns: int = 1, dtype: str = "float64", training: bool = True) -> Network:
    names = tuple(f"c{i}" for i in range(columns))
    plan = make_plan(layers, DatasetPlan(names, names))
    return Network(plan, Weights(plan, dtype), training, Streams(1))


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_a_rate_that_is_no_share(rate: float) -> None:
    with pytest.raises(ValidationError, match="rate"):
        Dropout(rate=rate)


@pytest.mark.parametrize("std", [0.0, -1.0])
def test_a_deviation_that_is_none(std: float) -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        GaussianNoise(std=std)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_two_inputs_are_one_too_many(layer: Layer) -> None:
    with pytest.raises(ShapeError, match=f"^{layer.type} reads one input, not 2$"):
        layer.plan(((3,), (3,)))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_outside_training_everything_passes(layer: Layer) -> None:
    x = np.linspace(-1, 1, 12).reshape(6, 2)
    np.testing.assert_array_equal(network(layer, columns=2, training=False).forward(x), x)


def test_what_stays_is_divided_by_the_share_that_stays() -> None:
    y = network(Dropout(rate=0.25)).forward(np.ones((100_000, 1)))
    assert set(np.unique(y)) == {0.0, 1 / 0.75}
    # The deviation of the share is sqrt(rate (1 - rate) / n) = 0.0014.
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.007)


def test_a_rate_of_0_changes_nothing() -> None:
    x = np.linspace(-1, 1, 12).reshape(6, 2)
    np.testing.assert_array_equal(network(Dropout(rate=0.0), columns=2).forward(x), x)


def test_the_gradient_goes_where_the_number_went() -> None:
    x = np.full((50, 4), 2.0, order="F")
    y, pullback = Dropout(rate=0.5).forward(context(), {}, x)
    (dx,) = pullback(np.full((50, 4), 3.0))
    np.testing.assert_array_equal(np.asarray(dx), y * 1.5)
    assert 0 < np.count_nonzero(y) < y.size


def test_noise_has_the_mean_and_the_deviation_that_it_says() -> None:
    noise = network(GaussianNoise(std=0.5)).forward(np.full((100_000, 1), 3.0)) - 3
    # The deviations of the two are 0.5 / sqrt(n) = 0.0016 and 0.5 / sqrt(2 n) = 0.0011.
    assert noise.mean() == pytest.approx(0, abs=0.008)
    assert noise.std() == pytest.approx(0.5, abs=0.006)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_rows_and_columns_have_noise_of_their_own(layer: Layer) -> None:
    y = network(layer, columns=40).forward(np.ones((40, 40)))
    assert len(np.unique(y, axis=0)) == len(np.unique(y, axis=1).T) == 40


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_stream_is_a_function_of_seed_place_and_step(layer: Layer) -> None:
    x: Array = np.ones((30, 1))

    def seen(step: int) -> list[Any]:
        fresh = network(layer, layer)
        fresh.step = step
        fresh.forward(x)
        return [y.tolist() for y in fresh.outputs]

    assert seen(3) == seen(3)
    assert seen(3)[0] != seen(4)[0]
    first, second = seen(1)
    assert first != second


def test_both_precisions_leave_out_the_same_numbers() -> None:
    x = np.ones((200, 2))
    double = network(Dropout(rate=0.3), columns=2).forward(x)
    single = network(Dropout(rate=0.3), columns=2, dtype="float32").forward(x.astype(np.float32))
    np.testing.assert_array_equal(double == 0, single == 0)
    assert single.dtype == np.float32
