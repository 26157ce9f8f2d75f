"""Writes nets.npz: two nets trained by PyTorch in float64, 20 steps of gradient descent on all rows.

pip install torch==2.13.0 numpy && python tests/reference/nets.py

For each net: the rows, the weights of the start by the names and in the shapes of specnet, and the loss of each step.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import layers
import numpy as np
import torch
from torch import nn
from torch.nn import functional

STEPS, RATE, ROWS = 20, 0.1, 24
DRAW = torch.Generator().manual_seed(20_261_125)


def draw(*shape: int) -> Any:
    return 0.4 * torch.randn(*shape, generator=DRAW, dtype=torch.float64)


def lstm() -> tuple[Any, Any, dict[str, Any], Any]:
    """reshape to (6, 2), lstm of 5 units, dense of 2; the forget gate has 0 added."""
    x, y, made = 2.5 * draw(ROWS, 12), 2.5 * draw(ROWS, 2), nn.LSTM(2, 5, batch_first=True).double()
    shapes = {"b.W": (20, 2), "b.U": (20, 5), "b.b": (20,), "c.W": (2, 5), "c.b": (2,)}
    w = {name: draw(*shape).requires_grad_() for name, shape in shapes.items()}

    def loss() -> Any:
        own = {"weight_ih_l0": w["b.W"], "weight_hh_l0": w["b.U"], "bias_ih_l0": w["b.b"]}
        own |= {"bias_hh_l0": torch.zeros(20, dtype=torch.float64)}
        _, (h, _) = torch.func.functional_call(made, own, (x.reshape(-1, 6, 2),))
        return functional.mse_loss(h[0] @ w["c.W"].T + w["c.b"], y)

    return x, y, w, loss


def transformer() -> tuple[Any, Any, dict[str, Any], Any]:
    """embedding of 5 into 4, positional_encoding, transformer_block, flatten, dense of 3 classes."""
    x = torch.randint(5, (ROWS, 6), generator=DRAW).double()
    y = functional.one_hot(torch.arange(ROWS) % 3).double()
    made = nn.TransformerEncoderLayer(4, 2, 6, 0.0, "relu", batch_first=True, norm_first=True).double()
    theirs = {name: value.shape for name, value in made.named_parameters()}
    shapes = {"a.W": (5, 4), **{f"c.{own}": tuple(theirs[name]) for own, name in layers.NAMES.items()}}
    w = {name: draw(*shape).requires_grad_() for name, shape in {**shapes, "e.W": (3, 24), "e.b": (3,)}.items()}
    _, encode = layers.encoding({})
    causal = torch.triu(torch.ones(6, 6, dtype=torch.bool), 1)

    def loss() -> Any:
        own = {name: w[f"c.{ours}"] for ours, name in layers.NAMES.items()}
        z = torch.func.functional_call(made, own, (encode(functional.embedding(x.long(), w["a.W"])), causal))
        return functional.cross_entropy(z.flatten(1) @ w["e.W"].T + w["e.b"], y)

    return x, y, w, loss


if __name__ == "__main__":
    torch.backends.mha.set_fastpath_enabled(False)
    stored: dict[str, Any] = {}
    for name, net in (("lstm", lstm), ("transformer", transformer)):
        x, y, weights, loss = net()
        start = {key: value.detach().numpy().copy() for key, value in weights.items()}
        stored |= {f"{name}/{key}": value for key, value in {"x": x.numpy(), "y": y.numpy(), **start}.items()}
        optimizer, found = torch.optim.SGD(weights.values(), lr=RATE), []
        for _ in range(STEPS):
            value = loss()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            found.append(value.item())
        stored[f"{name}/losses"] = np.array(found)
    np.savez_compressed(Path(__file__).with_suffix(".npz"), allow_pickle=False, **stored)
