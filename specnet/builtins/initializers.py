"""Initializers: where weights and biases start, in float64; fan_in and fan_out are the connections of one unit.

A spread that follows the fans is that of plain normal and uniform draws, as in PyTorch; Keras cuts its normal draws.
"""

from __future__ import annotations

from abc import abstractmethod
from math import sqrt
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from specnet.component import Component, Initializer, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random

Number = Annotated[float, Field(ge=-1e30, le=1e30)]
"""What float32 holds with room to spare."""
Size = Annotated[float, Field(gt=0, le=1e30)]


class Zeros(Initializer):
    """All zeros; for weights of more than one unit it leaves the units equal for ever."""

    type: Literal["zeros"] = "zeros"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        import numpy as np

        return np.zeros(shape)


class Ones(Initializer):
    """All ones; for weights of more than one unit it leaves the units equal for ever."""

    type: Literal["ones"] = "ones"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        import numpy as np

        return np.ones(shape)


class Constant(Initializer):
    """All the same value; for weights of more than one unit it leaves the units equal for ever."""

    type: Literal["constant"] = "constant"
    value: Number
    """The value."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        import numpy as np

        return np.full(shape, self.value, "float64")


class Uniform(Initializer):
    """Uniform in [low, high)."""

    synonyms = ("random_uniform",)
    type: Literal["uniform"] = "uniform"
    low: Number = Field(examples=[-0.05])
    """The least value."""
    high: Number = Field(examples=[0.05])
    """What the values stay below."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low = {self.low:g} must be less than high = {self.high:g}")
        return self

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return rng.uniform(self.low, self.high, shape)


class Normal(Initializer):
    """Normal with that mean and standard deviation."""

    synonyms = ("random_normal",)
    type: Literal["normal"] = "normal"
    mean: Number = 0.0
    """The mean."""
    std: Size
    """The standard deviation."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return self.mean + self.std * rng.standard_normal(shape)


class TruncatedNormal(Initializer):
    """Normal without what lies beyond two deviations: drawn again until it does not.

    The variance of what is left is 0.774 std**2, as in Keras and in PyTorch, where std also is that before the cut.
    """

    synonyms = ("trunc_normal",)
    type: Literal["truncated_normal"] = "truncated_normal"
    mean: Number = 0.0
    """The mean."""
    std: Size
    """The standard deviation before the cut; no value is farther than twice that from the mean."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        z = rng.standard_normal(shape)
        while (outside := abs(z) > 2).any():
            z[outside] = rng.standard_normal(int(outside.sum()))
        return self.mean + self.std * z


class _FanNormal(Initializer):
    """Normal with mean 0."""

    @abstractmethod
    def variance(self, fan_in: int, fan_out: int) -> float:
        """What the fans make of the variance."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return rng.standard_normal(shape) * sqrt(self.variance(fan_in, fan_out))


class _FanUniform(Initializer):
    """Uniform around 0; the variance of [-r, r) is r**2 / 3."""

    @abstractmethod
    def squared_limit(self, fan_in: int, fan_out: int) -> float:
        """r**2."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        limit = sqrt(self.squared_limit(fan_in, fan_out))
        return rng.uniform(-limit, limit, shape)


class HeNormal(_FanNormal):
    """Normal with mean 0 and variance 2 / fan_in, which keeps the variance of relu layers (He et al. 2015, eq. 10)."""

    synonyms = ("he", "kaiming", "kaiming_normal")
    type: Literal["he_normal"] = "he_normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


class HeUniform(_FanUniform):
    """Uniform in [-r, r) with r = sqrt(6 / fan_in), the variance of `he_normal` (He et al. 2015, arXiv:1502.01852)."""

    synonyms = ("kaiming_uniform",)
    type: Literal["he_uniform"] = "he_uniform"

    def squared_limit(self, fan_in: int, fan_out: int) -> float:
        return 6 / fan_in


class GlorotNormal(_FanNormal):
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


class LecunNormal(_FanNormal):
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
    return [
        Constant,
        GlorotNormal,
        GlorotUniform,
        HeNormal,
        HeUniform,
        LecunNormal,
        LecunUniform,
        Normal,
        Ones,
        TruncatedNormal,
        Uniform,
        Zeros,
    ]
