from __future__ import annotations

import re
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from specnet.builtins.layers.shapes import Flatten, Reshape
from specnet.component import ShapeError
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context

sizes = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((), "at least 1 item"),
        ((2, 0), "an axis has at least one number"),
        ((-1, 3, -1), "only one size can be -1, which stands for what the others leave"),
        ((-2, 3), "greater than or equal to -1"),
    ],
)
def test_a_shape_that_is_none(shape: tuple[int, ...], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Reshape(shape=shape)


@pytest.mark.parametrize(
    ("shape", "came", "says"),
    [
        ((4, 3), (5,), "reshape to (4, 3) needs 12 numbers, its input (5,) has 5 for one row"),
        ((2,), (2, 3), "reshape to (2,) needs 2 numbers, its input (2, 3) has 6 for one row"),
        ((-1, 4), (2, 3), "reshape to (-1, 4) needs a multiple of 4 numbers, its input (2, 3) has 6 for one row"),
    ],
)
def test_numbers_that_do_not_fit(shape: tuple[int, ...], came: tuple[int, ...], says: str) -> None:
    with pytest.raises(ShapeError, match=f"^{re.escape(says)}$"):
        Reshape(shape=shape).plan((came,))


def test_two_inputs_are_one_too_many() -> None:
    with pytest.raises(ShapeError, match=r"^flatten reads one input, not 2$"):
        Flatten().plan(((3,), (3,)))
    with pytest.raises(ShapeError, match=r"^reshape reads one input, not 2$"):
        Reshape(shape=(-1,)).plan(((3,), (3,)))


@given(sizes, st.data())
@settings(derandomize=True, deadline=None)
def test_a_size_that_is_left_open_is_what_the_others_leave(came: list[int], data: st.DataObject) -> None:
    into = data.draw(st.permutations(came))
    k = data.draw(st.integers(0, len(into) - 1))
    opened = (*into[:k], -1, *into[k + 1 :])
    assert Reshape(shape=opened).plan((tuple(came),)).out_shape == tuple(into)


@given(sizes, st.integers(1, 5), st.sampled_from("FC"))
@settings(derandomize=True, deadline=None)
def test_there_and_back_is_where_it_was(came: list[int], rows: int, order: str) -> None:
    x = np.arange(float(rows * prod(came))).reshape(rows, *came)
    given = np.asarray(x, order="F" if order == "F" else "C")
    flat, pullback = Flatten().forward(context(), {}, given)
    np.testing.assert_array_equal(flat, x.reshape(rows, -1))
    again, _ = Reshape(shape=tuple(came)).forward(context(), {}, flat)
    np.testing.assert_array_equal(again, x)
    (dx,) = pullback(np.array(flat))
    assert dx is not None
    np.testing.assert_array_equal(dx, x)


def test_pictures_keep_the_contract() -> None:
    assert failures(check_layer(Reshape(shape=(3, -1, 2)), ((6, 4),), ((24,),), ((2, 3, 4),))) == []
