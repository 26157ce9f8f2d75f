"""Sequences of symbols: what must be remembered is told by the columns that come first."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.hookspecs import hookimpl


class CopySequence(Dataset):
    """x = s_1 ... s_length, delay + length times 0; y = length + delay times 0, then s_1 ... s_length; s uniform.

    The copying task of Hochreiter and Schmidhuber 1997 as Arjovsky et al. 2016 (arXiv:1511.06464) have it, without a
    sign for the moment of the answer: that is always the same. Symbols are 1 to `symbols`; with 0 classes are one more.
    """

    type: Literal["copy_sequence"] = "copy_sequence"
    samples: int = Field(default=1000, gt=0)
    """Rows to draw."""
    length: int = Field(default=3, gt=0)
    """Symbols to remember."""
    delay: int = Field(default=2, ge=0)
    """Times between the last symbol and the answer."""
    symbols: int = Field(default=4, gt=0, le=1 << 24)
    """How many symbols there are besides 0, which says nothing."""

    def plan(self) -> DatasetPlan:
        times = range(2 * self.length + self.delay)
        return DatasetPlan(tuple(f"x_{t}" for t in times), tuple(f"y_{t}" for t in times), self.samples)

    def load(self, ctx: LoadContext) -> Data:
        import numpy as np

        drawn = 1 + np.floor(ctx.rng.uniform(0, self.symbols, (self.samples, self.length)))
        x, y = np.zeros((2, self.samples, 2 * self.length + self.delay))
        x[:, : self.length] = y[:, -self.length :] = drawn
        plan = self.plan()
        return Data(Table(plan.inputs, x), Table(plan.targets, y))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [CopySequence]
