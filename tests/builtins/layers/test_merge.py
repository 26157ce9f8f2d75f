from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet.builtins.layers.merge import Add, Concatenate, Multiply
from specnet.component import ShapeError
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from specnet.component import Layer, Shape

EACH: list[type[Add | Multiply | Concatenate]] = [Add, Multiply, Concatenate]


@pytest.mark.parametrize("cls", EACH)
def test_one_input_is_too_few(cls: Any) -> None:
    says = f"{cls.model_fields['type'].default} reads two inputs or more, not 1: name them in `inputs`"
    with pytest.raises(ShapeError, match=f"^{re.escape(says)}$"):
        cls().plan(((3,),))


@pytest.mark.parametrize(
    ("layer", "in_shapes", "says"),
    [
        (
            Add(inputs=("a", "b")),
            ((4,), (5,)),
            "add reads inputs of one shape: 'a' gives (4,), 'b' gives (5,): axis 0 is 5, not 4",
        ),
        (
            Multiply(inputs=("a", "b", "inputs")),
            ((2, 4), (2, 4), (2, 5)),
            "multiply reads inputs of one shape: 'a' gives (2, 4), 'inputs' gives (2, 5): axis 1 is 5, not 4",
        ),
        (
            Add(),
            ((3,), (3, 1)),
            "add reads inputs of one shape: input 0 gives (3,), input 1 gives (3, 1): 2 axes, not 1",
        ),
        (
            Add(),
            ((3, 1), (3,)),
            "add reads inputs of one shape: input 0 gives (3, 1), input 1 gives (3,): 1 axis, not 2",
        ),
        (
            Concatenate(inputs=("a", "b")),
            ((2, 4), (3, 9)),
            "concatenate reads inputs of one shape but for the last axis: 'a' gives (2, 4), 'b' gives (3, 9): "
            "axis 0 is 3, not 2",
        ),
        (Add(inputs=("a", "b")), ((4,), ()), "add reads rows with an axis of columns, 'b' gives single numbers"),
    ],
)
def test_inputs_that_do_not_fit(layer: Layer, in_shapes: tuple[Shape, ...], says: str) -> None:
    with pytest.raises(ShapeError, match=f"^{re.escape(says)}$"):
        layer.plan(in_shapes)


def test_widths_may_differ_where_they_are_joined() -> None:
    assert Concatenate().plan(((3,), (1,), (2,))).out_shape == (6,)
    assert Concatenate().plan(((2, 3), (2, 1))).out_shape == (2, 4)
    assert failures(check_layer(Concatenate(), ((3,), (1,), (2,)), ((2, 3), (2, 1)))) == []


def test_a_product_with_zero_has_a_gradient() -> None:
    """The quotient y / x would be 0 / 0."""
    x, other = np.array([[0.0, 0.0, 2.0]]), np.array([[3.0, 0.0, 5.0]])
    _, pullback = Multiply().forward(context(), {}, x, other)
    dx, dother = map(np.asarray, pullback(np.ones((1, 3))))
    assert (dx.tolist(), dother.tolist()) == (other.tolist(), x.tolist())


@pytest.mark.parametrize("cls", EACH)
def test_gradients_share_no_memory(cls: Any) -> None:
    inputs = [np.asfortranarray(np.full((5, 3), float(k))) for k in (1, 2, 3)]
    y, pullback = cls().forward(context(), {}, *inputs)
    given = [np.asarray(dx) for dx in pullback(np.ones(y.shape, order="F"))]
    for k, dx in enumerate(given):
        assert not any(np.shares_memory(dx, other) for other in given[:k])
