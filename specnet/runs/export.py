"""export: a run written in another form, which is held to the run's own predictions before it is there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from specnet.artifacts import RunDirectory
from specnet.builtins.datasets.tables import TableDataset
from specnet.component import ExportError, TrainedNet
from specnet.disk import make_parents, write_atomic
from specnet.errors import Finding, UsageError
from specnet.runs.evaluation import data_of
from specnet.runs.rereading import cells_again
from specnet.runs.rows import inputs_of
from specnet.runs.split_rows import stored_parts
from specnet.streams import Streams
from specnet.tables.block import WantedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from specnet.arrays import Array, Index
    from specnet.component import Data, Exporter
    from specnet.runs.result import Run

TOLERANCE = {"float64": 1e-12, "float32": 1e-6}
"""How far the predictions of what was exported may be from the run's, in parts of the largest (or of 1)."""


class Exported(NamedTuple):
    """What was written, and the rows on which it was found to predict the same."""

    paths: tuple[Path, ...]
    part: str
    rows: int
    difference: float
    """The largest, in parts of the largest prediction (or of 1)."""


def export(run: Run, exporter: Exporter, out: Path | None = None) -> Exported:
    """Writes `NAME` with the suffix of the exporter, or `out`, once it predicts as the run does.

    Raises UsageError SN541 for what cannot be exported and SN542 for what predicts otherwise; then nothing is written.
    DataError when the data, by which that is seen, is no longer what the run was made from.
    """
    net = trained_net(run)
    name, rows = test_rows(run)
    files = _files(exporter, net)
    with TemporaryDirectory() as folder:
        for suffix, content in files.items():
            (Path(folder) / f"exported{suffix}").write_bytes(content)
        difference = _difference(run, exporter, net, Path(folder) / f"exported{exporter.suffix}", rows)
    first = Path(f"{run.spec.name}{exporter.suffix}") if out is None else out
    paths = {suffix: first if suffix == exporter.suffix else first.with_suffix(suffix) for suffix in files}
    for suffix, path in paths.items():
        make_parents(path)
        write_atomic(path, files[suffix])
    return Exported(tuple(paths.values()), name, len(rows), difference)


def trained_net(run: Run) -> TrainedNet:
    """What there is to export of a run."""
    both = zip(run.weights.views(run.weights.flat), run.weights.buffers, strict=True)
    values = tuple({**params, **buffers} for params, buffers in both)
    columns, dtype = inputs_of(run.spec, run.plan), run.spec.engine.dtype
    return TrainedNet(run.spec.name, columns, run.plan, values, run.inputs, run.targets, dtype)


def test_rows(run: Run) -> tuple[str, list[list[Any]]]:
    """The test rows as cells, those of another part where there are none, and the name of the part."""
    streams = Streams(run.spec.seed, run.spec.rng)
    data = data_of(run, streams)
    parts = stored_parts(RunDirectory.open(run.path), run.spec, data, streams)
    name = next(name for name in ("test", "validation", "train") if len(parts[name]))
    return name, _cells(run, data, parts[name])


def _cells(run: Run, data: Data, index: Index) -> list[list[Any]]:
    columns = run.spec.dataset.of_role("input")
    if not columns:
        return data.inputs.values[index].tolist()  # type: ignore[no-any-return]
    if not isinstance(run.spec.dataset, TableDataset):
        message = f"the dataset {run.spec.dataset.type!r} does not show its cells, by which an export is checked"
        raise UsageError(Finding("SN541", message, ("dataset",)))
    wanted = [WantedColumn(column.name, column.numeric) for column in columns]
    rows = cells_again(run, run.spec.dataset, data, index, wanted)
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, str):
        return cell
    return None if np.isnan(cell) else float(cell)


def _files(exporter: Exporter, net: TrainedNet) -> Mapping[str, bytes]:
    try:
        return exporter.files(net)
    except ExportError as error:
        message = f"the run cannot be exported to {exporter.type}: {error.reason}"
        raise UsageError(Finding("SN541", message, error.path)) from None


def _difference(run: Run, exporter: Exporter, net: TrainedNet, path: Path, rows: Sequence[Sequence[Any]]) -> float:
    expected = run.predict(rows)
    try:
        found = exporter.predict(net, path, rows)
    except ExportError as error:
        raise UsageError(Finding("SN542", f"{error.reason}; nothing was written")) from None
    difference = _apart(expected, found)
    if not difference <= TOLERANCE[run.spec.engine.dtype]:
        message = f"what was exported to {exporter.type} predicts otherwise than the run, by {difference:.1e}"
        raise UsageError(Finding("SN542", f"{message}; nothing was written"))
    return difference


def _apart(expected: Array, found: Array) -> float:
    """In parts of the largest prediction, or of 1; infinite where one is a number and the other is not."""
    if expected.shape != found.shape or (np.isfinite(expected) != np.isfinite(found)).any():
        return float("inf")
    both = np.isfinite(expected)
    if not both.any():
        return 0.0
    largest = max(1.0, float(np.abs(expected[both]).max()))
    return float(np.abs(expected[both] - found[both]).max()) / largest
