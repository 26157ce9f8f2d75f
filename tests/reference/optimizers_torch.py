"""Writes optimizers_torch.npz: ten steps of PyTorch's optimizers, and of Lion as its paper says it.

pip install torch==2.13.0 numpy && python tests/reference/optimizers_torch.py

Each case takes two ways in float64: down the parabola w'Aw / 2 - b'w, and down the mean squared error of a net of two
columns, two tanh units and one output. Where it is `spared`, the second number of the parabola and the biases of the
net are in a group of their own, without decay.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim import lr_scheduler

torch.set_default_dtype(torch.float64)  # else NAdam keeps its product of rates in float32
STEPS = 10
A = torch.tensor([[3.0, 0.5, 0.0], [0.5, 1.0, -0.2], [0.0, -0.2, 0.1]], dtype=torch.float64)
b = torch.tensor([1.0, -2.0, 0.3], dtype=torch.float64)
START = [0.7, -1.3, 2.1]


class Lion:
    """Algorithm 2 of arXiv:2302.06675; `lr` is its eta, `weight_decay` its lambda."""

    def __init__(self, params: Any, lr: float, betas: tuple[float, float], weight_decay: float = 0.0) -> None:
        (self.theta,), self.eta, (self.beta1, self.beta2), self.decay = params, lr, betas, weight_decay
        self.m = torch.zeros_like(self.theta)

    def step(self) -> None:
        theta, g = self.theta, self.theta.grad
        c = self.beta1 * self.m + (1 - self.beta1) * g
        theta.copy_(theta - self.eta * (torch.sign(c) + self.decay * theta))
        self.m = self.beta2 * self.m + (1 - self.beta2) * g


o = torch.optim
OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "gradient_descent": lambda p: o.SGD(p, lr=0.1),
    "gradient_descent_decay": lambda p: o.SGD(p, lr=0.1, weight_decay=0.03),
    "momentum": lambda p: o.SGD(p, lr=0.1, momentum=0.9),
    "momentum_dampening": lambda p: o.SGD(p, lr=0.1, momentum=0.8, dampening=0.3, weight_decay=0.01),
    "nesterov": lambda p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "nesterov_decay": lambda p: o.SGD(p, lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.1),
    "adagrad": lambda p: o.Adagrad(p, lr=0.1),
    "adagrad_decay": lambda p: o.Adagrad(p, lr=0.1, eps=1e-3, weight_decay=0.1),
    "adadelta": lambda p: o.Adadelta(p, lr=1.0),
    "adadelta_decay": lambda p: o.Adadelta(p, lr=0.5, rho=0.8, eps=1e-3, weight_decay=0.1),
    "rmsprop": lambda p: o.RMSprop(p, lr=0.01),
    "rmsprop_decay": lambda p: o.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-3, weight_decay=0.1),
    "adam": lambda p: o.Adam(p, lr=0.1),
    "adam_decay": lambda p: o.Adam(p, lr=0.02, betas=(0.7, 0.95), eps=1e-4, weight_decay=0.1),
    "adam_amsgrad": lambda p: o.Adam(p, lr=0.1, betas=(0.9, 0.5), amsgrad=True),
    "adamw": lambda p: o.AdamW(p, lr=0.1),
    "adamw_decay": lambda p: o.AdamW(p, lr=0.05, betas=(0.8, 0.99), weight_decay=0.3),
    "nadam": lambda p: o.NAdam(p, lr=0.1),
    "nadam_decay": lambda p: o.NAdam(p, lr=0.02, betas=(0.7, 0.95), momentum_decay=0.1, weight_decay=0.1),
    "radam": lambda p: o.RAdam(p, lr=0.1),
    "radam_decay": lambda p: o.RAdam(p, lr=0.02, betas=(0.7, 0.95), weight_decay=0.1),
    "radam_never": lambda p: o.RAdam(p, lr=0.02, betas=(0.7, 0.5)),
    "lion": lambda p: Lion(p, lr=0.03, betas=(0.9, 0.99)),
    "lion_decay": lambda p: Lion(p, lr=0.03, betas=(0.8, 0.95), weight_decay=0.2),
    "gradient_descent_spared": lambda p: o.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    "adamw_spared": lambda p: o.AdamW(p, lr=0.05, weight_decay=0.3),
    "momentum_cosine": lambda p: o.SGD(p, lr=0.1, momentum=0.9),
    "adam_exponential": lambda p: o.Adam(p, lr=0.1),
}
SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "momentum_cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, STEPS, eta_min=0.003),
    "adam_exponential": lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.7),
}


def way(name: str, start: torch.Tensor, spared: list[int], loss: Callable[[torch.Tensor], torch.Tensor]) -> np.ndarray:
    """The parameters after each step, (steps, parameters)."""
    decaying = [i for i in range(len(start)) if i not in spared]
    parts = [decaying, spared] if name.endswith("spared") else [list(range(len(start)))]
    tensors = [start[part].clone().requires_grad_() for part in parts]
    groups: Any = tensors if len(parts) == 1 else [{"params": tensors[0]}, {"params": tensors[1], "weight_decay": 0.0}]
    optimizer = OPTIMIZERS[name](groups)
    scheduler = SCHEDULERS[name](optimizer) if name in SCHEDULERS else None
    order = torch.tensor([i for part in parts for i in part]).argsort()
    after = []
    for step in range(STEPS):
        for tensor in tensors:
            tensor.grad = None
        loss(torch.cat(tensors)[order]).backward()
        with torch.no_grad():
            optimizer.step()
        after.append(torch.cat(tensors)[order].detach().numpy().copy())
        if scheduler is not None and step < STEPS - 1:
            scheduler.step()
    return np.array(after)


def parabola(w: torch.Tensor) -> torch.Tensor:
    return w @ A @ w / 2 - b @ w


def error(w: torch.Tensor) -> torch.Tensor:
    """Of the net whose parameters are W (2, 2), c (2,), V (1, 2) and d (1,), one after the other."""
    W, c, V, d = w[:4].reshape(2, 2), w[4:6], w[6:8].reshape(1, 2), w[8:]
    return ((torch.tanh(x @ W.T + c) @ V.T + d - targets) ** 2).mean()


if __name__ == "__main__":
    torch.manual_seed(3)
    x, targets, net = torch.randn(8, 2), torch.randn(8, 1), torch.randn(9)
    arrays = {"A": A.numpy(), "b": b.numpy(), "start": np.array(START)}
    arrays |= {"net.inputs": x.numpy(), "net.targets": targets.numpy(), "net.start": net.numpy()}
    for name in OPTIMIZERS:
        arrays[f"{name}.parabola"] = way(name, torch.tensor(START), [1], parabola)
        arrays[f"{name}.net"] = way(name, net, [4, 5, 8], error)
    np.savez_compressed(Path(__file__).with_suffix(".npz"), allow_pickle=False, **arrays)
