"""A file on disk is whole or not there: the one door through which this package reads and writes."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path
    from typing import BinaryIO

_TOO_MUCH = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
# FAT, SMB and some FUSE systems flush no directory and say so in one of these words
_NO_FLUSH = {errno.EINVAL, getattr(errno, "ENOTSUP", errno.EINVAL), getattr(errno, "ENOSYS", errno.EINVAL)}


def write_atomic(path: Path, content: bytes) -> None:
    """`path` holds its old content or all of the new one at every moment, through a kill or a power cut.

    Raises ArtifactError SN601; then no temporary file is left. The old content is intact unless it was the
    last step that failed, the flush of the directory: then the new content is there, but may not outlive a power cut.
    """
    import secrets  # only who writes pays for it

    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        try:
            _write_through(temporary, content)
            temporary.replace(path)
            sync_directory(path.parent)
        finally:
            with suppress(OSError, ValueError):
                temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise unwritable(path, error, len(content)) from error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to be written bit by bit, which takes the place of `path` when the block ends, and never if it fails.

    Raises ArtifactError SN601, before anything is written where `path` is there and no regular file.
    """
    import secrets

    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        if path.exists() and not path.is_file():
            raise OSError(None, "it is a directory" if path.is_dir() else "it is not a regular file")
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            temporary.replace(path)
            sync_directory(path.parent)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def _write_through(path: Path, content: bytes) -> None:
    # tempfile would make a file that only its owner can read; this one gets the permissions of any new file
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(content)
        while rest:  # a write may take less than it is given: Linux stops at 2 GiB
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path: Path, content: bytes) -> None:
    """Adds to the end of a file that others write as well, or makes it. Raises ArtifactError SN601."""
    try:
        with path.open("ab") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        raise unwritable(path, error, len(content)) from error


def make_parents(path: Path) -> None:
    """The folders above a file. Raises ArtifactError SN601."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def sync_directory(path: Path) -> None:
    """The names in a directory outlive a power cut once it is flushed; where that cannot be done, nothing happens."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # Windows opens no directory; others may be written to, but not read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """The hexadecimal SHA-256 of a regular file, in constant memory. Raises ArtifactError SN602."""
    import hashlib

    with _regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """The bytes of a regular file. Raises ArtifactError SN602, whose cause says whether it is missing."""
    with _regular(path) as file:
        return os.fstat(file.fileno()).st_size


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises ArtifactError SN602."""
    with _regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise unreadable(path, f"it has {size} bytes, the limit is {limit}")
        content = file.read(size + 1)
    if len(content) != size:
        raise unreadable(path, "it changed while it was read")
    return content


@contextmanager
def _regular(path: Path) -> Iterator[BufferedReader]:
    def opener(name: str, flags: int) -> int:
        # opening a named pipe would wait for a writer for ever
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))

    try:
        with open(path, "rb", opener=opener) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise unreadable(path, "it is not a regular file")
            yield file
    except (OSError, ValueError) as error:
        raise unreadable(path, _reason(error)) from error


def unwritable(path: Path, error: OSError | ValueError, size: int | None = None) -> ArtifactError:
    """SN601 in the system's words, with the bytes that are needed when there was no room for them."""
    full = isinstance(error, OSError) and error.errno in _TOO_MUCH and size is not None
    needed = f" ({size} bytes needed)" if full else ""
    return ArtifactError(Finding("SN601", f"cannot write {path}: {_reason(error)}{needed}"))


def unreadable(path: Path, reason: str) -> ArtifactError:
    """SN602: the file is there or not, but its content cannot be had."""
    return ArtifactError(Finding("SN602", f"cannot read {path}: {reason}"))


def _reason(error: OSError | ValueError) -> str:
    # ValueError is what a path with a NUL in it gives
    return getattr(error, "strerror", None) or str(error)
