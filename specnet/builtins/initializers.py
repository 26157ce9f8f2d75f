"""Initializers that specs use by default; in float64, and fan_in and fan_out are the connections of one unit."""

from __future__ import annotations

from abc import abstractmethod
from math import sqrt
from typing import TYPE_CHECKING, Literal

from specnet.component import Component, Initializer, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random


class Zeros(Initializer):
    """All zeros; for weights of more than one unit it leaves the units equal for ever."""

    type: Literal["zeros"] = "zeros"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        import numpy as np

        return np.zeros(shape)


class FanNormal(Initializer):
    """Normal with mean 0."""

    @abstractmethod
    def variance(self, fan_in: int, fan_out: int) -> float:
        """What the fans make of the variance."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return rng.standard_normal(shape) * sqrt(self.variance(fan_in, fan_out))


class HeNormal(FanNormal):
    """Normal with mean 0 and variance 2 / fan_in, which keeps the variance of relu layers (He et al. 2015, eq. 10)."""

    synonyms = ("he", "kaiming", "kaiming_normal")
    type: Literal["he_normal"] = "he_normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The initializers of this room."""
    return [HeNormal, Zeros]
