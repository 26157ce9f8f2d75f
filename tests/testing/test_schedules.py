from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Literal

import pytest

from specnet.api import Moment, Schedule
from specnet.testing import check_schedule, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen

_ASKED = count()


class Halving(Schedule):
    """0.5 to the power of the epochs before the update."""

    type: Literal["halving"] = "halving"

    def at(self, moment: Moment) -> float:
        return 0.5 ** moment.passed("epoch")


class Whole(Halving):
    def at(self, moment: Moment) -> float:
        return moment.step


class Dividing(Halving):
    def at(self, moment: Moment) -> float:
        return 1 / (moment.steps - 1)


class Sinking(Halving):
    def at(self, moment: Moment) -> float:
        return 1 - moment.step / 100


class Endless(Halving):
    def at(self, moment: Moment) -> float:
        return math.inf if moment.step > 900 else 1.0


class Counting(Halving):
    def at(self, moment: Moment) -> float:
        return float(next(_ASKED))


class Reacting(Halving):
    """0.5 to the power of the epochs with a loss below 0.8."""

    def watches(self) -> str:
        return "train.loss"

    def react(self, state: tuple[float, ...], value: float) -> tuple[float, ...]:
        return (float(sum(state) + (value < 0.8)),)

    def at(self, moment: Moment) -> float:
        return 0.5 ** sum(moment.state)


class KeepsWhole(Reacting):
    def react(self, state: tuple[float, ...], value: float) -> tuple[float, ...]:
        return (len(state),)


class SinksByState(Reacting):
    def at(self, moment: Moment) -> float:
        return 1.0 - sum(moment.state)


class DrawsFromAll(Halving):
    def at(self, moment: Moment) -> float:
        random.random()  # noqa: S311
        return super().at(moment)


FAULTS: list[tuple[Schedule, set[str]]] = [
    (Whole(), {"number"}),
    (Dividing(), {"number"}),
    (Sinking(), {"not negative"}),
    (Endless(), {"finite"}),
    (Counting(), {"pure"}),
    (KeepsWhole(), {"state"}),
    (SinksByState(), {"not negative"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Schedule, failed: set[str]) -> None:
    assert seen(check_schedule(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_schedule(Halving())) == "ran 14: 14 passed"


def test_one_that_watches_a_column_is_tried_with_what_it_keeps() -> None:
    checks = {check.check: check for check in check_schedule(Reacting())}
    assert {check.status for check in checks.values()} == {"passed"}
    assert checks["number"].detail.startswith("4,113 moments")


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_schedule(Halving())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}
