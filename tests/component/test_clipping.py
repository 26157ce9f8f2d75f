from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.component import GradientClipping
from specnet.engine.network import quiet

if TYPE_CHECKING:
    from specnet.arrays import Array

Mode = Literal["value", "norm", "global_norm"]
PARTS = (slice(0, 3), slice(3, 4), slice(4, 7))


def clipped(mode: Mode, limit: float, values: list[float], dtype: str = "float64") -> Array:
    """Three parameters of 3, 1 and 3 numbers."""
    gradients = np.array(values, dtype)
    GradientClipping(mode=mode, limit=limit).clip(gradients, [gradients[part] for part in PARTS], np)
    assert gradients.dtype == dtype
    return gradients


def test_by_value_each_number_stops_at_the_limit() -> None:
    assert clipped("value", 2, [3, -3, 1, 0, -2, 2, 5]).tolist() == [2, -2, 1, 0, -2, 2, 2]


def test_by_norm_each_parameter_is_by_itself() -> None:
    assert clipped("norm", 5, [0, 6, 8, -9, 3, 0, 4]).tolist() == [0, 3, 4, -5, 3, 0, 4]


def test_by_global_norm_all_are_one() -> None:
    assert clipped("global_norm", 5, [0, 6, 0, -8, 0, 0, 0]).tolist() == [0, 3, 0, -4, 0, 0, 0]
    assert clipped("global_norm", 10, [0, 6, 0, -8, 0, 0, 0]).tolist() == [0, 6, 0, -8, 0, 0, 0]


@pytest.mark.parametrize("mode", ["norm", "global_norm"])
def test_p34_squares_that_overflow_do_not_hide_a_finite_gradient(mode: Mode) -> None:
    gradients = np.full((8, 8), 5e19, np.float32)
    with quiet():
        GradientClipping(mode=mode, limit=1).clip(gradients.reshape(-1), [gradients], np)
    np.testing.assert_allclose(gradients, 0.125, rtol=1e-6)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 3e38), ("float32", 1e-25), ("float64", 1e308)])
def test_p34_at_the_ends_of_what_a_number_holds(dtype: str, size: float) -> None:
    with quiet():
        found = clipped("global_norm", 1e-26 if size < 1 else 1, [size, 0, 0, -size, 0, size, size], dtype)
    wanted = np.array([1, 0, 0, -1, 0, 1, 1]) / 2 * (1e-26 if size < 1 else 1)
    np.testing.assert_allclose(found, wanted, rtol=1e-6 if dtype == "float32" else 1e-15)


@pytest.mark.parametrize("mode", ["value", "norm", "global_norm"])
def test_no_gradient_stays_none(mode: Mode) -> None:
    assert clipped(mode, 1, [0.0] * 7).tolist() == [0.0] * 7
    GradientClipping(mode=mode, limit=1).clip(np.zeros(0), [], np)


@given(
    mode=st.sampled_from(["norm", "global_norm"]),
    values=st.lists(st.floats(-1e3, 1e3), min_size=7, max_size=7),
    limit=st.floats(1e-3, 1e4),
)
@settings(derandomize=True, deadline=None)
def test_what_is_short_enough_stays_and_the_rest_keeps_its_direction(
    mode: Mode, values: list[float], limit: float
) -> None:
    before, after = np.array(values), clipped(mode, limit, values)
    for part in PARTS if mode == "norm" else (slice(None),):
        length = np.linalg.norm(before[part])
        factor = 1.0 if length <= limit * (1 + 1e-12) else limit / length
        np.testing.assert_allclose(after[part], before[part] * factor, rtol=1e-12, atol=1e-300)
