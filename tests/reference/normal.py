"""Writes normal.json by mpmath: the normal distribution function, and the coefficients by which specnet computes it.

Run with mpmath installed: python tests/reference/normal.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mpmath as mp

mp.mp.dps = 60

CENTRE, TERMS, NODES = 5, 24, 100
POINTS = [sign * n / 8 for n in range(1, 297, 3) for sign in (-1, 1)] + [0.0, 1e-9, -1e-9, 0.3, -0.7, -38.4, 40.0, 1e3]


def tail(x: Any) -> Any:
    """P(Z > x)."""
    return mp.erfc(x / mp.sqrt(mp.mpf(2))) / 2


def coefficients() -> list[Any]:
    """Of powers of t = (x - 5) / (x + 5): (1 + x) exp(x^2 / 2) P(Z > x), interpolated in t at Chebyshev's nodes."""
    angles = [mp.pi * (k + mp.mpf(1) / 2) / NODES for k in range(NODES)]
    points = [CENTRE * (1 + mp.cos(angle)) / (1 - mp.cos(angle)) for angle in angles]
    values = [(1 + x) * mp.exp(x * x / 2) * tail(x) for x in points]
    chebyshev = [
        2 * mp.fsum(v * mp.cos(j * a) for v, a in zip(values, angles, strict=True)) / NODES for j in range(TERMS)
    ]
    chebyshev[0] /= 2
    powers, last, now = [mp.mpf(0)] * TERMS, [mp.mpf(0)] * TERMS, [mp.mpf(1)] + [mp.mpf(0)] * (TERMS - 1)
    for degree, weight in enumerate(chebyshev):
        powers = [power + weight * value for power, value in zip(powers, now, strict=True)]
        raised = [mp.mpf(0), *now[:-1]]
        last, now = now, raised if degree == 0 else [2 * a - b for a, b in zip(raised, last, strict=True)]
    return powers


if __name__ == "__main__":
    content = {
        "source": f"mpmath {mp.__version__}, {mp.mp.dps} digits",
        "coefficients": [float(c) for c in coefficients()],
        "points": POINTS,
        "values": [float(tail(-mp.mpf(x))) for x in POINTS],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")
