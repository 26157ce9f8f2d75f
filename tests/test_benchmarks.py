from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import against_the_limit, table
from benchmarks.limit import multiply_adds
from benchmarks.measured import Ratio, Workload
from benchmarks.picture import picture

RATIOS = [Ratio("a & b", "jit", "<peer>", 0.01, 0.02, 0.05, 1.0, 50.0), Ratio("c", "numpy", "peer", 1, 2, 30, 2, 1)]


def test_without_the_compiled_full_batch_no_limit_is_told() -> None:
    assert against_the_limit(RATIOS).startswith("the limit of the arithmetic was not measured")


def test_what_is_missing_is_not_compared() -> None:
    workload = Workload("w", {"numpy": lambda: None, "peer": lambda: None}, ("numpy", "jit"), ("jit: not installed",))
    assert [(r.ours, r.theirs) for r in workload.measure(3)] == [("numpy", "peer")]


def test_each_program_is_called_once_a_round_in_turn() -> None:
    calls: list[str] = []
    programs = {name: (lambda name=name: calls.append(name)) for name in "ab"}
    (ratio,) = Workload("w", programs, ("a",)).measure(2)
    assert "".join(calls) == "ab" * 3
    assert ratio.least <= ratio.median <= ratio.greatest


@pytest.mark.parametrize(("sizes", "count"), [((1, 1), 4), ((2, 3), 18), ((2, 4, 4, 3), 122)])
def test_the_multiply_adds_of_a_row(sizes: tuple[int, ...], count: int) -> None:
    """Each weight and bias forward and for its gradient; each weight behind the first layer once more."""
    assert multiply_adds(sizes) == count


def test_the_table_and_the_picture_hold_each_ratio() -> None:
    assert table(RATIOS).splitlines()[2:] == [
        "| a & b | jit | <peer> | 0.010 | 0.020 | 0.050 |",
        "| c | numpy | peer | 1.000 | 2.000 | 30.000 |",
    ]
    root = ElementTree.fromstring(picture(RATIOS))  # noqa: S314  # our own
    assert [e.text for e in root.iter() if e.text and "/" in e.text] == ["a & b: jit / <peer>", "c: numpy / peer"]
    assert sum(e.tag.endswith("circle") for e in root.iter()) == 2
