"""Every optimizer with every schedule, in one go and from each of its checkpoints: the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet.component import ShapeError
from specnet.component.task import Position, Split, TrainingTask
from specnet.errors import SpecError
from specnet.plan import make_plan
from specnet.registry import Registry
from specnet.runs.checkpoint import Checkpoint
from specnet.runs.early_stopping import watch_of
from specnet.runs.fitting import Fitted, fit
from specnet.runs.keeping import Keeper
from specnet.runs.watcher import Watcher
from specnet.spec import load_spec
from specnet.streams import Streams
from specnet.testing.checks import Unchecked
from specnet.testing.examples import example
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Collection

    from specnet.spec import Spec

REGISTRY = Registry([])
EPOCHS, ROWS, BATCH = 4, 17, 6
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "matrix",
    "metrics": ["r2"],
    "dataset": {"type": "arithmetic", "samples": 30},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    "layers": [{"type": "dense", "units": 4, "activation": "tanh"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "training": {"epochs": EPOCHS, "log_every": 2},
    "checkpoint": {"every_epochs": 1},
}
NOISY = [SPEC["layers"][0], {"type": "batch_norm"}, {"type": "dropout", "rate": 0.3}, SPEC["layers"][1]]
"""Layers that keep statistics of batches, and that draw."""
ENDINGS: dict[str, tuple[Any, int]] = {
    "to the end": (None, EPOCHS),
    "looking": ({"patience": 9, "every": 2}, EPOCHS),
    "stopping early": ({"patience": 1, "min_delta": 1e9}, 2),
}
"""An `[early_stopping]`, and the last epoch."""


@dataclass
class Memory:
    """The folder of checkpoints, without a disk; all that were ever written."""

    saved: list[bytes] = field(default_factory=list)

    def write(self, label: str, content: bytes) -> str:
        self.saved.append(content)
        return label

    def names(self) -> list[str]:
        return []

    def keep(self, names: Collection[str]) -> None:
        """Forgets nothing."""


def rows(count: int, key: int) -> Split:
    x, y = (Streams(key).of("rows", i).standard_normal((count, width)) for i, width in enumerate((2, 3)))
    return Split(np.asfortranarray(x * 0.3), np.asfortranarray(y * 0.3))


def trained(spec: Spec, shuffle: bool, before: Checkpoint | None = None) -> tuple[Fitted, list[bytes]]:
    plan = make_plan(spec.layers, spec.dataset.plan())
    weights = Weights(plan, "float64").initialize(Streams(spec.seed))
    if before is not None:
        weights.restore(before.weights)
    task = TrainingTask(
        train=rows(ROWS, 1),
        validation=rows(5, 2),
        test=rows(4, 3),
        loss=spec.loss,
        metrics=spec.metrics,
        optimizer=spec.optimizer,
        epochs=EPOCHS,
        batch_rows=BATCH,
        shuffle=shuffle,
        log_every=spec.training.log_every,
        streams=Streams(spec.seed),
        watch=watch_of(spec.early_stopping),
        save_every=1,
        start=Position() if before is None else before.position,
    )
    memory: Any = Memory()
    keeper = Keeper(memory, spec.checkpoint, "spec", weights, {}, None if before is None else before.position.step)
    return fit(spec, plan, weights, task, Watcher(), keeper, before), memory.saved


def without_a_trace(spec: Spec, shuffle: bool) -> int:
    """From each checkpoint on, training writes the checkpoints that it has written in one go, to the bit."""
    whole, saved = trained(spec, shuffle)
    for place, content in enumerate(saved, 1):
        rest, written = trained(spec, shuffle, Checkpoint.decode(content))
        assert written == saved[place:]
        assert (rest.status, rest.metrics, rest.epochs) == (whole.status, whole.metrics, whole.epochs)
        assert rest.early_stopping == whole.early_stopping
        for name, column in whole.history.items():
            np.testing.assert_array_equal(rest.history[name], column)
    return len(saved)


def table(kind: str, name: str) -> dict[str, Any]:
    """A component as a spec would have it."""
    made: dict[str, Any] = example(REGISTRY.find(kind, name), REGISTRY).model_dump(mode="json")
    return made


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("schedule", [None, *REGISTRY.names("schedule")])
@pytest.mark.parametrize("optimizer", REGISTRY.names("optimizer"))
def test_p39_every_optimizer_with_every_schedule_goes_on(optimizer: str, schedule: str | None, ending: str) -> None:
    """P39, and P44: the number of each update is that of its moment, also after a break."""
    said, (early, last) = table("optimizer", optimizer), ENDINGS[ending]
    if "learning_rate" in said:
        said["learning_rate"] = 0.05 if schedule is None else table("schedule", schedule)
    elif schedule is not None:
        pytest.skip("it has no learning rate")
    for shuffle, layers in ((False, SPEC["layers"]), (True, NOISY)):
        changed = {**SPEC, "optimizer": said, "early_stopping": early, "layers": layers}
        assert without_a_trace(load_spec(changed, None, REGISTRY), shuffle) == last


@pytest.mark.parametrize("layer", REGISTRY.names("layer"))
def test_every_layer_goes_on(layer: str) -> None:
    """Layers that draw, or that keep buffers, too."""
    descent = {"type": "gradient_descent", "learning_rate": 0.05}
    try:
        middle = table("layer", layer)
        layers = [SPEC["layers"][0], middle, SPEC["layers"][1]]
        spec = load_spec({**SPEC, "optimizer": descent, "layers": layers}, None, REGISTRY)
    except (SpecError, ShapeError, Unchecked) as error:
        pytest.skip(f"it does not stand between two dense layers: {error}")
    assert without_a_trace(spec, shuffle=True) == EPOCHS


def test_p44_the_rate_does_not_lag_after_a_break() -> None:
    rate = {"type": "multi_step", "start": 1.0, "milestones": [3], "gamma": 0.5}
    changes = {"optimizer.learning_rate": rate, "training.log_every": 1}
    descent = {"type": "gradient_descent", "learning_rate": 0.05}
    spec = load_spec({**SPEC, "optimizer": descent}, changes, REGISTRY)
    whole, saved = trained(spec, shuffle=True)
    for content in saved:
        rest, _ = trained(spec, True, Checkpoint.decode(content))
        assert rest.history["optimizer.learning_rate"].tolist() == [1, 1, 1, 0.5]
    assert len(saved) == whole.epochs == EPOCHS
