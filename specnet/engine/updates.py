"""Updates: the optimizer led over the flat vectors in pieces that fit the cache, and one step back when it must."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array
    from specnet.component import Optimizer


_BEFORE, _STATE = "before", "optimizer."
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

    def stored(self) -> dict[str, Array]:
        """What it remembers of the updates before, under names of its own."""
        return {_BEFORE: self._before, **{_STATE + name: vector for name, vector in self.state.items()}}

    def restore(self, stored: Mapping[str, Array]) -> None:
        """Copies in what `stored` gave. Raises ArtifactError SN609 for what another optimizer or net has stored."""
        for name, vector in self.stored().items():
            given = stored.get(name)
            if given is None or given.shape != vector.shape or given.dtype != vector.dtype:
                message = (
                    f"the training that was stored does not fit the spec: {name!r} is missing or has another shape"
                )
                raise ArtifactError(Finding("SN609", message))
            vector[:] = given

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
