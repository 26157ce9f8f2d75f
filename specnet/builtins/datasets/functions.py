"""A function of drawn inputs, with normal noise on its value."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from pydantic import Field

from specnet.component import Data, Dataset, DatasetPlan, LoadContext, Table

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random


class NoisyFunction(Dataset):
    """y = f(x) + noise * N(0, 1); the noise is drawn last, so that it changes no input."""

    samples: int = Field(default=1000, gt=0)
    """Rows to draw."""
    noise: float = Field(default=0.1, ge=0, le=1e6)
    """The standard deviation of the noise of y."""

    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The input columns."""

    @abstractmethod
    def exact(self, rng: Random) -> tuple[Array, Array]:
        """The inputs (rows, columns), and f of each row."""

    def plan(self) -> DatasetPlan:
        return DatasetPlan(self.names(), ("y",), self.samples)

    def load(self, ctx: LoadContext) -> Data:
        x, value = self.exact(ctx.rng)
        y = value + self.noise * ctx.rng.standard_normal(self.samples)
        return Data(Table(self.names(), x), Table(("y",), y[:, None]))
