"""The contract of schedules: a finite number for every moment, and a function of the moment alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from specnet.component import Moment
from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared

if TYPE_CHECKING:
    from specnet.component import Schedule

_STEPS = 1000
_TRAININGS = ((_STEPS, 1), (_STEPS, 10), (_STEPS, 7), (1, 1), (2, 1), (3, 2), (10**9, 10**6))
"""Steps, and steps an epoch: the shortest trainings, and one that is longer than anybody waits."""

_VALUES = [1.0, 0.5, *([0.75] * 40), 0.25, math.nan, math.inf, -math.inf, *([1e308, -1e308] * 5), *([0.1] * 44)]
"""Of a column that is watched: it gets better, it stays, it is no number."""


def check_schedule(schedule: Schedule, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """A Python float, finite and not negative, that is the same for the same moment in whatever order it is asked."""
    return contract(schedule).run(expected_failures)


def contract(schedule: Schedule) -> Contract:
    """The promises of a schedule."""
    then = {"finite": _finite, "not negative": _not_negative, "pure": _pure, "state": _state}
    return Contract(shared(schedule), (about(schedule, {"number": _number}), about(schedule, then)))


def _moments(schedule: Schedule) -> Iterator[Moment]:
    """Those of some trainings; where it watches a column, also with what it makes of 100 values."""
    if schedule.watches() is not None:
        for epoch, state in enumerate(_states(schedule)):
            yield Moment(1 + 3 * epoch, 3 * len(_VALUES), 3, state)
    for steps, per_epoch in _TRAININGS:
        yield from (Moment(step, steps, per_epoch) for step in range(1, min(steps, _STEPS) + 1))
        yield Moment(steps, steps, per_epoch)


def _states(schedule: Schedule) -> Iterator[tuple[float, ...]]:
    state: tuple[float, ...] = ()
    for value in _VALUES:
        state = schedule.react(state, value)
        yield state


def _state(schedule: Schedule) -> str:
    for state in _states(schedule):
        plain = type(state) is tuple and all(type(value) is float for value in state)
        require(plain, f"what it keeps is {state!r}, and not a tuple of floats")
    return ""


def _number(schedule: Schedule) -> str:
    for moment in _moments(schedule):
        value = schedule.at(moment)
        require(type(value) is float, f"at {moment} it is {value!r}")
    return f"{len(list(_moments(schedule))):,} moments of {len(_TRAININGS)} trainings"


def _finite(schedule: Schedule) -> str:
    for moment in _moments(schedule):
        require(math.isfinite(value := schedule.at(moment)), f"at {moment} it is {value}")
    return ""


def _not_negative(schedule: Schedule) -> str:
    for moment in _moments(schedule):
        require(not (value := schedule.at(moment)) < 0, f"at {moment} it is {value}")
    return ""


def _pure(schedule: Schedule) -> str:
    moments = list(_moments(schedule))
    forwards = [schedule.at(moment) for moment in moments]
    backwards = [schedule.at(moment) for moment in reversed(moments)]
    # nan is no fault of this check, and not equal to itself
    odd = [m for m, a, b in zip(moments, forwards, backwards[::-1], strict=True) if a != b and not math.isnan(a)]
    require(not odd, f"asked again at {odd[:1]}, it gives another number")
    return ""
