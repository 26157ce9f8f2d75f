from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.errors import DataError, Finding
from specnet.splits.cuts import Grouped, InOrder, Marks, Stratified, Timed
from specnet.splits.rounding import shares

PARTS = ("train", "validation", "test")


def marks(values: Any, column: str = "by") -> Marks:
    names, codes = np.unique(np.array(values), return_inverse=True)
    return Marks(column, codes.reshape(-1), [repr(name) for name in names.tolist()])


def counts(*numbers: int) -> dict[str, int]:
    return dict(zip(PARTS, numbers, strict=False))


def refusal(error: pytest.ExceptionInfo[DataError]) -> Finding:
    (finding,) = error.value.findings
    return finding


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Sums of rows, and sums of columns with the same total."""
    rows = draw(st.lists(st.integers(0, 30), min_size=1, max_size=7).filter(any))
    cuts = sorted(draw(st.lists(st.integers(0, sum(rows)), max_size=4)))
    return rows, [b - a for a, b in itertools.pairwise([0, *cuts, sum(rows)])]


# Refusals


def test_a_class_with_too_few_rows() -> None:
    rule = Stratified(marks(["a"] * 8 + ["b"] * 2, "species"))
    with pytest.raises(DataError) as error:
        rule.cut(np.arange(10), counts(7, 2, 1))
    message = "the class 'b' of column 'species' has 2 rows, and none of them comes to validation"
    help = "more rows of it, a larger fraction or fewer folds, or no stratify"
    assert refusal(error) == Finding("SN562", message, ("split", "stratify"), help)


def test_a_class_with_one_row() -> None:
    with pytest.raises(DataError, match="the class 'b' of column 'by' has 1 row, and none of them comes to test"):
        Stratified(marks(["a"] * 9 + ["b"])).cut(np.arange(10), counts(7, 0, 3))


@pytest.mark.parametrize(
    ("groups", "said"),
    [(["ann"] * 4, "1 group for train, test"), (["ann", "bob"] * 2, None)],
)
def test_fewer_groups_than_parts(groups: list[str], said: str | None) -> None:
    rule, wanted = Grouped(marks(groups, "patient"), np.arange(9)), counts(3, 0, 1)
    if said is None:
        assert all(len(rule.cut(np.arange(4), wanted)[part]) for part in ("train", "test"))
        return
    with pytest.raises(DataError) as error:
        rule.cut(np.arange(4), wanted)
    message = f"column 'patient' has {said}: one of them would be empty"
    assert refusal(error) == Finding("SN563", message, ("split",), "more groups, or fewer parts or folds")


def test_fewer_times_than_parts() -> None:
    with pytest.raises(DataError) as error:
        Timed(marks([2, 1, 2, 1], "day")).cut(np.arange(4), counts(2, 1, 1))
    message = "column 'day' has 2 times for train, validation, test, and none is parted"
    assert refusal(error) == Finding("SN563", message, ("split", "time"), "more times, or fewer parts")


# Controlled rounding


@given(tables())
@settings(derandomize=True, deadline=None)
def test_each_share_is_rounded_up_or_down_and_the_sums_are_kept(table: tuple[list[int], list[int]]) -> None:
    rows, columns = table
    found = shares(rows, columns)
    assert [sum(line) for line in found] == rows
    assert [sum(line) for line in zip(*found, strict=True)] == columns
    for row, line in zip(rows, found, strict=True):
        for column, share in zip(columns, line, strict=True):
            assert abs(share - Fraction(row * column, sum(rows))) < 1


def brute(rows: list[int], columns: list[int]) -> set[tuple[tuple[int, ...], ...]]:
    """All tables within 1 of the shares that have the sums."""
    total = sum(rows)
    lines = []
    for row in rows:
        choices = [{row * column // total, -(-row * column // total)} for column in columns]
        lines.append([line for line in itertools.product(*choices) if sum(line) == row])
    return {table for table in itertools.product(*lines) if list(map(sum, zip(*table, strict=True))) == columns}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(any), st.data())
@settings(derandomize=True, deadline=None, max_examples=60)
def test_the_table_is_one_of_those_that_a_brute_force_finds(rows: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, sum(rows)))
    columns = [cut, (sum(rows) - cut) // 2, sum(rows) - cut - (sum(rows) - cut) // 2]
    assert tuple(map(tuple, shares(rows, columns))) in brute(rows, columns)


def test_the_largest_remainder_goes_up() -> None:
    assert shares([10, 10], [14, 6]) == [[7, 3], [7, 3]]
    assert shares([5, 5, 10], [14, 6]) == [[3, 2], [4, 1], [7, 3]]
    assert shares([4, 3, 3], [7, 3]) == [[3, 1], [2, 1], [2, 1]]


# Strata


@given(st.lists(st.sampled_from("abcd"), min_size=8, max_size=60), st.integers(1, 98))
@settings(derandomize=True, deadline=None)
def test_each_class_has_its_share_of_each_part(classes: list[str], percent: int) -> None:
    rows = len(classes)
    train = max(1, rows * percent // 100)
    wanted = counts(train, (rows - train) // 2, rows - train - (rows - train) // 2)
    order = np.random.Generator(np.random.PCG64(rows)).permutation(rows)
    try:
        parts = Stratified(marks(classes)).cut(order, wanted)
    except DataError as error:
        assert min(Counter(classes).values()) * min(filter(None, wanted.values())) < rows, error  # noqa: PT017
        return
    assert {part: len(index) for part, index in parts.items()} == wanted
    assert sorted(itertools.chain(*(index.tolist() for index in parts.values()))) == list(range(rows))
    for part, index in parts.items():
        has = Counter(classes[row] for row in index)
        for name, size in Counter(classes).items():
            assert abs(has[name] - Fraction(size * wanted[part], rows)) < 1
        places = {int(row): place for place, row in enumerate(order)}
        assert [places[row] for row in index.tolist()] == sorted(places[row] for row in index.tolist())


# Groups


@given(st.lists(st.integers(0, 9), min_size=3, max_size=60), st.integers(10, 90), st.booleans())
@settings(derandomize=True, deadline=None)
def test_a_group_is_in_one_part(groups: list[int], percent: int, three: bool) -> None:
    rows = len(groups)
    train = min(rows - 2, max(1, rows * percent // 100))
    wanted = counts(train, (rows - train) // 2 if three else 0)
    wanted["test"] = rows - sum(wanted.values())
    rule = Grouped(marks(groups), np.arange(10))
    parts_wanted = sum(map(bool, wanted.values()))
    if len(set(groups)) < parts_wanted:
        with pytest.raises(DataError):
            rule.cut(np.arange(rows), wanted)
        return
    parts = rule.cut(np.arange(rows), wanted)
    assert sorted(itertools.chain(*(index.tolist() for index in parts.values()))) == list(range(rows))
    home = [{groups[row] for row in index} for index in parts.values()]
    assert all(not a & b for a, b in itertools.combinations(home, 2))
    assert {part for part, index in parts.items() if len(index)} == {part for part, count in wanted.items() if count}


def test_the_largest_group_first_to_the_part_that_lacks_the_most_rows() -> None:
    groups = ["a"] * 20 + ["b"] * 20 + ["c"] * 20 + ["d"] * 20 + ["e"] * 20
    parts = Grouped(marks(groups), np.arange(5)).cut(np.arange(100), counts(70, 15, 15))
    assert {part: sorted({groups[row] for row in index}) for part, index in parts.items()} == {
        "train": ["a", "b", "c"],
        "validation": ["d"],
        "test": ["e"],
    }


def test_no_part_stays_empty_while_there_are_groups() -> None:
    groups = ["a"] * 50 + ["b"] * 30 + ["c"] * 20
    parts = Grouped(marks(groups), np.arange(3)).cut(np.arange(100), counts(70, 15, 15))
    assert {part: len(index) for part, index in parts.items()} == {"train": 50, "validation": 30, "test": 20}


@given(st.lists(st.integers(1, 12), min_size=2, max_size=8), st.integers(10, 90))
@settings(derandomize=True, deadline=None)
def test_two_parts_are_as_near_as_half_the_smallest_group_could_make_them_or_a_group_is_large(
    sizes: list[int], percent: int
) -> None:
    """Greedy in the order of sizes misses by no more than the largest group, as any rule must with one alone."""
    groups = [i for i, size in enumerate(sizes) for _ in range(size)]
    train = min(len(groups) - 1, max(1, len(groups) * percent // 100))
    parts = Grouped(marks(groups), np.arange(len(sizes))).cut(
        np.arange(len(groups)), {"train": train, "test": len(groups) - train}
    )
    assert abs(len(parts["train"]) - train) <= max(sizes)


# Times


@pytest.mark.parametrize(
    ("times", "wanted", "parts"),
    [
        ([3, 1, 2, 5, 4], (3, 0, 2), ([1, 2, 0], [], [4, 3])),
        ([1, 1, 1, 2, 2], (2, 0, 3), ([0, 1, 2], [], [3, 4])),
        ([1, 2, 2, 2, 2], (4, 0, 1), ([0], [], [1, 2, 3, 4])),
        ([1, 1, 2, 2], (3, 0, 1), ([0, 1], [], [2, 3])),
        ([1, 1, 2, 2, 3, 3], (3, 0, 3), ([0, 1], [], [2, 3, 4, 5])),
        ([1, 1, 1, 1, 2, 3], (2, 2, 2), ([0, 1, 2, 3], [4], [5])),
        ([1, 2, 3, 3, 3, 3], (4, 1, 1), ([0], [1], [2, 3, 4, 5])),
    ],
)
def test_a_cut_moves_to_where_the_time_changes(
    times: list[int], wanted: tuple[int, ...], parts: tuple[list[int], ...]
) -> None:
    found = Timed(marks(times)).cut(np.arange(len(times)), counts(*wanted))
    assert [index.tolist() for index in found.values()] == list(parts)


@given(st.lists(st.integers(0, 20), min_size=3, max_size=50), st.integers(1, 48), st.integers(1, 48))
@settings(derandomize=True, deadline=None)
def test_no_row_of_a_later_part_is_as_early_as_one_before(times: list[int], train: int, validation: int) -> None:
    rows = len(times)
    if train + validation >= rows:
        return
    rule, wanted = Timed(marks(times)), counts(train, validation, rows - train - validation)
    if len(set(times)) < 3:
        with pytest.raises(DataError):
            rule.cut(np.arange(rows), wanted)
        return
    parts = [[times[row] for row in index] for index in rule.cut(np.arange(rows), wanted).values()]
    assert sorted(itertools.chain(*parts)) == sorted(times)
    assert all(max(early) < min(late) for early, late in itertools.pairwise(parts))


def test_times_without_ties_have_exact_counts() -> None:
    parts = Timed(marks(np.arange(100)[::-1])).cut(np.arange(100), counts(71, 0, 29))
    assert list(map(len, parts.values())) == [71, 0, 29]


def test_rows_in_their_order() -> None:
    parts = InOrder().cut(np.array([4, 2, 0, 3, 1]), counts(3, 0, 2))
    assert [index.tolist() for index in parts.values()] == [[4, 2, 0], [], [3, 1]]
