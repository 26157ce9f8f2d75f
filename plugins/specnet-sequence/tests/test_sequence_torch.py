"""Outputs and gradients against those of PyTorch; see tests/reference/layers.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from specnet_sequence import specnet_components

from specnet.registry import Registry
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from specnet.api import Layer

REFERENCE = Path(__file__).parent / "reference" / "layers.json"
CASES: list[dict[str, Any]] = json.loads(REFERENCE.read_text(encoding="utf-8"))["rows"]
TOLERANCE = 1e-12
each = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["layer"]))


def layer_of(table: dict[str, Any]) -> Layer:
    found: Any = next(cls for cls in specnet_components() if cls.model_fields["type"].default == table["type"])
    layer: Layer = found.model_validate(table, context={"registry": Registry([])})
    return layer


def agree(got: Any, wanted: Any) -> None:
    """Relative to the largest: a sum of terms that cancel is as exact as its terms."""
    np.testing.assert_allclose(got, wanted, rtol=TOLERANCE, atol=TOLERANCE * np.max(np.abs(wanted)))


def test_every_layer_has_its_reference() -> None:
    assert {case["layer"]["type"] for case in CASES} == {c.model_fields["type"].default for c in specnet_components()}


@each
@pytest.mark.parametrize("order", ["F", "C"])
def test_there_and_back(case: dict[str, Any], order: Any) -> None:
    layer, inputs = layer_of(case["layer"]), [np.array(case["x"], order=order)]
    params = {name: np.array(value) for name, value in case["params"].items()}
    planned = layer.plan(tuple(part.shape[1:] for part in inputs))
    assert {parameter.name: parameter.shape for parameter in planned.params} == {k: v.shape for k, v in params.items()}
    assert planned.out_shape == np.shape(case["y"])[1:]
    gradients = {name: np.full(value.shape, np.nan) for name, value in params.items()}
    y, pullback = layer.forward(context(gradients=gradients), params, *inputs)
    agree(y, case["y"])
    (dx,) = pullback(np.array(case["dy"], order=order))
    agree(dx, case["dx"])
    for name, gradient in gradients.items():
        agree(gradient, case["gradients"][name])


@pytest.mark.parametrize("case", [case for case in CASES if "padding" in case["layer"]], ids=lambda c: str(c["layer"]))
@pytest.mark.parametrize("axes", [1, 2])
def test_a_second_input_may_mark_the_padding(case: dict[str, Any], axes: int) -> None:
    layer, x = layer_of(case["layer"]), np.array(case["x"])
    idle = np.all(x == case["layer"]["padding"], axis=2)
    other, marks = np.where(idle[:, :, None], 0.25, x), np.where(idle, case["layer"]["padding"], 1.0)
    marks = marks if axes == 1 else np.stack([marks, marks], axis=2)
    params = {name: np.array(value) for name, value in case["params"].items()}
    y, pullback = layer.forward(
        context(gradients={k: np.empty(v.shape) for k, v in params.items()}), params, other, marks
    )
    if case["layer"]["type"] in ("multi_head_attention", "transformer_block"):
        agree(y[~idle], np.array(case["y"])[~idle])  # what stands at a padding is read by none but itself
    else:
        agree(y, case["y"])
    gradients: Any = pullback(np.array(case["dy"]))
    assert [gradient.shape for gradient in gradients] == [other.shape, marks.shape]
    assert not gradients[1].any()
