"""Answers: what a net gives as columns that people read, a number, or a class with the probability of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.builtins.columns import numbers_called
from specnet.builtins.logits import sigmoid, softmax
from specnet.errors import Finding, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from specnet.arrays import Array
    from specnet.component import Column, Loss
    from specnet.plan import Plan
    from specnet.runs.result import Run
    from specnet.spec import Spec

_PROBABILITIES = ("logits", "class_logits", "probabilities", "distributions")
"""What a loss wants whose predictions are probabilities, once they went through what it puts them through."""


def targets_of(spec: Spec, plan: Plan) -> tuple[Column, ...]:
    """The columns of the targets: what the dataset says of them, or numbers by the names of the plan."""
    described = spec.dataset.described()
    return tuple(column for column in described if column.role == "target") or numbers_called(plan.targets, "target")


def linked(loss: Loss, y: Array) -> Array:
    """Predictions as targets are: through the sigmoid or the softmax that the loss applies."""
    with np.errstate(over="ignore", invalid="ignore"):
        if loss.wants() == "logits":
            return sigmoid(y, np)
        return softmax(y, np) if loss.wants() == "class_logits" else y


def classes_of(column: Column) -> list[str]:
    """The classes of a target that is no number, in the order of its numbers; of one number those of 0 and of 1."""
    width = len(column.names())
    codes = np.eye(width) if width > 1 else np.array([[0.0], [1.0]])
    return list(map(str, column.cells(codes)))


def cells_of(column: Column, numbers: Array) -> npt.NDArray[Any]:
    """The text that each row of a target's numbers stands for, empty where there is NaN."""
    whole = np.logical_not(np.isnan(numbers).any(axis=1))
    cells = np.array(column.cells(np.where(whole[:, None], numbers, 0.0)), np.str_)
    cells[~whole] = ""
    return cells


def answers(run: Run, y: Array) -> dict[str, npt.NDArray[Any]]:
    """The columns of a result for (rows, targets) of predictions: `predicted_TARGET`, `probability_TARGET_CLASS`.

    Float64, or texts that are empty where there is no answer. Raises UsageError SN534 where two would have one name.
    """
    found: dict[str, npt.NDArray[Any]] = {}
    for name, column in _answers(run, linked(run.spec.loss, y)):
        if name in found:
            help = "rename a target or one of its categories"
            raise UsageError(Finding("SN534", f"two columns of the result would be called {name!r}", help=help))
        found[name] = column
    return found


def _answers(run: Run, y: Array) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    start = 0
    for column in targets_of(run.spec, run.plan):
        part = y[:, start : start + len(column.names())]
        start += part.shape[1]
        if column.numeric:
            yield f"predicted_{column.name}", part[:, 0]
            continue
        yield f"predicted_{column.name}", cells_of(column, part)
        if run.spec.loss.wants() not in _PROBABILITIES:
            continue
        probabilities = part if part.shape[1] > 1 else np.concatenate([1 - part, part], axis=1)
        for name, probability in zip(classes_of(column), probabilities.T, strict=True):
            yield f"probability_{column.name}_{name}", probability
