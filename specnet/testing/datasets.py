"""The contract of datasets: what was planned is loaded, and loaded again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.component import LoadContext
from specnet.streams import Streams
from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared, texts_in
from specnet.testing.numbers import SEED, same

if TYPE_CHECKING:
    from specnet.component import Data, Dataset
    from specnet.streams import Generation


def check_dataset(
    dataset: Dataset, folder: Path | None = None, *, expected_failures: Mapping[str, str] | None = None
) -> list[Check]:
    """What it loads is as planned, finite, the same from the same seed, and from files below the path it names.

    Relative paths start at `folder`, or else at the working directory.
    """
    return contract(dataset, folder).run(expected_failures)


@dataclass(frozen=True)
class _Tried:
    dataset: Dataset
    folder: Path

    def load(self, generation: Generation = "pcg64") -> Data:
        return self.dataset.load(LoadContext(self.folder, Streams(SEED, generation).of("data")))

    def arrays(self) -> list[Any]:
        data = self.load()
        return [data.inputs.values, data.targets.values]


def contract(dataset: Dataset, folder: Path | None = None) -> Contract:
    """The promises of a dataset."""
    tried = _Tried(dataset, folder or Path())
    looks = {
        "plan": _plan,
        "finite": _finite,
        "dtype": _dtype,
        "same seed, same rows": _same_rows,
        "mt19937": _legacy,
        "files": _files,
    }
    return Contract(shared(dataset), (about(tried, {"loads": _loads}), about(tried, looks)))


def _loads(tried: _Tried) -> str:
    data = tried.load()
    require(len(data.inputs) == len(data.targets), f"{len(data.inputs)} inputs, {len(data.targets)} targets")
    require(len(data.inputs) > 0, "it has no rows")
    return f"{len(data.inputs)} rows"


def _plan(tried: _Tried) -> str:
    plan, data = tried.dataset.plan(), tried.load()
    for what, names, table in (("inputs", plan.inputs, data.inputs), ("targets", plan.targets, data.targets)):
        require(table.names == names, f"the {what} are {table.names}, planned as {names}")
        require(table.values.ndim == 2, f"the {what} have {table.values.ndim} axes, not 2")
        require(table.values.shape[1] == len(names), f"{table.values.shape[1]} {what} for {len(names)} names")
    require(plan.rows in (None, len(data.inputs)), f"{len(data.inputs)} rows, planned as {plan.rows}")
    names = plan.inputs + plan.targets
    require(len(set(names)) == len(names), f"two columns have one name: {', '.join(names)}")
    return f"{len(plan.inputs)} inputs, {len(plan.targets)} targets"


def _legacy(tried: _Tried) -> str:
    """A spec may ask for the streams of 2019, which offer only what `Random` names."""
    return f"{len(tried.load('mt19937').inputs)} rows"


def _finite(tried: _Tried) -> str:
    """NaN may only stand in a column that training rows fill in."""
    data = tried.load()
    filled = {
        name for column in tried.dataset.described() if column.absent() in ("mean", "median") for name in column.names()
    }
    for table in (data.inputs, data.targets):
        gaps = np.isnan(table.values) & np.isin(table.names, list(filled))
        bad = np.argwhere(~(np.isfinite(table.values) | gaps))
        require(not bad.size, f"row {bad[0][0]} of {table.names[bad[0][1]]} is not finite" if bad.size else "")
    return ""


def _dtype(tried: _Tried) -> str:
    for values in tried.arrays():
        require(values.dtype == np.float64, f"it is {values.dtype}")
    return "float64"


def _same_rows(tried: _Tried) -> str:
    for first, again in zip(tried.arrays(), tried.arrays(), strict=True):
        same(again, first, "rows")
    return ""


def _files(tried: _Tried) -> str:
    files = tried.load().files
    texts = texts_in(tried.dataset.model_dump(exclude={"type"}))
    declared = [(tried.folder / text).resolve() for text in texts if "\0" not in text]
    for file in files:
        require(file.is_file(), f"{file} is no file")
        below = any(file.resolve().is_relative_to(path) for path in declared)
        require(below, f"{file} is not below a path that the dataset names")
    return f"{len(files)} files"
