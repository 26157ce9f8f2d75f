"""The bytes of a file, opened and unpacked: regular files only, gzip by its first two bytes, in constant memory."""

from __future__ import annotations

import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from specnet.errors import DataError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any, BinaryIO, Protocol

    from specnet import errors

    class Readable(Protocol):
        """Bytes from a file, a pipe or a packed file."""

        def read(self, size: int, /) -> bytes:
            """At most that many bytes; none at the end."""


CHUNK = 1 << 20
"""The bytes that are read at a time."""
GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: Path, name: str, place: errors.Path) -> Iterator[BinaryIO]:
    """A regular file that is read, or a DataError SN501 in words for whoever has named it."""
    try:
        # Asked before opening: to open a FIFO is to wait for its writer, and a device may never end.
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
            raise unreadable(path, name, place, f"it is {what}")
        file = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError is what a path with a NUL in it gives
        raise _refused(path, name, place, error) from error
    with file:
        yield file


def has_mark(path: Path) -> bool:
    """Whether a file begins with the byte order mark of UTF-8, by which spreadsheets know that it is UTF-8."""
    try:
        with opened(path, str(path), ()) as file:
            return file.read(3) == b"\xef\xbb\xbf"
    except DataError:
        return False


def chunks(stream: Readable, path: Path, name: str, place: errors.Path) -> Iterator[bytes]:
    """The bytes of a stream, at most CHUNK at a time, unpacked where they begin like gzip. Raises DataError SN501."""
    import zlib

    try:
        chunk = stream.read(CHUNK)
        if chunk.startswith(GZIP):
            stream = unpacked(_Joined(chunk, stream))
            chunk = stream.read(CHUNK)
        while chunk:
            yield chunk
            chunk = stream.read(CHUNK)
    except EOFError as error:
        raise unreadable(path, name, place, "its gzip data ends too early") from error
    except zlib.error as error:
        raise unreadable(path, name, place, "its gzip data is damaged") from error
    except OSError as error:
        raise _refused(path, name, place, error) from error


def unpacked(stream: Readable) -> Readable:
    """What is packed in a stream of gzip members."""
    import gzip

    packed: Any = stream  # all that is asked of it is to be read
    unpacked: Readable = gzip.GzipFile(fileobj=packed, mode="rb")
    return unpacked


class _Joined:
    """Bytes that have been read already, and then the rest of their stream."""

    def __init__(self, begun: bytes, rest: Readable) -> None:
        self._begun = begun
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        if not self._begun:
            return self._rest.read(size)
        part, self._begun = self._begun[:size], self._begun[size:]
        return part


def unreadable(path: Path, name: str, place: errors.Path, reason: str, help: str | None = None) -> DataError:
    """SN501: the bytes of the file cannot be had."""
    return DataError(Finding("SN501", f"{name} cannot be read: {reason}", place, help, file=str(path)))


def _refused(path: Path, name: str, place: errors.Path, error: OSError | ValueError) -> DataError:
    import gzip

    if isinstance(error, gzip.BadGzipFile):
        return unreadable(path, name, place, "its gzip data is damaged")
    help = "relative paths start at the spec file" if isinstance(error, FileNotFoundError) and place else None
    return unreadable(path, name, place, str(getattr(error, "strerror", None) or error), help)
