from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from specnet.component.task import Split, TrainingTask
from specnet.plan import Plan, make_plan
from specnet.spec import Spec, load_spec
from specnet.streams import Streams
from specnet.weights import Weights


@dataclass(frozen=True)
class Net:
    """A small net with rows of its own, ready to train."""

    spec: Spec
    plan: Plan
    weights: Weights
    task: TrainingTask


Making = Callable[..., Net]


@pytest.fixture
def net() -> Making:
    """2-4-4-3 on standard normal rows; keywords change the task, `spec` the spec by dotted path."""

    def make(rows: int = 20, spec: dict[str, Any] | None = None, dtype: str = "float64", **task: Any) -> Net:
        loaded = load_spec(
            {
                "format": 1,
                "name": "net",
                "dataset": "arithmetic",
                "layers": [
                    {"type": "dense", "units": 4, "activation": "relu"},
                    {"type": "dense", "units": 4, "activation": "relu"},
                    {"type": "dense", "units": 3},
                ],
                "loss": {"type": "mse", "convention": "half_sum"},
                "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
                "training": {"epochs": 5},
            },
            spec,
        )
        plan, streams = make_plan(loaded.layers, loaded.dataset.plan()), Streams(7)
        x, y = (np.asfortranarray(np.random.default_rng(0).normal(size=(rows, n)), dtype) for n in (2, 3))
        settings = {"epochs": 5, "batch_rows": rows, "shuffle": True, "log_every": 1} | task
        return Net(
            loaded,
            plan,
            Weights(plan, dtype).initialize(streams),
            TrainingTask(
                train=Split(x, y),
                test=None,
                loss=loaded.loss,
                metrics=loaded.metrics,
                optimizer=loaded.optimizer,
                streams=streams,
                **settings,
            ),
        )

    return make
