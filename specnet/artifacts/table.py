"""CSV in which every float reads back bit for bit and every text as it was."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a header and `\\n` at each end of line. Raises ValueError when a row is not as long as the header."""
    lines: list[list[object]] = [list(columns), *([_cell(value) for value in row] for row in rows)]
    _check_widths(lines)
    # before Python 3.13 the writer leaves a lone carriage return bare, and the reader ends the row there
    bare = any(isinstance(value, str) and "\r" in value for line in lines for value in line)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if bare else csv.QUOTE_MINIMAL).writerows(lines)
    return text.getvalue().encode()


def from_csv(content: bytes) -> tuple[list[str], list[list[str]]]:
    """The header and the rows, all texts. Raises ValueError when a row is not as long as the header."""
    try:
        lines = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if not lines:
        raise ValueError("it has no header")
    _check_widths(lines)
    return lines[0], lines[1:]


def _check_widths(lines: Sequence[Sequence[object]]) -> None:
    for number, line in enumerate(lines):
        if len(line) != len(lines[0]):
            raise ValueError(f"row {number} has {len(line)} values for {len(lines[0])} columns")


def _cell(value: object) -> object:
    # float32 as the float64 of the same value; NumPy 2 writes repr(np.float64(1)) as a call
    return float(value) if isinstance(value, np.floating) else value
