"""Losses and metrics: numbers that say how near predictions are to targets, and what they can be had of."""

from __future__ import annotations

from abc import abstractmethod
from math import inf, isinf, nan
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from specnet.component.base import Component

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.network import Context

Wanted = Literal["anything", "logits", "class_logits", "positive", "probabilities", "distributions"]
"""What predictions are read as: numbers that are still to go through a sigmoid, or row by row through a softmax,
numbers above 0, each from 0 to 1, or from 0 to 1 with the sum 1 in each row."""

BaselineName = Literal["mean", "linear"]
"""The models beside a run: the mean of the training targets, and a linear model of the inputs."""


class Loss(Component):
    """A number to be made small; its value over a batch is a mean over rows."""

    kind = "loss"
    by_rows: ClassVar[bool] = False
    """True where `losses` says what each row adds to the mean, so that rows can have weights."""

    @abstractmethod
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        """The loss of a batch; both arrays are (rows, outputs) and stay as they are."""

    @abstractmethod
    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        """d value / d prediction, (rows, outputs)."""

    def losses(self, ctx: Context, prediction: Array, target: Array) -> Array:
        """The loss of each row, (rows,), the mean of which is the value; asked for where it is `by_rows`."""
        raise NotImplementedError(f"{self.type} is no mean of losses of single rows")

    def weighted_value(self, ctx: Context, prediction: Array, target: Array, weights: Array | None) -> float:
        """sum(w l) / sum(w) over the losses l of rows and their weights w, 0 where all are 0; without, the value."""
        if weights is None:
            return self.value(ctx, prediction, target)
        total = float(weights.sum())
        return float((weights * self.losses(ctx, prediction, target)).sum()) / total if total else 0.0

    def weighted_gradient(self, ctx: Context, prediction: Array, target: Array, weights: Array | None) -> Array:
        """d weighted_value / d prediction: the gradient of each row times its part of the weights."""
        gradient = self.gradient(ctx, prediction, target)
        if weights is not None:
            gradient *= (weights * (len(weights) / (float(weights.sum()) or 1.0)))[:, None]
        return gradient

    def outputs(self, targets: int) -> int:
        """The outputs that it takes for so many target columns: as many, unless a target stands for several."""
        return targets

    def whole_targets(self) -> int | None:
        """How many whole numbers a target may be, from 0 on, such as the numbers of classes; None for any numbers."""
        return None

    def wants(self) -> Wanted:
        """What it takes predictions for.

        "anything"; "logits" that it puts through a sigmoid; "class_logits" of which it takes the softmax of each row;
        "positive", "probabilities" or "distributions", which the last layer must give.
        """
        return "anything"

    def target_bounds(self) -> tuple[float, float]:
        """The least and the greatest number that a target may be."""
        whole = self.whole_targets()
        return (-inf, inf) if whole is None else (0.0, whole - 1.0)

    def check(self, outputs: int) -> None:
        """Raises ShapeError where rows of so many outputs make no sense; the message goes on from the loss's name."""

    def wrong_target(self, target: Array, xp: Any) -> tuple[int, str] | None:
        """The first row that cannot be a target, with what is wrong in it; None when all can be."""
        low, high = self.target_bounds()
        if isinf(low) and isinf(high):
            return None
        outside, is_whole = (target < low) | (target > high), self.whole_targets() is not None
        wrong = outside | (target != xp.floor(target)) if is_whole else outside
        rows = xp.any(wrong, axis=1)
        if not rows.any():
            return None
        row = int(rows.argmax())
        allowed = f"from {low:g} to {high:g}" if high < inf else f"{low:g} or more"
        number = float(target[row][wrong[row]][0])
        return row, f"{number:g} is not {'a whole number ' * is_whole}{allowed}"


class ElementwiseLoss(Loss):
    """The mean over rows and outputs of an error of each element, as two formulas against `xp`."""

    by_rows = True

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

    def losses(self, ctx: Context, prediction: Array, target: Array) -> Array:
        sums: Array = self.error(prediction, target, ctx.xp).sum(axis=1)
        return sums * (len(prediction) / self.divisor(*prediction.shape))

    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        gradient = self.slope(prediction, target, ctx.xp)
        gradient /= self.divisor(*prediction.shape)
        return gradient


class RowwiseLoss(Loss):
    """The mean over rows of an error of each row, as two formulas against `xp`."""

    by_rows = True

    @abstractmethod
    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        """The error of each row, (rows,)."""

    @abstractmethod
    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        """d error of the row / d prediction, (rows, outputs)."""

    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return float(self.error(prediction, target, ctx.xp).sum()) / len(prediction)

    def losses(self, ctx: Context, prediction: Array, target: Array) -> Array:
        return self.error(prediction, target, ctx.xp)

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

    def outputs(self, targets: int) -> int:
        """The outputs that it takes for so many target columns, as `Loss.outputs`."""
        return targets

    def whole_targets(self) -> int | None:
        """How many whole numbers a target may be, as `Loss.whole_targets`."""
        return None

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
