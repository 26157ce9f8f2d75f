"""Tasks: what is learned of the targets, and the loss, metrics and last layers that fit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from specnet.errors import DataError, Finding
from specnet.initial.kinds import MOST_CATEGORIES, Texts, is_numeric, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from specnet.tables.cells import Cells

Asked = Literal["regression", "classes"]
_MOST_CLASSES = 10
"""So many different whole numbers may be classes, each with _ROWS_EACH rows."""
_ROWS_EACH = 10


@dataclass(frozen=True)
class Task:
    """What the spec says of targets and of what comes out of the net."""

    words: str
    plain: tuple[str, ...]
    """Targets that are numbers of which there is no more to say."""
    columns: tuple[Mapping[str, Any], ...]
    """The tables of the others."""
    end: tuple[Mapping[str, Any], ...]
    """The last layers."""
    loss: Any
    metrics: tuple[Any, ...]
    scaled: bool


def task_of(targets: Sequence[Texts], cells: Cells, asked: Asked | None) -> Task:
    """The task that is asked for, or that the targets look like. Raises DataError SN580."""
    for texts in targets:
        if len(texts.counts) < 2:
            _refuse(f"the target {texts.name!r} holds one value: there is nothing to learn")
    if len(targets) > 1:
        return _several(targets, cells, asked)
    (texts,) = targets
    numeric = is_numeric(texts, cells)
    if asked == "regression" and not numeric:
        _refuse(f"the target {texts.name!r} holds texts: a regression is of numbers", "--task classes")
    looks = not numeric or (whole(texts, cells) and _few(texts))
    if asked == "regression" or (asked is None and not looks):
        return _regression(targets)
    if len(texts.counts) > MOST_CATEGORIES:
        _refuse(f"the target {texts.name!r} holds {len(texts.counts):,} different values: too many for classes")
    return _classes(texts, numeric, cells)


def _few(texts: Texts) -> bool:
    different = len(texts.counts)
    return different <= _MOST_CLASSES and texts.filled >= _ROWS_EACH * different


def _several(targets: Sequence[Texts], cells: Cells, asked: Asked | None) -> Task:
    for texts in targets:
        if not is_numeric(texts, cells):
            _refuse(f"the target {texts.name!r} holds texts: of several targets each is a number")
    names = tuple(texts.name for texts in targets)
    ones = all(set(texts.counts) == {"0", "1"} and not texts.empty for texts in targets)
    one_each = ones and sum(texts.counts["1"] for texts in targets) == targets[0].filled
    if asked == "regression" or not one_each:
        if asked == "classes":
            _refuse("several targets are classes when each row has 1 in one of them and 0 in the others")
        return _regression(targets)
    return Task(f"{len(names)} classes", names, (), _softmax_of(len(names)), *_SOFTMAX)


def _regression(targets: Sequence[Texts]) -> Task:
    plain = tuple(texts.name for texts in targets if not texts.empty)
    rest = tuple({"type": "number", "name": t.name, "role": "target", "missing": "drop"} for t in targets if t.empty)
    return Task("a regression", plain, rest, ({"type": "dense", "units": len(targets)},), "mse", ("r2",), True)


_SOFTMAX: Any = (
    {"type": "categorical_cross_entropy", "from_logits": False},
    ("accuracy",),
    False,
)
_SIGMOID: Any = (
    {"type": "binary_cross_entropy", "from_logits": False},
    ({"type": "accuracy", "threshold": 0.5},),
    False,
)


_SIGMOID_OF_ONE = ({"type": "dense", "units": 1, "activation": "sigmoid"},)


def _softmax_of(classes: int) -> tuple[Mapping[str, Any], ...]:
    return {"type": "dense", "units": classes}, {"type": "softmax"}


def _classes(texts: Texts, numeric: bool, cells: Cells) -> Task:
    """Of two classes the probability of the second, else one of each."""
    if set(texts.counts) == {"0", "1"} and not texts.empty:
        return Task("two classes", (texts.name,), (), _SIGMOID_OF_ONE, *_SIGMOID)
    listed = sorted(texts.counts, key=(lambda text: (cells.number(text) or 0.0, text)) if numeric else None)
    two = len(listed) == 2
    column = {"type": "category", "name": texts.name, "role": "target", "categories": listed}
    column |= {"encoding": "index"} if two else {}
    column |= {"missing": "drop"} if texts.empty else {}
    if two:
        return Task("two classes", (), (column,), _SIGMOID_OF_ONE, *_SIGMOID)
    return Task(f"{len(listed)} classes", (), (column,), _softmax_of(len(listed)), *_SOFTMAX)


def _refuse(message: str, help: str | None = None) -> None:
    raise DataError(Finding("SN580", message, help=help))
