"""A run directory is created empty, filled file by file, sealed by its manifest, and opened only as it was sealed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from specnet.artifacts.creation import make_exactly, make_fresh
from specnet.artifacts.manifest import MANIFEST, changed, read_manifest, seal
from specnet.artifacts.names import place_in
from specnet.artifacts.strict_json import from_json, to_json
from specnet.artifacts.table import from_csv, to_csv
from specnet.disk import read_bytes, unreadable, write_atomic
from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    Value = TypeVar("Value")

_UNSEALED_LIMIT = 2**31  # bytes; a sealed file has the limit that the manifest gives it


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """One run on disk; `manifest` is empty until it is sealed.

    Files lie side by side and their names are plain (SN608 otherwise). A file is replaced as a whole or not
    (SN601). A sealed directory gives out only what its manifest lists, after a look at the digest.
    """

    path: Path
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def create(cls, root: Path | None, name: str, now: datetime, out: Path | None) -> RunDirectory:
        """A new empty directory: `out` itself, or `NAME-YYYYMMDD-HHMMSS-XXXX` below `root`, by default `runs`.

        Raises ArtifactError SN604 when `out` is there and SN601 when it cannot be made; then nothing is left behind.
        """
        return cls(make_fresh(root or Path("runs"), name, now) if out is None else make_exactly(out))

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """A sealed directory in which no listed file has changed.

        Raises ArtifactError SN605 for what is no run, SN606 for another format, SN607 for each changed file.
        """
        return cls(path, read_manifest(path))

    def seal(self, manifest: Mapping[str, Any], without: Collection[str] = ()) -> RunDirectory:
        """The same directory as `open` will give it, after `manifest` and the digest of each file are written.

        It may be sealed again; whoever replaces a listed file in between and stops leaves a directory that
        does not open. Files `without` a digest may be replaced at any moment, and cannot be read.
        """
        return RunDirectory(self.path, seal(self.path, manifest, without))

    def write_bytes(self, name: str, content: bytes) -> None:
        """The file `name`, whole or not at all."""
        if name.lower() == MANIFEST:
            raise ArtifactError(Finding("SN608", f"{name!r} is written by the seal alone"))
        write_atomic(place_in(self.path, name), content)

    def write_text(self, name: str, text: str) -> None:
        """UTF-8, ends of line as they are."""
        self.write_bytes(name, text.encode())

    def write_json(self, name: str, value: object) -> None:
        """Strict JSON. Raises ValueError for a float that is not finite; `finite_or_reason` says it in JSON."""
        self.write_bytes(name, to_json(value))

    def write_csv(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A header and one line per row; floats read back bit for bit."""
        self.write_bytes(name, to_csv(columns, rows))

    def read_bytes(self, name: str) -> bytes:
        """The content as it was sealed. Raises ArtifactError SN602 for a file not listed, SN607 for a changed one."""
        path = place_in(self.path, name)
        if not self.manifest:
            return read_bytes(path, _UNSEALED_LIMIT)
        entry = self.manifest["artifacts"].get(name)
        if entry is None:
            raise unreadable(path, "the manifest does not list it")
        content = read_bytes(path, entry["bytes"])
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise ArtifactError(changed(self.path, name, "its SHA-256 is another"))
        return content

    def read_json(self, name: str) -> Any:
        """The value of a strict JSON file. Raises ArtifactError SN602 for any other."""
        return self._parsed(name, from_json)

    def read_csv(self, name: str) -> tuple[list[str], list[list[str]]]:
        """The header and the rows, all texts. Raises ArtifactError SN602 for a file that is no such table."""
        return self._parsed(name, from_csv)

    def _parsed(self, name: str, parse: Callable[[bytes], Value]) -> Value:
        content = self.read_bytes(name)
        try:
            return parse(content)
        except ValueError as error:
            raise unreadable(self.path / name, str(error)) from error
