"""The rows of `specnet predict --rows`, with what the net says of each, as text or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from specnet.artifacts import finite_or_reason
from specnet.cli.describe import WIDE, cell
from specnet.cli.text import dump, table, width
from specnet.errors import Finding, UsageError
from specnet.runs.rows import inputs_of

if TYPE_CHECKING:
    from specnet.component import Column
    from specnet.runs import Run


def shown(run: Run, text: str, format: str) -> str:
    """What is printed. Raises UsageError SN530."""
    rows = _rows(run, text)
    answers = {name: column.tolist() for name, column in run.answers(rows).items()}
    if format == "text":
        return _table(run, rows, answers)
    strict = [[finite_or_reason(value) for value in row] for row in run.predict(rows).tolist()]
    records = [dict(zip(answers, map(_strict, row), strict=True)) for row in zip(*answers.values(), strict=True)]
    return dump({"targets": list(run.plan.targets), "predictions": strict, "answers": records})


def _strict(value: str | float) -> Any:
    return value or None if isinstance(value, str) else finite_or_reason(value)


def _table(run: Run, rows: list[list[Any]], answers: dict[str, list[Any]]) -> str:
    """A line for each row; where that is wider than the terminal its number stands for it, then a line an answer."""
    names = [_short(name) for name in answers]
    found = [list(map(_answer, row)) for row in zip(*answers.values(), strict=True)]
    numbered = [["row", "->", *names], *([str(i), "->", *row] for i, row in enumerate(found, 1))]
    whole = [[*run.input_names, "->", *names]]
    whole += [[*map(_given, row), "->", *answer] for row, answer in zip(rows, found, strict=True)]
    for lines in ([] if len(run.input_names) > WIDE else [whole], [numbered]):
        for drawn in (table(shape, indent=0) for shape in lines):
            if max(map(len, drawn.splitlines())) <= width():
                return drawn
    parts = [["row", str(i)] for i in range(1, len(rows) + 1)]
    blocks = [table([head, *zip(names, row, strict=True)], 0, 1) for head, row in zip(parts, found, strict=True)]
    return "\n".join(blocks)


def _given(value: Any) -> str:
    """A cell as it was typed, numbers to six digits."""
    return json.dumps(value) if value is None or isinstance(value, bool) else cell(value)


def _answer(value: str | float) -> str:
    return "-" if value == "" or value != value else cell(value)


def _short(name: str) -> str:
    """`price`, or `p(colour_red)`."""
    if name.startswith("predicted_"):
        return name.removeprefix("predicted_")
    return f"p({name.removeprefix('probability_')})"


def _rows(run: Run, text: str) -> list[list[Any]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise UsageError(Finding("SN530", f"--rows is no JSON: {error}", help="such as '[[30, 70]]'")) from None
    except RecursionError:
        raise UsageError(Finding("SN530", "--rows is no JSON: the nesting is too deep")) from None
    if not isinstance(rows, list) or not rows:
        raise UsageError(Finding("SN530", f"--rows takes a list of rows, not {text}", help="such as '[[30, 70]]'"))
    nested = rows if isinstance(rows[0], list) else [rows]
    for i, row in enumerate(nested, start=1):
        pairs = zip(row if isinstance(row, list) else [], inputs_of(run.spec, run.plan), strict=False)
        for value, column in pairs:
            if wrong := _wrong(value, column):
                raise UsageError(Finding("SN530", f"row {i}, column {column.name!r}: {wrong}"))
    return nested


def _wrong(value: Any, column: Column) -> str | None:
    if isinstance(value, list | dict):
        return "a cell is a number, a text, true, false or null"
    if value is None and column.absent() == "error":
        return "null is no input"
    if column.numeric and isinstance(value, str | bool):
        return f"{json.dumps(value)} is not a number"
    return None
