"""Writes activations.json: the definitions of the papers in 400 digits by mpmath, their derivatives by mpmath.diff.

Run with mpmath installed, when a case or a point is added: python tests/reference/activations.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp

mp.mp.dps = 400
"""So that a slope of 1e-300 beside a value of 1 has all of its digits."""

POINTS = [-1000.0, -100.0, -33.3, -10.0, -6.5, -3.7, -2.6, -1.9, -1.2, -0.7, -0.3, -0.01, -1e-5]
POINTS += [1e-5, 0.02, 0.4, 0.9, 1.1, 1.6, 2.4, 3.3, 5.2, 7.1, 12.0, 34.5, 100.0, 1000.0]
"""None is a kink; 0 is one of several and is left to the tests of kinks."""


def softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


DEFINITIONS: list[tuple[str, dict[str, float], Callable[[Any], Any]]] = [
    ("celu", {}, lambda x: max(0, x) + min(0, mp.expm1(x))),
    ("celu", {"alpha": 0.3}, lambda x: max(0, x) + min(0, mp.mpf(0.3) * mp.expm1(x / mp.mpf(0.3)))),
    ("gaussian", {}, lambda x: mp.exp(-(x**2) / 2)),
    ("gaussian", {"sigma": 2.5}, lambda x: mp.exp(-(x**2) / (2 * mp.mpf(2.5) ** 2))),
    ("hard_shrink", {}, lambda x: x if abs(x) > 0.5 else mp.mpf(0)),
    ("hard_shrink", {"threshold": 0.0}, lambda x: x),
    ("isrlu", {}, lambda x: x if x >= 0 else x / mp.sqrt(1 + x**2)),
    ("isrlu", {"alpha": 3.0}, lambda x: x if x >= 0 else x / mp.sqrt(1 + 3 * x**2)),
    ("isru", {}, lambda x: x / mp.sqrt(1 + x**2)),
    ("isru", {"alpha": 0.1}, lambda x: x / mp.sqrt(1 + mp.mpf(0.1) * x**2)),
    ("log_sigmoid", {}, lambda x: -softplus(-x)),
    ("mish", {}, lambda x: x * mp.tanh(softplus(x))),
    ("penalized_tanh", {}, lambda x: mp.tanh(x) if x > 0 else mp.tanh(x) / 4),
    ("penalized_tanh", {"a": 0.0}, lambda x: mp.tanh(x) if x > 0 else mp.mpf(0)),
    ("relu6", {}, lambda x: min(max(mp.mpf(0), x), mp.mpf(6))),
    ("sine", {}, mp.sin),
    ("sine", {"omega": 30.0}, lambda x: mp.sin(30 * x)),
    ("snake", {}, lambda x: x + mp.sin(x) ** 2),
    ("snake", {"a": 5.5}, lambda x: x + mp.sin(mp.mpf(5.5) * x) ** 2 / mp.mpf(5.5)),
    ("soft_shrink", {}, lambda x: mp.sign(x) * max(mp.mpf(0), abs(x) - mp.mpf(0.5))),
    ("soft_shrink", {"threshold": 2.0}, lambda x: mp.sign(x) * max(mp.mpf(0), abs(x) - 2)),
    ("squared_relu", {}, lambda x: max(mp.mpf(0), x) ** 2),
    ("squareplus", {}, lambda x: (x + mp.sqrt(x**2 + 4)) / 2),
    ("squareplus", {"b": 0.01}, lambda x: (x + mp.sqrt(x**2 + mp.mpf(0.01))) / 2),
    ("tanh_exp", {}, lambda x: x * mp.tanh(mp.exp(x))),
    ("tanh_shrink", {}, lambda x: x - mp.tanh(x)),
]


def table() -> list[dict[str, Any]]:
    """One row a definition: values and slopes at the points, rounded once, to float64."""
    rows = []
    for name, fields, f in DEFINITIONS:
        values = [float(f(mp.mpf(x))) for x in POINTS]
        slopes = [float(mp.diff(f, mp.mpf(x))) for x in POINTS]
        rows.append({"type": name, "fields": fields, "values": values, "slopes": slopes})
    return rows


if __name__ == "__main__":
    source = f"mpmath {mp.__version__}, {mp.mp.dps} digits; derivatives by mpmath.diff"
    lines = ",\n  ".join(json.dumps(row) for row in table())
    text = f'{{\n "source": {json.dumps(source)},\n "points": {json.dumps(POINTS)},\n "rows": [\n  {lines}\n ]\n}}\n'
    Path(__file__).with_suffix(".json").write_text(text)
