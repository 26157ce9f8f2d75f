"""Outputs, gradients and kept statistics of layers against those of PyTorch; see tests/reference/layers.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet.registry import Registry
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from specnet.component import Layer

REFERENCE = Path(__file__).parents[2] / "reference" / "layers.json"
CASES: list[dict[str, Any]] = json.loads(REFERENCE.read_text(encoding="utf-8"))
each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['layer']} {np.shape(case['y'])}")
TOLERANCE = 1e-12


def layer_of(case: dict[str, Any]) -> Layer:
    found: Any = Registry([]).find("layer", case["layer"]["type"])
    layer: Layer = found.model_validate(case["layer"])
    return layer


def agree(got: Any, wanted: Any) -> None:
    """Relative to the largest: a sum of terms that cancel is as exact as its terms."""
    size = np.max(np.abs(wanted))
    np.testing.assert_allclose(got, wanted, rtol=TOLERANCE, atol=TOLERANCE * size)


@each
@pytest.mark.parametrize("order", ["F", "C"])
def test_there_and_back(case: dict[str, Any], order: Any) -> None:
    layer, inputs = layer_of(case), [np.array(x, order=order) for x in case["inputs"]]
    params = {name: np.array(value) for name, value in case["params"].items()}
    planned = layer.plan(tuple(x.shape[1:] for x in inputs))
    assert {parameter.name: parameter.shape for parameter in planned.params} == {k: v.shape for k, v in params.items()}
    assert planned.out_shape == np.shape(case["y"])[1:]
    gradients = {name: np.full(value.shape, np.nan) for name, value in params.items()}
    buffers = {buffer.name: np.full(buffer.shape, buffer.initial) for buffer in planned.buffers}
    if buffers:  # the reference has seen another batch before
        layer.forward(context(buffers=buffers), params, *[x * 3 + 5 for x in inputs])
    y, pullback = layer.forward(context(gradients=gradients, buffers=buffers), params, *inputs)
    agree(y, case["y"])
    for dx, wanted in zip(pullback(np.array(case["dy"], order=order)), case["dx"], strict=True):
        agree(dx, wanted)
    assert gradients.keys() == case["gradients"].keys()
    for name, gradient in gradients.items():
        agree(gradient, case["gradients"][name])
    kept = dict(case["kept"])
    if buffers:
        predicted, _ = layer.forward(context(training=False, buffers=buffers), params, *inputs)
        agree(predicted, kept.pop("predicted"))
    assert buffers.keys() == kept.keys()
    for name, value in buffers.items():
        agree(value, kept[name])
