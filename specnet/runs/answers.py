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
    from specnet.component import Column
    from specnet.plan import Plan
    from specnet.runs.result import Run
    from specnet.spec import Spec

_PROBABILITIES = ("logits", "class_logits", "probabilities", "distributions")
"""What a loss wants whose predictions are probabilities, once they went through what it puts them through."""


def targets_of(spec: Spec, plan: Plan) -> tuple[Column, ...]:
    """The columns of the targets: what the dataset says of them, or numbers by the names of the plan."""
    return spec.dataset.of_role("target") or numbers_called(plan.targets, "target")


def linked(run: Run, y: Array) -> Array:
    """Predictions as targets are: through the sigmoid, or the softmax of each group, that the loss applies."""
    loss, several = run.spec.loss, run.plan.outputs != run.plan.targets
    with np.errstate(over="ignore", invalid="ignore"):
        if loss.wants() == "logits":
            return sigmoid(y, np)
        if loss.wants() != "class_logits":
            return y
        groups = len(run.plan.targets) if several else 1
        return softmax(y.reshape(len(y), groups, y.shape[1] // groups), np).reshape(y.shape)


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
    """The columns of a result for (rows, outputs) of predictions: `predicted_TARGET`, `probability_TARGET_CLASS`.

    Float64, or texts that are empty where there is no answer. Raises UsageError SN534 where two would have one name.
    """
    found: dict[str, npt.NDArray[Any]] = {}
    for name, column in (_numbered if run.plan.outputs != run.plan.targets else _answers)(run, linked(run, y)):
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


def _numbered(run: Run, y: Array) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Where a target is the number of a class, with an output for each; other outputs keep their names."""
    columns, classes = targets_of(run.spec, run.plan), run.spec.loss.whole_targets()
    if classes is None or len(columns) * classes != y.shape[1]:
        yield from zip((f"predicted_{name}" for name in run.plan.outputs), y.T, strict=True)
        return
    for place, column in enumerate(columns):
        part = y[:, place * classes : (place + 1) * classes]
        codes = np.where(np.isnan(part).any(axis=1), np.nan, part.argmax(axis=1))
        yield f"predicted_{column.name}", codes if column.numeric else cells_of(column, codes[:, None])
        numbers = np.arange(float(classes))[:, None]
        names = [str(k) for k in range(classes)] if column.numeric else list(map(str, column.cells(numbers)))
        for name, probability in zip(names, part.T, strict=True):
            yield f"probability_{column.name}_{name}", probability
