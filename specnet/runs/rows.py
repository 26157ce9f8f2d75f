"""Rows in a program's hands: lists and arrays of cells become the numbers that a run was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.builtins.columns import numbers_called
from specnet.component import CellError
from specnet.encoding import encoded
from specnet.errors import Finding, UsageError, listed
from specnet.runs.frames import columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.component import Column
    from specnet.plan import Plan
    from specnet.spec import Spec


def inputs_of(spec: Spec, plan: Plan) -> tuple[Column, ...]:
    """The columns of the inputs: what the dataset says of them, or numbers by the names of the plan."""
    return spec.dataset.of_role("input") or numbers_called(plan.inputs, "input")


def encode_rows(columns: Sequence[Column], rows: Any) -> Array:
    """(rows, names) of float64 for rows of cells, or for a single row; NaN in gaps that are filled, or are left out.

    Columns by name, of a mapping or a dataframe, may come in any order and with others. Raises UsageError SN530 for
    rows of another width, and for a cell that its column cannot take.
    """
    by_name = columns_of(rows, [column.name for column in columns])
    if by_name is None:
        table = _table(columns, rows)
        by_name = [table[:, i] for i in range(len(columns))]
    return np.concatenate([_encoded(*pair) for pair in zip(columns, by_name, strict=True)], axis=1)


def _encoded(column: Column, cells: np.ndarray[Any, Any]) -> Array:
    if column.numeric and cells.dtype.kind not in "fiu":
        cells = _numbers(column, cells)
    try:
        return encoded(column, cells if column.numeric else [_text(cell) for cell in cells.tolist()])[0]
    except CellError as error:
        reason = error.reason or f"{cells[error.row]} is no input"
        message = f"row {error.row + 1}, column {column.name!r}: {reason}"
        raise UsageError(Finding("SN530", message, help=error.help)) from None


def _table(columns: Sequence[Column], rows: Any) -> np.ndarray[Any, Any]:
    numeric = all(column.numeric for column in columns)
    try:
        table = np.atleast_2d(np.asarray(rows, np.float64 if numeric else object))
    except (OverflowError, TypeError, ValueError):
        wanted = "numbers" if numeric else "cells"
        raise UsageError(Finding("SN530", f"rows must be {wanted}, as many in each row")) from None
    if table.ndim != 2 or table.shape[1] != len(columns):
        noun = "numbers" if numeric else "cells"
        given = f"{table.shape[1]} {noun}" if table.ndim == 2 else f"{table.ndim} axes"
        names = listed([column.name for column in columns])
        raise UsageError(Finding("SN530", f"a row needs {len(columns)} {noun} ({names}), not {given}"))
    return table


def _numbers(column: Column, cells: np.ndarray[Any, Any]) -> Array:
    numbers = np.empty(len(cells))
    for row, cell in enumerate(cells):
        if cell is not None and (isinstance(cell, str | bool) or not isinstance(cell, int | float | np.number)):
            message = f"row {row + 1}, column {column.name!r}: {cell!r} is not a number"
            raise UsageError(Finding("SN530", message))
        numbers[row] = np.nan if cell is None else cell
    return numbers


def _text(cell: Any) -> str | None:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return str(cell).lower() if isinstance(cell, bool | np.bool_) else str(cell)
