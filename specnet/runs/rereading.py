"""Rereading: the cells of chosen rows as their files have them, after what was made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from specnet.arrays import Index
    from specnet.builtins.datasets.tables import TableDataset
    from specnet.component import Data
    from specnet.runs.result import Run
    from specnet.tables.block import WantedColumn


def cells_again(
    run: Run, dataset: TableDataset, data: Data, rows: Index, wanted: Sequence[WantedColumn]
) -> list[tuple[Any, ...]]:
    """For each of these rows of the run's data its cells in the wanted columns. Raises DataError."""
    folder = Path(run.manifest["spec"]["folder"])
    lines = np.arange(1, len(data.inputs) + 1) if data.lines is None else data.lines
    found: dict[int, tuple[Any, ...]] = {}
    for index, source in _sources(run, dataset, data):
        chosen = index[np.isin(index, rows)]
        at = dict(zip(lines[chosen].tolist(), chosen.tolist(), strict=True))
        for block in source.table(folder).blocks(wanted):
            for i in np.flatnonzero(np.isin(block.lines, lines[chosen])).tolist():
                found[at[int(block.lines[i])]] = tuple(column[i] for column in block.columns)
    return [found[row] for row in rows.tolist()]


def _sources(run: Run, dataset: TableDataset, data: Data) -> Iterator[tuple[Index, TableDataset]]:
    """The rows of each file, and the dataset that reads it: each counts its lines from the beginning."""
    others = {part: dataset.at(path) for part, path in run.spec.split.files().items()}
    apart = [data.parts[part] for part in others]
    yield np.setdiff1d(np.arange(len(data.inputs)), np.concatenate([np.empty(0, np.intp), *apart])), dataset
    yield from zip(apart, others.values(), strict=True)
