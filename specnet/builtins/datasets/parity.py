"""Parity: every word of some bits, and whether its ones are odd in number."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.hookspecs import hookimpl


class Parity(Dataset):
    """Each of the 2^bits words of 0 and 1 once, in random order; parity = the sum of its bits mod 2.

    Minsky and Papert, Perceptrons, 1969: every bit counts, and no smaller set of them says anything.
    """

    type: Literal["parity"] = "parity"
    bits: int = Field(default=4, ge=1, le=20)
    """The length of a word."""

    def plan(self) -> DatasetPlan:
        return DatasetPlan(tuple(f"bit_{j}" for j in range(self.bits)), ("parity",), 2**self.bits)

    def load(self, ctx: LoadContext) -> Data:
        import numpy as np

        plan = self.plan()
        words = ctx.rng.permutation(2**self.bits)
        bits = words[:, None] >> np.arange(self.bits) & 1
        parity = bits.sum(axis=1, keepdims=True) % 2
        return Data(Table(plan.inputs, bits.astype(np.float64)), Table(plan.targets, parity.astype(np.float64)))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Parity]
