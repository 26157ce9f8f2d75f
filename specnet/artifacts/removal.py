"""A run directory is removed only when it is one, and nothing that lies outside of it with it."""

from __future__ import annotations

import shutil
from pathlib import Path

from specnet.artifacts.claim import claimed
from specnet.artifacts.manifest import MANIFEST, unproved_manifest
from specnet.disk import unwritable
from specnet.errors import ArtifactError, Finding


def check_removable(path: Path) -> None:
    """Raises ArtifactError SN605 or SN606 for what is no run, SN614 while it is trained, and SN617.

    A run whose files have changed is still one.
    """
    if path.is_symlink():
        raise ArtifactError(Finding("SN617", f"{path} is a link", help="name the directory that it leads to"))
    unproved_manifest(path)
    if Path.cwd().resolve().is_relative_to(path.resolve()):
        raise ArtifactError(Finding("SN617", f"{path} holds the current folder", help="go elsewhere first"))
    with claimed(path):
        pass


def remove(path: Path) -> None:
    """The directory with all that is in it; links go, and what they lead to stays. Raises what `check_removable` does.

    Its manifest goes last: what a killed process has left can be removed by the same command. Raises ArtifactError
    SN601 where the system refuses.
    """
    check_removable(path)
    with claimed(path):
        try:
            for inner in sorted(path.iterdir(), key=lambda inner: inner.name == MANIFEST):
                if inner.is_dir() and not inner.is_symlink():
                    shutil.rmtree(inner)
                else:
                    inner.unlink()
            path.rmdir()
        except OSError as error:
            raise unwritable(path, error) from error
