"""Updates: the optimizer led over the flat vectors in pieces that fit the cache, and one step back when it must."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array
    from specnet.component import Decay, Optimizer


_BEFORE, _STATE = "before", "optimizer."
CHUNK = 16_384
"""Parameters moved at once: those, their gradients and two vectors of state take 512 kB in float64."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Views of the same elements of all vectors, and memory as long that all pieces share."""

    parameters: Array
    gradients: Array
    state: Mapping[str, Array]
    share: Array
    spared: tuple[Array, ...]
    """The parts of `share` that belong to parameters which are not to decay."""

    def decay(self, decay: Decay) -> None:
        """Adds to the gradients, and takes off the parameters, what is said of each parameter that decays."""
        for part, change, into in (
            (decay.coupled, np.add, self.gradients),
            (decay.decoupled, np.subtract, self.parameters),
        ):
            if part:
                np.multiply(self.parameters, part, out=self.share)
                if not decay.everywhere:
                    for spared in self.spared:
                        spared.fill(0.0)
                change(into, self.share, out=into)


class Updates:
    """Moves `parameters` along `gradients`, both flat, and keeps a copy of what they were before the last update.

    `spared` says where parameters lie that do not decay.
    """

    def __init__(self, optimizer: Optimizer, parameters: Array, gradients: Array, spared: Sequence[slice] = ()) -> None:
        self.state = {name: np.zeros_like(parameters) for name in optimizer.slots()}
        self.optimizer = optimizer
        """What makes the next update."""
        self.lost = 0
        """The place of the first parameter that the last update, which was not made, would have lost."""
        self._parameters = parameters
        self._before = parameters.copy()
        self._pieces = tuple(self._cut(gradients, spared))

    def _cut(self, gradients: Array, spared: Sequence[slice]) -> Iterator[_Piece]:
        size, dtype = self._parameters.size, self._parameters.dtype
        share: Array = np.empty(min(size, CHUNK), dtype)
        scratch = {name: np.empty_like(share) for name in self.optimizer.scratch()}
        for start in range(0, size, CHUNK):
            piece = slice(start, min(start + CHUNK, size))
            count = piece.stop - piece.start
            state = {name: vector[piece] for name, vector in self.state.items()}
            state |= {name: vector[:count] for name, vector in scratch.items()}
            inside = [(max(part.start, start), min(part.stop, piece.stop)) for part in spared]
            views = tuple(share[first - start : last - start] for first, last in inside if first < last)
            yield _Piece(self._parameters[piece], gradients[piece], state, share[:count], views)

    def stored(self) -> dict[str, Array]:
        """What it remembers of the updates before, under names of its own; the vectors themselves."""
        return {_BEFORE: self._before, **{_STATE + name: vector for name, vector in self.state.items()}}

    def move(self, step: int) -> bool:
        """One update; False when it would have left a parameter NaN or infinite, and then nothing has moved."""
        self._before[:] = self._parameters
        decay = self.optimizer.decay()
        for piece in self._pieces:
            piece.decay(decay)
            self.optimizer.update(piece.parameters, piece.gradients, piece.state, step, np)
        if all_finite(self._parameters):
            return True
        self.lost = int(np.argmin(np.isfinite(self._parameters)))
        self.undo()
        return False

    def undo(self) -> None:
        """The parameters as they were before the last update, when their loss was still finite."""
        self._parameters[:] = self._before


def all_finite(vector: Array) -> bool:
    """True when no element is NaN or infinite; one product where the squares do not overflow."""
    return isfinite(float(vector.dot(vector))) or bool(np.isfinite(vector).all())
