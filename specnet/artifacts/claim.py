"""A run is trained by one process at a time: a lock on its directory, which the system lets go with the process."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def claimed(directory: Path) -> Iterator[None]:
    """Raises ArtifactError SN614 while another process trains the run.

    Where directories cannot be locked, as on Windows and on some network file systems, nothing is claimed.
    """
    descriptor = _locked(directory)
    try:
        yield
    finally:
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def is_claimed(directory: Path) -> bool | None:
    """Whether another process trains the run; None where that cannot be told."""
    try:
        descriptor = _locked(directory)
    except ArtifactError:
        return True
    if descriptor is None:
        return None
    os.close(descriptor)
    return False


def _locked(directory: Path) -> int | None:
    try:
        import fcntl
    except ImportError:
        return None
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ArtifactError(Finding("SN614", f"another process is training {directory}")) from None
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
