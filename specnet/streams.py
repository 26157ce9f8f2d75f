"""stream = f(seed, purpose): every random number comes from a stream that is named by what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Generation = Literal["pcg64", "mt19937"]


class Random(Protocol):
    """The draws that both NumPy's Generator and its legacy RandomState offer, in the same words."""

    def uniform(self, low: float, high: float, size: Any) -> npt.NDArray[np.float64]:
        """Floats in [low, high)."""

    def standard_normal(self, size: Any) -> npt.NDArray[np.float64]:
        """Floats with mean 0 and deviation 1."""

    def permutation(self, x: int) -> npt.NDArray[np.int64]:
        """The numbers 0..x-1 in random order."""


class Streams:
    """The random streams of one run.

    With `pcg64` each purpose has a stream of its own, so that another layer or another dataset leaves
    the rest as it was. With `mt19937` the data and the initial parameters are drawn from one legacy
    `RandomState`, in the order of asking, as NumPy programs written before 2019 do; what such a program
    does not draw (shuffling, noise) still has streams of its own.
    """

    _LEGACY = frozenset({"data", "parameters"})

    def __init__(self, seed: int, generation: Generation = "pcg64") -> None:
        self.seed = seed
        self._generation = generation
        self._legacy: Random | None = None

    def of(self, purpose: str, *index: int) -> Random:
        """The stream for a purpose and its numbers, e.g. `of("shuffle", epoch)`."""
        from numpy import random

        if self._generation == "mt19937" and purpose in self._LEGACY:
            if self._legacy is None:
                self._legacy = random.RandomState(self.seed)
            return self._legacy
        key = (crc32(purpose.encode()), *index)
        return random.Generator(random.PCG64(random.SeedSequence(self.seed, spawn_key=key)))
