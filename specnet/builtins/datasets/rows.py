"""Rows that stand in the spec itself."""

from __future__ import annotations

from collections import Counter
from typing import Literal, Self

from pydantic import Field, model_validator

from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Many, Table
from specnet.hookspecs import hookimpl


class Rows(Dataset):
    """A small table of numbers in the spec: each row has the inputs, then the targets."""

    synonyms = ("inline", "literal", "values")
    type: Literal["rows"] = "rows"
    inputs: Many[str] = Field(min_length=1, examples=[["a", "b"]])
    """The names of the inputs."""
    targets: Many[str] = Field(min_length=1, examples=[["xor"]])
    """The names of the targets."""
    rows: Many[Many[float]] = Field(examples=[[[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]])
    """A list of numbers for each row."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        names = (*self.inputs, *self.targets)
        for name, count in Counter(names).items():
            if count > 1:
                raise ValueError(f"column {name!r} is named {count} times")
            if not name.strip():
                raise ValueError("a column has an empty name")
        if not self.rows:
            raise ValueError("rows is empty: write at least one row of numbers")
        for i, row in enumerate(self.rows):
            if len(row) != len(names):
                numbers = f"{len(row)} number{'s' * (len(row) != 1)}"
                raise ValueError(f"rows.{i} has {numbers}, there are {len(names)} columns: {', '.join(names)}")
        return self

    def plan(self) -> DatasetPlan:
        return DatasetPlan(self.inputs, self.targets, len(self.rows))

    def load(self, ctx: LoadContext) -> Data:
        import numpy as np

        values = np.array(self.rows, np.float64)
        inputs, targets = np.hsplit(values, [len(self.inputs)])
        return Data(Table(self.inputs, inputs.copy()), Table(self.targets, targets.copy()))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Rows]
