"""A suite: many specs, each trained and held to its expectations, and what has come of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from specnet.errors import Finding, SpecnetError, UsageError
from specnet.records import Verdict
from specnet.runs.path import run
from specnet.spec.folders import specs_below

if TYPE_CHECKING:
    from specnet.registry import Registry


@dataclass(frozen=True)
class Outcome:
    """What has come of one spec; `error` is why it has no result."""

    spec: Path
    seconds: float
    verdicts: tuple[Verdict, ...] = ()
    error: SpecnetError | None = None

    @property
    def state(self) -> Literal["passed", "failed", "error"]:
        """A spec without expectations passes when it trains."""
        if self.error is not None:
            return "error"
        return "passed" if all(verdict.passed for verdict in self.verdicts) else "failed"


def collect(paths: Iterable[Path], text: str = "") -> list[Path]:
    """The spec files among the paths and in the folders, once each, with `text` in their names.

    Raises UsageError SN550 for a path that is not there, and when no spec is left.
    """
    asked = list(paths)
    if missing := [path for path in asked if not path.exists()]:
        raise UsageError(*(Finding("SN550", "there is no such file or folder", file=str(path)) for path in missing))
    found = [file for path in asked for file in (specs_below(path) if path.is_dir() else [path])]
    chosen = [file for file in dict.fromkeys(found) if text in file.name]
    if not chosen:
        named = f" of {len(found)} has {text!r} in its name" if found else " is there"
        raise UsageError(Finding("SN550", f"no spec{named}", file=", ".join(map(str, asked))))
    return chosen


def train_all(
    specs: Sequence[Path],
    overrides: Mapping[str, Any],
    registry: Registry,
    keep: Path | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Outcome]:
    """Trains one spec after the other; the run directories are `keep/1-NAME`, `keep/2-NAME`, or are gone afterwards.

    Raises Interrupted when training is stopped.
    """
    for number, spec in enumerate(specs, start=1):
        verdicts, error, start = tuple[Verdict, ...](), None, clock()
        with TemporaryDirectory(prefix="specnet-") as folder:
            out = (Path(folder) if keep is None else keep) / f"{number}-{spec.stem}"
            try:
                verdicts = run(spec, set=overrides, out=out, registry=registry).verdicts
            except SpecnetError as refusal:
                error = refusal
        yield Outcome(spec, clock() - start, verdicts, error)
