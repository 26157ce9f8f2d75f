"""Arrays: rows that a program has in its memory, and that no file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from specnet.component import Component, Data, Dataset, DatasetPlan, Many
from specnet.errors import DataError, Finding
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.component import LoadContext


class Arrays(Dataset):
    """The rows that `specnet.run(spec, data=(X, y))` is given; only the names of their columns stand in the spec."""

    synonyms = ("array", "memory", "in_memory")
    type: Literal["arrays"] = "arrays"
    inputs: Many[str] = Field(min_length=1, examples=[["x0", "x1"]])
    """The columns of X."""
    targets: Many[str] = Field(min_length=1, examples=[["y"]])
    """The columns of y."""

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = (*self.inputs, *self.targets)
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"column {name!r} is named {names.count(name)} times")
        return self

    def plan(self) -> DatasetPlan:
        return DatasetPlan(self.inputs, self.targets)

    def load(self, ctx: LoadContext) -> Data:
        message = "the rows are those of a program, which is not here to show them"
        raise DataError(Finding("SN544", message, ("dataset",), "specnet.run(spec, data=(X, y))"))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The dataset of arrays."""
    return [Arrays]
