"""evaluate: a stored run measured again, on rows that it was trained, validated or tested on or on those of a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from specnet.artifacts import RunDirectory, sha256_of
from specnet.builtins.datasets.tables import TableDataset
from specnet.component import Data, Table
from specnet.encoding import Encoder
from specnet.errors import DataError, Finding, UsageError, did_you_mean, listed
from specnet.preparation import Prepared, load_data
from specnet.runs.answers import targets_of
from specnet.runs.measuring import Measured, measured
from specnet.runs.rereading import cells_again
from specnet.runs.rows import inputs_of
from specnet.runs.serving import wanted_of
from specnet.runs.split_rows import stored_parts
from specnet.streams import Streams
from specnet.tables.block import WantedColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array, Index
    from specnet.runs.result import Run
    from specnet.tables.block import TableFile


def evaluate(run: Run, split: Literal["train", "validation", "test"] = "test", by: str | None = None) -> Measured:
    """The rows of that split, loaded anew and scaled as in training, and those of each value of the column `by`.

    Raises DataError when the data is not what the run was made from, UsageError when the split has no rows.
    """
    streams = Streams(run.spec.seed, run.spec.rng)
    data = data_of(run, streams)
    parts = stored_parts(RunDirectory.open(run.path), run.spec, data, streams)
    rows = parts[split]
    if not len(rows):
        raise UsageError(Finding("SN532", f"the run has no {split} rows"))
    prepared = Prepared(data, parts, run.inputs, run.targets)
    labels = None if by is None else _labels(run, data, rows, by)
    return measured(run, prepared.split(rows, run.spec.engine.dtype), labels)


def data_of(run: Run, streams: Streams) -> Data:
    """The data of a run, loaded anew. Raises DataError when it is not what the run was made from."""
    data = load_data(run.spec, Path(run.manifest["spec"]["folder"]), streams)
    _same(data, run)
    return data


def _same(data: Data, run: Run) -> None:
    for file in data.files:
        recorded = run.manifest["data"].get(str(file), {}).get("sha256")
        if sha256_of(file) != recorded:
            raise DataError(Finding("SN513", "the file has changed since the run", file=str(file)))


def _labels(run: Run, data: Data, rows: Index, by: str) -> list[str]:
    """What stands in a column, for each of these rows. Raises UsageError SN537 where there is no such column."""
    dataset = run.spec.dataset
    if isinstance(dataset, TableDataset) and data.lines is not None:
        return _texts([cell for (cell,) in cells_again(run, dataset, data, rows, [WantedColumn(by, False)])])
    for table in (data.inputs, data.targets):
        if by in table.names:
            return [f"{value:g}" for value in table.values[rows, table.names.index(by)].tolist()]
    names = (*data.inputs.names, *data.targets.names)
    help = did_you_mean(by, names) or f"columns: {listed(names)}"
    raise UsageError(Finding("SN537", f"the data has no column {by!r}", help=help))


def evaluate_file(run: Run, file: TableFile, by: str | None = None) -> Measured:
    """All rows of a file that has the inputs and the targets, and those of each value of the column `by`.

    Raises DataError for a cell that its column cannot take, an empty target among them, unless the column drops rows.
    """
    weights = run.spec.dataset.of_role("weight")
    columns = (*inputs_of(run.spec, run.plan), *targets_of(run.spec, run.plan), *weights)
    encoder = Encoder(columns, ((),) * len(columns))
    wanted = wanted_of(file, columns)
    wanted = (*wanted, WantedColumn(by, False)) if by is not None else wanted
    parts: list[Array] = []
    labels: list[str] = []
    dropped, unlisted = 0, Counter[str]()
    for block in file.blocks(wanted):
        encoded = encoder.encode(block.columns[: len(columns)], block.lines, file)
        for column, numbers in zip(columns, encoded.numbers, strict=True):
            unlisted[column.name] += column.surprises(numbers[encoded.whole])
        parts.append(np.concatenate(encoded.numbers, axis=1)[encoded.whole])
        dropped += len(block.lines) - len(parts[-1])
        if by is not None:
            texts = zip(_texts(block.columns[-1]), encoded.whole.tolist(), strict=True)
            labels += [text for text, whole in texts if whole]
    values = np.concatenate(parts)
    if not len(values):
        raise DataError(Finding("SN505", f"{file.name}: all {dropped:,} rows lack a cell", file=str(file.path)))
    count = len(run.plan.inputs)
    stop = count + len(run.plan.targets)
    tables = Table(run.plan.inputs, values[:, :count]), Table(run.plan.targets, values[:, count:stop])
    data = Data(*tables, weights=values[:, stop] if weights else None)
    prepared = Prepared(data, {}, run.inputs, run.targets)
    split = prepared.split(np.arange(len(values)), run.spec.engine.dtype)
    found = measured(run, split, None if by is None else labels)
    return replace(found, dropped=dropped, unlisted=dict(+unlisted))


def _texts(column: Array | Sequence[str | None]) -> list[str]:
    return [str(text or "") for text in column]
