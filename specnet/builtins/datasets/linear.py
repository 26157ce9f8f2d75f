"""Linear regression: a weighted sum of normal inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from specnet.builtins.datasets.functions import NoisyFunction
from specnet.component import Component, Many
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random

Weight = Annotated[float, Field(ge=-1e6, le=1e6)]


class Linear(NoisyFunction):
    """y = c_0 x_0 + c_1 x_1 + ... + intercept + noise * N(0, 1), x ~ N(0, 1).

    Coefficients that are not given are drawn from N(0, 1), before the rows: more rows leave them as they are.
    """

    type: Literal["linear"] = "linear"
    features: int = Field(default=3, ge=1, le=10_000)
    """The input columns."""
    coefficients: Many[Weight] | None = None
    """c_0, c_1, ..., one for each feature; drawn when none are given."""
    intercept: Weight = 0.0
    """The mean of y."""

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if self.coefficients is not None and len(self.coefficients) != self.features:
            raise ValueError(f"coefficients has {len(self.coefficients)} numbers for features = {self.features}")
        return self

    def names(self) -> tuple[str, ...]:
        return tuple(f"x_{j}" for j in range(self.features))

    def exact(self, rng: Random) -> tuple[Array, Array]:
        import numpy as np

        given = self.coefficients
        c = rng.standard_normal(self.features) if given is None else np.array(given)
        x = rng.standard_normal((self.samples, self.features))
        # Not x @ c: the order in which BLAS adds differs between machines, and the rows are a function of the seed.
        return x, (x * c).sum(axis=1) + self.intercept


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Linear]
