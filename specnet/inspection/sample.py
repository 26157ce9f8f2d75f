"""Sample: rows that stand for all of them, and what the rules ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from specnet.component import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.arrays import Array, Index
    from specnet.component import Column
    from specnet.errors import Path
    from specnet.preparation import Prepared
    from specnet.spec import Spec


@dataclass(frozen=True)
class Sample:
    """The first `most` rows of each part; of shuffled rows any others would do as well."""

    spec: Spec
    prepared: Prepared
    most: int

    @property
    def is_recorded(self) -> bool:
        """False for rows that a formula makes: these are what it says, and nobody has mistaken a column."""
        return bool(self.prepared.data.files)

    @property
    def cut(self) -> bool:
        """True when there are more rows than are looked at."""
        return any(len(index) > self.most for index in self.prepared.parts.values())

    def rows(self, part: str) -> Index:
        """The rows of that part which are looked at."""
        return self.prepared.parts[part][: self.most]

    @cached_property
    def inputs(self) -> Table:
        """Training inputs in the units of the data, with the gaps filled."""
        return self._train(self.prepared.data.inputs, "inputs")

    @cached_property
    def targets(self) -> Table:
        """Training targets, the same."""
        return self._train(self.prepared.data.targets, "targets")

    def _train(self, table: Table, part: Literal["inputs", "targets"]) -> Table:
        units = self.prepared.inputs if part == "inputs" else self.prepared.targets
        return Table(table.names, units.filled(table.values[self.rows("train")]))

    @cached_property
    def owners(self) -> dict[str, tuple[Column, Path]]:
        """The column and the place in the spec of each number, where the dataset says so."""
        pairs = zip(self.spec.dataset.described(), self.spec.dataset.places(), strict=True)
        return {name: (column, place) for column, place in pairs for name in column.names()}

    def place(self, name: str) -> Path:
        """Where the spec names the column of a number."""
        return self.owners[name][1] if name in self.owners else ("dataset",)

    def share_a_column(self, one: str, other: str) -> bool:
        """True for two numbers of one cell: these depend on each other, as they should."""
        owners = self.owners
        return one in owners and other in owners and owners[one][0] is owners[other][0]

    def numbers(self, table: Table) -> Iterator[tuple[str, Array]]:
        """The columns of a table in which the cells are the numbers."""
        for name, values in zip(table.names, table.values.T, strict=True):
            if name not in self.owners or self.owners[name][0].numeric:
                yield name, values


def unit(values: Array) -> Array:
    """Each column about 0 with the length 1; 0 where it is constant."""
    largest = np.abs(values).max(axis=0)
    scaled = values / np.where(largest > 0, largest, 1.0)  # the square of a large number is none
    centred = scaled - scaled.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    flat = length <= 1e-9 * np.sqrt(len(values))
    unit: Array = np.where(flat, 0.0, centred / np.where(flat, 1.0, length))
    return unit
