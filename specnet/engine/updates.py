"""Updates: the optimizer led over the flat vectors in pieces that fit the cache, and one step back when it must."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Optimizer


CHUNK = 16_384
"""Parameters moved at once: those, their gradients and two vectors of state take 512 kB in float64."""


class Updates:
    """Moves `parameters` along `gradients`, both flat, and keeps a copy of what they were before the last update."""

    def __init__(self, optimizer: Optimizer, parameters: Array, gradients: Array) -> None:
        self.state = {name: np.zeros_like(parameters) for name in optimizer.slots}
        self.optimizer = optimizer
        """What makes the next update."""
        self._parameters = parameters
        self._before = parameters.copy()
        pieces = [slice(start, start + CHUNK) for start in range(0, parameters.size, CHUNK)]
        self._pieces = [
            (parameters[piece], gradients[piece], {name: vector[piece] for name, vector in self.state.items()})
            for piece in pieces
        ]

    def move(self, step: int) -> bool:
        """One update; False when it would have left a parameter NaN or infinite, and then nothing has moved."""
        self._before[:] = self._parameters
        for parameters, gradients, state in self._pieces:
            self.optimizer.update(parameters, gradients, state, step, np)
        if all_finite(self._parameters):
            return True
        self.undo()
        return False

    def undo(self) -> None:
        """The parameters as they were before the last update, when their loss was still finite."""
        self._parameters[:] = self._before


def all_finite(vector: Array) -> bool:
    """True when no element is NaN or infinite; one product where the squares do not overflow."""
    return isfinite(float(vector.dot(vector))) or bool(np.isfinite(vector).all())
