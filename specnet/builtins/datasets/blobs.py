"""Blobs: normal clouds around centers that are drawn themselves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from specnet.builtins.datasets.classes import class_names, class_table, in_turn
from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.hookspecs import hookimpl


class Blobs(Dataset):
    """x = c_k + spread * N(0, 1) for class k, around centers c_k ~ U[-10, 10) in each feature.

    As scikit-learn's make_blobs; the centers are drawn first, so that more rows leave them where they are.
    """

    type: Literal["blobs"] = "blobs"
    samples: int = Field(default=1000, gt=0)
    """Rows to draw; the classes are equally many, or one apart where that cannot be."""
    centers: int = Field(default=3, ge=2, le=1000)
    """The classes, a cloud each."""
    features: int = Field(default=2, ge=1, le=10_000)
    """The input columns."""
    spread: float = Field(default=1.0, ge=0, le=1e6)
    """The standard deviation of a cloud in each feature."""

    def plan(self) -> DatasetPlan:
        names = tuple(f"x_{j}" for j in range(self.features))
        return DatasetPlan(names, class_names(self.centers), self.samples)

    def load(self, ctx: LoadContext) -> Data:
        which = in_turn(self.samples, self.centers)
        centers = ctx.rng.uniform(-10.0, 10.0, (self.centers, self.features))
        points = centers[which] + self.spread * ctx.rng.standard_normal((self.samples, self.features))
        return Data(Table(self.plan().inputs, points), class_table(which, self.centers))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Blobs]
