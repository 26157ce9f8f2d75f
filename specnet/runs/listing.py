"""Listing: the runs of folders, each in one line of facts, read without importing what they were made with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.artifacts import RunDirectory, is_claimed
from specnet.artifacts.manifest import MANIFEST
from specnet.component import Undefined
from specnet.errors import Finding, SpecnetError, UsageError, did_you_mean
from specnet.runs.sources import RESOLVED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PARTS = ("test", "validation", "train")
FACTS = ("name", "status", "started", "epochs", "seed")
"""What runs can be sorted by besides their metrics."""


@dataclass(frozen=True)
class Summary:
    """A run directory at a glance; of one that is damaged only the path and the fault are known."""

    path: Path
    status: str
    """As in the manifest; `killed` for one that says it is running while nobody trains it, and `damaged`."""
    started: str = ""
    seed: int | None = None
    epochs: int | None = None
    """None for a run without a result."""
    planned: int | None = None
    """The epochs that its spec asks for."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    fault: SpecnetError | None = None

    @property
    def name(self) -> str:
        """The name of the directory."""
        return self.path.name or str(self.path)


def runs_below(paths: Iterable[Path]) -> list[Path]:
    """The run directories among the paths and right in them, once each. Raises UsageError SN554 for no folder."""
    asked = list(paths)
    if missing := [path for path in asked if not path.is_dir()]:
        raise UsageError(*(Finding("SN554", "there is no such folder", file=str(path)) for path in missing))
    found: dict[Path, None] = {}
    for path in asked:
        inner = [path] if (path / MANIFEST).exists() else sorted(path.iterdir())
        found |= {run: None for run in inner if not run.name.startswith(".") and (run / MANIFEST).exists()}
    return list(found)


def summary(path: Path) -> Summary:
    """What a directory says of its run, once its digests agree; nothing is raised for what does not."""
    try:
        directory = RunDirectory.open(path)
        return _summary(directory)
    except SpecnetError as error:
        return Summary(path, "damaged", fault=error)
    except (AttributeError, KeyError, TypeError, ValueError):  # sealed, but by whom?
        odd = Finding("SN605", f"{path} is not a run directory: its files do not say what those of a run say")
        return Summary(path, "damaged", fault=SpecnetError(odd))


def _summary(directory: RunDirectory) -> Summary:
    manifest = directory.manifest
    status = str(manifest["status"])
    if status == "running" and is_claimed(directory.path) is False:
        status = "killed"
    report = directory.read_json("metrics.json") if "metrics.json" in manifest["artifacts"] else {}
    resolved = directory.read_json(RESOLVED) if RESOLVED in manifest["artifacts"] else manifest[RESOLVED]
    return Summary(
        directory.path,
        status,
        str(manifest["started"]),
        int(manifest["seed"]),
        None if not report else int(report["epochs"]),
        int(resolved["training"]["epochs"]),
        {str(name): _number(value) for name, value in report.get("metrics", {}).items()},
    )


def _number(value: Any) -> float:
    """A finite number, or the reason why there is none."""
    if not isinstance(value, dict):
        return float(value)
    reason = str(value["reason"])
    return float(reason) if reason in ("nan", "inf", "-inf") else Undefined(reason)


def metric_names(runs: Iterable[Summary]) -> list[str]:
    """All that the runs have measured: those of the test first, and of each part the loss."""
    names = dict.fromkeys(name for run in runs for name in run.metrics)
    return sorted(names, key=lambda name: (_rank(name), not name.endswith(".loss")))


def main_metric(runs: Sequence[Summary]) -> list[str]:
    """The loss of the part that says most, none where nothing was measured."""
    return metric_names(runs)[:1]


def _rank(name: str) -> int:
    part = name.partition(".")[0]
    return _PARTS.index(part) if part in _PARTS else len(_PARTS)


def in_order(runs: Sequence[Summary], key: str, reverse: bool) -> list[Summary]:
    """Sorted by a fact or a metric; a run without it, or with no finite number, comes last either way.

    Raises UsageError SN554 for what no run has.
    """
    names = metric_names(runs)
    if key not in (*FACTS, *names):
        help = did_you_mean(key, (*FACTS, *names)) or f"known: {', '.join((*FACTS, *names))}"
        raise UsageError(Finding("SN554", f"no run has {key!r} to sort by", help=help))
    value: Callable[[Summary], Any] = (
        (lambda run: getattr(run, key)) if key in FACTS else (lambda run: run.metrics.get(key))
    )
    known = [run for run in runs if _is_known(value(run))]
    rest = [run for run in runs if not _is_known(value(run))]
    return [*sorted(known, key=value, reverse=reverse), *rest]


def _is_known(value: Any) -> bool:
    return value is not None and value != "" and (not isinstance(value, float) or math.isfinite(value))
