"""The synthetic dataset of the lesson: two numbers, and what arithmetic makes of them."""

from __future__ import annotations

from math import isfinite
from typing import Literal, Self

from pydantic import Field, model_validator

from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.hookspecs import hookimpl


class Arithmetic(Dataset):
    """a, b ~ U[low, high); targets a+b, a-b, |a-b|."""

    type: Literal["arithmetic"] = "arithmetic"
    samples: int = Field(default=10_000, gt=0)
    """Rows to draw."""
    low: float = 0.0
    """The least value of a and b."""
    high: float = 100.0
    """What a and b stay below."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low = {self.low} must be less than high = {self.high}")
        if not isfinite(2 * max(abs(self.low), abs(self.high))):
            raise ValueError(f"a + b or a - b is beyond the range of float64 with {self.low} <= a, b < {self.high}")
        return self

    def plan(self) -> DatasetPlan:
        return DatasetPlan(("a", "b"), ("a+b", "a-b", "|a-b|"), self.samples)

    def load(self, ctx: LoadContext) -> Data:
        import numpy as np

        a, b = ctx.rng.uniform(self.low, self.high, (2, self.samples))
        plan = self.plan()
        targets = np.stack([a + b, a - b, np.abs(a - b)], axis=1)
        return Data(Table(plan.inputs, np.stack([a, b], axis=1)), Table(plan.targets, targets))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The arithmetic dataset."""
    return [Arithmetic]
