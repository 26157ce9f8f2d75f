"""Steps 1 to 3 of the lesson: data loaded, parted by exact counts, scaled by what the training rows say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from specnet.component import Data, LoadContext, Table
from specnet.component.task import Split
from specnet.errors import DataError, Finding
from specnet.units import Layout, Units

if TYPE_CHECKING:
    from pathlib import Path

    from specnet.arrays import Array, Index
    from specnet.spec import Spec
    from specnet.spec.model import SplitSection
    from specnet.streams import Streams


@dataclass(frozen=True)
class Prepared:
    """The rows of a run in both units, and the scales between them."""

    data: Data
    parts: Mapping[str, Index]
    """The rows for training, validation and the test, none where the part has no fraction."""
    inputs: Units
    targets: Units

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
        parts = ((self.data.inputs, self.inputs), (self.data.targets, self.targets))
        tables = [(table.names, units.filled(table.values[self.train])) for table, units in parts]
        return [
            name
            for names, values in tables
            for name, low, high in zip(names, values.min(axis=0), values.max(axis=0), strict=True)
            if low == high
        ]

    def split(self, index: Index, dtype: str) -> Split:
        """Those rows in the units and the dtype of the net, in feature-major memory.

        Raises DataError for a column with numbers that the dtype does not hold.
        """
        parts = ((self.data.inputs, self.inputs), (self.data.targets, self.targets))
        inputs, targets = (_in_net(table.rows(index), units, dtype) for table, units in parts)
        weights = None if self.data.weights is None else self.data.weights[index].astype(dtype)
        return Split(inputs, targets, weights)


def _in_net(table: Table, units: Units, dtype: str) -> Array:
    if outside := units.outside(table):
        raise DataError(Finding("SN514", outside, ("dataset",), "another scaler, or other rows"))
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asfortranarray(units.transform(table.values), dtype)
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        message = f"column {table.names[int(np.argmin(finite))]!r} holds numbers too large for {dtype}"
        raise DataError(Finding("SN510", message, ("dataset",)))
    return values


def load_data(spec: Spec, folder: Path, streams: Streams) -> Data:
    """What the dataset loads. Raises DataError when it is not what the dataset planned."""
    return as_planned(spec, spec.dataset.load(LoadContext(folder, streams.of("data"))))


def as_planned(spec: Spec, data: Data) -> Data:
    """The data itself. Raises DataError SN511 when its columns are not those of the dataset."""
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
    tables = {"inputs": data.inputs, "targets": data.targets}
    units = {
        section: Units.fit(layout, tables[section].rows(parts["train"]), section)
        for section, layout in layouts(spec, len(data.inputs.names), len(data.targets.names)).items()
    }
    return Prepared(data, parts, units["inputs"], units["targets"])


def layouts(spec: Spec, inputs: int, targets: int) -> dict[str, Layout]:
    """What scales so many inputs and targets, and fills their gaps, as the spec has it."""
    columns = spec.dataset.described()
    of_role = {role: [column for column in columns if column.role == role] for role in ("input", "target")}
    return {
        "inputs": Layout.of(of_role["input"], spec.scaling.inputs, inputs),
        "targets": Layout.of(of_role["target"], spec.scaling.targets, targets),
    }
