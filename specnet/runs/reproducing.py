"""reproduce: a run is made once more from what it has stored, and compared bit for bit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.artifacts import RunDirectory
from specnet.errors import ArtifactError, DivergenceError, Finding
from specnet.failures import blamed
from specnet.registry import load_registry
from specnet.runs.causes import causes
from specnet.runs.fingerprint import digest_of_result
from specnet.runs.path import train
from specnet.runs.sources import resolved_document
from specnet.runs.stored import load_run
from specnet.runs.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array, Index
    from specnet.registry import Registry
    from specnet.runs.result import Run


@dataclass(frozen=True)
class Difference:
    """The first number of the history that is another; None stands for a row that only one of the two has."""

    epoch: int
    column: str
    was: float | None
    now: float | None


@dataclass(frozen=True)
class Reproduction:
    """What has come of making a run once more."""

    is_identical: bool
    """Every weight and every number of the history is the same, bit for bit."""
    epochs: int
    statuses: tuple[str, str]
    """How the run had ended, and how it ends now."""
    results: tuple[str, str]
    """The digests of the two results."""
    first: Difference | None
    """None also where the weights alone differ."""
    causes: Mapping[str, str]
    """What has changed of all that the manifest records, by name; it can be there and do no harm."""
    path: Path | None
    """The directory of the new run, where one was asked for."""


def reproduce(
    path: str | Path, *, out: str | Path | None = None, registry: Registry | None = None, watcher: Watcher | None = None
) -> Reproduction:
    """Trains the spec of a run again, on the data where its manifest says it is, and compares weights and history.

    The new run is kept in `out`, which must not exist, and otherwise nowhere; trackers are told nothing. Raises what
    `run` and `load_run` raise, DivergenceError excepted, and ArtifactError SN616 for a run that was interrupted.
    """
    names, directory = registry or load_registry(), RunDirectory.open(Path(path))
    before = load_run(path, names)
    if before.status == "interrupted":
        message = f"the run was interrupted after epoch {before.epochs:,}, and has no end that could be compared"
        raise ArtifactError(Finding("SN616", message, (), f"specnet resume {path} first", file=str(path)))
    with TemporaryDirectory(prefix="specnet-") as folder:
        place = Path(folder, "again") if out is None else Path(out)
        with blamed(names), suppress(DivergenceError):
            train(resolved_document(directory), {}, place, names, watcher or Watcher(), None)
        again = load_run(place, names)
    return _compared(before, again, None if out is None else place)


def _compared(before: Run, again: Run, place: Path | None) -> Reproduction:
    results = (digest_of_result(before), digest_of_result(again))
    return Reproduction(
        is_identical=results[0] == results[1] and before.status == again.status,
        epochs=again.epochs,
        statuses=(before.status, again.status),
        results=results,
        first=_first(before.history, again.history),
        causes=causes(before.manifest, again.manifest),
        path=place,
    )


def _first(old: Mapping[str, Array | Index], new: Mapping[str, Array | Index]) -> Difference | None:
    """The earliest row with a difference, and in it the first column."""
    both = min(len(old["epoch"]), len(new["epoch"]))
    columns = [name for name in old if name in new]
    rows = {name: _other(old[name][:both], new[name][:both]) for name in columns}
    at = min((int(np.argmax(other)) for other in rows.values() if other.any()), default=None)
    if at is not None:
        column = next(name for name in columns if rows[name][at])
        return Difference(int(new["epoch"][at]), column, float(old[column][at]), float(new[column][at]))
    if len(old["epoch"]) == len(new["epoch"]):
        return None
    more, is_old = (old, True) if len(old["epoch"]) > both else (new, False)
    column = columns[1]
    value = float(more[column][both])
    return Difference(int(more["epoch"][both]), column, value if is_old else None, None if is_old else value)


def _other(old: Any, new: Any) -> Any:
    """Where two columns differ; NaN is the same as NaN, and 0 is not -0."""
    return ~((old == new) & (np.signbit(old) == np.signbit(new)) | np.isnan(old) & np.isnan(new))
