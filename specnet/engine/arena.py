"""Arena: the same memory in the same order at each step, so that steady-state training allocates nothing."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np


class Arena:
    """Hands out arrays in feature-major memory: rows are the fastest axis.

    Narrow nets are bound by memory, and a product with a small matrix then runs along contiguous rows;
    measured on 7,000 rows of 2-4-4-3, feature-major memory is the largest single gain of the engine.
    """

    def __init__(self) -> None:
        self._blocks: list[np.ndarray[Any, Any]] = []
        self._views: list[dict[tuple[tuple[int, ...], Any], np.ndarray[Any, Any]]] = []
        self._next = 0
        self.allocations = 0
        """How often memory was asked of the system; constant once every batch size has been seen."""

    def rewind(self) -> None:
        """Starts a new step: what was handed out before is now free."""
        self._next = 0

    def empty(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
        """The next array of the step, uninitialized."""
        place = self._next
        self._next += 1
        if place == len(self._blocks):
            self._blocks.append(np.empty(0, np.uint8))
            self._views.append({})
        view = self._views[place].get((shape, dtype))
        return self._view(place, shape, dtype) if view is None else view

    def _view(self, place: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
        size = prod(shape) * np.dtype(dtype).itemsize
        if self._blocks[place].size < size:
            self._blocks[place] = np.empty(size, np.uint8)
            self._views[place].clear()
            self.allocations += 1
        view: np.ndarray[Any, Any] = self._blocks[place][:size].view(dtype).reshape(shape, order="F")
        self._views[place][shape, dtype] = view
        return view
