"""Writes schedules_torch.npz: 1,000 values of each of PyTorch's schedulers, as an optimizer gets them.

pip install torch==2.13.0 numpy && python tests/reference/schedules_torch.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim import lr_scheduler

STEPS = 1000
SCHEDULERS: dict[str, tuple[float, Callable[[Any], Any]]] = {
    "constant": (0.3, lambda o: lr_scheduler.LambdaLR(o, lambda t: 1.0)),
    "step": (0.3, lambda o: lr_scheduler.StepLR(o, 37, gamma=0.7)),
    "multi_step": (1.0, lambda o: lr_scheduler.MultiStepLR(o, [3, 250, 251, 999], gamma=0.5)),
    "exponential": (0.2, lambda o: lr_scheduler.ExponentialLR(o, 0.995)),
    "inverse_time": (0.2, lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + 0.03 * t))),
    "polynomial": (0.4, lambda o: lr_scheduler.PolynomialLR(o, 800, power=2.5)),
    "polynomial_line": (0.4, lambda o: lr_scheduler.PolynomialLR(o, STEPS)),
    "cosine": (0.1, lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.003)),
    "cosine_to_zero": (0.1, lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS)),
    "cosine_restarts": (0.1, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 30, T_mult=2, eta_min=0.001)),
    "cosine_restarts_alike": (0.1, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 70)),
    "one_cycle": (0.1, lambda o: lr_scheduler.OneCycleLR(o, 0.5, total_steps=STEPS, cycle_momentum=False)),
    "one_cycle_linear": (
        0.1,
        lambda o: lr_scheduler.OneCycleLR(
            o,
            0.5,
            total_steps=STEPS,
            pct_start=0.213,
            anneal_strategy="linear",
            div_factor=10,
            final_div_factor=50,
            cycle_momentum=False,
        ),
    ),
    "warmup_cosine": (
        0.1,
        lambda o: lr_scheduler.SequentialLR(
            o,
            [
                lr_scheduler.LinearLR(o, start_factor=1 / 40, total_iters=39),
                lr_scheduler.CosineAnnealingLR(o, STEPS - 40, eta_min=0.002),
            ],
            milestones=[40],
        ),
    ),
}


PLATEAUS: dict[str, dict[str, Any]] = {
    "plateau": {"factor": 0.7, "patience": 7, "threshold": 0.0},
    "plateau_of_the_greatest": {
        "mode": "max",
        "factor": 0.5,
        "patience": 3,
        "threshold": 0.05,
        "cooldown": 3,
        "min_lr": 1e-3,
    },
}


def watched() -> list[float]:
    """A noisy loss that falls, and some values that are no numbers."""
    draw = torch.Generator().manual_seed(20_261_125)
    noise = 0.2 * torch.randn(STEPS, generator=draw, dtype=torch.float64)
    found = (2 / (1 + 0.01 * torch.arange(STEPS)) + noise).tolist()
    return [float("nan") if step % 97 == 5 else value for step, value in enumerate(found)]


def reactions(options: dict[str, Any], told: list[float]) -> list[float]:
    """What the optimizer would use in each epoch; what PyTorch is patient with is one less."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=0.3)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, threshold_mode="abs", eps=0.0, **options)
    used = []
    for value in told:
        used.append(float(optimizer.param_groups[0]["lr"]))
        scheduler.step(value)
    return used


def values(rate: float, make: Callable[[Any], Any]) -> list[float]:
    """What the optimizer would use in each step."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=rate)
    scheduler, used = make(optimizer), []
    for step in range(STEPS):
        used.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if step < STEPS - 1:
            scheduler.step()
    return used


if __name__ == "__main__":
    arrays = {name: np.array(values(*parts)) for name, parts in SCHEDULERS.items()}
    arrays |= {"watched": np.array(watched())}
    arrays |= {name: np.array(reactions(options, watched())) for name, options in PLATEAUS.items()}
    np.savez_compressed(Path(__file__).with_suffix(".npz"), allow_pickle=False, **arrays)
