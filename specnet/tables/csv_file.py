"""CSV files: the first line names the columns, every record after it is one row."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specnet.tables.dialect import Dialect
from specnet.tables.faults import Faults
from specnet.tables.reading import Reading
from specnet.tables.source import chunks, opened
from specnet.tables.text import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from specnet import errors
    from specnet.tables.block import Block, WantedColumn
    from specnet.tables.source import Readable

__all__ = ["CsvFile", "Dialect"]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file, packed with gzip or not. With a `stream` that is read, once, and the path only names it.

    A line ends with \\n, \\r\\n or \\r, the last one perhaps with nothing; empty lines may only end the file. A row is
    known by the line at which it starts. `place` is where a spec names the file.
    """

    path: Path
    name: str
    dialect: Dialect = field(default_factory=Dialect)
    place: errors.Path = ()
    stream: Readable | None = None
    _begun: list[Reading] = field(default_factory=list, init=False, repr=False, compare=False)

    def header(self) -> list[str]:
        """The names of all columns, in the order of the file. Raises DataError SN501, SN502, SN503 or SN508."""
        with ExitStack() as stack:
            return list(self._reading(stack).header)

    def blocks(self, wanted: Sequence[WantedColumn], passthrough: bool = False) -> Iterator[Block]:
        """All rows, in blocks as they are read; a missing number is NaN, a missing text None.

        Raises DataError, SN501 to SN508, for the first fault in the order of the file.
        """
        with ExitStack() as stack:
            yield from self._reading(stack).blocks(wanted, passthrough)

    def _reading(self, stack: ExitStack) -> Reading:
        """The file from its beginning; of a stream, the one pass over it."""
        if self._begun:
            return self._begun[0]
        stream = self.stream or stack.enter_context(opened(self.path, self.name, self.place))
        read = chunks(stream, self.path, self.name, self.place)
        text = pieces(read, self.dialect.charset)
        reading = Reading(text, Faults(self.path, self.name, self.dialect, self.place))
        if self.stream:
            self._begun.append(reading)
        return reading
