"""Schedules: t counts the epochs (or steps) before an update, from 0 on; T is a length in the same unit."""

from __future__ import annotations

import math
from abc import abstractmethod
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from specnet.component import AnySchedule, Component, Many, Moment, Schedule, ScheduleError
from specnet.hookspecs import hookimpl

Decay = Annotated[float, Field(gt=0, le=1)]


class _Paced(Schedule):
    """A schedule that counts in one unit."""

    per: Literal["epoch", "step"] = "epoch"
    """What lengths are counted in, and after what the value changes: an epoch, or a step, which is an update."""


class Constant(Schedule):
    """value."""

    type: Literal["constant"] = "constant"
    value: PositiveFloat
    """What it always is; useful after a warm-up."""

    def at(self, moment: Moment) -> float:
        return self.value


class StepDecay(_Paced):
    """start gamma**floor(t / every)."""

    type: Literal["step"] = "step"
    start: PositiveFloat
    """The value at first."""
    every: PositiveInt
    """The epochs or steps between two drops."""
    gamma: Decay = 0.1
    """What each drop multiplies by."""

    def at(self, moment: Moment) -> float:
        return self.start * self.gamma ** (moment.passed(self.per) // self.every)


def _rising(milestones: tuple[int, ...]) -> tuple[int, ...]:
    if any(later <= earlier for earlier, later in pairwise(milestones)):
        raise ValueError(f"each milestone must be greater than the one before it, not {list(milestones)}")
    return milestones


class MultiStep(_Paced):
    """start gamma**n, where n is the number of milestones that are at most t."""

    type: Literal["multi_step"] = "multi_step"
    start: PositiveFloat
    """The value at first."""
    milestones: Annotated[Many[PositiveInt], Field(min_length=1), AfterValidator(_rising)]
    """After how many epochs or steps the value drops, in rising order."""
    gamma: Decay = 0.1
    """What each drop multiplies by."""

    def at(self, moment: Moment) -> float:
        t = moment.passed(self.per)
        return self.start * self.gamma ** sum(milestone <= t for milestone in self.milestones)


class Exponential(_Paced):
    """start gamma**t."""

    type: Literal["exponential"] = "exponential"
    start: PositiveFloat
    """The value at first."""
    gamma: Decay
    """What each epoch or step multiplies by."""

    def at(self, moment: Moment) -> float:
        return self.start * self.gamma ** moment.passed(self.per)


class InverseTime(_Paced):
    """start / (1 + decay t)."""

    type: Literal["inverse_time"] = "inverse_time"
    start: PositiveFloat
    """The value at first."""
    decay: PositiveFloat
    """1 / decay epochs or steps halve the value."""

    def at(self, moment: Moment) -> float:
        return self.start / (1 + self.decay * moment.passed(self.per))


class _Falling(_Paced):
    """From `start` at t = 0 to `end` at t = T, and `end` from there on."""

    start: PositiveFloat
    """The value at first."""
    end: NonNegativeFloat = 0.0
    """The value after `length` epochs or steps, and from there on."""
    length: PositiveInt | None = None
    """T; all of the training when it is left out."""

    @abstractmethod
    def left(self, part: float) -> float:
        """What is left of the way to `end` when that part of the time, 0 to 1, has passed."""

    def at(self, moment: Moment) -> float:
        t, T = moment.passed(self.per), self.length or moment.total(self.per)
        return self.end + (self.start - self.end) * self.left(min(t, T) / T)


class Polynomial(_Falling):
    """end + (start - end) (1 - t/T)**power."""

    type: Literal["polynomial"] = "polynomial"
    power: PositiveFloat = 1.0
    """1 is a straight line."""

    def left(self, part: float) -> float:
        return math.pow(1 - part, self.power)


class Cosine(_Falling):
    """end + (start - end) (1 + cos(pi t/T)) / 2."""

    synonyms = ("cosine_annealing", "cosine_decay")
    type: Literal["cosine"] = "cosine"

    def left(self, part: float) -> float:
        return (1 + math.cos(math.pi * part)) / 2


class CosineRestarts(_Paced):
    """`cosine` again and again: the first time over `length`, each next one `growth` times as long."""

    synonyms = ("cosine_annealing_warm_restarts", "sgdr")
    type: Literal["cosine_restarts"] = "cosine_restarts"
    start: PositiveFloat
    """The value at the beginning of each period."""
    end: NonNegativeFloat = 0.0
    """What each period goes down to."""
    length: PositiveInt
    """The epochs or steps of the first period."""
    growth: int = Field(default=1, ge=1)
    """How many times as long each next period is."""

    def at(self, moment: Moment) -> float:
        t, T = moment.passed(self.per), self.length
        if self.growth == 1:
            t %= T
        while t >= T:
            t, T = t - T, T * self.growth
        return self.end + (self.start - self.end) * (1 + math.cos(math.pi * t / T)) / 2


class OneCycle(_Paced):
    """peak / div_factor up to peak at t = rise T - 1, down to that / final_div_factor at t = T - 1."""

    type: Literal["one_cycle"] = "one_cycle"
    peak: PositiveFloat
    """The greatest value."""
    length: int | None = Field(default=None, ge=2)
    """T; all of the training when it is left out."""
    rise: float = Field(default=0.3, gt=0, lt=1)
    """The part of T in which the value rises."""
    div_factor: float = Field(default=25.0, ge=1)
    """peak / the first value."""
    final_div_factor: float = Field(default=1e4, ge=1)
    """The first value / the last."""
    anneal: Literal["cosine", "linear"] = "cosine"
    """The form of both ways."""

    def at(self, moment: Moment) -> float:
        t, T = moment.passed(self.per), self.length or moment.total(self.per)
        first = self.peak / self.div_factor
        top = max(0.0, self.rise * T - 1)
        if t < top:
            return self._between(first, self.peak, t / top)
        down = T - 1 - top
        return self._between(self.peak, first / self.final_div_factor, min(1.0, (t - top) / down) if down > 0 else 1.0)

    def check(self, first: Moment) -> None:
        if self.length is None and first.total(self.per) < 2:
            raise ScheduleError(f"a training of 1 {self.per} is too short to rise and to fall in", "length")

    def _between(self, a: float, b: float, part: float) -> float:
        return b + (a - b) * ((1 + math.cos(math.pi * part)) / 2 if self.anneal == "cosine" else 1 - part)


class LinearWarmup(_Paced):
    """(t + 1) / T of the first value of `then` while t < T; after that `then`, as if training began there."""

    type: Literal["linear_warmup"] = "linear_warmup"
    length: PositiveInt
    """T: the last of its epochs or steps has the full value."""
    then: AnySchedule
    """What follows; its own epochs, steps and whole training are counted from the end of the warm-up."""

    def at(self, moment: Moment) -> float:
        value = self.then.at(moment.after(self.length * moment.steps_in(self.per)))
        return value * min(1.0, (moment.passed(self.per) + 1) / self.length)

    def watches(self) -> str | None:
        return self.then.watches()

    def react(self, state: tuple[float, ...], value: float) -> tuple[float, ...]:
        return self.then.react(state, value)

    def check(self, first: Moment) -> None:
        total = first.total(self.per)
        if self.length >= total:
            training = f"the training has {total:,} {self.per}{'s' * (total > 1)}"
            raise ScheduleError(f"{training}, and a warm-up of {self.length:,} leaves none for `then`", "length")
        try:
            self.then.check(first.after(self.length * first.steps_in(self.per)))
        except ScheduleError as error:
            raise ScheduleError(str(error), f"then.{error.key}") from None


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The schedules of this room."""
    return [
        Constant,
        Cosine,
        CosineRestarts,
        Exponential,
        InverseTime,
        LinearWarmup,
        MultiStep,
        OneCycle,
        Polynomial,
        StepDecay,
    ]
