from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from specnet.errors import Finding, SpecError
from specnet.registry import Registry, Selection, load_registry
from specnet.spec import load_spec


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The built-ins alone, whatever is installed beside them."""
    return load_registry(Selection(allowed=frozenset()))


@pytest.fixture
def minimal() -> dict[str, Any]:
    """A valid spec that leaves out what it may: 2 columns in, 3 out."""
    return {
        "format": 1,
        "name": "small",
        "dataset": {"type": "arithmetic", "samples": 100},
        "layers": [
            {"type": "dense", "units": 4, "activation": "relu"},
            {"type": "dense", "units": 3},
        ],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "training": {"epochs": 20},
    }


@pytest.fixture
def full() -> dict[str, Any]:
    """A valid spec that says everything that can be said with the built-ins it uses."""
    return {
        "format": 1,
        "name": "full",
        "seed": 7,
        "rng": "mt19937",
        "requires": ["pydantic>=2"],
        "metrics": [{"type": "norm_half_square_error"}],
        "dataset": {"type": "arithmetic", "samples": 50, "low": -1.0, "high": 1.0},
        "split": {"train": 0.8, "validation": 0.1, "test": 0.1, "shuffle": False},
        "scaling": {"inputs": {"type": "standardize"}, "targets": {"type": "standardize"}},
        "layers": [
            {
                "type": "dense",
                "name": "hidden",
                "inputs": ["inputs"],
                "trainable": True,
                "units": 4,
                "activation": {"type": "relu"},
                "weight_initializer": {"type": "he_normal"},
                "bias_initializer": {"type": "zeros"},
            },
            {
                "type": "dense",
                "name": "output",
                "inputs": ["hidden"],
                "trainable": True,
                "units": 3,
                "activation": {"type": "linear"},
                "weight_initializer": {"type": "he_normal"},
                "bias_initializer": {"type": "he_normal"},
            },
        ],
        "loss": {"type": "mse", "convention": "half_sum"},
        "optimizer": {
            "type": "gradient_descent",
            "learning_rate": 0.1,
            "weight_decay": 0.0,
            "decay_biases": False,
            "momentum": 0.0,
            "nesterov": False,
            "dampening": 0.0,
        },
        "gradient_clipping": {"mode": "global_norm", "limit": 1.0},
        "training": {"epochs": 5, "batch_size": 8, "shuffle": False, "log_every": 2},
        "early_stopping": {
            "metric": "validation.loss",
            "mode": "min",
            "patience": 2,
            "every": 1,
            "min_delta": 0.0,
            "restore_best": True,
        },
        "checkpoint": {"every_epochs": 2, "every_seconds": 60.0, "keep_last": 2, "keep_best": True},
        "checks": {"parameters_vs_rows": "off"},
        "lint": {"ignore": [{"code": "SN410", "reason": "there are as few rows as a test needs"}]},
        "engine": {"type": "numpy", "dtype": "float32"},
        "predict": [{"inputs": [[1.0, 2.0], [3.0, 4.0]]}],
        "expect": [{"metric": "test.loss", "min": 0.0, "max": 10.0}],
    }


@pytest.fixture
def findings(registry: Registry) -> Callable[..., tuple[Finding, ...]]:
    """Every finding of a source, and none for a valid one; anything but a SpecError passes through."""

    def look(source: Any, overrides: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
        try:
            load_spec(source, overrides, registry)
        except SpecError as error:
            return error.findings
        return ()

    return look


@pytest.fixture
def refused(
    minimal: dict[str, Any], findings: Callable[..., tuple[Finding, ...]]
) -> Callable[[Mapping[str, Any]], Finding]:
    """The one finding of the minimal spec with values changed by dotted path; `...` takes a key out."""

    def change(changes: Mapping[str, Any]) -> Finding:
        for dotted, value in changes.items():
            _put(minimal, dotted, value)
        (finding,) = findings(minimal)
        assert finding.file == "<mapping>"
        return finding

    return change


def _put(data: Any, dotted: str, value: Any) -> None:
    *way, last = (int(part) if part.isdecimal() else part for part in dotted.split("."))
    for part in way:
        data = data.setdefault(part, {}) if isinstance(data, dict) else data[part]
    if value is ...:
        del data[last]
    elif isinstance(data, list) and last == len(data):
        data.append(value)
    else:
        data[last] = value
