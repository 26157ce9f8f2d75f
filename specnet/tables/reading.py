"""One pass over a CSV file: pieces of plain numbers all at once, and record by record wherever that is not certain."""

from __future__ import annotations

import csv
import io
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from specnet.errors import DataError
from specnet.tables import block
from specnet.tables.block import Block
from specnet.tables.cells import Cells
from specnet.tables.numbers import parse
from specnet.tables.text import TextError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from specnet.arrays import Array
    from specnet.tables.block import WantedColumn
    from specnet.tables.faults import Faults


class _Records(NamedTuple):
    """Records one after another, the lines at which they start, and what ended them before their time."""

    starts: list[int]
    cells: list[list[str]]
    fault: DataError | None


class Reading:
    """The header of a file of text in pieces, and then its rows, once."""

    def __init__(self, pieces: Iterator[bytes], faults: Faults) -> None:
        self._pieces = pieces
        self._faults = faults
        self._dialect = faults.dialect
        self._cells = Cells(faults.dialect)
        self._lines = _Lines(self._next_piece, faults)
        self._empty: int | None = None
        self.header = self._read_header()

    def _next_piece(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except TextError as fault:
            raise self._faults.text(fault, self._lines.number + 1 + fault.lines) from fault

    def _read_header(self) -> list[str]:
        records = self._read(self._next_piece() or b"", most=1)
        if records.fault:
            raise records.fault
        names = records.cells[0] if records.cells else []
        if not names:
            raise self._faults.no_header()
        seen: dict[str, int] = {}
        for position, name in enumerate(names, 1):
            first = seen.setdefault(name, position)
            if not name.strip() or first < position:
                raise self._faults.column_name(name, position, first)
        return names

    def blocks(self, wanted: Sequence[WantedColumn], passthrough: bool) -> Iterator[Block]:
        """Every row behind the header; at least one, or a DataError."""
        absent = [column for column in wanted if column.name not in self.header]
        if absent:
            raise self._faults.missing_columns(absent, self.header)
        at = [self.header.index(column.name) for column in wanted]
        plain = not passthrough and all(column.numeric for column in wanted)
        seen = False
        piece: bytes | None = self._lines.rest()
        while piece is not None:
            read = self._numbers(piece, at) if plain else None
            for part in _parts(read or self._columns(self._read(piece), wanted, at, passthrough)):
                seen = True
                yield part
            piece = self._next_piece()
        if not seen:
            raise self._faults.no_rows()

    def _numbers(self, piece: bytes, at: list[int]) -> Block | None:
        """Rows that hold nothing but numbers, a cell for each column; None where that is not certain."""
        import numpy as np

        delimiter, decimal = self._dialect.delimiter.encode(), self._dialect.decimal.encode()
        if len(delimiter) > 1 or len(decimal) > 1 or self._empty or not piece:
            return None
        if any(gap in piece for gap in self._cells.numeric_gaps):
            return None
        piece = piece if piece.endswith(b"\n") else piece + b"\n"
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n")
        values = parse(piece, len(self.header), delimiter, decimal)
        if values is None:
            return None
        table = values.reshape(-1, len(self.header))
        count = len(table)
        lines = np.arange(self._lines.number + 1, self._lines.number + 1 + count)
        self._lines.number += count
        return Block(lines, tuple(table[:, i] for i in at), None)

    def _read(self, piece: bytes, most: int | None = None) -> _Records:
        """The records of a piece, and of the next ones as long as a quoted cell goes on."""
        lines = self._lines
        lines.load(piece)
        quote = self._dialect.quote
        reader = csv.reader(
            lines,
            delimiter=self._dialect.delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            strict=True,
        )
        starts: list[int] = []
        cells: list[list[str]] = []
        start = lines.number + 1
        try:
            while lines.left and len(cells) != most:
                start = lines.number + 1
                cells.append(next(reader))
                starts.append(start)
        except csv.Error as error:
            return _Records(starts, cells, self._faults.not_csv(start, error))
        except DataError as error:
            return _Records(starts, cells, error)
        return _Records(starts, cells, None)

    def _columns(self, records: _Records, wanted: Sequence[WantedColumn], at: list[int], passthrough: bool) -> Block:
        """The columns that are wanted, or the first fault of the records, in the order of the file."""
        import numpy as np

        starts, rows, fault = self._of_one_width(records)
        columns: list[Array | list[str | None]] = []
        wrong: list[tuple[int, int]] = []
        for order, (column, i) in enumerate(zip(wanted, at, strict=True)):
            texts = [cells[i] for cells in rows]
            if not column.numeric:
                columns.append(self._cells.texts(texts))
                continue
            values, place = self._cells.numbers(texts)
            columns.append(values)
            wrong += [] if place is None else [(place, order)]
        if wrong:
            place, order = min(wrong)
            text = rows[place][at[order]]
            raise self._faults.cell(starts[place], wanted[order], text, self._cells.is_too_large(text))
        if fault:
            raise fault
        texts_of_all = tuple(map(list, zip(*rows, strict=True))) if passthrough else None
        return Block(np.array(starts, np.int64), tuple(columns), texts_of_all)

    def _of_one_width(self, records: _Records) -> _Records:
        """The records that are rows, up to one of another width. Empty lines may end the file."""
        width = len(self.header)
        if self._empty is None and all(len(cells) == width for cells in records.cells):
            return records
        rows: list[list[str]] = []
        starts: list[int] = []
        for start, cells in zip(records.starts, records.cells, strict=True):
            if not cells:
                self._empty = self._empty or start
            elif self._empty or len(cells) != width:
                row, count = (self._empty, 0) if self._empty else (start, len(cells))
                return _Records(starts, rows, self._faults.width(row, count, width))
            else:
                rows.append(cells)
                starts.append(start)
        return _Records(starts, rows, records.fault)


def _parts(whole: Block) -> Iterator[Block]:
    """A block in blocks of at most ROWS rows."""
    count = len(whole.lines)
    if 0 < count <= block.ROWS:
        yield whole
        return
    for start in range(0, count, block.ROWS):
        rows = slice(start, start + block.ROWS)
        texts = None if whole.texts is None else tuple(column[rows] for column in whole.texts)
        yield Block(whole.lines[rows], tuple(column[rows] for column in whole.columns), texts)


class _Lines:
    """The lines of a piece one by one, and of the next piece where they are not enough; `number` is the last one's."""

    def __init__(self, more: Callable[[], bytes | None], faults: Faults) -> None:
        self._more = more
        self._faults = faults
        self._has_nul = False
        self.left: deque[str] = deque()
        self.number = 0

    def load(self, piece: bytes) -> None:
        """The lines of a piece, behind those that are left; they end with \\n, \\r\\n or \\r."""
        self._has_nul = b"\0" in piece
        self.left.extend(io.StringIO(piece.decode(), newline=""))

    def rest(self) -> bytes:
        """Takes what is left out again."""
        text = "".join(self.left).encode()
        self.left.clear()
        return text

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while not self.left:
            piece = self._more()
            if piece is None:
                raise StopIteration
            self.load(piece)
        line = self.left.popleft()
        self.number += 1
        # refused here because csv takes it since Python 3.11
        if self._has_nul and "\0" in line:
            raise self._faults.nul(self.number)
        return line
