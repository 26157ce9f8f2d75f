"""Datasets and scalers: where rows come from, and the units in which the net sees them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from pydantic import ValidationError

from specnet.component.base import Component, RelativePath

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from specnet.arrays import Array, Index
    from specnet.component.columns import Column, Role
    from specnet.errors import Path as Place
    from specnet.streams import Random
    from specnet.tables.block import TableFile


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of numbers: `values[i, j]` is row i of the column `names[j]`, float64."""

    names: tuple[str, ...]
    values: Array

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, index: npt.NDArray[np.integer[Any]]) -> Table:
        """The rows of that index, in its order."""
        return Table(self.names, self.values[index])

    def columns(self, places: Sequence[int]) -> Table:
        """The columns at those places, in their order."""
        return Table(tuple(self.names[place] for place in places), self.values[:, list(places)])


class Data(NamedTuple):
    """What a dataset loads: as many rows of inputs as of targets, and the files they were read from."""

    inputs: Table
    targets: Table
    files: tuple[Path, ...] = ()
    weights: Array | None = None
    """What each row counts, (rows,); all the same where there is none."""
    labels: Mapping[str, Sequence[str]] = MappingProxyType({})
    """The texts of the columns that name rows or groups of them, one a row."""
    lines: Index | None = None
    """Where each row begins in its file; where there is none, row i is the i-th."""
    dropped: int = 0
    """How many rows were left out because nothing stood in one of their cells."""
    parts: Mapping[str, Index] = MappingProxyType({})
    """The rows of each part of the split that has a file of its own; no dataset says so itself."""

    def row(self, index: int) -> int:
        """How a row is called: the line at which it begins in its file, or its number from 1."""
        return index + 1 if self.lines is None else int(self.lines[index])


class DatasetPlan(NamedTuple):
    """What is known of a dataset from the spec alone; `rows` is None until its file is read."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    rows: int | None = None


class LoadContext(NamedTuple):
    """What a dataset may use: the folder that relative paths start from, and its random stream."""

    folder: Path
    rng: Random


class Dataset(Component):
    """A source of rows. It may read files only below the path that it declares."""

    kind = "dataset"

    @abstractmethod
    def plan(self) -> DatasetPlan:
        """The columns and, where the spec fixes it, the number of rows; no file is read."""

    @abstractmethod
    def load(self, ctx: LoadContext) -> Data:
        """All rows in float64. Raises DataError, with row and column, for anything that is not a finite number.

        NaN stands where nothing does, in columns of which `described` says that training rows fill it in.
        """

    def table(self, folder: Path) -> TableFile | None:
        """The file whose columns `described` tells of, its path relative to that folder; None where there is none."""
        return None

    def places(self) -> tuple[Place, ...]:
        """Where the spec names each column that `described` tells of, if it does so in one place."""
        return (("dataset",),) * len(self.described())

    def described(self) -> tuple[Column, ...]:
        """The columns of the source that it reads, in the order of their names in the plan.

        None where there is nothing to say: then each name of the plan is a column of numbers.
        """
        return ()

    def of_role(self, role: Role) -> tuple[Column, ...]:
        """Those of the described columns that have the role."""
        return tuple(column for column in self.described() if column.role == role)

    def at(self, path: str) -> Self:
        """The same dataset of another file of that form. Raises ValueError where the spec names not just one file."""
        fields = type(self).model_fields
        files = [name for name in fields if any(isinstance(m, RelativePath) for m in fields[name].metadata)]
        if len(files) != 1:
            raise ValueError(f"the dataset {self.type!r} reads {'several files' if files else 'no file'}")
        said = {name: getattr(self, name) for name in self.model_fields_set - {"type"}}
        try:
            other = type(self).model_validate({**said, files[0]: path})
        except ValidationError as error:
            fault = error.errors()[0]
            raise ValueError(str(fault.get("ctx", {}).get("error", fault["msg"]))) from None
        return other.model_copy(update={"type": self.type})


class Scaler(Component):
    """An invertible map of each column, fitted on the training rows; its state is named arrays, (..., columns)."""

    kind = "scaler"
    centred: ClassVar[bool] = False
    """True when scaled training rows lie on both sides of 0, as far out as they may."""

    @abstractmethod
    def fit(self, x: Array) -> dict[str, Array]:
        """The state, from (rows, columns) of training data."""

    @abstractmethod
    def transform(self, state: dict[str, Array], x: Array) -> Array:
        """From the units of the data to those of the net."""

    @abstractmethod
    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        """From the units of the net back to those of the data."""

    def domain(self) -> tuple[float, float]:
        """Between which numbers those of the data must lie, these themselves excluded."""
        return -inf, inf

    def check(self, z: Array) -> str:
        """What can be seen of the scaled training rows, in one phrase."""
        return f"values from {z.min():.3g} to {z.max():.3g}"
