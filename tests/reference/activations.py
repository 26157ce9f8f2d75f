"""Writes activations.json: values and gradients by PyTorch in float64.

Run with torch 2.13 installed: python tests/reference/activations.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

POINTS = [
    -1000.0,
    -100.0,
    -37.0,
    -20.3,
    -12.0,
    -8.1,
    -5.5,
    -3.5,
    -2.7,
    -2.1,
    -1.6,
    -1.2,
    -0.9,
    -0.4,
    -0.1,
    -1e-3,
    -1e-6,
]
POINTS += [1e-6, 1e-3, 0.2, 0.3, 0.6, 0.8, 1.1, 1.4, 1.9, 2.3, 2.8, 3.3, 4.7, 7.7, 11.0, 21.9, 33.0, 100.0, 700.0]
"""None is a kink."""

FUNCTIONS: list[tuple[str, dict[str, Any], Callable[[Any], Any]]] = [
    ("elu", {}, functional.elu),
    ("elu", {"alpha": 0.6}, lambda x: functional.elu(x, 0.6)),
    ("exp", {}, torch.exp),
    ("gelu", {}, functional.gelu),
    ("gelu", {"approximate": "tanh"}, lambda x: functional.gelu(x, approximate="tanh")),
    ("hard_sigmoid", {}, functional.hardsigmoid),
    ("hard_swish", {}, functional.hardswish),
    ("hard_tanh", {}, functional.hardtanh),
    ("leaky_relu", {}, functional.leaky_relu),
    ("leaky_relu", {"negative_slope": 0.3}, lambda x: functional.leaky_relu(x, 0.3)),
    ("linear", {}, lambda x: 1 * x),
    ("relu", {}, functional.relu),
    ("selu", {}, functional.selu),
    ("sigmoid", {}, torch.sigmoid),
    ("silu", {}, functional.silu),
    ("softplus", {}, lambda x: functional.softplus(x, threshold=600)),
    ("softsign", {}, functional.softsign),
    ("tanh", {}, torch.tanh),
]


def row(name: str, fields: dict[str, Any], function: Callable[[Any], Any]) -> dict[str, Any]:
    x = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
    y = function(x)
    y.sum().backward()
    assert x.grad is not None
    return {"type": name, "fields": fields, "values": y.tolist(), "slopes": x.grad.tolist()}


if __name__ == "__main__":
    source = f"PyTorch {torch.__version__}, float64; softplus with threshold=600, for PyTorch's own is off by 2e-9"
    lines = ",\n  ".join(json.dumps(row(*function)) for function in FUNCTIONS)
    text = f'{{\n "source": {json.dumps(source)},\n "points": {json.dumps(POINTS)},\n "rows": [\n  {lines}\n ]\n}}\n'
    Path(__file__).with_suffix(".json").write_text(text)
