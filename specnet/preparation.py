"""Steps 1 to 3 of the lesson: data loaded, parted by exact counts, scaled by what the training rows say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.component import Data, Dataset, LoadContext, Table
from specnet.component.task import Split
from specnet.errors import DataError, Finding
from specnet.splits import part
from specnet.units import OUTSIDE, Layout, Units

if TYPE_CHECKING:
    from pathlib import Path

    from specnet.arrays import Array, Index
    from specnet.spec import Spec
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
        raise DataError(Finding("SN514", outside, ("dataset",), OUTSIDE))
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asfortranarray(units.transform(table.values), dtype)
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        message = f"column {table.names[int(np.argmin(finite))]!r} holds numbers too large for {dtype}"
        raise DataError(Finding("SN510", message, ("dataset",)))
    return values


def load_data(spec: Spec, folder: Path, streams: Streams) -> Data:
    """What the dataset loads, and behind it the rows of the parts that have a file of their own.

    Raises DataError when it is not what the dataset planned.
    """
    own = _loaded(spec, spec.dataset, folder, streams)
    others: dict[str, Data] = {}
    for name, path in spec.split.files().items():
        try:
            others[name] = _loaded(spec, spec.dataset.at(path), folder, streams)
        except DataError as error:
            # what is not said of a column is said of the file
            at = [f if len(f.path) > 2 else replace(f, path=("split", f"{name}_path")) for f in error.findings]
            raise DataError(*at) from None
    return _joined(own, others) if others else own


def _loaded(spec: Spec, dataset: Dataset, folder: Path, streams: Streams) -> Data:
    return as_planned(spec, dataset.load(LoadContext(folder, streams.of("data"))))


def as_planned(spec: Spec, data: Data) -> Data:
    """The data itself. Raises DataError SN511 when its columns are not those of the dataset."""
    plan = spec.dataset.plan()
    shapes = {"inputs": (data.inputs, plan.inputs), "targets": (data.targets, plan.targets)}
    for what, (table, names) in shapes.items():
        if table.names != names or table.values.shape != (len(data.inputs), len(names)):
            message = f"the dataset planned the {what} {names}, and loaded {table.names} as {table.values.shape}"
            raise DataError(Finding("SN511", message, ("dataset",)))
    return data


def _joined(own: Data, others: Mapping[str, Data]) -> Data:
    """The rows of all files, those of the parts with a file of their own behind the rest."""
    every = [own, *others.values()]
    ends = np.cumsum([len(data.inputs) for data in every])
    return Data(
        Table(own.inputs.names, np.concatenate([data.inputs.values for data in every])),
        Table(own.targets.names, np.concatenate([data.targets.values for data in every])),
        tuple(dict.fromkeys(file for data in every for file in data.files)),
        _all_or_none([data.weights for data in every]),
        {name: [text for data in every for text in data.labels[name]] for name in own.labels},
        _all_or_none([data.lines for data in every]),
        sum(data.dropped for data in every),
        {part: np.arange(start, stop) for part, (start, stop) in zip(others, pairwise(ends), strict=True)},
    )


def _all_or_none(arrays: Sequence[Any]) -> Any:
    return None if any(array is None for array in arrays) else np.concatenate(arrays)


def prepare(spec: Spec, data: Data, streams: Streams, parts: Mapping[str, Index] | None = None) -> Prepared:
    """Scales loaded data, parted as the spec says unless the parts are known."""
    if parts is None:
        parts = parts_of(spec, data, streams)
    tables = {"inputs": data.inputs, "targets": data.targets}
    units = {
        section: Units.fit(layout, tables[section].rows(parts["train"]), section)
        for section, layout in layouts(spec, len(data.inputs.names), len(data.targets.names)).items()
    }
    return Prepared(data, parts, units["inputs"], units["targets"])


def parts_of(spec: Spec, data: Data, streams: Streams) -> dict[str, Index]:
    """The indices of the rows of each part, as the spec parts them. Raises DataError."""
    return part(data, spec.split, streams, spec.dataset.described())


def layouts(spec: Spec, inputs: int, targets: int) -> dict[str, Layout]:
    """What scales so many inputs and targets, and fills their gaps, as the spec has it."""
    return {
        "inputs": Layout.of(spec.dataset.of_role("input"), spec.scaling.inputs, inputs),
        "targets": Layout.of(spec.dataset.of_role("target"), spec.scaling.targets, targets),
    }
