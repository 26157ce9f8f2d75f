"""The checkpoints of a run: files in a folder of its own, each whole, and none gone before a newer one is proved."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from specnet.artifacts.names import place_in
from specnet.disk import make_parents, read_bytes, sha256_of, sync_directory, unwritable, write_atomic
from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

FOLDER = "checkpoints"
_NAME = re.compile(r"([0-9]{5,})-[a-z0-9-]+\.safetensors")
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")
_LIMIT = 2**40  # bytes; what is read is first measured


class Checkpoints:
    """The folder `checkpoints` of a run directory; a name begins with a number that grows with each one written."""

    def __init__(self, run: Path) -> None:
        self._run = run

    @property
    def folder(self) -> Path:
        """Where they are. Raises ArtifactError SN608 for a link that leaves the run."""
        return place_in(self._run, FOLDER)

    def names(self) -> list[str]:
        """Those that are there, the oldest first."""
        try:
            found = [path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise unwritable(self._run / FOLDER, error) from error
        return sorted(found, key=_number)

    def write(self, label: str, content: bytes) -> str:
        """The name of the newest checkpoint, `NUMBER-LABEL.safetensors`, once it reads back as it was written.

        Raises ArtifactError SN601; then the others are as they were, and this one is not there.
        """
        names = self.names()
        name = f"{_number(names[-1]) + 1 if names else 1:05}-{label}.safetensors"
        path = self.folder / name
        self._make(path)
        try:
            write_atomic(path, content)
            if sha256_of(path) != hashlib.sha256(content).hexdigest():
                raise ArtifactError(Finding("SN601", f"cannot write {path}: it reads back as something else"))
        except ArtifactError as error:
            _remove(path)
            raise ArtifactError(*error.findings) from error
        return name

    def _make(self, path: Path) -> None:
        if path.parent.is_dir():
            return
        make_parents(path)
        try:
            sync_directory(self._run)
        except OSError as error:
            raise unwritable(path, error) from error

    def read(self, name: str) -> bytes:
        """The content of one. Raises ArtifactError SN602 and SN608."""
        return read_bytes(place_in(self.folder, name), _LIMIT)

    def keep(self, names: Collection[str]) -> None:
        """Removes the others; what cannot be removed now stays until the next time."""
        for name in self.names():
            if name not in names:
                _remove(self.folder / name)

    def tidy(self) -> None:
        """Removes what a killed process has left half written, here and beside it."""
        for folder in (self._run, self.folder):
            with suppress(OSError):
                for path in list(folder.iterdir()):
                    if _TEMPORARY.fullmatch(path.name):
                        _remove(path)


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
