from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from specnet_jit.engine import Jit

import specnet
from specnet.api import Activation, NumpyEngine, Optimizer, Plan, Split, TrainingTask, Weights
from specnet.builtins.adam_optimizers import Adam, RAdam
from specnet.builtins.engines import NumpyEngine as Peer
from specnet.builtins.layers.dense import Dense
from specnet.builtins.layers.merge import Add, Concatenate, Multiply
from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.optimizers import GradientDescent
from specnet.builtins.schedules import Cosine
from specnet.builtins.smooth_activations import Silu, Tanh
from specnet.component import DatasetPlan, GradientClipping
from specnet.component.task import Watch
from specnet.errors import DivergenceError, SpecError
from specnet.plan import make_plan
from specnet.streams import Streams

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "specs" / "differences.toml"
GALLERIES = [folder for folder in (ROOT.parents[1] / "specs", ROOT.parent / "specs") if folder.is_dir()]


class Bent(Activation):
    """|x| where it is small, else its root: with a field, a method of its own, and what is chosen by xp.where."""

    type: Literal["bent"] = "bent"
    width: float = 0.5

    def value(self, x: Any, xp: Any) -> Any:
        size = xp.abs(x)
        return xp.where(self._is_near(x, xp), size, xp.sqrt(size * self.width))

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        far = 0.5 * self.width / xp.maximum(y, 1e-9)
        return xp.sign(x) * xp.where(self._is_near(x, xp), xp.ones_like(x), far)

    def _is_near(self, x: Any, xp: Any) -> Any:
        return xp.abs(x) < self.width


class Slow(Optimizer):
    """Goes a step of the sign of the gradient, shorter each time, as only Python can tell."""

    type: Literal["slow"] = "slow"

    def update(self, parameters: Any, gradients: Any, state: Mapping[str, Any], step: int, xp: Any) -> None:
        for _ in range(step):
            gradients *= 0.9
        parameters -= 0.01 * xp.sign(gradients) * xp.abs(gradients)


NET = [
    Dense(units=5, activation=Bent(), name="first"),
    Dense(units=5, activation=Tanh(), name="second", trainable=False),
    Multiply(inputs=("first", "second"), name="gate"),
    Add(inputs=("first", "second", "gate"), name="sum"),
    Concatenate(inputs=("sum", "inputs"), name="wide"),
    Dense(units=12, activation=Silu(), inputs=("wide",), name="third"),
    Dense(units=2),
]


def plan() -> Plan:
    return make_plan(NET, DatasetPlan(("a", "b", "c"), ("y", "z")))


def split(rows: int, seed: int) -> Split:
    x = np.random.default_rng(seed).normal(size=(rows, 3))
    t = np.stack([x[:, 0] - x[:, 1], np.abs(x[:, 2])], axis=1)
    return Split(np.asfortranarray(x), np.asfortranarray(t))


def task(**changes: Any) -> TrainingTask:
    own = TrainingTask(
        train=split(100, 1),
        test=split(30, 2),
        loss=MeanSquaredError(),
        metrics=(),
        optimizer=GradientDescent(learning_rate=0.05, momentum=0.9, weight_decay=0.01),
        epochs=40,
        batch_rows=16,
        shuffle=True,
        log_every=10,
        streams=Streams(3),
    )
    return replace(own, **changes)


def trained(engine: Any, given: TrainingTask) -> tuple[Weights, list[Any]]:
    weights = Weights(plan(), engine.dtype).initialize(Streams(5))
    told = [
        (epoch.number, dict(epoch.values), epoch.watched)
        for epoch in engine.train(plan(), weights, given)
        if epoch.values or epoch.watched is not None
    ]
    return weights, told


# What does not go well


def test_it_diverges_at_the_step_where_the_numpy_engine_does() -> None:
    given = task(optimizer=GradientDescent(learning_rate=30.0), log_every=1000)
    said = []
    for engine in (NumpyEngine(), Jit()):
        weights = Weights(plan(), "float64").initialize(Streams(5))
        with pytest.raises(DivergenceError) as caught:
            list(engine.train(plan(), weights, given))
        (finding,) = caught.value.findings
        assert np.isfinite(weights.flat).all()
        said.append((finding.code, finding.message.split(":")[0]))
    assert said[0] == said[1]


def test_rows_with_weights_are_refused_and_not_taken_for_equal() -> None:
    weighted = replace(split(100, 1), weights=np.ones(100))
    with pytest.raises(SpecError, match=r"^SN428 engine 'jit' cannot run rows with weights"):
        Jit().train(plan(), Weights(plan(), "float64"), task(train=weighted))


def test_told_to_stop_it_says_where_it_stands() -> None:
    asked = iter(range(7))
    given = task(stop=lambda: next(asked, None) is None, log_every=1000)
    weights = Weights(plan(), "float64").initialize(Streams(5))
    *_, last = Jit().train(plan(), weights, given)
    assert not last.values
    assert 0 < last.position.step < 40 * 7
    assert last.number == last.position.step // 7


# What is as with the numpy engine

FALLING: Any = Cosine(start=0.01)
CASES: dict[str, dict[str, Any]] = {
    "batches": {},
    "full batch": {"batch_rows": 100},
    "in order": {"shuffle": False},
    "clipped": {"clipping": GradientClipping(mode="norm", limit=0.1)},
    "schedule": {"optimizer": Adam(learning_rate=FALLING, amsgrad=True)},
    "by Python": {"optimizer": Slow()},
    "watched": {"watch": Watch("test", "loss", 3), "save_every": 4},
}


@pytest.mark.parametrize("name", CASES)
def test_it_gives_what_the_numpy_engine_gives(name: str) -> None:
    given = task(**CASES[name])
    (wanted, told), (got, said) = (trained(engine, given) for engine in (Peer(), Jit()))
    np.testing.assert_allclose(got.flat, wanted.flat, rtol=1e-11, atol=1e-13)
    assert [number for number, _, _ in said] == [number for number, _, _ in told]
    for (_, values, watched), (_, own, seen) in zip(told, said, strict=True):
        assert own == pytest.approx(values, rel=1e-11)
        assert seen == (None if watched is None else pytest.approx(watched, rel=1e-11))


def test_frozen_layers_stay_as_they_are() -> None:
    before = Weights(plan(), "float64").initialize(Streams(5))
    after, _ = trained(Jit(), task(epochs=2))
    moved = {name for name, array in after.tensors().items() if not np.array_equal(array, before.tensors()[name])}
    assert moved == {f"{layer}.{part}" for layer in ("first", "third", "layers.6") for part in ("W", "b")}


def test_it_computes_in_float32_as_the_numpy_engine_does() -> None:
    given = task(
        epochs=3, train=Split(*(array.astype(np.float32) for array in (split(100, 1).inputs, split(100, 1).targets)))
    )
    given = replace(given, test=None)
    (wanted, _), (got, _) = (trained(engine, given) for engine in (Peer(dtype="float32"), Jit(dtype="float32")))
    assert got.flat.dtype == np.float32
    np.testing.assert_allclose(got.flat, wanted.flat, rtol=1e-4, atol=1e-5)


def test_a_third_party_rule_with_a_reaction_to_its_step_is_called_as_it_stands() -> None:
    given = task(optimizer=RAdam(learning_rate=0.01), epochs=3)
    (wanted, _), (got, _) = (trained(engine, given) for engine in (Peer(), Jit()))
    np.testing.assert_allclose(got.flat, wanted.flat, rtol=1e-11, atol=1e-13)


def test_predictions_and_measures_are_those_of_the_numpy_engine() -> None:
    weights, _ = trained(Peer(), task(epochs=3))
    rows = split(10_000, 9)
    np.testing.assert_allclose(
        Jit().predict(plan(), weights, rows.inputs),
        Peer().predict(plan(), weights, rows.inputs),
        rtol=1e-11,
        atol=1e-13,
    )
    measured = [engine.evaluate(plan(), weights, rows, MeanSquaredError(), ()) for engine in (Jit(), Peer())]
    assert measured[0] == pytest.approx(measured[1], rel=1e-12)
    silent = [engine.silent_units(plan(), weights, rows.inputs) for engine in (Jit(), Peer())]
    assert silent[0] == silent[1]


# Runs


def test_the_spec_of_the_readme_trains_and_meets_its_expectation(tmp_path: Path) -> None:
    run = specnet.run(SPEC, out=tmp_path / "run")
    assert [verdict.passed for verdict in run.verdicts] == [True]
    assert run.manifest["plugins"] == {"specnet-jit": "0.1.0"}
    assert (specnet.load_run(run.path).predict([[30, 70]]) == run.predict([[30, 70]])).all()
    again = specnet.run(SPEC, out=tmp_path / "again")
    assert again.weights.flat.tobytes() == run.weights.flat.tobytes()


def test_a_run_that_goes_on_ends_as_one_without_a_break(tmp_path: Path) -> None:
    changes = {"training.log_every": 100, "expect": []}
    whole = specnet.run(SPEC, set={**changes, "training.epochs": 500}, out=tmp_path / "whole")
    specnet.run(SPEC, set={**changes, "training.epochs": 300, "checkpoint": {}}, out=tmp_path / "run")
    resumed = specnet.resume(tmp_path / "run", epochs=500)
    assert resumed.weights.flat.tobytes() == whole.weights.flat.tobytes()


GALLERY = {"arith": 1000, "diabetes_stop": 60, "iris": 1000}
"""How many epochs; they have one batch of all rows, or 9, or 7."""


@pytest.mark.skipif(not GALLERIES, reason="the gallery is not beside the plugin")
@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_is_trained_to_the_same_numbers(name: str, tmp_path: Path) -> None:
    changes = {"training.epochs": GALLERY[name], "expect": []}
    runs = [
        specnet.run(GALLERIES[0] / f"{name}.toml", set={**changes, "engine.type": engine}, out=tmp_path / engine)
        for engine in ("numpy", "jit.jit")
    ]
    scale = np.max(np.abs(runs[0].weights.flat))
    np.testing.assert_allclose(runs[1].weights.flat, runs[0].weights.flat, rtol=1e-12, atol=1e-12 * scale)
    assert runs[1].metrics == pytest.approx(runs[0].metrics, rel=1e-12)
