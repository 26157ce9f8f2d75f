"""Writes losses.json: values and gradients by PyTorch in float64, from the same draws.

Run with torch 2.13 installed: python tests/reference/losses.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

Loss = Callable[[Any, Any], Any]
DRAW = torch.Generator().manual_seed(20_261_125)
NUMBERS = torch.randn(5, 3, generator=DRAW, dtype=torch.float64) * 3
OTHERS = torch.randn(5, 3, generator=DRAW, dtype=torch.float64) * 3
HALVES = torch.rand(5, 3, generator=DRAW, dtype=torch.float64)
ROWS = torch.softmax(NUMBERS, 1)
MIXED = torch.softmax(OTHERS, 1)
ONE_HOT = torch.eye(3, dtype=torch.float64)[[0, 2, 1, 1, 0]]
ONES = (OTHERS > 0).double()
SIDES = ONES * 2 - 1
NUMBERED = torch.tensor([[0.0, 2], [2, 1], [1, 1], [1, 0], [0, 2]], dtype=torch.float64)
WIDE = torch.randn(5, 6, generator=DRAW, dtype=torch.float64) * 3
OF_CLASSES = torch.tensor([0.5, 2.0, 0.0], dtype=torch.float64)
OF_ROWS = torch.tensor([2.0, 0.5, 0.0, 1.25, 3.0], dtype=torch.float64)


def focal(z: Any, t: Any, gamma: float, alpha: float) -> Any:
    """By autograd from Lin et al. 2017, formula 5."""
    p = torch.sigmoid(z)
    wrong = torch.where(t > 0, 1 - p, p)
    weight = alpha * t + (1 - alpha) * (1 - t)
    entropy = functional.binary_cross_entropy_with_logits(z, t, reduction="none")
    return (weight * wrong**gamma * entropy).mean()


def soft_classes(p: Any, t: Any) -> Any:
    return -(t * p.log()).sum(1).mean()


def smooth(t: Any, part: float) -> Any:
    return t * (1 - part) + part / 2


def grouped(z: Any, t: Any, **how: Any) -> Any:
    """cross_entropy of (rows, classes, targets), the sum of all over their number."""
    scores = z.reshape(*t.shape, 3).movedim(-1, 1)
    return functional.cross_entropy(scores, t.long(), reduction="sum", **how) / t.numel()


def grouped_probabilities(p: Any, t: Any) -> Any:
    return functional.nll_loss(p.reshape(*t.shape, 3).log().movedim(-1, 1), t.long())


def nearest(p: Any, t: Any, q: float) -> Any:
    return torch.maximum(q * (t - p), (q - 1) * (t - p)).mean()


CASES: list[tuple[str, dict[str, Any], Any, Any, Loss]] = [
    ("binary_cross_entropy", {"from_logits": True}, NUMBERS, ONES, functional.binary_cross_entropy_with_logits),
    ("binary_cross_entropy", {"from_logits": True}, NUMBERS, HALVES, functional.binary_cross_entropy_with_logits),
    ("binary_cross_entropy", {"from_logits": False}, HALVES, ONES, functional.binary_cross_entropy),
    (
        "binary_cross_entropy",
        {"from_logits": True, "label_smoothing": 0.1},
        NUMBERS,
        ONES,
        lambda z, t: functional.binary_cross_entropy_with_logits(z, smooth(t, 0.1)),
    ),
    ("categorical_cross_entropy", {"from_logits": True}, NUMBERS, ONE_HOT, functional.cross_entropy),
    ("categorical_cross_entropy", {"from_logits": True}, NUMBERS, MIXED, functional.cross_entropy),
    ("categorical_cross_entropy", {"from_logits": False}, ROWS, MIXED, soft_classes),
    (
        "categorical_cross_entropy",
        {"from_logits": True, "label_smoothing": 0.2},
        NUMBERS,
        ONE_HOT,
        lambda z, t: functional.cross_entropy(z, t, label_smoothing=0.2),
    ),
    (
        "categorical_cross_entropy",
        {"from_logits": True, "label_smoothing": 0.2, "class_weights": [0.5, 2.0, 0.0]},
        NUMBERS,
        MIXED,
        lambda z, t: functional.cross_entropy(z, t, OF_CLASSES, label_smoothing=0.2),
    ),
    (
        "binary_cross_entropy",
        {"from_logits": True, "class_weights": [0.5, 2.0]},
        NUMBERS,
        HALVES,
        lambda z, t: functional.binary_cross_entropy_with_logits(z, t, pos_weight=torch.tensor(4.0).double()) / 2,
    ),
    (
        "binary_cross_entropy",
        {"from_logits": False, "class_weights": [0.5, 2.0]},
        HALVES,
        ONES,
        lambda p, t: functional.binary_cross_entropy(p, t, 0.5 + 1.5 * t),
    ),
    ("sparse_categorical_cross_entropy", {"classes": 3, "from_logits": True}, NUMBERS, NUMBERED[:, :1], grouped),
    ("sparse_categorical_cross_entropy", {"classes": 3, "from_logits": True}, WIDE, NUMBERED, grouped),
    (
        "sparse_categorical_cross_entropy",
        {"classes": 3, "from_logits": False},
        torch.softmax(WIDE.reshape(5, 2, 3), 2).reshape(5, 6),
        NUMBERED,
        grouped_probabilities,
    ),
    (
        "sparse_categorical_cross_entropy",
        {"classes": 3, "from_logits": True, "label_smoothing": 0.1, "class_weights": [0.5, 2.0, 0.0]},
        WIDE,
        NUMBERED,
        lambda z, t: grouped(z, t, weight=OF_CLASSES, label_smoothing=0.1),
    ),
    ("cosine_similarity", {}, NUMBERS, OTHERS, lambda p, t: (1 - functional.cosine_similarity(p, t)).mean()),
    ("focal", {}, NUMBERS, ONES, lambda z, t: focal(z, t, 2.0, 0.25)),
    ("focal", {"gamma": 0.5, "alpha": 0.6}, NUMBERS, ONES, lambda z, t: focal(z, t, 0.5, 0.6)),
    ("hinge", {}, NUMBERS, SIDES, lambda p, t: functional.relu(1 - t * p).mean()),
    ("huber", {}, NUMBERS, OTHERS, functional.huber_loss),
    ("huber", {"delta": 2.5}, NUMBERS, OTHERS, lambda p, t: functional.huber_loss(p, t, delta=2.5)),
    (
        "kl_divergence",
        {"from_logits": True},
        NUMBERS,
        MIXED,
        lambda z, t: functional.kl_div(z.log_softmax(1), t, reduction="batchmean"),
    ),
    (
        "kl_divergence",
        {"from_logits": False},
        ROWS,
        MIXED,
        lambda p, t: functional.kl_div(p.log(), t, reduction="batchmean"),
    ),
    ("log_cosh", {}, NUMBERS, OTHERS, lambda p, t: torch.log(torch.cosh(p - t)).mean()),
    ("mae", {}, NUMBERS, OTHERS, functional.l1_loss),
    ("mse", {}, NUMBERS, OTHERS, functional.mse_loss),
    ("mse", {"convention": "half_sum"}, NUMBERS, OTHERS, lambda p, t: ((p - t) ** 2 / 2).sum(1).mean()),
    ("poisson", {"log_input": True}, NUMBERS, ONES, functional.poisson_nll_loss),
    (
        "poisson",
        {"log_input": False},
        HALVES,
        ONES,
        lambda p, t: functional.poisson_nll_loss(p, t, log_input=False, eps=0.0),
    ),
    ("quantile", {"q": 0.2}, NUMBERS, OTHERS, lambda p, t: nearest(p, t, 0.2)),
]


WEIGHTED: list[tuple[str, dict[str, Any], Any, Any, Loss]] = [
    (
        "binary_cross_entropy",
        {"from_logits": True},
        NUMBERS,
        ONES,
        lambda z, t: functional.binary_cross_entropy_with_logits(z, t, reduction="none").mean(1),
    ),
    (
        "categorical_cross_entropy",
        {"from_logits": True, "label_smoothing": 0.2},
        NUMBERS,
        ONE_HOT,
        lambda z, t: functional.cross_entropy(z, t, label_smoothing=0.2, reduction="none"),
    ),
    ("cosine_similarity", {}, NUMBERS, OTHERS, lambda p, t: 1 - functional.cosine_similarity(p, t)),
    ("huber", {}, NUMBERS, OTHERS, lambda p, t: functional.huber_loss(p, t, reduction="none").mean(1)),
    ("mse", {}, NUMBERS, OTHERS, lambda p, t: functional.mse_loss(p, t, reduction="none").mean(1)),
    ("mse", {"convention": "half_sum"}, NUMBERS, OTHERS, lambda p, t: ((p - t) ** 2 / 2).sum(1)),
    (
        "sparse_categorical_cross_entropy",
        {"classes": 3, "from_logits": True},
        WIDE,
        NUMBERED,
        lambda z, t: functional.cross_entropy(z.reshape(5, 2, 3).movedim(-1, 1), t.long(), reduction="none").mean(1),
    ),
]
"""Losses of rows, of which PyTorch takes sum(w l) / sum(w)."""


def weighted(name: str, fields: dict[str, Any], prediction: Any, target: Any, loss: Loss) -> dict[str, Any]:
    def mean(p: Any, t: Any) -> Any:
        return (OF_ROWS * loss(p, t)).sum() / OF_ROWS.sum()

    return {**row(name, fields, prediction, target, mean), "weights": OF_ROWS.tolist()}


def row(name: str, fields: dict[str, Any], prediction: Any, target: Any, loss: Loss) -> dict[str, Any]:
    p = prediction.clone().requires_grad_()
    value = loss(p, target)
    value.backward()
    said = {"type": name, "fields": fields, "prediction": prediction.tolist(), "target": target.tolist()}
    return {**said, "value": value.item(), "gradient": p.grad.tolist()}


if __name__ == "__main__":
    lines = ",\n  ".join(json.dumps(row(*case)) for case in CASES)
    others = ",\n  ".join(json.dumps(weighted(*case)) for case in WEIGHTED)
    said = f' "source": "PyTorch {torch.__version__}, float64",\n'
    text = f'{{\n{said} "rows": [\n  {lines}\n ],\n "weighted": [\n  {others}\n ]\n}}\n'
    Path(__file__).with_suffix(".json").write_text(text)
