"""Curves as text: dots of braille, or the characters of ASCII where there is no braille."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence

from specnet.cli.text import number

WIDTH, HEIGHT = 60, 12
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character, by row and column."""
_LEFT = 8
"""The columns in front of the vertical axis."""

Grid = set[tuple[int, int]]
"""The points that are set: column from the left, row from below."""


def has_braille() -> bool:
    """True where the output has letters for it; what has no encoding takes all of them."""
    try:
        "⣿│└─".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def columns(braille: bool) -> int:
    """How many points a curve has from the left to the right."""
    return WIDTH * 2 if braille else WIDTH


def plot(
    solid: Sequence[float],
    dotted: Sequence[float],
    ends: tuple[float, float],
    braille: bool,
    most: float | None = None,
) -> str:
    """Two curves over the same `columns` of x, with labelled axes, narrower than 80 columns.

    What is not finite is left out, and what lies farther from 0 than `most`, or the ends of x, is cut off.
    """
    low, high = _range([*solid, *dotted], max(map(abs, ends)) if most is None else most)
    rows = HEIGHT * 4 if braille else HEIGHT
    scaled = [[_row(y, low, high, rows) for y in curve] for curve in (solid, dotted)]
    line, points = _line(scaled[0], rows), _points(scaled[1], rows, 2 if braille else 1)
    cell = _braille(line | points) if braille else _ascii(line, points)
    body = ["".join(cell(x, y) for x in range(WIDTH)).rstrip() for y in reversed(range(HEIGHT))]
    labels = {0: high, HEIGHT - 1: low}
    if low < 0 < high:
        labels.setdefault(HEIGHT - 1 - int(_row(0.0, low, high, HEIGHT)), 0.0)
    bar, corner, tick = ("│", "└", "─") if braille else ("|", "+", "-")
    lines = [
        f"{f'{labels[i]:.3g}' if i in labels else '':>{_LEFT - 1}} {bar}{text}".rstrip() for i, text in enumerate(body)
    ]
    return "\n".join([*lines, f"{'':{_LEFT}}{corner}{tick * WIDTH}", _beneath(*ends)])


def _beneath(left: float, right: float) -> str:
    """The ends and the middle of x, each beneath its place."""
    first, middle, last = (number(x) for x in (left, (left + right) / 2, right))
    start = _LEFT + 2 - len(first)  # its last digit stands beneath the first column
    return (" " * start + first).ljust(_LEFT + 1 + (WIDTH - len(middle)) // 2) + middle.ljust(WIDTH // 2) + last


def _range(values: Sequence[float], most: float) -> tuple[float, float]:
    """The least and the greatest y that are shown."""
    finite = [y for y in values if math.isfinite(y)]
    if not finite:
        return -1.0, 1.0
    low, high = min([0.0, *finite]), max([0.0, *finite])  # without 0 a flat curve would look like a steep one
    low, high = max(low, -most), min(high, most)
    return (low, high) if low < high else (-1.0, 1.0)


def _row(y: float, low: float, high: float, rows: int) -> float:
    """The row of y as a whole number, beyond the rows where it lies outside; NaN stays what it is."""
    if not math.isfinite(y):
        return math.nan
    return math.floor((y - low) / (high - low) * (rows - 1) + 0.5)


def _line(curve: Sequence[float], rows: int) -> Grid:
    """The points of a curve, and between two columns those that join them."""
    grid: Grid = set()
    for x, y in enumerate(curve):
        if math.isnan(y):
            continue
        before = curve[x - 1] if x and not math.isnan(curve[x - 1]) else y
        step = 1 if y > before else -1
        first = int(before) + step if y != before else int(y)
        grid |= {(x, row) for row in range(max(-1, min(first, int(y))), min(rows, max(first, int(y))) + 1)}
    return {(x, row) for x, row in grid if 0 <= row < rows}


def _points(curve: Sequence[float], rows: int, every: int) -> Grid:
    """Each `every`-th point alone: a slope may jump, and a dotted line is told from a solid one."""
    return {(x, int(y)) for x, y in enumerate(curve) if x % (2 * every) == 0 and not math.isnan(y) and 0 <= y < rows}


def _braille(grid: Grid) -> Callable[[int, int], str]:
    def cell(x: int, y: int) -> str:
        bits = sum(
            _DOTS[3 - row][column] for row in range(4) for column in range(2) if (2 * x + column, 4 * y + row) in grid
        )
        return chr(_BRAILLE + bits) if bits else " "

    return cell


def _ascii(line: Grid, points: Grid) -> Callable[[int, int], str]:
    def cell(x: int, y: int) -> str:
        return "*" if (x, y) in line else "." if (x, y) in points else " "

    return cell
