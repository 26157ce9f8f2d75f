"""Initializers that do not look at the net: all the same, or drawn with a spread that is given."""

from __future__ import annotations

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


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The initializers of this room."""
    return [Constant, Normal, Ones, TruncatedNormal, Uniform]
