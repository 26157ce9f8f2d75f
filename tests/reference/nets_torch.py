"""Writes nets_torch.npz: three nets trained by PyTorch in float64, 20 steps of gradient descent on all rows.

pip install torch==2.13.0 numpy && python tests/reference/nets_torch.py

For each net: the rows, the weights of the start by the names and in the shapes of specnet, and the loss of each step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

STEPS, RATE = 20, 0.1
DRAW = torch.Generator().manual_seed(20_261_125)
Net = Callable[[dict[str, Any], Any], Any]


def draw(*shape: int) -> Any:
    return torch.randn(*shape, generator=DRAW, dtype=torch.float64)


def dense(w: dict[str, Any], name: str, x: Any) -> Any:
    return x @ w[f"{name}.W"].T + w[f"{name}.b"]


def convolution(w: dict[str, Any], name: str, x: Any, **more: Any) -> Any:
    """Over (rows, channels, height, width); the filters of specnet are (height, width, channels, filters)."""
    return functional.conv2d(x, w[f"{name}.W"].permute(3, 2, 0, 1).contiguous(), w[f"{name}.b"], **more)


def batch_norm(w: dict[str, Any], name: str, x: Any) -> Any:
    return functional.batch_norm(x, None, None, w[f"{name}.g"], w[f"{name}.b"], training=True)


def residual(w: dict[str, Any], x: Any) -> Any:
    skip = torch.relu(dense(w, "a", x))
    normed = functional.layer_norm(skip, (6,), w["b.g"], w["b.b"])
    summed = skip + torch.relu(dense(w, "c", normed))
    return dense(w, "g", functional.prelu(batch_norm(w, "e", summed), w["f.a"]))


def lenet(w: dict[str, Any], x: Any) -> Any:
    x = torch.tanh(convolution(w, "b", x.reshape(-1, 1, 8, 8), padding="same"))
    x = torch.tanh(convolution(w, "d", functional.avg_pool2d(x, 2)))
    x = functional.max_pool2d(x, 2).movedim(1, -1).flatten(1)  # channels last, as the weights that follow
    return dense(w, "h", torch.relu(dense(w, "g", x)))


def residual_convolution(w: dict[str, Any], x: Any) -> Any:
    skip = torch.relu(convolution(w, "b", x.reshape(-1, 6, 6, 2).movedim(-1, 1), padding="same"))
    x = torch.relu(batch_norm(w, "d", convolution(w, "c", skip, padding=1, groups=2)))
    x = convolution(w, "i", functional.interpolate(functional.max_pool2d(x + skip, 2), scale_factor=2))
    return dense(w, "k", x.mean(dim=(2, 3)))


def classes(rows: int) -> Any:
    return functional.one_hot(torch.arange(rows) % 3).double()


NETS: dict[str, tuple[Net, Any, Any, Callable[..., Any], dict[str, tuple[int, ...]]]] = {
    "residual": (
        residual,
        draw(30, 4),
        draw(30, 2),
        functional.mse_loss,
        {
            "a.W": (6, 4),
            "a.b": (6,),
            "b.g": (6,),
            "b.b": (6,),
            "c.W": (6, 6),
            "c.b": (6,),
            "e.g": (6,),
            "e.b": (6,),
            "f.a": (1,),
            "g.W": (2, 6),
            "g.b": (2,),
        },
    ),
    "lenet": (
        lenet,
        draw(18, 64),
        classes(18),
        functional.cross_entropy,
        {
            "b.W": (3, 3, 1, 4),
            "b.b": (4,),
            "d.W": (3, 3, 4, 6),
            "d.b": (6,),
            "g.W": (8, 6),
            "g.b": (8,),
            "h.W": (3, 8),
            "h.b": (3,),
        },
    ),
    "residual_convolution": (
        residual_convolution,
        draw(18, 72),
        classes(18),
        functional.cross_entropy,
        {
            "b.W": (3, 3, 2, 4),
            "b.b": (4,),
            "c.W": (3, 3, 2, 4),
            "c.b": (4,),
            "d.g": (4,),
            "d.b": (4,),
            "i.W": (2, 2, 4, 5),
            "i.b": (5,),
            "k.W": (3, 5),
            "k.b": (3,),
        },
    ),
}


def losses(net: Net, x: Any, y: Any, loss: Callable[..., Any], weights: dict[str, Any]) -> list[float]:
    """The loss of each step, before the step is made."""
    optimizer, found = torch.optim.SGD(weights.values(), lr=RATE), []
    for _ in range(STEPS):
        value = loss(net(weights, x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        found.append(value.item())
    return found


if __name__ == "__main__":
    stored: dict[str, Any] = {}
    for name, (net, x, y, loss, shapes) in NETS.items():
        start = {key: 0.4 * draw(*shape) for key, shape in shapes.items()}
        stored |= {f"{name}/{key}": value.numpy() for key, value in {"x": x, "y": y, **start}.items()}
        trained = {key: value.clone().requires_grad_() for key, value in start.items()}
        stored[f"{name}/losses"] = np.array(losses(net, x, y, loss, trained))
    np.savez_compressed(Path(__file__).with_suffix(".npz"), allow_pickle=False, **stored)
