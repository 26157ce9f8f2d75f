"""What is trained where nobody has said what: two hidden layers, small enough for a hundred rows."""

from __future__ import annotations

from typing import Any

_COMMON: dict[str, Any] = {
    "format": 1,
    "optimizer": {"type": "adam", "learning_rate": 0.01},
    "training": {"epochs": 200, "batch_size": 32},
}
_HIDDEN = [{"type": "dense", "units": 32, "activation": "tanh", "weight_initializer": "glorot_uniform"}] * 2


def regression(targets: int) -> dict[str, Any]:
    """A spec for so many targets."""
    layers = [*_HIDDEN, {"type": "dense", "units": targets}]
    return _COMMON | {
        "name": "regressor",
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": layers,
        "loss": "mse",
    }


def classification(classes: int) -> dict[str, Any]:
    """A spec for so many classes: one question for two, a choice for more."""
    loss = "binary_cross_entropy" if classes == 2 else "categorical_cross_entropy"
    return _COMMON | {
        "name": "classifier",
        "scaling": {"inputs": "standardize"},
        "layers": [*_HIDDEN, {"type": "dense", "units": 1 if classes == 2 else classes}],
        "loss": {"type": loss, "from_logits": True},
    }
