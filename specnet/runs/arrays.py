"""Arrays in a program's hands become the data of a run, without a file in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from specnet.component import Data, Table
from specnet.errors import DataError, Finding

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.spec import Document


def data_of_arrays(X: Any, y: Any, weights: Any = None) -> Data:
    """(rows, columns) of inputs, (rows,) or (rows, columns) of targets, (rows,) of what each counts; all are copied.

    Columns have the names that a dataframe gives them, else x0, x1, ... and y, or y0, y1, ... where there are several.
    Raises DataError SN543.
    """
    inputs, targets = _table(X, "X", "x"), _table(y, "y", "y")
    if len(inputs) != len(targets):
        _refuse(f"X has {len(inputs):,} rows, y has {len(targets):,}")
    return Data(inputs, targets, weights=None if weights is None else _weights(weights, len(inputs)))


def _weights(given: Any, rows: int) -> Array:
    try:
        weights = np.array(given, np.float64)
    except (TypeError, ValueError):
        _refuse("the weights are no array of numbers")
    if weights.shape != (rows,):
        _refuse(f"there is one weight for each of {rows:,} rows, their shape is {weights.shape}")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        _refuse("a weight is a finite number from 0 on, and one of them is above")
    return weights


def with_arrays(document: Document, data: Data) -> Document:
    """The spec with the names of the columns where it says nothing of a dataset."""
    if "dataset" in document.data:
        return document
    said = {"type": "arrays", "inputs": list(data.inputs.names), "targets": list(data.targets.names)}
    return replace(document, data={**document.data, "dataset": said})


def _table(given: Any, what: str, letter: str) -> Table:
    try:
        values = np.array(given, np.float64)
    except (TypeError, ValueError):
        _refuse(f"{what} is no array of numbers")
    if values.ndim == 1 and what == "y":
        values = values[:, None]
    if values.ndim != 2 or not values.size:
        _refuse(f"{what} must have rows and columns, its shape is {values.shape}")
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        _refuse(f"{what}[{row}, {column}] is {values[row, column]}")
    count = values.shape[1]
    names = [str(name) for name in getattr(given, "columns", ())]
    numbered = [letter] if what == "y" and count == 1 else [f"{letter}{k}" for k in range(count)]
    return Table(tuple(names if len(names) == count else numbered), values)


def _refuse(message: str) -> NoReturn:
    raise DataError(Finding("SN543", message, help="X is (rows, columns) of finite numbers, y has as many rows"))
