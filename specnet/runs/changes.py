"""Changes: what is no longer as it was when a run began, each by its name, and refused unless it is allowed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import specnet
from specnet.artifacts import read_bytes, sha256_of
from specnet.errors import ArtifactError, Finding, SpecnetError, UsageError
from specnet.runs.installed import files_of
from specnet.runs.receipt import digest_of_rows, machine
from specnet.runs.sources import RESOLVED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from specnet.artifacts import RunDirectory
    from specnet.component import Data, Moment, Optimizer
    from specnet.registry import Registry
    from specnet.spec import Spec

CHANGES = ("data", "numpy", "plugins", "schedule", "spec", "specnet")
"""What can be allowed to have changed."""
_LOOKS = 1_000
_SPEC_LIMIT = 2**20


def check_names(allowed: Collection[str]) -> None:
    """Raises UsageError SN553 for what is no name of a change."""
    if unknown := sorted(set(allowed) - set(CHANGES)):
        message = f"there is no change {unknown[0]!r} to allow; known: {', '.join(CHANGES)}"
        raise UsageError(Finding("SN553", message))


def refuse(found: Mapping[str, str], allowed: Collection[str], path: Path) -> None:
    """Raises ArtifactError SN612 for each change that is not allowed."""
    findings = [
        Finding("SN612", f"{name}: {what}", (), f"--allow-change {name} goes on all the same", file=str(path))
        for name, what in found.items()
        if name not in allowed
    ]
    if findings:
        raise ArtifactError(*findings)


def changes(directory: RunDirectory, spec: Spec, names: Registry, data: Data) -> dict[str, str]:
    """What has changed since the run began or was resumed last, and how; `spec` is its own, read again."""
    manifest = directory.manifest
    found = {
        "data": _of_data(manifest, data),
        "numpy": _of_version("NumPy", manifest.get("numpy"), np.__version__),
        "plugins": _of_plugins(manifest, names),
        "spec": _of_spec(directory, spec),
        "specnet": _of_version("specnet", manifest.get("specnet"), specnet.__version__),
    }
    return {name: what for name, what in found.items() if what}


def of_schedules(optimizer: Optimizer, moments: Iterator[tuple[Moment, Moment]]) -> str:
    """Says when a number of the optimizer would have been another in the epochs that are over; "" when none would."""
    for old, new in moments:
        for field in optimizer.schedules:
            was, now = getattr(optimizer.at(old), field), getattr(optimizer.at(new), field)
            if was != now:
                return (
                    f"with so many epochs optimizer.{field} would have been {now:.6g} in step {old.step:,}, "
                    f"where it was {was:.6g}: its schedule depends on the length of training"
                )
    return ""


def looked_at(steps: int) -> list[int]:
    """Steps from 1 to `steps`: all of a few, else a thousand over the whole."""
    return sorted({1 + (steps - 1) * i // max(1, min(steps, _LOOKS) - 1) for i in range(min(steps, _LOOKS))})


def warn_of_machine(manifest: Mapping[str, Any], path: Path) -> None:
    """SN615 for what may change the last digits: the BLAS, its threads, the machine."""
    if other := of_machine(manifest, machine()):
        message = f"the machine is not set up as it was, so that the last digits may differ: {'; '.join(other)}"
        logging.getLogger("specnet").warning("%s", Finding("SN615", message, severity="warning", file=str(path)))


def of_machine(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What `machine` tells now and told otherwise before; of what it did not tell then, nothing is known."""
    names = (name for name in machine() if name in before and name in now)
    return [f"{name} was {before[name]}, is {now[name]}" for name in names if before[name] != now[name]]


def _of_data(manifest: Mapping[str, Any], data: Data) -> str:
    recorded: Mapping[str, Any] = manifest["data"]
    here = {str(file): sha256_of(file) for file in data.files}
    other = [file for file, digest in here.items() if recorded.get(file, {}).get("sha256") != digest]
    gone = [file for file in recorded if file not in here]
    if other or gone:
        return f"{', '.join(other + gone)} is not what the run was trained on"
    if "rows" in manifest and manifest["rows"]["sha256"] != digest_of_rows(data):
        return "the dataset gives other rows than those that the run was trained on"
    return ""


def _of_version(name: str, before: object, now: str) -> str:
    return "" if before == now else f"the run was made with {name} {before}, this is {now}"


def _of_plugins(manifest: Mapping[str, Any], names: Registry) -> str:
    recorded: Mapping[str, str] = manifest["plugins"]
    other = [f"{name} {was}, {names.version(name)} is installed" for name, was in recorded.items()
             if names.version(name) != was]  # fmt: skip
    if other:
        return f"the run was made with {'; '.join(other)}"
    files: Mapping[str, Any] = manifest.get("plugin_files", {})
    changed = [str(p) for p in names.found() if p.distribution in files and files_of(p) != files[p.distribution]]
    return (
        f"the files of {', '.join(dict.fromkeys(changed))} are others than those that the run was made with"
        if changed
        else ""
    )


def _of_spec(directory: RunDirectory, spec: Spec) -> str:
    if spec.model_dump(mode="json") != directory.read_json(RESOLVED):
        return f"{RESOLVED} means something else now: a default or a name of this version is another"
    entry = directory.manifest["spec"]
    source = Path(entry["folder"]) / Path(entry["file"]).name
    stored = directory.read_bytes(f"spec{source.suffix}") if f"spec{source.suffix}" in _listed(directory) else None
    try:
        there = read_bytes(source, _SPEC_LIMIT) if stored is not None else None
    except SpecnetError:  # the file is gone: nobody can mistake it for the run's
        return ""
    if there == stored:
        return ""
    return f"{source} has changed, and the run goes on with what it began with"


def _listed(directory: RunDirectory) -> Collection[str]:
    listed: Mapping[str, Any] = directory.manifest["artifacts"]
    return listed.keys()
