"""Schedules that react: what they give depends on how the training goes."""

from __future__ import annotations

from math import inf, isfinite
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat

from specnet.component import Component, Moment, Schedule
from specnet.hookspecs import hookimpl


class ReduceOnPlateau(Schedule):
    """max(end, start factor**n), where n is how often `patience` epochs in a row brought no new best of the metric.

    After a drop `cooldown` epochs are not counted. Of the losses 1, 0.9, 0.95, 0.96 patience 2 drops after the last:
    what PyTorch calls patience = 1, and Keras 2. An epoch without a number is no new best.
    """

    synonyms = ("plateau", "reduce_lr_on_plateau")
    type: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    start: PositiveFloat
    """The value at first."""
    end: NonNegativeFloat = 0.0
    """What it does not go below."""
    metric: str = "validation.loss"
    """What is watched at the end of each epoch: a part of the split and the loss or a metric."""
    mode: Literal["min", "max"] = "min"
    """Whether less of it is better, or more."""
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """What each drop multiplies by."""
    patience: int = Field(default=10, gt=0)
    """The epochs in a row without a new best that bring a drop."""
    min_delta: NonNegativeFloat = 0.0
    """A new best is better than the one before by more than this."""
    cooldown: int = Field(default=0, ge=0)
    """The epochs after a drop that are not counted."""

    def watches(self) -> str:
        return self.metric

    def react(self, state: tuple[float, ...], value: float) -> tuple[float, ...]:
        drops, best, waited, resting = state or self._first
        gain = best - value if self.mode == "min" else value - best
        if isfinite(value) and gain > self.min_delta:
            best, waited = value, 0.0
        else:
            waited += 1
        if resting:
            resting, waited = resting - 1, 0.0
        if waited >= self.patience:
            drops, waited, resting = drops + 1, 0.0, float(self.cooldown)
        return drops, float(best), waited, resting

    def at(self, moment: Moment) -> float:
        drops, *_ = moment.state or self._first
        return max(self.end, self.start * self.factor ** int(drops))

    @property
    def _first(self) -> tuple[float, ...]:
        """No drop, no best, nothing waited for and no rest."""
        return 0.0, inf if self.mode == "min" else -inf, 0.0, 0.0


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The schedules of this room."""
    return [ReduceOnPlateau]
