"""Initializers whose spread follows the connections of a unit, fan_in and fan_out.

It is that of plain normal and uniform draws, as in PyTorch; Keras cuts its normal draws.
"""

from __future__ import annotations

from abc import abstractmethod
from math import sqrt
from typing import TYPE_CHECKING, Literal

from specnet.builtins.initializers import FanNormal
from specnet.component import Component, Initializer, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random


class _FanUniform(Initializer):
    """Uniform around 0; the variance of [-r, r) is r**2 / 3."""

    @abstractmethod
    def squared_limit(self, fan_in: int, fan_out: int) -> float:
        """r**2."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        limit = sqrt(self.squared_limit(fan_in, fan_out))
        return rng.uniform(-limit, limit, shape)


class HeUniform(_FanUniform):
    """Uniform in [-r, r) with r = sqrt(6 / fan_in), the variance of `he_normal` (He et al. 2015, arXiv:1502.01852)."""

    synonyms = ("kaiming_uniform",)
    type: Literal["he_uniform"] = "he_uniform"

    def squared_limit(self, fan_in: int, fan_out: int) -> float:
        return 6 / fan_in


class GlorotNormal(FanNormal):
    """Normal with mean 0 and variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010, PMLR 9, eq. 12)."""

    synonyms = ("xavier_normal",)
    type: Literal["glorot_normal"] = "glorot_normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)


class GlorotUniform(_FanUniform):
    """Uniform in [-r, r) with r = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, PMLR 9, eq. 16)."""

    synonyms = ("xavier_uniform",)
    type: Literal["glorot_uniform"] = "glorot_uniform"

    def squared_limit(self, fan_in: int, fan_out: int) -> float:
        return 6 / (fan_in + fan_out)


class LecunNormal(FanNormal):
    """Normal with mean 0 and variance 1 / fan_in, which selu wants (LeCun et al. 1998, "Efficient BackProp", 4.6)."""

    type: Literal["lecun_normal"] = "lecun_normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1 / fan_in


class LecunUniform(_FanUniform):
    """Uniform in [-r, r) with r = sqrt(3 / fan_in), the variance of `lecun_normal` (LeCun et al. 1998, 4.6)."""

    type: Literal["lecun_uniform"] = "lecun_uniform"

    def squared_limit(self, fan_in: int, fan_out: int) -> float:
        return 3 / fan_in


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The initializers of this room."""
    return [GlorotNormal, GlorotUniform, HeUniform, LecunNormal, LecunUniform]
