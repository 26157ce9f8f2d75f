"""Steps 1 to 3 of the lesson: data loaded, parted by exact counts, scaled by what the training rows say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from specnet.component import Data, LoadContext, Table
from specnet.component.task import Split
from specnet.errors import DataError, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from specnet.arrays import Array, Index
    from specnet.component import Scaler
    from specnet.spec import Spec
    from specnet.spec.model import SplitSection
    from specnet.streams import Streams


@dataclass(frozen=True)
class Scale:
    """A scaler with what it has learned; without a scaler, numbers pass as they are."""

    scaler: Scaler | None
    state: Mapping[str, Array]

    @classmethod
    def fit(cls, scaler: Scaler | None, train: Table, section: str) -> Scale:
        """Fitted on training rows. Raises DataError for a column that float64 cannot scale."""
        if scaler is None:
            return cls(None, {})
        with np.errstate(over="ignore", invalid="ignore"):
            state = scaler.fit(train.values)
        for vector in state.values():
            if not np.isfinite(vector).all():
                column = train.names[int(np.argmin(np.isfinite(vector)))]
                message = f"column {column!r} holds numbers too large to be scaled in float64"
                raise DataError(Finding("SN510", message, ("scaling", section)))
        return cls(scaler, state)

    def transform(self, x: Array) -> Array:
        """Into the units of the net."""
        return x if self.scaler is None else self.scaler.transform(dict(self.state), x)

    def inverse(self, z: Array) -> Array:
        """Back into the units of the data."""
        return z if self.scaler is None else self.scaler.inverse(dict(self.state), z)


@dataclass(frozen=True)
class Prepared:
    """The rows of a run in both units, and the scales between them."""

    data: Data
    parts: Mapping[str, Index]
    """The rows for training, validation and the test, none where the part has no fraction."""
    inputs: Scale
    targets: Scale

    @property
    def train(self) -> Index:
        """The training rows."""
        return self.parts["train"]

    @property
    def test(self) -> Index:
        """The test rows."""
        return self.parts["test"]

    def constant_columns(self) -> list[str]:
        """The names of the columns that hold one value in all training rows."""
        tables = (self.data.inputs.rows(self.train), self.data.targets.rows(self.train))
        return [
            name
            for table in tables
            for name, low, high in zip(table.names, table.values.min(axis=0), table.values.max(axis=0), strict=True)
            if low == high
        ]

    def split(self, index: Index, dtype: str) -> Split:
        """Those rows in the units and the dtype of the net, in feature-major memory.

        Raises DataError for a column with numbers that the dtype does not hold.
        """
        parts = ((self.data.inputs, self.inputs), (self.data.targets, self.targets))
        return Split(*(_in_net(table.rows(index), scale, dtype) for table, scale in parts))


def _in_net(table: Table, scale: Scale, dtype: str) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asfortranarray(scale.transform(table.values), dtype)
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        message = f"column {table.names[int(np.argmin(finite))]!r} holds numbers too large for {dtype}"
        raise DataError(Finding("SN510", message, ("dataset",)))
    return values


def load_data(spec: Spec, folder: Path, streams: Streams) -> Data:
    """What the dataset loads. Raises DataError when it is not what the dataset planned."""
    data = spec.dataset.load(LoadContext(folder, streams.of("data")))
    plan = spec.dataset.plan()
    shapes = {"inputs": (data.inputs, plan.inputs), "targets": (data.targets, plan.targets)}
    for what, (table, names) in shapes.items():
        if table.names != names or table.values.shape != (len(data.inputs), len(names)):
            message = f"the dataset planned the {what} {names}, and loaded {table.names} as {table.values.shape}"
            raise DataError(Finding("SN511", message, ("dataset",)))
    return data


def part(data: Data, section: SplitSection, streams: Streams) -> dict[str, Index]:
    """The indices of the rows of each part. Raises DataError when one with a fraction would be empty."""
    rows, counts = len(data.inputs), section.counts(len(data.inputs))
    order = streams.of("split").permutation(rows) if section.shuffle else np.arange(rows)
    cuts = np.cumsum(list(counts.values()))[:-1]
    return dict(zip(counts, np.split(order, cuts), strict=True))


def prepare(spec: Spec, data: Data, streams: Streams) -> Prepared:
    """Splits and scales loaded data."""
    parts = part(data, spec.split, streams)
    return Prepared(
        data,
        parts,
        Scale.fit(spec.scaling.inputs, data.inputs.rows(parts["train"]), "inputs"),
        Scale.fit(spec.scaling.targets, data.targets.rows(parts["train"]), "targets"),
    )
