from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from specnet.builtins.layers.pool import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from specnet.builtins.layers.upsample import Upsample
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Layer

OTHERS: list[Layer] = [
    MaxPool(size=(3, 2), stride=1, padding=1),
    MaxPool(size=2, stride=3, padding="same"),
    AvgPool(size=(3, 2), stride=1, padding=1),
    AvgPool(size=3, stride=2, padding="same"),
    Upsample(factor=(1, 3)),
]


@pytest.mark.parametrize("layer", OTHERS, ids=str)
def test_options_keep_the_contract(layer: Layer) -> None:
    assert failures(check_layer(layer, ((6, 5, 2),))) == []


def test_more_than_two_axes_of_places() -> None:
    for layer in (MaxPool(size=2), AvgPool(size=2), GlobalMaxPool(), GlobalAvgPool(), Upsample()):
        assert failures(check_layer(layer, ((2, 3, 2, 2),))) == []


def there_and_back(layer: Layer, x: Array, dy: float = 1.0) -> tuple[Array, Array]:
    y, pullback = layer.forward(context(), {}, x)
    (dx,) = pullback(np.full(y.shape, dy))
    assert dx is not None
    return y, dx


@pytest.mark.parametrize("layer", [MaxPool(size=2), GlobalMaxPool()], ids=str)
def test_of_equal_ones_the_first_gets_all(layer: Layer) -> None:
    """As in PyTorch; to share it would make the sum of the gradients depend on ties."""
    x = np.array([[[3.0, 3.0], [3.0, 1.0]]]).reshape(1, 2, 2, 1)
    _, dx = there_and_back(layer, x, 5.0)
    assert dx.ravel().tolist() == [5.0, 0.0, 0.0, 0.0]


def test_padding_counts_for_nothing() -> None:
    x = np.full((1, 3, 3, 1), -7.0)
    for layer in (MaxPool(size=3, stride=1, padding="same"), AvgPool(size=3, stride=1, padding="same")):
        assert there_and_back(layer, x)[0].ravel().tolist() == [-7.0] * 9


def test_what_is_no_number_stays_none() -> None:
    x = np.array([[[1.0], [np.nan], [2.0], [3.0]]])
    for layer in (MaxPool(size=2), AvgPool(size=2)):
        y, _ = there_and_back(layer, x)
        assert np.isnan(y.ravel()).tolist() == [True, False]


pictures = arrays(np.float64, (2, 4, 6, 3), elements=st.floats(-1e3, 1e3))


@given(pictures)
@settings(derandomize=True, deadline=None)
def test_windows_side_by_side_are_blocks_of_a_reshape(x: Array) -> None:
    blocks = x.reshape(2, 2, 2, 2, 3, 3)
    np.testing.assert_array_equal(there_and_back(MaxPool(size=(2, 3)), x)[0], blocks.max(axis=(2, 4)))
    mean, dx = there_and_back(AvgPool(size=(2, 3)), x)
    np.testing.assert_allclose(mean, blocks.mean(axis=(2, 4)), rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(dx, 1 / 6, rtol=1e-14)


@given(pictures)
@settings(derandomize=True, deadline=None)
def test_a_window_as_large_as_the_picture_is_the_pool_of_all(x: Array) -> None:
    for windowed, everywhere in ((MaxPool(size=(4, 6)), GlobalMaxPool()), (AvgPool(size=(4, 6)), GlobalAvgPool())):
        own, all_of_it = there_and_back(windowed, x), there_and_back(everywhere, x)
        np.testing.assert_allclose(own[0][:, 0, 0], all_of_it[0], rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(own[1], all_of_it[1], rtol=1e-14)


@given(pictures, st.tuples(st.integers(1, 3), st.integers(1, 3)))
@settings(derandomize=True, deadline=None)
def test_the_mean_of_what_was_made_of_one_place_is_that_place(x: Array, factor: tuple[int, int]) -> None:
    larger, _ = there_and_back(Upsample(factor=factor), x)
    np.testing.assert_array_equal(larger, x.repeat(factor[0], axis=1).repeat(factor[1], axis=2))
    np.testing.assert_allclose(there_and_back(AvgPool(size=factor), larger)[0], x, rtol=1e-14)
