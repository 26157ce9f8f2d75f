from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import array_api_strict
import numpy as np
import pytest
from activation_cases import CASES, IDS
from hypothesis import given, settings
from hypothesis import strategies as st
from specnet_activations.piecewise import (
    Celu,
    HardShrink,
    InverseSquareRootLinearUnit,
    PenalizedTanh,
    Relu6,
    SoftShrink,
)
from specnet_activations.smooth import Gaussian, InverseSquareRootUnit, Mish, Sine, Snake, TanhExp, TanhShrink

from specnet.testing import check_activation, failures

if TYPE_CHECKING:
    from specnet.api import Activation

REFERENCE = json.loads((Path(__file__).parent / "reference" / "activations.json").read_text())
GRID = np.concatenate([np.linspace(-1e3, 1e3, 2001), np.linspace(-12, 12, 4001), [-1e-5, 1e-5, 1e-30]])
every = pytest.mark.parametrize("activation", CASES, ids=IDS)
numbers = st.floats(-1e3, 1e3)


@pytest.fixture(autouse=True)
def _loud() -> Iterator[None]:
    """NumPy's warnings as errors, beside those of Python."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


# The contract, and the ends


@every
def test_it_keeps_the_contract(activation: Activation) -> None:
    assert failures(check_activation(activation)) == []


@every
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nothing_overflows(activation: Activation, dtype: type[np.floating[Any]]) -> None:
    x = GRID.astype(dtype)
    y = activation.value(x, np)
    slope = activation.slope(x, y, np)
    assert {y.dtype, slope.dtype} == {np.dtype(dtype)}
    assert np.isfinite(y).all()
    assert np.isfinite(slope).all()


def extremes() -> Iterator[Activation]:
    for cls in sorted({type(case) for case in CASES}, key=lambda cls: cls.__name__):
        for name in cls.model_fields.keys() - {"type"}:
            for value in (1e-12, 1.0 if cls is PenalizedTanh else 1e12):
                yield cls.model_validate({"type": cls.model_fields["type"].default, name: value})


@pytest.mark.parametrize("activation", list(extremes()), ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nothing_overflows_for_the_least_and_the_largest_number(
    activation: Activation, dtype: type[np.floating[Any]]
) -> None:
    x = np.array([-1e3, -1.0, -1e-20, 0.0, 1e-20, 1.0, 1e3], dtype)
    y = activation.value(x, np)
    assert np.isfinite(y).all()
    assert np.isfinite(activation.slope(x, y, np)).all()


@every
def test_nan_is_passed_on(activation: Activation) -> None:
    x = np.array([np.nan])
    assert np.isnan(activation.value(x, np)).all()


# The reference

PERIODIC = (Sine, Snake)


def floor(activation: Activation, x: Any) -> Any:
    """What is lost in absolute terms, in units of 2^-52; everything else is relative."""
    if isinstance(activation, PERIODIC):  # the product in the sine is rounded before its period is taken off
        frequency = activation.omega if isinstance(activation, Sine) else activation.a
        return 2 * frequency * np.abs(x) * max(1.0, frequency)
    if isinstance(activation, Mish | TanhExp | PenalizedTanh):  # 1 - tanh(.)^2, where tanh is nearly 1
        return 2 * np.maximum(1.0, np.abs(x))
    if isinstance(activation, TanhShrink):  # x - tanh(x), where both are nearly the same
        return np.abs(x)
    return np.zeros_like(x)


def closeness(activation: Activation) -> float:
    if isinstance(activation, Celu | Gaussian):  # exp(z) has the relative error |z| 2^-53, and z goes down to -745
        return 2e-13
    return 2e-15


@pytest.mark.parametrize("row", REFERENCE["rows"], ids=lambda row: f"{row['type']} {row['fields']}")
def test_values_and_slopes_are_those_of_the_definition(row: dict[str, Any]) -> None:
    (activation,) = [
        case for case in CASES if case.type == row["type"] and case.model_dump(exclude_unset=True) == row["fields"]
    ]
    x = np.array(REFERENCE["points"])
    lost = 2.0**-52 * floor(activation, x)
    y = activation.value(x, np)
    for got, wanted in ((y, row["values"]), (activation.slope(x, y, np), row["slopes"])):
        wanted = np.array(wanted)
        assert (np.abs(got - wanted) <= closeness(activation) * np.abs(wanted) + lost + 1e-300).all()


def test_every_case_has_its_reference() -> None:
    rows = [(row["type"], row["fields"]) for row in REFERENCE["rows"]]
    assert rows == [(case.type, case.model_dump(exclude_unset=True)) for case in CASES]


# The standard


@every
def test_only_what_the_array_api_standard_has_is_used(activation: Activation) -> None:
    xp: Any = array_api_strict
    with xp.ArrayAPIStrictFlags(api_version="2024.12"):
        for dtype in ("float64", "float32"):
            points = np.array(REFERENCE["points"], dtype)
            x = xp.asarray(REFERENCE["points"], dtype=getattr(xp, dtype))
            y = activation.value(x, xp)
            slope = activation.slope(x, y, xp)
            assert (y.dtype, slope.dtype) == (x.dtype, x.dtype)
            wanted = activation.value(points, np)
            np.testing.assert_array_equal(np.from_dlpack(y), wanted)
            np.testing.assert_array_equal(np.from_dlpack(slope), activation.slope(points, wanted, np))


# Laws


@every
def test_the_values_fill_the_bounds(activation: Activation) -> None:
    (low, high), y = activation.bounds(), activation.value(GRID, np)
    assert low <= y.min()
    assert y.max() <= high
    assert y.min() < (-300.0 if low == -np.inf else low + 1e-3)
    assert y.max() > (300.0 if high == np.inf else high - 1e-3)


MONOTONE = [case for case in CASES if not isinstance(case, Gaussian | Mish | Sine | Snake | TanhExp)]


@pytest.mark.parametrize("activation", MONOTONE, ids=str)
@settings(derandomize=True)
@given(a=numbers, b=numbers)
def test_it_never_falls(activation: Activation, a: float, b: float) -> None:
    x = np.array(sorted([a, b]))
    low, high = activation.value(x, np)
    assert low <= high + 1e-12 * abs(high)
    assert (activation.slope(x, activation.value(x, np), np) >= 0).all()


ODD = [case for case in CASES if isinstance(case, HardShrink | InverseSquareRootUnit | Sine | SoftShrink | TanhShrink)]


@pytest.mark.parametrize("activation", ODD, ids=str)
@settings(derandomize=True)
@given(x=numbers)
def test_it_is_odd_and_its_slope_is_even(activation: Activation, x: float) -> None:
    there, back = np.array([x]), np.array([-x])
    y, mirrored = activation.value(there, np), activation.value(back, np)
    assert y == -mirrored
    assert activation.slope(there, y, np) == activation.slope(back, mirrored, np)


LIKE_RELU = ["celu", "isrlu", "mish", "squareplus", "tanh_exp"]


@pytest.mark.parametrize("activation", [case for case in CASES if case.type in LIKE_RELU], ids=str)
def test_far_out_it_is_the_identity(activation: Activation) -> None:
    x = np.array([1e3])
    y = activation.value(x, np)
    np.testing.assert_allclose(y, x, rtol=1e-5)
    np.testing.assert_allclose(activation.slope(x, y, np), 1.0, rtol=1e-5)


# Kinks: the docstrings say what the slope is there


@pytest.mark.parametrize(
    ("activation", "kinks", "slopes"),
    [
        (HardShrink(), [-0.5, 0.5], [0.0, 0.0]),
        (SoftShrink(), [-0.5, 0.5], [0.0, 0.0]),
        (Relu6(), [0.0, -0.0, 6.0], [0.0, 0.0, 0.0]),
        (PenalizedTanh(), [0.0, -0.0], [0.25, 0.25]),
    ],
    ids=str,
)
def test_the_slope_at_a_kink_is_what_is_written(
    activation: Activation, kinks: list[float], slopes: list[float]
) -> None:
    x = np.array(kinks)
    assert activation.slope(x, activation.value(x, np), np).tolist() == slopes


WITHOUT_KINK_AT_ZERO = [case for case in CASES if not isinstance(case, HardShrink | PenalizedTanh | Relu6)]


@pytest.mark.parametrize("activation", WITHOUT_KINK_AT_ZERO, ids=str)
def test_where_no_kink_is_written_the_slope_has_no_jump_at_zero(activation: Activation) -> None:
    x = np.array([-1e-9, 0.0, 1e-9])
    slopes = activation.slope(x, activation.value(x, np), np)
    assert np.ptp(slopes) < 1e-6


def test_isrlu_and_isru_are_one_below_zero() -> None:
    x = -np.abs(GRID)
    np.testing.assert_array_equal(
        InverseSquareRootLinearUnit(alpha=2.0).value(x, np), InverseSquareRootUnit(alpha=2.0).value(x, np)
    )
