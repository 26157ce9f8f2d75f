"""Linear models in closed form or by Newton's method: what a net has to beat, without a setting to choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from specnet.builtins.logits import sigmoid, softmax

if TYPE_CHECKING:
    from specnet.arrays import Array

Kind = Literal["numbers", "questions", "classes"]
"""Targets of any size; each a question of its own, from 0 to 1; or rows of probabilities that sum to 1."""

_RIDGE = 1e-6
"""Of least squares, for each row: enough where columns depend on each other, and too little to be seen elsewhere."""
_NEWTON_STEPS = 30
_CONJUGATE_STEPS = 60
_SMALL = 1e-8
"""The slope at which a minimum is found."""


@dataclass(frozen=True)
class LinearModel:
    """b + x W, of inputs in the units of the net; for questions and classes these are logits."""

    W: Array
    b: Array

    def predict(self, x: Array) -> Array:
        """(rows, outputs) of float64."""
        y: Array = x @ self.W + self.b
        return y


def fit(x: Array, t: Array, kind: Kind, weights: Array | None = None) -> LinearModel:
    """The model of (rows, inputs) and (rows, outputs), float64; a row counts as its weight says."""
    w = np.ones((len(x), 1)) if weights is None else (weights / weights.mean()).reshape(-1, 1)
    centre, spread = (w * x).mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 1e-12 * np.abs(centre), spread, np.inf)  # a constant column says nothing
    z = (x - centre) / spread
    W, b = _least_squares(z, t, w) if kind == "numbers" else _logistic(z, t, w, kind)
    W = W / spread[:, None]
    return LinearModel(W, b - centre @ W)


def work(rows: int, inputs: int, outputs: int, kind: Kind) -> int:
    """How many products a fit takes, roughly."""
    return rows * inputs * (inputs if kind == "numbers" else 200 * outputs)


def _least_squares(z: Array, t: Array, w: Array) -> tuple[Array, Array]:
    rows, inputs = z.shape
    mean, root = (w * t).mean(axis=0), np.sqrt(w)
    tall = np.vstack([root * z, np.sqrt(_RIDGE * rows) * np.eye(inputs)])
    W = np.linalg.lstsq(tall, np.vstack([root * (t - mean), np.zeros((inputs, t.shape[1]))]), rcond=None)[0]
    return W, mean


def _logistic(z: Array, t: Array, w: Array, kind: Kind) -> tuple[Array, Array]:
    """The least of mean cross-entropy + |W|**2 / (2 rows), which is finite whatever the rows are; b is free."""
    rows = len(z)
    a = np.hstack([z, np.ones((rows, 1))])
    penalty = np.full((a.shape[1], 1), 1 / rows)
    penalty[-1] = 0.0
    probabilities = sigmoid if kind == "questions" else softmax
    theta = np.zeros((a.shape[1], t.shape[1]))
    value = _value(a @ theta, t, w, kind) + _weight(theta, penalty)
    for _ in range(_NEWTON_STEPS):
        p = probabilities(a @ theta, np)
        slope = a.T @ (w * (p - t)) / rows + penalty * theta
        if np.abs(slope).max() < _SMALL:
            break
        step = _solve(_curvature(a, p, w, penalty, kind), slope)
        size = 1.0
        while (new := _value(a @ (theta - size * step), t, w, kind) + _weight(theta - size * step, penalty)) > value:
            size /= 2
            if size < _SMALL:
                return theta[:-1], theta[-1]  # float64 has no lower point
        theta, value = theta - size * step, new
    return theta[:-1], theta[-1]


def _value(logits: Array, t: Array, w: Array, kind: Kind) -> float:
    """The mean cross-entropy, of a row summed over the questions."""
    sums = np.logaddexp(0, logits) if kind == "questions" else np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float((w * (sums.sum(axis=1, keepdims=True) - (t * logits).sum(axis=1, keepdims=True))).sum()) / len(t)


def _weight(theta: Array, penalty: Array) -> float:
    return float((penalty * theta**2).sum()) / 2


def _curvature(a: Array, p: Array, w: Array, penalty: Array, kind: Kind) -> Callable[[Array], Array]:
    """The second derivative at p, as what it makes of a direction."""

    def along(v: Array) -> Array:
        moved = a @ v
        mean = p * moved if kind == "questions" else (p * moved).sum(axis=1, keepdims=True)
        change = p * (moved - mean)
        # Where nothing curves, as for classes that all logits rise by, a little does no harm.
        product: Array = a.T @ (w * change) / len(a) + (penalty + 1e-10) * v
        return product

    return along


def _solve(curvature: Callable[[Array], Array], slope: Array) -> Array:
    """The direction of Newton by conjugate gradients, the nearer to it the smaller the slope is."""
    step = np.zeros_like(slope)
    rest, direction = slope, slope
    square = float((rest**2).sum())
    enough = square * min(0.01, square)
    for _ in range(_CONJUGATE_STEPS):
        curved = curvature(direction)
        length = square / float((direction * curved).sum())
        step, rest = step + length * direction, rest - length * curved
        before, square = square, float((rest**2).sum())
        if square <= enough:
            break
        direction = rest + square / before * direction
    return step
