"""Text for a terminal: numbered steps, wrapped, and tables of numbers."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from specnet.errors import printable

INDENT = 12


def width() -> int:
    """The columns to fill: those of the terminal, at most 100."""
    return min(100, shutil.get_terminal_size().columns)


def step(title: str, text: str) -> str:
    """`1 data      text`, wrapped beneath itself."""
    return textwrap.fill(
        printable(text.replace("\n", " ")),
        width(),
        initial_indent=title.ljust(INDENT),
        subsequent_indent=" " * INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def number(value: float) -> str:
    """Six significant digits."""
    return f"{value:.6g}"


def plural(count: int, noun: str) -> str:
    """`1 row`, `1,000 rows`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def table(rows: Iterable[Sequence[str]], indent: int = INDENT, left: int = 0) -> str:
    """Columns aligned to the right, the first `left` of them to the left."""
    lines = [list(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def cell(text: str, place: int) -> str:
        return text.ljust(widths[place]) if place < left else text.rjust(widths[place])

    padded = ("  ".join(cell(text, place) for place, text in enumerate(line)).rstrip() for line in lines)
    return "\n".join(" " * indent + line for line in padded)


def dump(value: Any) -> str:
    """Strict JSON for other programs."""
    return json.dumps(value, indent=2, allow_nan=False)
