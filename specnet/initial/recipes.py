"""Recipes: a net and a training of a size that fits the rows; validation says when to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.initial.tasks import Task

ENOUGH = 30
"""Fewer rows are not parted in three."""


@dataclass(frozen=True)
class Recipe:
    """The sections beside the data."""

    layers: tuple[Mapping[str, Any], ...]
    split: Mapping[str, float]
    training: Mapping[str, int]
    early_stopping: Mapping[str, int] | None
    decay: float
    """Of the weights: the fewer the rows, the more they are held."""
    learns_by_heart: bool
    """True when there are as many parameters as training rows."""


def recipe_of(task: Task, rows: int, inputs: int) -> Recipe:
    """One hidden layer, wider where there are more rows."""
    units = next((units for units, most in ((8, 100), (16, 500), (32, 5_000), (64, 50_000)) if rows < most), 128)
    hidden = {"type": "dense", "units": units, "activation": "tanh"}
    split = {"train": 0.6, "validation": 0.2, "test": 0.2} if rows >= ENOUGH else {"train": 0.7, "test": 0.3}
    batch = 16 if rows < 500 else 32 if rows < 10_000 else 128
    passes = 300 if rows < 10_000 else 50
    outputs = next(layer["units"] for layer in task.end if "units" in layer)
    parameters = (inputs + 1) * units + (units + 1) * outputs
    trained = int(rows * split["train"])
    return Recipe(
        (hidden, *task.end),
        split,
        {"epochs": passes, **({"batch_size": batch} if trained > batch else {})},
        {"patience": max(5, passes // 10)} if "validation" in split else None,
        1.0 if rows < 1_000 else 0.1 if rows < 10_000 else 0.01,
        parameters >= trained,
    )
