"""A run directory is made by one atomic mkdir, so two runs never share one."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from specnet.artifacts.names import check_name
from specnet.disk import sync_directory, unwritable
from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_ATTEMPTS = 16
_HELP = "name another directory, or none: each run then gets one of its own below runs"


def make_fresh(root: Path, name: str, now: datetime) -> Path:
    """The new directory `root/NAME-YYYYMMDD-HHMMSS-XXXX`, XXXX random. Raises ArtifactError SN601, SN604 or SN608."""
    for _ in range(_ATTEMPTS):
        path = root / check_name(f"{name}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")
        with suppress(FileExistsError):
            return _make(path)
    raise _exists(path)


def make_exactly(path: Path) -> Path:
    """The new directory `path`. Raises ArtifactError SN601 or SN604."""
    try:
        return _make(path)
    except FileExistsError:
        raise _exists(path) from None


def _make(path: Path) -> Path:
    """Makes the directory and the parents it lacks, or leaves nothing. Raises FileExistsError and ArtifactError."""
    with ExitStack() as undo:
        try:
            for parent in [parent for parent in reversed(path.parents) if not parent.exists()]:
                _make_parent(parent, undo)
            path.mkdir()
            undo.callback(_remove, path)
            sync_directory(path.parent)
        except FileExistsError:
            raise
        except (OSError, ValueError) as error:
            raise unwritable(path, error) from error
        undo.pop_all()
    return path


def _make_parent(path: Path, undo: ExitStack) -> None:
    try:
        path.mkdir()
    except FileExistsError:
        if path.is_dir():  # another run was faster
            return
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
    undo.callback(_remove, path)
    sync_directory(path.parent)


def _remove(path: Path) -> None:
    with suppress(OSError):  # another run may use it by now
        path.rmdir()


def _exists(path: Path) -> ArtifactError:
    return ArtifactError(Finding("SN604", f"{path} exists; a run directory is never overwritten", help=_HELP))
