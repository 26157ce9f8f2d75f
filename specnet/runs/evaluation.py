"""evaluate: a stored run measured again on the rows that it was trained, validated or tested on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from specnet.artifacts import sha256_of
from specnet.errors import DataError, Finding, UsageError
from specnet.preparation import Prepared, load_data, part
from specnet.streams import Streams

if TYPE_CHECKING:
    from specnet.component import Data
    from specnet.runs.result import Run


def evaluate(run: Run, split: Literal["train", "validation", "test"] = "test") -> tuple[int, dict[str, float]]:
    """(rows, metrics) of that split, loaded anew and scaled as in training.

    Raises DataError when the data is not what the run was made from, UsageError when the split has no rows.
    """
    streams = Streams(run.spec.seed, run.spec.rng)
    data = data_of(run, streams)
    parts = part(data, run.spec.split, streams)
    rows = parts[split]
    if not len(rows):
        raise UsageError(Finding("SN532", f"the run has no {split} rows"))
    prepared = Prepared(data, parts, run.inputs, run.targets)
    return len(rows), run.measure(prepared.split(rows, run.spec.engine.dtype))


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
