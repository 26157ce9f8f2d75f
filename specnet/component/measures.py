"""Losses and metrics: numbers that say how near predictions are to targets, and what they can be had of."""

from __future__ import annotations

from abc import abstractmethod
from math import inf, isinf, nan
from typing import TYPE_CHECKING, Any, Literal, Self

from specnet.component.base import Component

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.network import Context

Wanted = Literal["anything", "logits", "class_logits", "positive", "probabilities", "distributions"]
"""What predictions are read as: numbers that are still to go through a sigmoid, or row by row through a softmax,
numbers above 0, each from 0 to 1, or from 0 to 1 with the sum 1 in each row."""


class Loss(Component):
    """A number to be made small; its value over a batch is a mean over rows."""

    kind = "loss"

    @abstractmethod
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        """The loss of a batch; both arrays are (rows, outputs) and stay as they are."""

    @abstractmethod
    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        """d value / d prediction, (rows, outputs)."""

    def wants(self) -> Wanted:
        """What it takes predictions for.

        "anything"; "logits" that it puts through a sigmoid; "class_logits" of which it takes the softmax of each row;
        "positive", "probabilities" or "distributions", which the last layer must give.
        """
        return "anything"

    def target_bounds(self) -> tuple[float, float]:
        """The least and the greatest number that a target may be."""
        return -inf, inf

    def check(self, outputs: int) -> None:
        """Raises ShapeError where rows of so many outputs make no sense; the message goes on from the loss's name."""

    def wrong_target(self, target: Array, xp: Any) -> tuple[int, str] | None:
        """The first row that cannot be a target, with what is wrong in it; None when all can be."""
        low, high = self.target_bounds()
        if isinf(low) and isinf(high):
            return None
        wrong = xp.any((target < low) | (target > high), axis=1)
        if not wrong.any():
            return None
        row = int(wrong.argmax())
        number = next(float(t) for t in target[row] if not low <= t <= high)
        return row, f"{number:g} is not " + (f"from {low:g} to {high:g}" if high < inf else f"{low:g} or more")


class ElementwiseLoss(Loss):
    """The mean over rows and outputs of an error of each element, as two formulas against `xp`."""

    @abstractmethod
    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        """The error of each element."""

    @abstractmethod
    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        """d error / d prediction, elementwise."""

    def divisor(self, rows: int, outputs: int) -> int:
        """What the sum of the errors is divided by."""
        return rows * outputs

    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return float(self.error(prediction, target, ctx.xp).sum()) / self.divisor(*prediction.shape)

    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        gradient = self.slope(prediction, target, ctx.xp)
        gradient /= self.divisor(*prediction.shape)
        return gradient


class RowwiseLoss(Loss):
    """The mean over rows of an error of each row, as two formulas against `xp`."""

    @abstractmethod
    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        """The error of each row, (rows,)."""

    @abstractmethod
    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        """d error of the row / d prediction, (rows, outputs)."""

    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return float(self.error(prediction, target, ctx.xp).sum()) / len(prediction)

    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        gradient = self.slope(prediction, target, ctx.xp)
        gradient /= len(prediction)
        return gradient


class Undefined(float):
    """NaN that knows why there is no number; where NaN is written as null, the reason stands beside it."""

    reason: str

    def __new__(cls, reason: str) -> Self:
        self = super().__new__(cls, nan)
        self.reason = reason
        return self

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]  # what __new__ takes is no float
        return (self.reason,)

    def __repr__(self) -> str:
        return f"Undefined({self.reason!r})"


class Metric(Component):
    """A number reported beside the loss, exact over batches of unequal size."""

    kind = "metric"

    @abstractmethod
    def start(self) -> Any:
        """The state before any row: whatever `add` and `result` make use of."""

    @abstractmethod
    def add(self, state: Any, prediction: Array, target: Array, xp: Any) -> Any:
        """The state after these rows, (rows, outputs); both arrays are memory that is used again."""

    @abstractmethod
    def result(self, state: Any) -> float:
        """The metric over all rows added so far; an Undefined for rows of which there is none."""

    def wants(self, outputs: int) -> Wanted:
        """What it takes predictions of so many outputs for, in the words of `Loss.wants`."""
        return "anything"

    def check(self, outputs: int) -> None:
        """Raises ShapeError where rows of so many outputs make no sense; the message goes on from the metric's name."""


class MeanMetric(Metric):
    """The mean over rows of one number a row."""

    @abstractmethod
    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        """The number of each row, (rows,)."""

    def start(self) -> tuple[float, ...]:
        return 0.0, 0

    def add(self, state: tuple[float, ...], prediction: Array, target: Array, xp: Any) -> tuple[float, ...]:
        total, count = state
        return total + float(self.rows(prediction, target, xp).sum()), count + len(prediction)

    def result(self, state: tuple[float, ...]) -> float:
        total, count = state
        return total / count
