"""A sample of the faults that `python -m benchmarks.validate` makes, each found where it is."""

from __future__ import annotations

import pytest

from benchmarks.bombs import BOMBS, explode
from benchmarks.seeded_faults import MOST_LINES, Figures, Verdict, gallery, judged, pairs, singles
from specnet.registry import Registry

SINGLES, PAIRS = 17, 5
"""One file of so many."""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry([])


def wrong(verdicts: list[Verdict]) -> list[str]:
    """The files that were not told as they should be, in words."""
    bad = [one for one in verdicts if not one.is_placed or one.errors != len(one.case.faults)]
    return [f"{one.case.file.name}: {[fault.what for fault in one.case.faults]} {one.case.wanted()}" for one in bad]


def test_what_is_wired_already_is_not_wired_again() -> None:
    names = [file.name for file in gallery()]
    assert {"digits_residual.toml", "digits_lenet.toml", "wired_digits_lenet.toml"} < set(names)
    assert "wired_digits_residual.toml" not in names


def test_a_single_fault_is_one_error_at_its_place(registry: Registry) -> None:
    every = singles(registry)
    assert len(every) >= 5_000
    verdicts = judged(every[::SINGLES], registry)
    figures = Figures.of(verdicts)
    assert (figures.raised, figures.accepted) == (0, 0)
    assert figures.longest <= MOST_LINES
    assert wrong(verdicts) == []


def test_two_independent_faults_are_two_errors_at_their_places(registry: Registry) -> None:
    every = pairs(singles(registry))
    assert len(every) >= 2_000
    verdicts = judged(every[::PAIRS], registry)
    figures = Figures.of(verdicts)
    assert (figures.raised, figures.accepted) == (0, 0)
    assert figures.longest <= MOST_LINES
    assert wrong(verdicts) == []


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_a_clean_finding_in_little_memory(name: str) -> None:
    pytest.importorskip("resource")
    blast = explode(name)
    assert "Traceback" not in blast.out + blast.err
    assert blast.err == ""
    wanted = BOMBS[name][1]
    assert f" {wanted} " in blast.out if wanted else blast.out == "1 file valid\n"
    assert blast.code in (0, 1, 2)
    assert blast.megabytes <= 200
    assert len(blast.out) < 100_000
