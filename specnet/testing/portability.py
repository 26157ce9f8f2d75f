"""Formulas against an array namespace that has only what the array API standard says, and no NumPy beside it.

The standard: Python array API, 2024.12 (the first in which a binary function takes a Python number).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.testing.checks import Broken, Unchecked
from specnet.testing.numbers import ROUNDING, SINGLE, close

if TYPE_CHECKING:
    from specnet.arrays import Array


def portable(name: str, formula: Callable[..., Any], *arrays: Array) -> str:
    """Holds `formula(*arrays, xp)` in array-api-strict against the same in NumPy, in both dtypes."""
    try:
        import array_api_strict as strict
    except ImportError:
        raise Unchecked("array-api-strict is not installed") from None
    for dtype, tolerance in ((np.float64, ROUNDING), (np.float32, SINGLE)):
        drawn: list[Array] = [array.astype(dtype) for array in arrays]
        try:
            got = formula(*map(strict.asarray, drawn), strict)
        except Exception as error:
            raise Broken(f"{name}: with array-api-strict, {type(error).__name__}: {error}") from error
        if not isinstance(got, type(strict.asarray(0.0))):
            raise Broken(
                f"{name}: from arrays of array-api-strict it makes {type(got).__module__}.{type(got).__name__}"
            )
        close(np.asarray(got), formula(*drawn, np), tolerance, f"{name} in {np.dtype(dtype)}")
    return "array-api-strict"
