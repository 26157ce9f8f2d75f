"""Writes layers.json: outputs, gradients and kept statistics by PyTorch in float64.

Run with torch 2.13 installed: python tests/reference/layers.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

DRAW = torch.Generator().manual_seed(20_261_125)
Forward = Callable[..., Any]


def draw(*shape: int) -> Any:
    return torch.randn(*shape, generator=DRAW, dtype=torch.float64)


def batch_norm(momentum: float, epsilon: float) -> Forward:
    """Two batches in training, the second far from the first: its output counts, and what is kept of both.

    The channels of PyTorch are its second axis, here they are the last one.
    """

    def forward(kept: dict[str, Any], x: Any, g: Any, b: Any) -> Any:
        mean, variance = torch.zeros(x.shape[-1]).double(), torch.ones(x.shape[-1]).double()
        for batch in (x.detach() * 3 + 5, x):
            moved = batch.movedim(-1, 1)
            y = nn.functional.batch_norm(moved, mean, variance, g, b, True, momentum, epsilon)
        predicted = nn.functional.batch_norm(moved, mean, variance, g, b, False, momentum, epsilon)
        kept |= {"mean": mean, "variance": variance, "predicted": predicted.movedim(1, -1)}
        return y.movedim(1, -1)

    return forward


def layer_norm(epsilon: float) -> Forward:
    return lambda _, x, g, b: nn.functional.layer_norm(x, x.shape[-1:], g, b, epsilon)


def rms_norm(epsilon: float) -> Forward:
    return lambda _, x, g: nn.functional.rms_norm(x, x.shape[-1:], g, epsilon)


def prelu(_: Any, x: Any, a: Any) -> Any:
    return nn.functional.prelu(x.movedim(-1, 1), a).movedim(1, -1)


def convolution(stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Forward:
    """A padding of pairs, the last axis first, is laid around before; else it is PyTorch's own."""

    def forward(_: Any, x: Any, W: Any, b: Any) -> Any:
        moved, own = x.movedim(-1, 1), padding
        if isinstance(padding, list):
            moved, own = nn.functional.pad(moved, padding), 0
        of = nn.functional.conv1d if x.ndim == 3 else nn.functional.conv2d
        kernels = W.movedim(-1, 0).movedim(-1, 1).contiguous()
        return of(moved, kernels, b, stride, own, dilation, groups).movedim(1, -1)

    return forward


def pool(of: str, *options: Any, **named: Any) -> Forward:
    def forward(_: Any, x: Any) -> Any:
        return getattr(nn.functional, f"{of}{x.ndim - 2}d")(x.movedim(-1, 1), *options, **named).movedim(1, -1)

    return forward


def everywhere(of: str) -> Forward:
    return lambda _, x: getattr(nn.functional, f"adaptive_{of}{x.ndim - 2}d")(x.movedim(-1, 1), 1).flatten(1)


def upsample(factor: Any) -> Forward:
    return lambda _, x: nn.functional.interpolate(x.movedim(-1, 1), scale_factor=factor).movedim(1, -1)


def conv(axes: int, filters: int, kernel: Any, **more: Any) -> dict[str, Any]:
    return {"type": f"conv{axes}d", "filters": filters, "kernel_size": kernel, **more}


def kernels(*shape: int) -> dict[str, tuple[int, ...]]:
    return {"W": shape, "b": shape[-1:]}


def embedding(_: Any, x: Any, W: Any) -> Any:
    return nn.functional.embedding(x.detach().long(), W) + 0 * x.sum()  # a gradient of 0 for the numbers


def given(table: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """Inputs: normal ones, or whole numbers below the categories of the layer."""
    if "categories" not in table:
        return draw(*shape)
    return torch.randint(table["categories"], shape, generator=DRAW).double()


ONE, CUBE = (5, 3), (4, 2, 3)
LINE, PICTURE = (2, 7, 4), (2, 6, 5, 2)
CASES: list[tuple[dict[str, Any], list[tuple[int, ...]], dict[str, tuple[int, ...]], Forward]] = [
    ({"type": "add"}, [ONE, ONE, ONE], {}, lambda _, *x: x[0] + x[1] + x[2]),
    ({"type": "multiply"}, [ONE, ONE], {}, lambda _, a, b: a * b),
    ({"type": "multiply"}, [CUBE, CUBE, CUBE], {}, lambda _, a, b, c: a * b * c),
    ({"type": "concatenate"}, [(5, 3), (5, 1), (5, 2)], {}, lambda _, *x: torch.cat(x, dim=-1)),
    ({"type": "concatenate"}, [(4, 2, 3), (4, 2, 1)], {}, lambda _, *x: torch.cat(x, dim=-1)),
    ({"type": "flatten"}, [(4, 2, 3, 2)], {}, lambda _, x: nn.Flatten()(x)),
    ({"type": "reshape", "shape": [3, 4]}, [(4, 2, 3, 2)], {}, lambda _, x: x.reshape(4, 3, 4)),
    ({"type": "reshape", "shape": [2, -1]}, [(5, 6)], {}, lambda _, x: x.reshape(5, 2, -1)),
    ({"type": "layer_norm"}, [ONE], {"g": (3,), "b": (3,)}, layer_norm(1e-5)),
    ({"type": "layer_norm", "epsilon": 0.1}, [CUBE], {"g": (3,), "b": (3,)}, layer_norm(0.1)),
    ({"type": "rms_norm"}, [ONE], {"g": (3,)}, rms_norm(1e-6)),
    ({"type": "rms_norm", "epsilon": 0.1}, [CUBE], {"g": (3,)}, rms_norm(0.1)),
    ({"type": "batch_norm"}, [ONE], {"g": (3,), "b": (3,)}, batch_norm(0.1, 1e-5)),
    ({"type": "batch_norm"}, [(2, 3)], {"g": (3,), "b": (3,)}, batch_norm(0.1, 1e-5)),
    (
        {"type": "batch_norm", "momentum": 0.3, "epsilon": 0.1},
        [CUBE],
        {"g": (3,), "b": (3,)},
        batch_norm(0.3, 0.1),
    ),
    ({"type": "prelu"}, [ONE], {"a": (1,)}, prelu),
    ({"type": "prelu", "shared": False}, [CUBE], {"a": (3,)}, prelu),
    (conv(1, 3, 3), [LINE], kernels(3, 4, 3), convolution()),
    (conv(1, 2, 3, stride=2, padding=1, dilation=2), [LINE], kernels(3, 4, 2), convolution(2, 1, 2)),
    (conv(1, 4, 4, padding="same", groups=2), [LINE], kernels(4, 2, 4), convolution(1, "same", 1, 2)),
    (conv(2, 3, 3), [PICTURE], kernels(3, 3, 2, 3), convolution()),
    (conv(2, 1, [2, 3], stride=[2, 1]), [PICTURE], kernels(2, 3, 2, 1), convolution((2, 1))),
    (conv(2, 2, [3, 2], padding="same"), [PICTURE], kernels(3, 2, 2, 2), convolution(1, "same")),
    (conv(2, 1, 3, padding="same", stride=2), [PICTURE], kernels(3, 3, 2, 1), convolution(2, [1, 1, 0, 1])),
    (conv(2, 1, 2, padding=[1, 2], dilation=[1, 3]), [PICTURE], kernels(2, 2, 2, 1), convolution(1, (1, 2), (1, 3))),
    (conv(2, 4, 2, groups=2, stride=3, padding=1), [PICTURE], kernels(2, 2, 1, 4), convolution(3, 1, 1, 2)),
    ({"type": "max_pool", "size": 3}, [LINE], {}, pool("max_pool", 3)),
    ({"type": "max_pool", "size": [3, 2], "stride": 1, "padding": 1}, [PICTURE], {}, pool("max_pool", (3, 2), 1, 1)),
    ({"type": "max_pool", "size": 2}, [PICTURE], {}, pool("max_pool", 2)),
    ({"type": "avg_pool", "size": 2}, [LINE], {}, pool("avg_pool", 2)),
    (
        {"type": "avg_pool", "size": 3, "stride": [2, 1], "padding": 1},
        [PICTURE],
        {},
        pool("avg_pool", 3, (2, 1), 1, count_include_pad=False),
    ),
    ({"type": "global_max_pool"}, [LINE], {}, everywhere("max_pool")),
    ({"type": "global_max_pool"}, [PICTURE], {}, everywhere("max_pool")),
    ({"type": "global_avg_pool"}, [LINE], {}, everywhere("avg_pool")),
    ({"type": "global_avg_pool"}, [PICTURE], {}, everywhere("avg_pool")),
    ({"type": "embedding", "categories": 4, "units": 3}, [(5, 2)], {"W": (4, 3)}, embedding),
    ({"type": "embedding", "categories": 3, "units": 2}, [(2, 2, 3)], {"W": (3, 2)}, embedding),
    ({"type": "upsample", "factor": 3}, [(2, 3, 2)], {}, upsample(3)),
    ({"type": "upsample", "factor": [2, 3]}, [(2, 2, 3, 1)], {}, upsample((2, 3))),
]


def measured(
    table: dict[str, Any], shapes: list[tuple[int, ...]], params: dict[str, tuple[int, ...]], forward: Forward
) -> dict[str, Any]:
    """All that went in and came out, there and back."""
    inputs = [given(table, shape).requires_grad_() for shape in shapes]
    weights = {name: draw(*shape).requires_grad_() for name, shape in params.items()}
    kept: dict[str, Any] = {}
    y = forward(kept, *inputs, *weights.values())
    dy = draw(*y.shape)
    y.backward(dy)
    return {
        "layer": table,
        "inputs": [x.tolist() for x in inputs],
        "params": {name: value.tolist() for name, value in weights.items()},
        "dy": dy.tolist(),
        "y": y.tolist(),
        "dx": [x.grad.tolist() for x in inputs],
        "gradients": {name: value.grad.tolist() for name, value in weights.items()},
        "kept": {name: value.tolist() for name, value in kept.items()},
    }


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(measured(*case)) for case in CASES)
    Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
