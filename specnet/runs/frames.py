"""Columns in a program's hands: mappings, records of NumPy and dataframes, looked into by the names of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.errors import Finding, UsageError, did_you_mean, listed

if TYPE_CHECKING:
    import numpy.typing as npt

_GAPS = ("NAType", "NaTType", "MaskedConstant")
"""The types by which pandas and NumPy say that nothing stands there, beside None and NaN."""


def columns_of(rows: Any, names: Sequence[str]) -> list[npt.NDArray[Any]] | None:
    """One array a name, of objects where they are no numbers, None in gaps; None where `rows` has no named columns.

    A mapping, a structured array, a dataframe that gives `frame[name]`, or what pyarrow can read. Raises UsageError
    SN530 for a name that is not there, and for columns that are not as long.
    """
    frame, given = _opened(rows)
    if given is None:
        return None
    for name in names:
        if name not in given:
            help = did_you_mean(name, given) or f"columns: {listed(given)}"
            raise UsageError(Finding("SN530", f"column {name!r} is not among those of the rows", help=help))
    columns = [_cells(frame[name]) for name in names]
    for name, column in zip(names, columns, strict=True):
        if column.shape != columns[0].shape or column.ndim != 1:
            held = f"{name!r} has {_shape(column)}, {names[0]!r} {_shape(columns[0])}"
            raise UsageError(Finding("SN530", f"columns must be lists of cells that are equally long: {held}"))
    return columns


def _opened(rows: Any) -> tuple[Any, list[str] | None]:
    """What gives `frame[name]`, and the names; no names for plain rows."""
    if isinstance(rows, Mapping):
        return rows, [str(name) for name in rows]
    if isinstance(rows, np.ndarray):
        return rows, list(rows.dtype.names) if rows.dtype.names else None
    if isinstance(rows, Sequence):
        return rows, None
    for attribute in ("columns", "column_names"):  # pandas and polars, pyarrow
        names = getattr(rows, attribute, None)
        if names is not None and not callable(names) and hasattr(rows, "__getitem__"):
            texts = [name for name in names if isinstance(name, str)]
            if texts or not len(names):
                return rows, texts
    if hasattr(rows, "__arrow_c_stream__") or hasattr(rows, "__dataframe__"):
        table = _arrow(rows)
        return table, list(table.column_names)
    return rows, None


def _arrow(rows: Any) -> Any:
    try:
        import pyarrow
        import pyarrow.interchange
    except ModuleNotFoundError:
        message = f"{type(rows).__name__} gives its columns by a protocol that is read with pyarrow, which is missing"
        raise UsageError(Finding("SN530", message, help="install pyarrow, or give a mapping of columns")) from None
    return pyarrow.table(rows) if hasattr(rows, "__arrow_c_stream__") else pyarrow.interchange.from_dataframe(rows)


def _cells(column: Any) -> npt.NDArray[Any]:
    if isinstance(column, list | tuple):  # as an array, numbers among texts would become texts, and nothing NaN
        cells = np.empty(len(column), object)
        for row, cell in enumerate(column):
            cells[row] = None if _is_gap(cell) else cell
        return cells
    values = column if isinstance(column, np.ma.MaskedArray) else np.asarray(column)
    if values.ndim != 1 or (values.dtype.kind in "fiu" and not isinstance(values, np.ma.MaskedArray)):
        return values
    return _cells(values.tolist())


def _is_gap(cell: Any) -> bool:
    return cell is None or type(cell).__name__ in _GAPS or (isinstance(cell, float) and cell != cell)


def _shape(column: npt.NDArray[Any]) -> str:
    return f"{len(column):,}" if column.ndim == 1 else f"{column.ndim} axes"
