"""The types of arrays, for type checkers only: `validate` and `plan` work without importing NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[np.floating[Any]]]
    """Floats of any shape; the first axis is the rows."""
    Index: TypeAlias = np.ndarray[Any, np.dtype[np.integer[Any]]]
    """Numbers of rows."""
