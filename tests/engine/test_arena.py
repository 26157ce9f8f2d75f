from __future__ import annotations

import numpy as np
import pytest

from specnet.engine.arena import ALIGNMENT, Arena


@pytest.fixture
def arena() -> Arena:
    return Arena(np.float64)


def test_two_arrays_of_a_step_share_no_memory(arena: Arena) -> None:
    first, second = arena.empty((5, 2)), arena.empty((5, 2))
    assert not np.shares_memory(first, second)


def test_the_next_step_gets_the_same_memory_in_the_same_order(arena: Arena) -> None:
    before = [arena.empty((5, 2)), arena.empty((5, 3))]
    arena.rewind()
    after = [arena.empty((5, 2)), arena.empty((5, 3))]
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert arena.allocations == 2


def test_a_smaller_batch_gets_the_front_of_the_memory(arena: Arena) -> None:
    whole = arena.empty((8, 2))
    for rows in (3, 8, 3, 8):
        arena.rewind()
        part = arena.empty((rows, 2))
        assert part.shape == (rows, 2)
        assert np.shares_memory(part, whole)
    assert arena.allocations == 1


def test_a_larger_batch_gets_new_memory_once(arena: Arena) -> None:
    for rows in (2, 9, 2, 9):
        arena.rewind()
        assert arena.empty((rows, 2)).shape == (rows, 2)
    assert arena.allocations == 2


def test_rows_are_the_fastest_axis_and_start_at_a_cache_line(arena: Arena) -> None:
    array = arena.empty((7, 3))
    assert array.flags.f_contiguous
    assert array.strides == (8, 56)
    assert array.ctypes.data % ALIGNMENT == 0


def test_the_type_is_the_arena_s_own_unless_another_is_asked_for() -> None:
    arena = Arena(np.float32)
    assert arena.empty((2, 2)).dtype == np.float32
    assert arena.empty((2, 2), bool).dtype == bool
    arena.rewind()
    assert arena.empty((2, 2), bool).dtype == bool
    assert arena.empty((2, 2)).dtype == np.float32
