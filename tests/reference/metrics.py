"""Writes metrics.json: metrics by scikit-learn of the same draws.

Run with scikit-learn 1.9 installed: python tests/reference/metrics.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn import metrics

DRAW = np.random.Generator(np.random.PCG64(20_261_125))
NUMBERS = np.round(DRAW.normal(size=(23, 3)), 2)
OTHERS = np.round(DRAW.normal(size=(23, 3)), 2)
YES = (DRAW.random((23, 1)) > 0.4) * 1.0
SEVERAL = (DRAW.random((23, 3)) > 0.4) * 1.0
HALVES = np.round(DRAW.random((23, 3)), 1)  # with ties
CLASS = DRAW.integers(0, 4, 23)
ONE_HOT = np.eye(4)[CLASS]
LOGITS = DRAW.normal(size=(23, 4)) + 2 * ONE_HOT
ROWS = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
SIX = DRAW.normal(size=(23, 6))
NUMBERED = DRAW.integers(0, 3, (23, 2)) * 1.0


def of_classes(metric: Callable[..., Any], average: str) -> Callable[[Any, Any], Any]:
    return lambda t, p: metric(t.argmax(axis=1), p.argmax(axis=1), average=average)


def by_threshold(metric: Callable[..., Any], threshold: float, **how: Any) -> Callable[[Any, Any], Any]:
    return lambda t, p: metric(t, p > threshold, **how)


def mean_accuracy(t: Any, p: Any) -> Any:
    return metrics.accuracy_score(t.ravel(), (p > 0.5).ravel())


CASES: list[tuple[str, dict[str, Any], Any, Any, Callable[[Any, Any], Any]]] = [
    ("accuracy", {}, ROWS, ONE_HOT, lambda t, p: metrics.accuracy_score(t.argmax(axis=1), p.argmax(axis=1))),
    ("accuracy", {"threshold": 0.5}, HALVES, SEVERAL, mean_accuracy),
    ("accuracy", {"threshold": 0.0}, NUMBERS[:, :1], YES, by_threshold(metrics.accuracy_score, 0.0)),
    ("explained_variance", {}, NUMBERS, OTHERS, metrics.explained_variance_score),
    ("f1", {}, ROWS, ONE_HOT, of_classes(metrics.f1_score, "macro")),
    ("f1", {"average": "micro"}, ROWS, ONE_HOT, of_classes(metrics.f1_score, "micro")),
    ("f1", {"threshold": 0.5}, HALVES[:, :1], YES, by_threshold(metrics.f1_score, 0.5)),
    ("log_loss", {"from_logits": False}, ROWS, ONE_HOT, metrics.log_loss),
    ("log_loss", {"from_logits": True}, LOGITS, ONE_HOT, lambda t, z: metrics.log_loss(t, ROWS)),
    ("log_loss", {"from_logits": False}, ROWS[:, :1], YES, lambda t, p: metrics.log_loss(t[:, 0], p[:, 0])),
    ("mae", {}, NUMBERS, OTHERS, metrics.mean_absolute_error),
    ("mape", {}, NUMBERS, OTHERS + 5, metrics.mean_absolute_percentage_error),
    ("mse", {}, NUMBERS, OTHERS, metrics.mean_squared_error),
    ("precision", {}, ROWS, ONE_HOT, of_classes(metrics.precision_score, "macro")),
    (
        "precision",
        {"threshold": 0.5, "average": "micro"},
        HALVES,
        SEVERAL,
        by_threshold(metrics.precision_score, 0.5, average="micro"),
    ),
    ("r2", {}, NUMBERS, OTHERS, metrics.r2_score),
    ("recall", {"average": "micro"}, ROWS, ONE_HOT, of_classes(metrics.recall_score, "micro")),
    ("recall", {"threshold": 0.3}, HALVES, SEVERAL, by_threshold(metrics.recall_score, 0.3, average="macro")),
    ("rmse", {}, NUMBERS, OTHERS, lambda t, p: metrics.mean_squared_error(t, p) ** 0.5),
    ("roc_auc", {}, HALVES[:, :1], YES, metrics.roc_auc_score),
    ("roc_auc", {}, HALVES, SEVERAL, metrics.roc_auc_score),
    (
        "sparse_accuracy",
        {"classes": 4},
        LOGITS,
        CLASS[:, None] * 1.0,
        lambda t, p: metrics.accuracy_score(t, p.argmax(1)),
    ),
    (
        "sparse_accuracy",
        {"classes": 3},
        SIX,
        NUMBERED,
        lambda t, p: metrics.accuracy_score(t.ravel(), p.reshape(-1, 3).argmax(axis=1)),
    ),
    ("top_k", {"k": 2}, ROWS, ONE_HOT, lambda t, p: metrics.top_k_accuracy_score(t.argmax(axis=1), p, k=2)),
]


def row(name: str, fields: dict[str, Any], prediction: Any, target: Any, metric: Callable[[Any, Any], Any]) -> Any:
    said = {"type": name, "fields": fields, "prediction": prediction.tolist(), "target": target.tolist()}
    return {**said, "value": float(metric(target, prediction))}


if __name__ == "__main__":
    lines = ",\n  ".join(json.dumps(row(*case)) for case in CASES)
    text = f'{{\n "source": "scikit-learn {sklearn.__version__}",\n "rows": [\n  {lines}\n ]\n}}\n'
    Path(__file__).with_suffix(".json").write_text(text)
