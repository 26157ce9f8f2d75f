"""Metrics of numbers, in the units of the net."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from specnet.component import Component, MeanMetric, Metric, Undefined
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class NormHalfSquareError(MeanMetric):
    """mean over rows of || (prediction - target)**2 / 2 ||, the 2-norm over the outputs of a row."""

    type: Literal["norm_half_square_error"] = "norm_half_square_error"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        half_squares = 0.5 * xp.square(prediction - target)
        norms: Array = xp.sqrt(xp.sum(xp.square(half_squares), axis=1))
        return norms


class SquaredError(MeanMetric):
    """(prediction - target)**2, mean over rows and outputs."""

    synonyms = ("mean_squared_error",)
    type: Literal["mse"] = "mse"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        squares: Array = xp.mean(xp.square(_errors(prediction, target, xp)), axis=1)
        return squares


class RootMeanSquaredError(MeanMetric):
    """The square root of the mean over rows and outputs of (prediction - target)**2."""

    synonyms = ("root_mean_squared_error",)
    type: Literal["rmse"] = "rmse"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        squares: Array = xp.mean(xp.square(_errors(prediction, target, xp)), axis=1)
        return squares

    def result(self, state: tuple[float, ...]) -> float:
        return sqrt(super().result(state))


class AbsoluteError(MeanMetric):
    """|prediction - target|, mean over rows and outputs."""

    synonyms = ("mean_absolute_error",)
    type: Literal["mae"] = "mae"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        sizes: Array = xp.mean(xp.abs(_errors(prediction, target, xp)), axis=1)
        return sizes


class AbsolutePercentageError(Metric):
    """|prediction - target| / |target|, mean over rows and outputs, as a fraction; undefined when a target is 0."""

    synonyms = ("mean_absolute_percentage_error",)
    type: Literal["mape"] = "mape"

    def start(self) -> tuple[float, int, int]:
        return 0.0, 0, 0

    def add(self, state: tuple[float, int, int], prediction: Array, target: Array, xp: Any) -> tuple[float, int, int]:
        total, zeros, count = state
        is_zero = target == 0
        parts = xp.abs(_errors(prediction, target, xp)) / xp.where(is_zero, 1.0, xp.abs(target))
        return total + float(xp.sum(parts)), zeros + int(xp.sum(is_zero)), count + target.size

    def result(self, state: tuple[float, int, int]) -> float:
        total, zeros, count = state
        return Undefined(f"{zeros:,} of {count:,} targets are 0") if zeros else total / count


class Moments(NamedTuple):
    """What is kept of the columns that were seen: rows, means, sums of squares about them, least and greatest."""

    rows: int
    mean: Any
    squares: Any
    low: Any
    high: Any

    def with_rows(self, x: Array, xp: Any) -> Moments:
        """Those of all rows, by the pairwise update of Chan, Golub and LeVeque 1979: it keeps its digits."""
        mean, low, high = xp.mean(x, axis=0), xp.min(x, axis=0), xp.max(x, axis=0)
        squares = xp.sum(xp.square(x - mean), axis=0)
        if not self.rows:
            return Moments(len(x), mean, squares, low, high)
        count, step = self.rows + len(x), mean - self.mean
        squares = self.squares + squares + step * step * (self.rows * len(x) / count)
        middle = self.mean + step * (len(x) / count)
        return Moments(count, middle, squares, xp.minimum(self.low, low), xp.maximum(self.high, high))

    def why_undefined(self) -> str | None:
        """The reason why variances cannot be compared with that of these columns."""
        if self.rows < 2:
            return "it needs at least 2 rows"
        columns: Iterable[bool] = (self.low == self.high).tolist()
        constant = next((i for i, same in enumerate(columns, start=1) if same), None)
        return None if constant is None else f"target {constant} is the same in every row"


NOTHING = Moments(0, 0.0, 0.0, 0.0, 0.0)


class Explained(Metric):
    """The part of the variation of the targets that predictions account for, mean over outputs."""

    def start(self) -> tuple[Any, ...]:
        return NOTHING, NOTHING, 0.0

    def add(self, state: tuple[Any, ...], prediction: Array, target: Array, xp: Any) -> tuple[Any, ...]:
        targets, errors, squares = state
        e = _errors(prediction, target, xp)
        seen = targets.with_rows(xp.asarray(target, dtype=xp.float64), xp)
        return seen, errors.with_rows(e, xp), squares + xp.sum(xp.square(e), axis=0)

    def result(self, state: tuple[Any, ...]) -> float:
        targets, errors, squares = state
        why: str | None = targets.why_undefined()
        return Undefined(why) if why else float((1 - self.left(errors, squares) / targets.squares).mean())

    @abstractmethod
    def left(self, errors: Moments, squares: Any) -> Any:
        """What is not accounted for in each output, from the errors and the sums of their squares."""


class CoefficientOfDetermination(Explained):
    """1 - sum of (prediction - target)**2 / sum of (target - its mean)**2, mean over outputs; undefined for 1 row."""

    synonyms = ("r2_score", "r_squared")
    type: Literal["r2"] = "r2"

    def left(self, errors: Moments, squares: Any) -> Any:
        return squares


class ExplainedVariance(Explained):
    """1 - variance of (prediction - target) / variance of target, mean over outputs; undefined for 1 row."""

    type: Literal["explained_variance"] = "explained_variance"

    def left(self, errors: Moments, squares: Any) -> Any:
        return errors.squares


def _errors(prediction: Array, target: Array, xp: Any) -> Array:
    """In float64, whatever the net computes in."""
    double: Array = xp.asarray(prediction, dtype=xp.float64) - xp.asarray(target, dtype=xp.float64)
    return double


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The metrics of this room."""
    return [
        AbsoluteError,
        AbsolutePercentageError,
        CoefficientOfDetermination,
        ExplainedVariance,
        NormHalfSquareError,
        RootMeanSquaredError,
        SquaredError,
    ]
