from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from specnet.builtins.layers.norms import BatchNorm, LayerNorm, RmsNorm
from specnet.component import Layer, ShapeError
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context, generator

if TYPE_CHECKING:
    from specnet.arrays import Array

NORMS: list[Layer] = [LayerNorm(), RmsNorm(), BatchNorm()]


def forward(layer: Layer, x: Array, **more: Any) -> Array:
    planned = layer.plan((x.shape[1:],))
    params = {p.name: p.initializer.draw(p.shape, p.fan_in, p.fan_out, generator()) for p in planned.params}
    kept = {buffer.name: np.full(buffer.shape, buffer.initial) for buffer in planned.buffers}
    return layer.forward(context(**{"buffers": kept, **more}), params, x)[0]


@pytest.mark.parametrize("layer", NORMS, ids=str)
def test_two_inputs_are_one_too_many(layer: Layer) -> None:
    with pytest.raises(ShapeError, match=f"^{layer.type} reads one input, not 2$"):
        layer.plan(((3,), (3,)))
    with pytest.raises(ShapeError, match=f"^{layer.type} reads rows with an axis of columns"):
        layer.plan(((),))


@pytest.mark.parametrize("cls", [LayerNorm, RmsNorm, BatchNorm])
def test_an_epsilon_of_0_would_divide_by_0(cls: Any) -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        cls(epsilon=0.0)


@pytest.mark.parametrize("momentum", [0.0, -0.1, 1.1])
def test_a_momentum_that_keeps_nothing_new(momentum: float) -> None:
    with pytest.raises(ValidationError, match="momentum"):
        BatchNorm(momentum=momentum)


def test_one_number_has_no_deviation() -> None:
    says = "layer_norm needs two numbers or more in the last axis: (4, 1) would always become b"
    with pytest.raises(ShapeError, match=f"^{re.escape(says)}$"):
        LayerNorm().plan(((4, 1),))


def test_a_batch_has_as_many_rows_as_a_variance_needs() -> None:
    assert BatchNorm().plan(((3,),)).least_rows == BatchNorm().plan(((1, 3),)).least_rows == 2
    assert BatchNorm().plan(((2, 3),)).least_rows == 1  # two places in each row
    assert LayerNorm().plan(((3,),)).least_rows == RmsNorm().plan(((3,),)).least_rows == 1


@pytest.mark.parametrize(
    "layer", [BatchNorm(momentum=1.0, epsilon=0.1), LayerNorm(epsilon=0.1), RmsNorm(epsilon=0.1)], ids=str
)
def test_other_options_keep_the_contract(layer: Layer) -> None:
    assert failures(check_layer(layer)) == []


def test_each_is_of_the_size_that_it_says() -> None:
    x = generator(1).normal(5, 3, (40, 6))
    batch, row, square = forward(BatchNorm(), x), forward(LayerNorm(), x), forward(RmsNorm(), x)
    # What epsilon adds to a variance near 9 is a millionth of it.
    for axis, y in ((0, batch), (1, row)):
        np.testing.assert_allclose(y.mean(axis=axis), 0, atol=1e-12)
        np.testing.assert_allclose(y.std(axis=axis), 1, rtol=1e-4)
    np.testing.assert_allclose((square**2).mean(axis=1), 1, rtol=1e-4)


def test_what_is_kept_of_a_batch() -> None:
    """PyTorch's convention: the share is that of the new, and the variance is the unbiased one."""
    x, kept = np.array([[1.0], [3.0], [8.0]]), {"mean": np.array([10.0]), "variance": np.array([2.0])}
    forward(BatchNorm(momentum=0.25), x, buffers=kept)
    assert kept["mean"].tolist() == [0.75 * 10 + 0.25 * 4]
    assert kept["variance"].tolist() == [0.75 * 2 + 0.25 * 13]  # (9 + 1 + 16) / (3 - 1)
    y = forward(BatchNorm(), np.array([[8.5]]), training=False, buffers=kept)
    assert y.tolist() == [[0.0]]
    assert kept["mean"].tolist() == [8.5]


def test_far_from_0_the_variance_is_still_that_of_the_rows() -> None:
    """The mean of the squares less the square of the mean would leave no digit."""
    x = np.array([[1e8], [1e8 + 1], [1e8 + 2]])
    np.testing.assert_allclose(forward(BatchNorm(), x)[:, 0], np.array([-1, 0, 1]) / np.sqrt(2 / 3 + 1e-5), rtol=1e-12)


def test_rows_that_are_all_the_same_give_b() -> None:
    assert forward(BatchNorm(), np.full((4, 2), 3.0)).tolist() == [[0.0, 0.0]] * 4
    assert forward(LayerNorm(), np.full((4, 2), 3.0)).tolist() == [[0.0, 0.0]] * 4
    assert forward(RmsNorm(), np.zeros((4, 2))).tolist() == [[0.0, 0.0]] * 4
