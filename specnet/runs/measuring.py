"""Measured rows: the loss and the metrics of all, of each class of a target, and of each value of a column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from specnet.component import Undefined
from specnet.component.task import Split
from specnet.errors import DataError, Finding, UsageError
from specnet.runs.answers import answers, cells_of, classes_of, linked, targets_of
from specnet.runs.fitting import weights_fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from specnet.runs.result import Run

_MOST = 1000
"""Values of a column by which rows are still told apart."""


class ClassScore(NamedTuple):
    """Rows of a class, rows predicted as it, and how many are both."""

    rows: int
    predicted: int
    right: int

    def metrics(self) -> dict[str, float]:
        """precision, recall and f1, an Undefined where there is nothing to divide by."""
        return {
            "precision": _quotient(self.right, self.predicted, "never predicted"),
            "recall": _quotient(self.right, self.rows, "never the target"),
            "f1": _quotient(2 * self.right, self.rows + self.predicted, "neither predicted nor the target"),
        }


def _quotient(above: int, below: int, reason: str) -> float:
    return above / below if below else Undefined(f"the class is {reason}")


class Slice(NamedTuple):
    """The rows that have one value in a column."""

    value: str
    rows: int
    metrics: dict[str, float]


@dataclass(frozen=True)
class Measured:
    """Rows in the units of the net, measured."""

    rows: int
    metrics: dict[str, float]
    classes: dict[str, dict[str, ClassScore]]
    """For each target of classes its classes."""
    slices: tuple[Slice, ...] = ()
    dropped: int = 0
    """Rows that were left out because nothing stands in one of their cells."""
    unlisted: dict[str, int] = field(default_factory=dict)
    """For each column the rows with something that the spec does not list, where it says what is done then."""


def measured(run: Run, split: Split, by: Sequence[str] | None = None) -> Measured:
    """All rows, and those of each value of `by`, one for each row. Raises UsageError SN537, DataError SN521."""
    if fault := weights_fault(run.spec.loss, split, "the data"):
        raise DataError(fault)
    slices = () if by is None else tuple(_slices(run, split, by))
    return Measured(len(split), run.measure(split), dict(_classes(run, split)), slices)


def _slices(run: Run, split: Split, by: Sequence[str]) -> Iterator[Slice]:
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(by):
        rows.setdefault(value, []).append(row)
    if len(rows) > _MOST:
        message = f"the column has {len(rows):,} values, and rows are told apart by {_MOST:,} at the most"
        raise UsageError(Finding("SN537", message, help="name a column of groups with --by"))
    for value in _in_order(list(rows)):
        index = np.array(rows[value])
        weights = None if split.weights is None else split.weights[index]
        part = Split(np.asfortranarray(split.inputs[index]), np.asfortranarray(split.targets[index]), weights)
        if weights is not None and not (weights > 0).any():
            without = run.measure(replace(part, weights=None))
            yield Slice(value, len(index), {**without, "loss": Undefined("no row has a weight above 0")})
            continue
        yield Slice(value, len(index), run.measure(part))


def _in_order(values: list[str]) -> list[str]:
    try:
        return sorted(values, key=float)
    except ValueError:
        return sorted(values)


def _classes(run: Run, split: Split) -> Iterator[tuple[str, dict[str, ClassScore]]]:
    columns = targets_of(run.spec, run.plan)
    if run.plan.outputs != run.plan.targets:
        yield from _numbered(run, split)
        return
    together = run.spec.loss.wants() in ("class_logits", "distributions") and all(c.numeric for c in columns)
    if not together and all(column.numeric for column in columns):
        return
    output = run.spec.engine.predict(run.plan, run.weights, split.inputs)
    predicted, actual = (run.targets.inverse(y) for y in (linked(run, output), split.targets))
    if together:  # a column for each class
        names = np.array(run.plan.targets)
        yield "class", _counted(list(names), names[predicted.argmax(axis=1)], names[actual.argmax(axis=1)])
        return
    start = 0
    for column in columns:
        places = slice(start, start + len(column.names()))
        start = places.stop
        if not column.numeric:
            found, wanted = (cells_of(column, np.asarray(y[:, places], np.float64)) for y in (predicted, actual))
            listed = dict.fromkeys([*classes_of(column), *np.unique([*found, *wanted]).tolist()])
            yield column.name, _counted(list(listed), found, wanted)


def _numbered(run: Run, split: Split) -> Iterator[tuple[str, dict[str, ClassScore]]]:
    """Targets that are the numbers of classes, of a loss that takes them so."""
    if run.spec.loss.whole_targets() is None:
        return
    found = answers(run, np.asarray(run.spec.engine.predict(run.plan, run.weights, split.inputs), np.float64))
    for place, column in enumerate(targets_of(run.spec, run.plan)):
        predicted, numbers = found[f"predicted_{column.name}"], np.asarray(split.targets[:, place], np.float64)
        if column.numeric:
            texts = [np.array([f"{value:g}" for value in each], np.str_) for each in (predicted, numbers)]
        else:
            texts = [predicted, cells_of(column, numbers[:, None])]
        yield column.name, _counted(np.unique(np.concatenate(texts)).tolist(), *texts)


def _counted(classes: list[str], found: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> dict[str, ClassScore]:
    return {
        str(name): ClassScore(
            int((wanted == name).sum()), int((found == name).sum()), int(((found == name) & (wanted == name)).sum())
        )
        for name in classes
    }
