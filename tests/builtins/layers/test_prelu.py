from __future__ import annotations

import numpy as np
import pytest

from specnet.builtins.layers.prelu import PRelu
from specnet.builtins.plain_initializers import Constant
from specnet.component import ShapeError
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context, generator


def test_two_inputs_are_one_too_many() -> None:
    with pytest.raises(ShapeError, match=r"^prelu reads one input, not 2$"):
        PRelu().plan(((3,), (3,)))


@pytest.mark.parametrize(("shared", "shape"), [(True, (1,)), (False, (3,))])
def test_one_slope_or_one_for_each_place(shared: bool, shape: tuple[int, ...]) -> None:
    (slopes,) = PRelu(shared=shared, slope_initializer=Constant(value=0.1)).plan(((4, 3),)).params
    assert (slopes.name, slopes.shape) == ("a", shape)
    assert slopes.initializer.draw(shape, 1, 1, generator()).tolist() == [0.1] * shape[0]


def test_a_slope_for_each_place_keeps_the_contract() -> None:
    assert failures(check_layer(PRelu(shared=False))) == []


def test_both_sides_of_0() -> None:
    gradients = {"a": np.full(2, np.nan)}
    x = np.array([[-2.0, 4.0], [0.0, -1.0]])
    y, pullback = PRelu(shared=False).forward(context(gradients=gradients), {"a": np.array([0.5, -3.0])}, x)
    assert y.tolist() == [[-1.0, 4.0], [0.0, 3.0]]
    (dx,) = pullback(np.full((2, 2), 10.0))
    assert np.asarray(dx).tolist() == [[5.0, 10.0], [5.0, -30.0]]  # at 0 the slope of the left, as PyTorch has it
    assert gradients["a"].tolist() == [-20.0, -10.0]
