from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from specnet.builtins.activations import Linear, Relu
from specnet.builtins.normal import COEFFICIENTS, cdf
from specnet.builtins.piecewise_activations import HardSigmoid, HardSwish, HardTanh, LeakyRelu
from specnet.builtins.smooth_activations import Elu, Exp, Gelu, Selu, Sigmoid, Silu, Softplus, Softsign, Tanh
from specnet.engine.arena import Arena
from specnet.engine.network import StepContext
from specnet.errors import SpecError
from specnet.registry import Registry
from specnet.streams import Streams
from specnet.testing import check_activation, failures

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Activation


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


# All of them

REFERENCE = Path(__file__).parents[1] / "reference"
TORCH = json.loads((REFERENCE / "activations.json").read_text())
NORMAL = json.loads((REFERENCE / "normal.json").read_text())
GRID = np.concatenate([np.linspace(-1e3, 1e3, 2001), np.linspace(-12, 12, 4001), [-1e-5, 1e-5, 1e-30, 5e-324]])
CASES: list[Activation] = [
    Elu(),
    Elu(alpha=0.6),
    Exp(),
    Gelu(),
    Gelu(approximate="tanh"),
    HardSigmoid(),
    HardSwish(),
    HardTanh(),
    LeakyRelu(),
    LeakyRelu(negative_slope=0.3),
    Linear(),
    Relu(),
    Selu(),
    Sigmoid(),
    Silu(),
    Softplus(),
    Softsign(),
    Tanh(),
]
every = pytest.mark.parametrize("activation", CASES, ids=str)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("swish", "silu"),
        ("logistic", "sigmoid"),
        ("identity", "linear"),
        ("hard_silu", "hard_swish"),
        ("exponential", "exp"),
        ("smooth_relu", "softplus"),
    ],
)
def test_what_others_call_it_is_a_hint(name: str, known: str) -> None:
    with pytest.raises(SpecError) as caught:
        Registry([]).find("activation", name)
    assert caught.value.findings[0].help == f"here it is called {known!r}"


@pytest.mark.parametrize(
    ("cls", "fields", "says"),
    [
        (LeakyRelu, {"negative_slope": -0.1}, "greater than or equal to 0"),
        (LeakyRelu, {"negative_slope": 1.1}, "less than or equal to 1"),
        (Elu, {"alpha": -1.0}, "greater than or equal to 0"),
        (Elu, {"alpha": 1e300}, "less than or equal to"),
        (Gelu, {"approximate": "erf"}, "'none' or 'tanh'"),
        (Gelu, {"approximate": True}, "'none' or 'tanh'"),
    ],
)
def test_a_field_out_of_its_range_is_refused(cls: type[Activation], fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        cls.model_validate({"type": cls.model_fields["type"].default, **fields})


def test_every_activation_has_a_case_and_a_reference() -> None:
    assert sorted({case.type for case in CASES}) == Registry([]).names("activation")
    assert [(row["type"], row["fields"]) for row in TORCH["rows"]] == [
        (case.type, case.model_dump(exclude_unset=True)) for case in CASES
    ]


@every
def test_it_keeps_the_contract(activation: Activation) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert failures(check_activation(activation)) == []


@every
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nothing_overflows(activation: Activation, dtype: type[np.floating[Any]]) -> None:
    x = GRID.astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = activation.value(x, np)
        slope = activation.slope(x, y, np)
    assert {y.dtype, slope.dtype} == {np.dtype(dtype)}
    assert np.isfinite(y).all()
    assert np.isfinite(slope).all()


@every
def test_nan_is_passed_on(activation: Activation) -> None:
    assert np.isnan(activation.value(np.array([np.nan]), np)).all()


@every
def test_the_values_fill_the_bounds(activation: Activation) -> None:
    (low, high), y = activation.bounds(), activation.value(GRID, np)
    assert low <= y.min() <= (-9.0 if low == -np.inf else low + 2e-3)
    assert high >= y.max() >= (900.0 if high == np.inf else high - 2e-3)


def test_a_leaky_relu_that_does_not_leak_is_relu() -> None:
    np.testing.assert_array_equal(LeakyRelu(negative_slope=0.0).value(GRID, np), Relu().value(GRID, np))
    assert LeakyRelu(negative_slope=0.0).bounds() == Relu().bounds()


# What PyTorch says

CANCELS = {"gelu", "softsign", "tanh"}
"""Where PyTorch subtracts from 1 what is nearly 1: it is right to 2^-52 of 1, not of the value."""


@pytest.mark.parametrize(("activation", "row"), list(zip(CASES, TORCH["rows"], strict=True)), ids=str)
def test_values_and_slopes_are_those_of_pytorch(activation: Activation, row: dict[str, Any]) -> None:
    x, floor = np.array(TORCH["points"]), 4.5e-16 if activation.type in CANCELS else 0.0
    y = activation.value(x, np)
    np.testing.assert_allclose(y, row["values"], rtol=1e-15, atol=floor)
    # PyTorch has the slope of hard_sigmoid, 1/6, in single precision.
    loss = 3e-8 if activation.type == "hard_sigmoid" else 2e-15
    np.testing.assert_allclose(activation.slope(x, y, np), row["slopes"], rtol=loss, atol=floor)


@pytest.mark.parametrize(
    ("activation", "kinks", "slopes"),
    [
        (LeakyRelu(), [0.0, -0.0], [0.01, 0.01]),
        (HardSigmoid(), [-3.0, 3.0], [0.0, 0.0]),
        (HardTanh(), [-1.0, 1.0], [0.0, 0.0]),
        (HardSwish(), [-3.0, 3.0], [0.0, 1.0]),
        (Elu(alpha=0.6), [0.0, -0.0], [0.6, 0.6]),
        (Selu(), [0.0, -0.0], [1.7580993408473766, 1.7580993408473766]),
    ],
    ids=str,
)
def test_the_slope_at_a_kink_is_what_is_written(
    activation: Activation, kinks: list[float], slopes: list[float]
) -> None:
    x = np.array(kinks)
    np.testing.assert_allclose(activation.slope(x, activation.value(x, np), np), slopes, rtol=1e-15)


# The normal distribution


def test_the_coefficients_are_those_that_are_computed() -> None:
    assert list(COEFFICIENTS) == NORMAL["coefficients"]


def test_the_distribution_function_is_right_in_both_tails() -> None:
    x = np.array(NORMAL["points"])
    np.testing.assert_allclose(cdf(x, np), NORMAL["values"], rtol=1e-15, atol=1e-307)


def test_gelu_is_x_times_it_also_where_it_is_small() -> None:
    x, wanted = np.array(NORMAL["points"]), np.array(NORMAL["values"])
    np.testing.assert_allclose(Gelu().value(x, np), x * wanted, rtol=1e-15, atol=1e-306)


@settings(derandomize=True)
@given(x=st.floats(-1e3, 1e3))
def test_the_two_tails_are_one_together(x: float) -> None:
    there, back = cdf(np.array([x, -x]), np)
    assert there + back == pytest.approx(1.0, abs=3e-16)


# Laws


@settings(derandomize=True)
@given(x=st.floats(-700, 700))
def test_each_is_made_of_the_others_as_the_books_say(x: float) -> None:
    def of(activation: Activation, x: float) -> float:
        return float(activation.value(np.array([x]), np)[0])

    assert of(Silu(), x) == pytest.approx(x * of(Sigmoid(), x), rel=1e-15)
    assert of(Sigmoid(), x) + of(Sigmoid(), -x) == pytest.approx(1.0, abs=3e-16)
    assert of(Softplus(), x) - of(Softplus(), -x) == pytest.approx(x, rel=1e-14, abs=1e-15)
    assert of(HardSwish(), x) == x * of(HardSigmoid(), x)
    assert of(Gelu(), x) - of(Gelu(), -x) == pytest.approx(x, rel=1e-14)
    assert abs(of(Gelu(), x) - of(Gelu(approximate="tanh"), x)) < 5e-4
    assert of(Exp(), x) * of(Exp(), -x) == pytest.approx(1.0, rel=1e-14)


def test_where_exp_would_overflow_it_stays() -> None:
    for dtype, last in ((np.float64, 709.0), (np.float32, 88.0)):
        x: Array = np.array([last, last + 1, 1e4], dtype)
        assert Exp().value(x, np).tolist() == [np.exp(x[0])] * 3
