"""Curves: one input between two ends, and a function of it."""

from __future__ import annotations

from abc import abstractmethod
from math import isfinite, pi
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from specnet.builtins.datasets.functions import NoisyFunction
from specnet.component import Component, Many
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random

End = Annotated[float, Field(ge=-1e6, le=1e6)]


class Curve(NoisyFunction):
    """y = f(x) + noise * N(0, 1), x ~ U[low, high)."""

    low: End = -pi
    """The least x."""
    high: End = pi
    """What x stays below."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low = {self.low} must be less than high = {self.high}")
        return self

    @abstractmethod
    def value(self, x: Array) -> Array:
        """f of each number."""

    def names(self) -> tuple[str, ...]:
        return ("x",)

    def exact(self, rng: Random) -> tuple[Array, Array]:
        x = rng.uniform(self.low, self.high, self.samples)
        return x[:, None], self.value(x)


class Sine(Curve):
    """y = sin(frequency x) + noise * N(0, 1), x ~ U[low, high)."""

    type: Literal["sine"] = "sine"
    frequency: float = Field(default=1.0, gt=0, le=1e6)
    """Radians for each unit of x."""

    def value(self, x: Array) -> Array:
        import numpy as np

        y: Array = np.sin(self.frequency * x)
        return y


class Polynomial(Curve):
    """y = c_0 + c_1 x + c_2 x^2 + ... + noise * N(0, 1), x ~ U[low, high)."""

    type: Literal["polynomial"] = "polynomial"
    low: End = -1.0
    """The least x."""
    high: End = 1.0
    """What x stays below."""
    coefficients: Annotated[Many[float], Field(min_length=1, examples=[[0.0, -1.0, 0.0, 1.0]])]
    """c_0, c_1, ...: the constant first."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        # By Horner's rule, as the value is: no step of it is larger than that of the absolute values.
        x, most = max(abs(self.low), abs(self.high)), 0.0
        for c in reversed(self.coefficients):
            most = most * x + abs(c)
        if not isfinite(most):
            raise ValueError(f"the polynomial is beyond the range of float64 with {self.low} <= x < {self.high}")
        return self

    def value(self, x: Array) -> Array:
        import numpy as np

        y = np.zeros_like(x)
        for c in reversed(self.coefficients):
            y = y * x + c
        return y


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The curves of this room."""
    return [Sine, Polynomial]
