from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from specnet.builtins.activations import Linear, Relu
from specnet.builtins.layers.activation import ActivationLayer
from specnet.builtins.layers.softmax import LogSoftmax, Softmax
from specnet.builtins.smooth_activations import Sigmoid
from specnet.component import Layer, ShapeError
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from specnet.arrays import Array

LAYERS: list[Layer] = [Softmax(), LogSoftmax(), ActivationLayer(activation=Sigmoid())]
rows = arrays(np.float64, (3, 4), elements=st.floats(-1e300, 1e300))


@pytest.fixture(autouse=True)
def without_overflow() -> Any:
    """An overflow or a NaN is an error, and no warning that somebody may have turned off."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


def forward(layer: Layer, x: Any) -> Array:
    return layer.forward(context(), {}, np.array(x, np.float64))[0]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_two_inputs_are_one_too_many(layer: Layer) -> None:
    with pytest.raises(ShapeError, match=f"^{layer.type} reads one input, not 2$"):
        layer.plan(((3,), (3,)))
    assert layer.plan(((5, 3),)).out_shape == (5, 3)


@pytest.mark.parametrize("activation", [Sigmoid(), Linear(), Relu()], ids=str)
def test_an_activation_alone_keeps_the_contract(activation: Any) -> None:
    layer = ActivationLayer(activation=activation)
    assert failures(check_layer(layer)) == []
    assert (layer.gives(), layer.bounds()) == (activation.gives(), activation.bounds())


def test_p33_the_gradient_is_a_product_with_the_whole_jacobian() -> None:
    z = np.array([[0.2, 1.2]])
    _, pullback = LogSoftmax().forward(context(), {}, z)
    (dz,) = pullback(np.ones((1, 2)))
    assert dz is not None
    np.testing.assert_allclose(dz, [[0.46211716, -0.46211716]], rtol=1e-8)
    for layer in (Softmax(), LogSoftmax()):
        y, _ = layer.forward(context(), {}, z)
        s = np.exp(z) / np.exp(z).sum()
        jacobian = np.diag(s[0]) - s.T @ s if layer.type == "softmax" else np.eye(2) - np.ones((2, 1)) * s
        for i, unit in enumerate(np.eye(2)):
            (dx,) = layer.forward(context(), {}, z)[1](unit[None])
            assert dx is not None
            np.testing.assert_allclose(dx[0], jacobian[i], rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(y, s if layer.type == "softmax" else np.log(s), rtol=1e-14)


def test_as_large_as_numbers_get() -> None:
    far = 1e308
    assert forward(Softmax(), [[far, -far], [-far, -far]]).tolist() == [[1, 0], [0.5, 0.5]]
    least = -np.finfo(float).max
    assert forward(LogSoftmax(), [[far, -far]]).tolist() == [[0, least]]


def test_what_is_no_number_stays_none() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(forward(Softmax(), [[np.nan, 0.0], [np.inf, 0.0]])).any(axis=1).all()


@given(rows)
@settings(derandomize=True)
def test_rows_sum_to_one(z: Array) -> None:
    y = forward(Softmax(), z)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-14)
    assert y.min() >= 0
    np.testing.assert_array_equal(np.argmax(y, axis=1), [np.flatnonzero(row == row.max())[0] for row in y])


@given(arrays(np.float64, (3, 4), elements=st.floats(-50, 50)), st.floats(-1e3, 1e3))
@settings(derandomize=True)
def test_a_shift_changes_nothing_and_the_logarithm_is_that_of_the_other(z: Array, by: float) -> None:
    np.testing.assert_allclose(forward(Softmax(), z + by), forward(Softmax(), z), rtol=1e-10)
    np.testing.assert_allclose(np.exp(forward(LogSoftmax(), z)), forward(Softmax(), z), rtol=1e-13)


@given(arrays(np.float64, (3, 4), elements=st.floats(-50, 50)), st.permutations(range(4)))
@settings(derandomize=True)
def test_classes_in_another_order(z: Array, order: list[int]) -> None:
    for layer in (Softmax(), LogSoftmax()):
        np.testing.assert_allclose(forward(layer, z[:, order]), forward(layer, z)[:, order], rtol=1e-13)
