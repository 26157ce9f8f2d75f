"""full: every finding with its line of the file, underlined, for people.

SN203 unknown layer 'dens'
 --> specs/bad.toml:4:8  (layers.0.type)
  |
4 | type = "dens"
  |        ^^^^^^
  = help: did you mean 'dense'?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

from specnet.errors import Finding, printable
from specnet.reports.concise import title

if TYPE_CHECKING:
    from specnet.reports.report import Checked

WIDTH = 100
_CUT = "..."


def render(checked: Sequence[Checked]) -> str:
    """The findings with an empty line between them; what is wrong with the file as a whole shows no line of it."""
    return "\n\n".join(block for one in checked for block in _blocks(one))


def _blocks(one: Checked) -> Iterator[str]:
    lines = one.text.split("\n")
    for finding in one.findings:
        whole = (finding.line, finding.column, finding.end_line, finding.end_column) == (1, 1, 1, 1)
        here = finding.file in (None, one.file) and not whole and finding.line and finding.line <= len(lines)
        written = lines[finding.line - 1].removesuffix("\r") if here and finding.line else None
        yield "\n".join(_block(finding, one.file, written))


def _block(finding: Finding, file: str, written: str | None) -> Iterator[str]:
    number = "" if written is None else str(finding.line)
    gutter = " " * max(len(number), 1)
    place = ":".join(str(part) for part in (finding.file or file, finding.line, finding.column) if part is not None)
    yield printable(title(finding))
    yield printable(f"{gutter}--> {place}{f'  ({finding.dotted})' if finding.path else ''}")
    if written is not None:
        shown, marks = _underlined(written, *_span(finding, written), WIDTH - len(f"{number} | "))
        yield f"{gutter} |"
        yield f"{number} | {shown}".rstrip()
        if finding.column is not None:
            yield f"{gutter} | {marks}"
    if finding.help:
        yield printable(f"{gutter} = help: {finding.help}")


def _span(finding: Finding, written: str) -> tuple[int, int]:
    """Where the span starts in the line, and where it ends, with one character at least; both from 0."""
    start = min((finding.column or 1) - 1, len(written))
    several = finding.end_line is not None and finding.line is not None and finding.end_line > finding.line
    end = len(written) if several else (finding.end_column or finding.column or 1) - 1
    return start, max(start + 1, min(end, len(written)))


def _underlined(written: str, start: int, end: int, room: int) -> tuple[str, str]:
    """The line and the carets beneath it, cut on both sides to what there is room for."""
    first, last = max(0, start - room), min(len(written), start + room)
    cells = list(map(_cell, written[first:last]))
    ends = [0, *accumulate(map(_width, cells))]
    low, high = _window(ends, start - first, min(end - first, len(cells)), room, (first > 0, last < len(written)))
    before, after = first + low > 0, first + high < len(written)
    shown = f"{_CUT * before}{''.join(cells[low:high])}{_CUT * after}"
    offset = len(_CUT) * before + ends[start - first] - ends[low]
    return shown, " " * offset + "^" * max(1, ends[max(min(end - first, high), low)] - ends[start - first])


def _window(ends: list[int], start: int, end: int, room: int, more: tuple[bool, bool]) -> tuple[int, int]:
    """From which to which cell the line is shown: whole where it fits, else with the span in the middle."""
    count = len(ends) - 1
    if ends[count] <= room and not any(more):
        return 0, count
    left = room - 2 * len(_CUT)
    context = (left - min(left, ends[end] - ends[start])) // 2
    low = next(i for i in range(count + 1) if ends[start] - ends[i] <= context)
    high = max(i for i in range(low, count + 1) if ends[i] - ends[low] <= left)
    return low, high


def _cell(character: str) -> str:
    return "    " if character == "\t" else printable(character)


def _width(cell: str) -> int:
    """The columns of a terminal that a character takes, or what stands for it."""
    if len(cell) > 1:
        return len(cell)
    if category(cell) in ("Mn", "Me"):
        return 0
    return 1 + (east_asian_width(cell) in "WF")
