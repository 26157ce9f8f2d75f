from __future__ import annotations

import numpy as np
import pytest

from specnet.component.task import Split
from specnet.engine.batches import Batches
from specnet.streams import Streams


def split(rows: int = 10) -> Split:
    x = np.asfortranarray(np.arange(2.0 * rows).reshape(rows, 2))
    return Split(x, np.asfortranarray(10 * x[:, :1]), x[:, 0] + 1)


def epoch(batches: Batches, number: int) -> list[np.ndarray]:
    """The first column of each batch, checked against its targets."""
    columns = []
    for inputs, targets, weights in batches.of(number):
        np.testing.assert_array_equal(weights, inputs[:, 0] + 1)
        np.testing.assert_array_equal(targets[:, 0], 10 * inputs[:, 0])
        columns.append(inputs[:, 0].copy())
    return columns


@pytest.mark.parametrize(("rows", "sizes"), [(10, [10]), (4, [4, 4, 2]), (5, [5, 5]), (1, [1] * 10)])
def test_all_rows_come_once_and_the_last_batch_may_be_smaller(rows: int, sizes: list[int]) -> None:
    for shuffle in (False, True):
        columns = epoch(Batches(split(), rows, shuffle, Streams(0)), 1)
        assert [len(column) for column in columns] == sizes
        assert sorted(np.concatenate(columns)) == list(range(0, 20, 2))


def test_without_shuffling_rows_keep_their_order_and_are_not_copied() -> None:
    whole = split()
    for inputs, targets, weights in Batches(whole, 4, False, Streams(0)).of(1):
        assert np.shares_memory(weights, whole.weights)
        assert np.shares_memory(inputs, whole.inputs)
        assert np.shares_memory(targets, whole.targets)


def test_one_batch_of_all_rows_is_never_shuffled() -> None:
    ((inputs, _, _),) = Batches(split(), 10, True, Streams(0)).of(3)
    np.testing.assert_array_equal(inputs, split().inputs)


def test_p50_the_order_is_a_function_of_seed_and_epoch() -> None:
    batches = Batches(split(), 4, True, Streams(0))
    first, second = (np.concatenate(epoch(batches, number)) for number in (1, 2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.concatenate(epoch(Batches(split(), 3, True, Streams(0)), 2)), second)
    assert not np.array_equal(np.concatenate(epoch(Batches(split(), 4, True, Streams(1)), 1)), first)


def test_rows_without_weights_have_none_in_any_batch() -> None:
    bare = Split(split().inputs, split().targets)
    for shuffle in (False, True):
        assert [weights for _, _, weights in Batches(bare, 4, shuffle, Streams(0)).of(1)] == [None] * 3


def test_gathered_batches_are_feature_major() -> None:
    for inputs, _, _ in Batches(split(), 4, True, Streams(0)).of(1):
        assert inputs.strides[0] == inputs.itemsize
