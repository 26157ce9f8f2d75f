"""What a divergence is told with: the scale of the rows, and the learning rate that would have been stable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.component.task import Split
from specnet.engine.network import Network, quiet
from specnet.errors import DivergenceError
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.arrays import Array
    from specnet.component.task import TrainingTask
    from specnet.plan import Plan

_ROWS = 4096
_ITERATIONS = 100
_SECONDS = 5.0
"""An explanation is not worth more; a large net then has an eigenvalue that is a little too small."""
_ENOUGH = 1e-6
_STEP = 1e-5


@dataclass(frozen=True)
class Curvature:
    """The largest eigenvalue of the Hessian of the training loss, and how it was found."""

    eigenvalue: float
    rows: int
    iterations: int

    @property
    def rate(self) -> float:
        """Below it gradient descent with full batches goes down near these weights: 2 / L, to first order."""
        return 2 / self.eigenvalue


def explained(error: DivergenceError, plan: Plan, begun: Array, task: TrainingTask) -> DivergenceError:
    """The same error with more help; `begun` are the weights with which training began."""
    first, *rest = error.findings
    parts = [first.help or "", _scales(task.train), _stability(plan, begun, task)]
    return DivergenceError(replace(first, help="; ".join(filter(None, parts))), *rest)


def record_of(error: DivergenceError | None) -> dict[str, str] | None:
    """What the manifest keeps of it."""
    return None if error is None else {"message": error.findings[0].message, "help": error.findings[0].help or ""}


def _scales(rows: Split) -> str:
    tables = {"inputs": rows.inputs, "targets": rows.targets}
    said = (f"{name} from {table.min():.3g} to {table.max():.3g}" for name, table in tables.items() if table.size)
    return f"in the units of the net the training rows have {' and '.join(said)}"


def _stability(plan: Plan, begun: Array, task: TrainingTask) -> str:
    try:
        found = curvature(plan, begun, task)
    except Exception:  # of a component that cannot do this; what is to be told is another error
        return ""
    if found is None:
        return ""
    rate = getattr(task.optimizer.at(task.moment(1)), "learning_rate", None)
    began = f", and training began with {rate:.3g}" if isinstance(rate, int | float) else ""
    how = f"2 / {found.eigenvalue:.3g}, the largest eigenvalue of the Hessian of the loss over {found.rows:,} rows"
    by = f"by {found.iterations} power iterations on differences of gradients"
    return f"plain gradient descent is stable at first below a learning rate of {found.rate:.3g} ({how}, {by}){began}"


def curvature(plan: Plan, begun: Array, task: TrainingTask) -> Curvature | None:
    """The largest eigenvalue at those weights, by power iteration, without the Hessian itself.

    A product with it is (g(w + h v) - g(w - h v)) / 2h for the gradient g over the training rows, 4,096 at most. Where
    the eigenvalue that is largest in size is negative, all of them are shifted by it. None where the gradient is not
    finite, or the loss is curved nowhere upwards.
    """
    train = task.train
    inputs, targets = (part[:_ROWS].astype(np.float64, order="F") for part in (train.inputs, train.targets))
    rows = Split(inputs, targets, None if train.weights is None else train.weights[:_ROWS].astype(np.float64))
    gradient = _gradient(plan, begun.astype(np.float64), task, rows)
    step = _STEP * (1 + float(np.linalg.norm(begun[: plan.trained_count])))

    def product(v: Array) -> Array:
        difference: Array = gradient(step * v) - gradient(-step * v)
        return difference / (2 * step)

    until = monotonic() + _SECONDS
    start = task.streams.of("curvature").standard_normal(plan.trained_count)
    with quiet():
        largest, count = _power(product, start, until)
        if largest < 0:
            shift = largest
            above, more = _power(lambda v: product(v) - shift * v, start, until)
            largest, count = above + shift, count + more
    return Curvature(largest, len(rows), count) if np.isfinite(largest) and largest > 0 else None


def _gradient(plan: Plan, weights: Array, task: TrainingTask, rows: Split) -> Callable[[Array], Array]:
    """The gradient of the training loss at the weights with something added, the same noise each time."""

    def gradient(added: Array) -> Array:
        moved = Weights(plan, "float64")
        moved.flat[:] = weights
        moved.flat[: plan.trained_count] += added
        network = Network(plan, moved, training=True, streams=task.streams)
        with quiet():
            prediction = network.forward(rows.inputs)
            ctx = network.loss_context
            network.backward(task.loss.weighted_gradient(ctx, prediction, rows.targets, rows.weights))
        return network.gradient[: plan.trained_count]

    return gradient


def _power(product: Callable[[Array], Array], start: Array, until: float) -> tuple[float, int]:
    """The eigenvalue that is largest in size, and how many products it took; NaN where there is none."""
    vector, value = start / np.linalg.norm(start), np.nan  # nothing to move has no direction: NaN
    for count in range(1, _ITERATIONS + 1):
        image: Any = product(vector)
        before, value = value, float(vector @ image)
        size = float(np.linalg.norm(image))
        if not np.isfinite(size) or size == 0:
            return (0.0 if size == 0 else np.nan), count
        if abs(value - before) <= _ENOUGH * abs(value) or monotonic() > until:
            return value, count
        vector = image / size
    return value, _ITERATIONS
