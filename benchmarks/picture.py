"""A picture of ratios, as SVG written by hand: a line from the least to the greatest, a point at the median."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.measured import Ratio

LEFT, WIDTH, LINE = 380, 420, 22
LOW, HIGH = 0.001, 10.0


def _x(value: float) -> float:
    clipped = min(HIGH, max(LOW, value))
    return LEFT + WIDTH * (log10(clipped) - log10(LOW)) / (log10(HIGH) - log10(LOW))


def picture(ratios: Sequence[Ratio]) -> str:
    """One line for each ratio; to the left of 1 ours takes less time."""
    height = LINE * (len(ratios) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 30}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{LEFT + WIDTH + 30}" height="{height}" fill="white"/>',
    ]
    for tick in (0.001, 0.01, 0.1, 1, 10):
        dash = "" if tick == 1 else ' stroke-dasharray="2 3"'
        parts.append(f'<path d="M{_x(tick):.1f} {LINE}V{height - LINE}" stroke="gray"{dash}/>')
        parts.append(f'<text x="{_x(tick):.1f}" y="{height - 6}" text-anchor="middle">{tick:g}</text>')
    for k, ratio in enumerate(ratios):
        y = LINE * (k + 1.5)
        label = escape(f"{ratio.workload}: {ratio.ours} / {ratio.theirs}")
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
        line = f"M{_x(ratio.least):.1f} {y:.1f}H{_x(ratio.greatest):.1f}"
        parts.append(f'<path d="{line}" stroke="steelblue" stroke-width="3"/>')
        parts.append(f'<circle cx="{_x(ratio.median):.1f}" cy="{y:.1f}" r="4" fill="navy"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
