from __future__ import annotations

import numpy as np
import pytest

from specnet.builtins.activations import Linear, Relu
from specnet.engine.arena import Arena
from specnet.engine.network import StepContext
from specnet.streams import Streams


def context() -> StepContext:
    rng = Streams(0).of("noise")
    return StepContext(Arena(np.float64), True, {}, {}, True, lambda: rng)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_p32_the_slope_of_relu_at_zero_is_zero(zero: float) -> None:
    x = np.array([[zero, 1.0, -1.0]])
    assert Relu().slope(x, Relu().value(x, np), np).tolist() == [[0.0, 1.0, 0.0]]
    _, pullback = Relu().forward(context(), x.copy())
    assert pullback(np.full((1, 3), 5.0)).tolist() == [[0.0, 5.0, 0.0]]


def test_p32_relu_passes_nan_on_and_takes_infinity() -> None:
    x = np.array([[np.nan, np.inf, -np.inf]])
    y, _ = Relu().forward(context(), x.copy())
    np.testing.assert_array_equal(y, [[np.nan, np.inf, 0.0]])


def test_linear_hands_on_what_it_gets() -> None:
    x = np.ones((2, 2))
    y, pullback = Linear().forward(context(), x)
    assert y is x
    assert pullback(x) is x


def test_what_the_values_lie_between() -> None:
    assert (Linear().bounds(), Relu().bounds()) == ((-np.inf, np.inf), (0.0, np.inf))
