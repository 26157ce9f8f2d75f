"""Files of NumPy: one array (.npy), or a zip file of arrays by name (.npz). Nothing in them is unpickled."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from specnet.tables import members
from specnet.tables.dialect import Dialect
from specnet.tables.faults import Faults
from specnet.tables.members import Member
from specnet.tables.source import opened, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from specnet import errors
    from specnet.errors import DataError
    from specnet.tables.block import Block, WantedColumn
    from specnet.tables.source import Readable

_MAGIC = b"\x93NUMPY"
_HEADER_LIMIT = 10_000
_BOMB_BYTES, _BOMB_RATIO = 1 << 28, 200
_NAME = "x"


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """A .npy or .npz file, told apart by its first bytes, as a table.

    A vector of an .npz file is a column with its name; a matrix X has the columns X0, X1, ... and an array of more axes
    as many as a row of it has values, the last axis first. The array of a .npy file is called x. A text column is an
    array of texts, or numbers as str writes them; NaN is a missing value. An array without axes is no column.
    A member that is packed more than 200 fold, to more than 256 MiB, is refused.
    """

    path: Path
    name: str
    place: errors.Path = ()

    def header(self) -> list[str]:
        """The columns of all arrays, in the order of the file. Raises DataError SN501 or SN503."""
        with ExitStack() as stack:
            return members.header(self._members(stack), self._faults)

    def blocks(self, wanted: Sequence[WantedColumn], passthrough: bool = False) -> Iterator[Block]:
        """All rows, counted from 1. Raises DataError SN501 and SN503 to SN507."""
        with ExitStack() as stack:
            found = self._members(stack)
            try:
                yield from members.blocks(found, wanted, passthrough, self._faults)
            except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
                raise self._unreadable(f"it is damaged: {error}") from error

    @property
    def _faults(self) -> Faults:
        return Faults(self.path, self.name, Dialect(), self.place)

    def _unreadable(self, reason: str) -> DataError:
        return unreadable(self.path, self.name, self.place, reason)

    def _members(self, stack: ExitStack) -> list[Member]:
        """All arrays that have rows, each with its own stream."""
        file = stack.enter_context(opened(self.path, self.name, self.place))
        try:
            start = file.read(len(_MAGIC))
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            if start == _MAGIC:
                found = [self._member(_NAME, file, size)]
            elif start[:2] == b"PK":
                found = list(self._of_archive(file, stack))
            else:
                raise self._unreadable("it is neither a .npy nor an .npz file of NumPy")
        except (
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            zlib.error,
            zipfile.BadZipFile,
        ) as error:
            raise self._unreadable(f"it is damaged: {error}") from error
        return [member for member in found if member.shape]

    def _of_archive(self, file: BinaryIO, stack: ExitStack) -> Iterator[Member]:
        archive = stack.enter_context(zipfile.ZipFile(file))
        seen = set()
        for entry in archive.infolist():
            name = entry.filename
            if name in seen:
                raise self._unreadable(f"it has two members {name!r}")
            seen.add(name)
            if not name.endswith(".npy"):
                raise self._unreadable(f"its member {name!r} is no array")
            if entry.file_size > max(_BOMB_BYTES, _BOMB_RATIO * entry.compress_size):
                sizes = f"{entry.file_size:,} bytes from {entry.compress_size:,}"
                raise self._unreadable(f"its member {name!r} would unpack to {sizes}")
            stream = stack.enter_context(archive.open(entry))
            yield self._member(name.removesuffix(".npy"), stream, entry.file_size)

    def _member(self, name: str, stream: Readable, size: int) -> Member:
        """The declared array, or a DataError where it is not what is stored."""
        import numpy as np

        start = stream.read(8)
        version = start[len(_MAGIC) :]
        if not start.startswith(_MAGIC) or version not in (b"\1\0", b"\2\0"):
            raise self._unreadable(f"its member {name!r} is no array of a version that is read")
        length = stream.read(2 if version[0] == 1 else 4)
        count = int.from_bytes(length, "little")
        if count > _HEADER_LIMIT:
            raise self._unreadable(f"the header of {name!r} has {count:,} bytes, the limit is {_HEADER_LIMIT:,}")
        head = io.BytesIO(length + stream.read(count))
        read = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read(head)
        if min(shape, default=0) < 0:
            raise self._unreadable(f"{name!r} declares the shape {shape}")
        if dtype.hasobject:
            raise self._unreadable(
                f"{name!r} holds pickled Python objects, which could run code; store numbers or texts"
            )
        if not members.is_number(dtype) and dtype.kind not in "US":
            raise self._unreadable(f"{name!r} holds {dtype}, and neither real numbers of at most 64 bits nor texts")
        stored, declared = size - 8 - len(length) - count, prod(shape) * dtype.itemsize
        if stored != declared:
            raise self._unreadable(f"{name!r} declares {declared:,} bytes and holds {stored:,}")
        return Member(name, dtype, shape, stream, by_columns and len(shape) > 1)
