"""How a CSV file seems to be written, told from its bytes: the character set, the delimiter, the marks, the gaps."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from specnet.tables.cells import Cells
from specnet.tables.dialect import Dialect
from specnet.tables.source import chunks, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_DELIMITERS = ",;\t|"
_LINES = 200
"""So many lines tell the delimiter and the marks of numbers."""
MARKERS = ("NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A", "?", "-")
"""What stands for nothing in a column of numbers, if there is such a text."""
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})*,\d+|[+-]?\d+,\d+")
_DECIMAL_POINT = re.compile(r"[+-]?\d{1,3}(?:,\d{3})*\.\d+|[+-]?\d+\.\d+")


def dialect_of(path: Path, name: str) -> Dialect:
    """The dialect, without its markers of gaps. Raises DataError SN501 for a file that cannot be read."""
    with opened(path, name, ()) as stream:
        encoding, text = _decoded(chunks(stream, path, name, ()))
    lines = text.lstrip("\ufeff").splitlines()[:_LINES]
    delimiter, rows = _parted(lines)
    decimal, thousands = _marks([cell.strip() for row in rows[1:] for cell in row], delimiter)
    return Dialect(delimiter, '"', decimal, thousands, encoding)


def with_gaps(dialect: Dialect, columns: Iterable[Counter[str]]) -> Dialect:
    """The dialect with the markers in columns that are numbers beside them."""
    cells, found = Cells(dialect), set[str]()
    for counts in columns:
        texts = {text.strip(" ") for text in counts}
        odd = {text for text in texts if cells.number(text) is None}
        if odd and odd < texts and odd <= set(MARKERS):
            found |= odd
    return replace(dialect, missing=tuple(marker for marker in MARKERS if marker in found))


def _decoded(parts: Iterable[bytes]) -> tuple[str, str]:
    """The character set, and the text of the beginning."""
    first, utf8 = b"", codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    for part in parts:
        first = first or part
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", first.decode("utf-16", "replace")
        try:
            utf8.decode(part)
        except UnicodeDecodeError:
            is_utf8 = False
            break
    encoding = "utf-8" if is_utf8 else "cp1252"
    return encoding, first.decode(encoding, "replace")


def _parted(lines: Sequence[str]) -> tuple[str, list[list[str]]]:
    """The delimiter that gives the most rows as wide as the header, of these the one with the widest."""
    best: tuple[float, int, str, list[list[str]]] = (0.0, 1, ",", [[line] for line in lines])
    for delimiter in _DELIMITERS:
        rows = _rows(lines, delimiter)
        width = len(rows[0]) if rows else 1
        alike = sum(len(row) == width for row in rows) / max(1, len(rows))
        if width > 1 and (alike, width) > best[:2]:
            best = (alike, width, delimiter, rows)
    return best[2], best[3]


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:  # a cell of more than 128 KB, say: what reads the table has the words for it
        return []


def _marks(cells: Sequence[str], delimiter: str) -> tuple[str, str | None]:
    commas = [cell for cell in cells if _DECIMAL_COMMA.fullmatch(cell)]
    points = [cell for cell in cells if _DECIMAL_POINT.fullmatch(cell)]
    decimal, other, found = (",", ".", commas) if delimiter != "," and len(commas) > len(points) else (".", ",", points)
    return decimal, other if any(other in cell for cell in found) else None
