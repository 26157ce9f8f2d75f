"""Verification: every digest that a run directory holds, computed again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from specnet.artifacts import Checkpoints, RunDirectory, decode_tensors, sha256_of
from specnet.artifacts.manifest import MANIFEST, changed
from specnet.errors import ArtifactError, Finding, SpecnetError
from specnet.runs.checkpoint import Checkpoint
from specnet.runs.fingerprint import digest_of
from specnet.runs.fitting import history_column
from specnet.runs.receipt import check_receipt
from specnet.runs.sources import RESOLVED
from specnet.runs.stored import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Verified:
    """A run directory, how many files were looked through, and what is wrong with them."""

    path: Path
    files: int
    findings: tuple[Finding, ...] = ()


def verify(path: Path, data: bool = False) -> Verified:
    """Holds files, checkpoints, spec and result against their digests, and with `data` the files it was trained on.

    Nothing is raised: what is wrong stands in the findings, with a code of 6xx, or SN513 for data.
    """
    try:
        directory = RunDirectory.open(path)
        check_receipt(directory.manifest, path)
    except SpecnetError as error:
        return Verified(path, 0, error.findings)
    folder = Checkpoints(path)
    try:
        names = folder.names()
    except SpecnetError as error:
        return Verified(path, len(directory.manifest["artifacts"]) + 1, error.findings)
    sources = list(directory.manifest.get("data", {})) if data else []
    findings = [*_of_spec(directory), *_of_result(directory)]
    findings += [finding for name in names for finding in _of_checkpoint(folder, name)]
    findings += [finding for name in sources for finding in _of_data(directory, name)]
    return Verified(path, len(directory.manifest["artifacts"]) + 1 + len(names) + len(sources), tuple(findings))


def _of_spec(directory: RunDirectory) -> Iterator[Finding]:
    said, listed = directory.manifest.get("spec", {}), directory.manifest["artifacts"]
    written = next((name for name in listed if name in ("spec.toml", "spec.json")), None)
    for key, name in (("sha256", written), ("resolved", RESOLVED)):
        if key in said and name in listed and said[key] != listed[name]["sha256"]:
            yield changed(directory.path, MANIFEST, f"it says another digest of {name} than the file has")


def _of_result(directory: RunDirectory) -> Iterator[Finding]:
    """Of a run that is running, or that was made before results had digests, there is none to be checked."""
    said = directory.manifest.get("result")
    if said is None or MODEL not in directory.manifest["artifacts"]:
        return
    try:
        tensors, _ = decode_tensors(directory.read_bytes(MODEL))
        header, rows = directory.read_csv("history.csv")
        cells = zip(*rows, strict=True) if rows else [()] * len(header)
        history = {
            name: history_column(name, list(map(float, column))) for name, column in zip(header, cells, strict=True)
        }
    except (SpecnetError, ValueError) as error:
        yield changed(directory.path, MODEL, f"its result cannot be read: {error}")
        return
    weights = {name: array for name, array in tensors.items() if not name.startswith("scaling/")}
    if digest_of(weights, history) != (said.get("sha256") if isinstance(said, dict) else said):
        yield changed(directory.path, MANIFEST, "its result is not that of the weights and the history")


def _of_checkpoint(folder: Checkpoints, name: str) -> tuple[Finding, ...]:
    try:
        Checkpoint.decode(folder.read(name))
    except SpecnetError as error:
        return error.in_file(str(folder.folder / name)).findings
    return ()


def _of_data(directory: RunDirectory, name: str) -> tuple[Finding, ...]:
    try:
        if sha256_of(Path(name)) == directory.manifest["data"][name]["sha256"]:
            return ()
    except ArtifactError as error:
        return error.findings
    return (Finding("SN513", "the file has changed since the run", file=name),)
