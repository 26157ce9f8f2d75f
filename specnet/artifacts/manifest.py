"""manifest.json lists every file of a run with its size and SHA-256, and then its own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from specnet.artifacts.names import place_in
from specnet.artifacts.strict_json import from_json, to_json
from specnet.disk import read_bytes, sha256_of, size_of, unwritable, write_atomic
from specnet.errors import ArtifactError, Finding
from specnet.filenames import is_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
_LIMIT = 16 * 2**20
_ORIGINAL = "bring back the file as the run has written it, or run the spec again"


def seal(directory: Path, manifest: Mapping[str, Any], without: Collection[str] = ()) -> dict[str, Any]:
    """Writes `manifest` with `format`, `artifacts` and `sha256` added, and returns what is written.

    Listed are the regular files with plain names; a temporary file that a killed run has left is none.
    """
    files = [path for path in _files(directory) if path.name not in without]
    artifacts = {path.name: {"sha256": sha256_of(path), "bytes": size_of(path)} for path in files}
    # through JSON and back: a key 9 would be sorted before 10 now, but "9" after "10" when it is read
    complete: dict[str, Any] = from_json(to_json({**manifest, "format": FORMAT, "artifacts": artifacts}))
    complete["sha256"] = _own_digest(complete)
    write_atomic(directory / MANIFEST, to_json(complete))
    return complete


def _files(directory: Path) -> list[Path]:
    try:
        entries = sorted(path for path in directory.iterdir() if is_plain(path.name) and path.name != MANIFEST)
        return [path for path in entries if path.is_file() and not path.is_symlink()]
    except OSError as error:
        raise unwritable(directory / MANIFEST, error) from error


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest, once every file that it lists is what it was. Raises ArtifactError with all that is not."""
    content, manifest = _read(directory)
    if manifest.get("sha256") != _own_digest(manifest) or content != to_json(manifest):
        raise ArtifactError(changed(directory, MANIFEST, "its own digest is another"))
    faults = [fault for name, entry in manifest["artifacts"].items() for fault in _faults(directory, name, entry)]
    if faults:
        raise ArtifactError(*faults)
    return manifest


def unproved_manifest(directory: Path) -> dict[str, Any]:
    """What the manifest says, be it true or not: enough to know a run by. Raises ArtifactError SN605 or SN606."""
    return _read(directory)[1]


def _read(directory: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        content = read_bytes(place_in(directory, MANIFEST), _LIMIT)
    except ArtifactError as error:
        if not _is_missing(error):
            raise
        reason = "it has no manifest.json" if directory.is_dir() else "there is no such directory"
        raise _no_run(directory, reason) from error
    return content, _parsed(directory, content)


def _parsed(directory: Path, content: bytes) -> dict[str, Any]:
    try:
        manifest = from_json(content)
    except ValueError as error:
        raise _no_run(directory, f"its manifest.json is not strict JSON: {error}") from error
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise _no_run(directory, "its manifest.json names no format")
    found = manifest["format"]
    if type(found) is not int or found != FORMAT:  # true == 1
        message = f"{directory} has format {found!r}, this version of specnet reads format {FORMAT}"
        raise ArtifactError(Finding("SN606", message, help="use the version of specnet that has written it"))
    if not _is_list_of_files(manifest.get("artifacts")):
        raise _no_run(directory, "its manifest.json does not list its files")
    return manifest


def _is_list_of_files(artifacts: object) -> bool:
    return isinstance(artifacts, dict) and all(
        isinstance(entry, dict)
        and entry.keys() == {"sha256", "bytes"}
        and isinstance(entry["sha256"], str)
        and type(entry["bytes"]) is int
        for entry in artifacts.values()
    )


def _faults(directory: Path, name: str, entry: Mapping[str, Any]) -> tuple[Finding, ...]:
    try:
        path = place_in(directory, name)
        size = size_of(path)
        if size != entry["bytes"]:
            return (changed(directory, name, f"it had {entry['bytes']} bytes and has {size}"),)
        if sha256_of(path) != entry["sha256"]:
            return (changed(directory, name, "its SHA-256 is another"),)
    except ArtifactError as error:
        return (changed(directory, name, "it is no longer there"),) if _is_missing(error) else error.findings
    return ()


def changed(directory: Path, name: str, reason: str) -> Finding:
    """SN607: a file is not what the manifest says of it."""
    return Finding("SN607", f"{name} has changed since the run: {reason}", file=str(directory / name), help=_ORIGINAL)


def _is_missing(error: ArtifactError) -> bool:
    return isinstance(error.__cause__, FileNotFoundError | NotADirectoryError)


def _own_digest(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(to_json(rest)).hexdigest()


def _no_run(directory: Path, reason: str) -> ArtifactError:
    return ArtifactError(Finding("SN605", f"{directory} is not a run directory: {reason}"))
