"""Files of the IDX format, in which the digits of MNIST are kept, packed with gzip or not."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from specnet.tables import members
from specnet.tables.dialect import Dialect
from specnet.tables.faults import Faults
from specnet.tables.members import Member
from specnet.tables.source import chunks, opened, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from specnet import errors
    from specnet.tables.block import Block, WantedColumn

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_ROW_LIMIT = 1 << 26


@dataclass(frozen=True, slots=True)
class IdxFile:
    """One array of big-endian numbers as a table.

    A vector is the column `array`; of more axes a row has the columns array0, array1, ..., the last axis first: the
    images of MNIST have x0 to x783, row by row, its labels y.
    """

    path: Path
    name: str
    array: str = "x"
    place: errors.Path = ()

    def header(self) -> list[str]:
        """The columns. Raises DataError SN501."""
        with ExitStack() as stack:
            return members.header([self._member(stack)], self._faults)

    def blocks(self, wanted: Sequence[WantedColumn], passthrough: bool = False) -> Iterator[Block]:
        """All rows, counted from 1. Raises DataError SN501, SN504, SN505 or SN507."""
        with ExitStack() as stack:
            yield from members.blocks([self._member(stack)], wanted, passthrough, self._faults)

    @property
    def _faults(self) -> Faults:
        return Faults(self.path, self.name, Dialect(), self.place)

    def _member(self, stack: ExitStack) -> Member:
        import numpy as np

        file = stack.enter_context(opened(self.path, self.name, self.place))
        stream = _Chunked(chunks(file, self.path, self.name, self.place))
        start = stream.exactly(4)
        if start[:2] != b"\0\0" or len(start) < 4 or start[2] not in _TYPES or not start[3]:
            raise unreadable(self.path, self.name, self.place, "it is no IDX file: those of MNIST begin with 00 00 08")
        sizes = stream.exactly(4 * start[3])
        if len(sizes) < 4 * start[3]:
            raise unreadable(self.path, self.name, self.place, "its header ends too early")
        shape = tuple(np.frombuffer(sizes, ">u4").tolist())
        if prod(shape[1:]) > _ROW_LIMIT:
            reason = f"it declares rows of {prod(shape[1:]):,} values, the limit is {_ROW_LIMIT:,}"
            raise unreadable(self.path, self.name, self.place, reason)
        return Member(self.array, np.dtype(_TYPES[start[2]]), shape, stream)


class _Chunked:
    """Chunks as a stream."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        self._rest = self._rest or next(self._source, b"")
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def exactly(self, size: int) -> bytes:
        """`size` bytes, or all that there are."""
        parts = b""
        while len(parts) < size and (part := self.read(size - len(parts))):
            parts += part
        return parts
