"""The rows of another dataset, to be given back as they came: what an autoencoder learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from specnet.component import AnyDataset, Component, Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.component.columns import Column


def _again(name: str) -> str:
    return f"{name}_again"


class Reconstruction(Dataset):
    """x = the inputs of another dataset, y = the same under names that end in _again; its targets are left out."""

    synonyms = ("autoencoder",)
    type: Literal["reconstruction"] = "reconstruction"
    source: AnyDataset
    """Where the rows come from."""

    def plan(self) -> DatasetPlan:
        inputs, _, rows = self.source.plan()
        return DatasetPlan(inputs, tuple(map(_again, inputs)), rows)

    def load(self, ctx: LoadContext) -> Data:
        data = self.source.load(ctx)
        return data._replace(targets=Table(tuple(map(_again, data.inputs.names)), data.inputs.values))

    def described(self) -> tuple[Column, ...]:
        inputs = self.source.of_role("input")
        return inputs + tuple(column.model_copy(update={"role": "target"}) for column in inputs)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Reconstruction]
