from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from specnet.builtins.activations import Relu
from specnet.builtins.layers.convolution import Conv1d, Conv2d
from specnet.builtins.layers.dense import Dense
from specnet.component import Layer, ShapeError
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context, generator

if TYPE_CHECKING:
    from specnet.arrays import Array


@pytest.mark.parametrize("key", ["filters", "groups"])
def test_a_count_is_at_least_one(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        Conv2d.model_validate({"type": "conv2d", "filters": 1, "kernel_size": 1, key: 0})


def forward(layer: Layer, params: dict[str, Array], x: Array, training: bool = False) -> Array:
    return layer.forward(context(training=training), params, x)[0]


def drawn(layer: Layer, shape: tuple[int, ...], rows: int) -> tuple[dict[str, Array], Array]:
    rng = generator(rows)
    return {p.name: rng.normal(size=p.shape) for p in layer.plan((shape,)).params}, rng.normal(size=(rows, *shape))


OTHERS: list[Layer] = [
    Conv1d(filters=4, kernel_size=2, stride=2, padding="same", groups=2, activation=Relu()),
    Conv2d(filters=2, kernel_size=(3, 2), stride=(2, 1), padding=(2, 1), dilation=(1, 2)),
    Conv2d(filters=6, kernel_size=2, groups=3),
    Conv2d(filters=6, kernel_size=2, groups=6, padding="same"),
]


@pytest.mark.parametrize("layer", OTHERS, ids=str)
def test_options_keep_the_contract(layer: Layer) -> None:
    shape = (5, 4) if layer.type == "conv1d" else (4, 5, 6)
    assert failures(check_layer(layer, (shape,))) == []


def directly(x: Array, W: Array, b: Array, stride: int, dilation: int, before: int, groups: int, out: Any) -> Array:
    """The sum as it is written, number by number; what lies outside is 0."""
    y = np.zeros(out)
    high, wide, taken, filters = W.shape
    for row, i, j, f in product(*map(range, out)):
        part = f // (filters // groups)
        for u, v, c in product(range(high), range(wide), range(taken)):
            p, q = i * stride + u * dilation - before, j * stride + v * dilation - before
            if 0 <= p < x.shape[1] and 0 <= q < x.shape[2]:
                y[row, i, j, f] += x[row, p, q, part * taken + c] * W[u, v, c, f]
    return y + b


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sampled_from([(1, 1, 1), (1, 2, 3), (2, 2, 4), (3, 3, 3)]),
)
@settings(derandomize=True, deadline=None, max_examples=60)
def test_it_is_the_direct_sum(
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    dilation: int,
    padding: int,
    parts: tuple[int, int, int],
) -> None:
    groups, channels, filters = parts
    layer = Conv2d(
        filters=filters, kernel_size=kernel, stride=stride, dilation=dilation, padding=padding, groups=groups
    )
    try:
        planned = layer.plan(((*size, channels),))
    except ShapeError:
        assert any(dilation * (k - 1) + 1 > n + 2 * padding for k, n in zip(kernel, size, strict=True))
        return
    params, x = drawn(layer, (*size, channels), 2)
    assert params["W"].shape == (*kernel, channels // groups, filters)
    wanted = directly(x, params["W"], params["b"], stride, dilation, padding, groups, (2, *planned.out_shape))
    np.testing.assert_allclose(forward(layer, params, x), wanted, rtol=1e-12, atol=1e-12)


def test_one_tap_is_a_dense_layer_at_each_place() -> None:
    layer, dense = Conv2d(filters=4, kernel_size=1), Dense(units=4)
    params, x = drawn(layer, (3, 5, 2), 6)
    flat = forward(dense, {"W": params["W"][0, 0].T, "b": params["b"]}, x.reshape(-1, 2))
    np.testing.assert_allclose(forward(layer, params, x), flat.reshape(6, 3, 5, 4), rtol=1e-13, atol=1e-13)


def test_one_row_of_pixels_is_a_line() -> None:
    line, picture = Conv1d(filters=2, kernel_size=3, stride=2), Conv2d(filters=2, kernel_size=(1, 3), stride=2)
    params, x = drawn(line, (8, 3), 4)
    flat = {"W": params["W"][None], "b": params["b"]}
    np.testing.assert_allclose(forward(picture, flat, x[:, None])[:, 0], forward(line, params, x), rtol=1e-13)


def test_nothing_is_turned_round() -> None:
    x, b = np.array([[[1.0], [2.0], [5.0]]]), np.zeros(1)
    y = forward(Conv1d(filters=1, kernel_size=2), {"W": np.array([[[10.0]], [[1.0]]]), "b": b}, x)
    assert y.tolist() == [[[12.0], [25.0]]]


@given(st.integers(1, 9), st.integers(1, 9))
@settings(derandomize=True, deadline=None)
def test_the_size_of_a_batch_changes_nothing(rows: int, size: int) -> None:
    layer = OTHERS[1]
    params, x = drawn(layer, (4, 5, 6), rows)
    parts = [forward(layer, params, x[start : start + size]) for start in range(0, rows, size)]
    np.testing.assert_allclose(np.concatenate(parts), forward(layer, params, x), rtol=1e-12, atol=1e-12)


def test_connections_of_one_unit() -> None:
    W, b = Conv2d(filters=6, kernel_size=(3, 2), groups=2).plan(((8, 8, 4),)).params
    assert (W.fan_in, W.fan_out) == (b.fan_in, b.fan_out) == (3 * 2 * 2, 3 * 2 * 3)


def test_the_activation_says_what_comes_out() -> None:
    layer = Conv2d(filters=1, kernel_size=1, activation=Relu())
    assert (layer.bounds(), layer.gives()) == ((0.0, float("inf")), "positive")
