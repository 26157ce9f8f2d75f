from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from specnet.api import (
    Activation,
    Initializer,
    LoadContext,
    Split,
    TrainingTask,
)
from specnet.builtins import smooth_activations as smooth
from specnet.builtins.activations import HardSigmoid, HardSwish, HardTanh, LeakyRelu, Linear, Relu
from specnet.builtins.datasets.arithmetic import Arithmetic
from specnet.builtins.datasets.csv import Csv
from specnet.builtins.engines import NumpyEngine
from specnet.builtins.initializers import HeNormal, Zeros
from specnet.builtins.layers.dense import Dense
from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.metrics import NormHalfSquareError
from specnet.builtins.optimizers import GradientDescent
from specnet.builtins.scalers import Standardize
from specnet.component import KINDS, DatasetPlan
from specnet.engine.arena import Arena
from specnet.engine.network import StepContext
from specnet.plan import make_plan
from specnet.registry import Registry
from specnet.streams import Streams
from specnet.testing import (
    Check,
    check_activation,
    check_layer,
    check_loss,
    check_optimizer,
    check_scaler,
    failures,
)
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array


def context(seed: int = 0) -> StepContext:
    rng = Streams(seed).of("noise")
    return StepContext(Arena(np.float64), True, {}, {}, True, lambda: rng)


# Every built-in passes its kit


def normal(seed: int, *size: int) -> Array:
    return np.random.Generator(np.random.PCG64(seed)).normal(size=size)


def passes(checks: Iterable[Check]) -> Callable[[Path], None]:
    found = list(checks)

    def test(_folder: Path) -> None:
        assert failures(found) == []

    return test


def draws_by_the_seed(initializer: Initializer) -> None:
    first, again, other = (initializer.draw((3, 2), 2, 3, Streams(seed).of("parameters", 0)) for seed in (1, 1, 2))
    assert first.dtype == np.float64
    assert first.shape == (3, 2)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def he_normal(_folder: Path) -> None:
    draws_by_the_seed(HeNormal())
    for fan_in in (1, 4, 300):
        drawn = HeNormal().draw((100_000,), fan_in, 7, Streams(3).of("parameters"))
        # The deviation of a variance over n normal draws is sqrt(2 / n) of it: 5 % are 11 deviations.
        np.testing.assert_allclose(np.var(drawn), 2 / fan_in, rtol=0.05)
        assert abs(np.mean(drawn)) < 5 * np.sqrt(2 / fan_in / 100_000)


def zeros(_folder: Path) -> None:
    drawn = Zeros().draw((3, 2), 2, 3, Streams(1).of("parameters"))
    assert drawn.dtype == np.float64
    assert drawn.tolist() == [[0.0, 0.0]] * 3


def mse(_folder: Path) -> None:
    prediction, target = normal(1, 2, 6, 3)
    difference = prediction - target
    mean, half = MeanSquaredError(), MeanSquaredError(convention="half_sum")
    assert failures(check_loss(mean)) == failures(check_loss(half)) == []
    assert mean.value(context(), prediction, target) == pytest.approx(np.einsum("ij,ij->", difference, difference) / 18)
    assert half.value(context(), prediction, target) == pytest.approx(np.einsum("ij,ij->", difference, difference) / 12)
    assert mean.gradient(context(), prediction, target) == pytest.approx(2 * difference / 18, rel=1e-15)
    exact = half.gradient(context(), prediction[:4], target[:4])
    assert exact.tolist() == (difference[:4] / 4).tolist()  # a division by a power of two, so no digit is lost


def norm_half_square_error(_folder: Path) -> None:
    metric = NormHalfSquareError()
    # Errors (1, 2, 2): half squares (0.5, 2, 2), of norm sqrt(8.25); an error of (0, 0, 4): 8.
    prediction, target = np.array([[1.0, 2, 2], [0, 0, 4]]), np.zeros((2, 3))
    assert metric.rows(prediction, target, np).tolist() == [8.25**0.5, 8.0]
    state = metric.start()
    for block in (slice(0, 1), slice(1, 2)):
        state = metric.add(state, prediction[block], target[block], np)
    assert metric.result(state) == pytest.approx((8.25**0.5 + 8) / 2)
    prediction, target = normal(2, 2, 7, 4)
    whole, pieces = metric.add(metric.start(), prediction, target, np), metric.start()
    for block in (slice(0, 3), slice(3, 4), slice(4, 7)):
        pieces = metric.add(pieces, prediction[block], target[block], np)
    assert metric.result(pieces) == pytest.approx(metric.result(whole), rel=1e-14)
    assert metric.result(whole) == pytest.approx(np.mean(np.linalg.norm((prediction - target) ** 2 / 2, axis=1)))


def arithmetic(folder: Path) -> None:
    dataset = Arithmetic(samples=2000, low=-3.0, high=5.0)
    first, again, other = (dataset.load(LoadContext(folder, Streams(seed).of("data"))) for seed in (1, 1, 2))
    assert first.inputs.values.tobytes() == again.inputs.values.tobytes()
    assert first.inputs.values.tobytes() != other.inputs.values.tobytes()
    a, b = first.inputs.values.T
    assert first.targets.values.tolist() == np.stack([a + b, a - b, abs(a - b)], axis=1).tolist()
    assert dataset.plan() == DatasetPlan(first.inputs.names, first.targets.names, len(first.inputs))
    for column in (a, b):
        assert -3.0 <= column.min() < -2.9
        assert 4.9 < column.max() < 5.0


def csv(folder: Path) -> None:
    (folder / "d.csv").write_text("a,note,y\n1,x,2.5\n-3,y,1e3\n")
    data = Csv(path="d.csv", inputs=("a",), targets=("y",)).load(LoadContext(folder, Streams(0).of("data")))
    assert (data.inputs.values.tolist(), data.targets.values.tolist()) == ([[1.0], [-3.0]], [[2.5], [1000.0]])
    assert data.files == ((folder / "d.csv").resolve(),)


def numpy(_folder: Path) -> None:
    """One step of gradient descent on a linear layer, by the normal equations of its gradient."""
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        engine = NumpyEngine(dtype=dtype)  # type: ignore[arg-type]  # mypy widens the loop variable
        plan = make_plan([Dense(units=2)], DatasetPlan(("a", "b", "c"), ("y", "z")))
        weights = Weights(plan, dtype).initialize(Streams(5))
        x, t = (np.asfortranarray(normal(k, 9, k), dtype) for k in (3, 2))
        (before,) = weights.views(weights.flat.copy())
        difference = np.einsum("ij,kj->ik", x, before["W"]) + before["b"] - t
        split = Split(x, t)
        optimizer, loss = GradientDescent(learning_rate=0.1), MeanSquaredError(convention="half_sum")
        task = TrainingTask(split, None, loss, (NormHalfSquareError(),), optimizer, 1, 9, False, 1, Streams(5))
        (epoch,) = engine.train(plan, weights, task)
        (after,) = weights.views(weights.flat)
        np.testing.assert_allclose(after["b"], before["b"] - 0.1 * difference.mean(axis=0), rtol=0, atol=tolerance)
        gradient = np.einsum("ij,ik->jk", difference, x) / 9
        np.testing.assert_allclose(after["W"], before["W"] - 0.1 * gradient, rtol=0, atol=tolerance)
        assert epoch.values["train.loss"] == pytest.approx((difference**2).sum() / 18, rel=10 * tolerance)
        predicted = engine.predict(plan, weights, x)
        assert predicted.dtype == dtype
        np.testing.assert_allclose(predicted, x @ after["W"].T + after["b"], rtol=0, atol=tolerance)
        measured = engine.evaluate(plan, weights, split, loss, ())
        assert measured == {"loss": pytest.approx(((predicted - t) ** 2).sum() / 18, rel=10 * tolerance)}
        assert engine.silent_units(plan, weights, x) == {}


def dense(_folder: Path) -> None:
    for layer in (Dense(units=3), Dense(units=2, activation=Relu()), Dense(units=1)):
        assert failures(check_layer(layer)) == []


ACTIVATIONS: list[Activation] = [
    smooth.Elu(),
    smooth.Exp(),
    smooth.Gelu(),
    HardSigmoid(),
    HardSwish(),
    HardTanh(),
    LeakyRelu(),
    Linear(),
    Relu(),
    smooth.Selu(),
    smooth.Sigmoid(),
    smooth.Silu(),
    smooth.Softplus(),
    smooth.Softsign(),
    smooth.Tanh(),
]
CASES: dict[tuple[str, str], Callable[[Path], None]] = {
    **{("activation", activation.type): passes(check_activation(activation)) for activation in ACTIVATIONS},
    ("dataset", "arithmetic"): arithmetic,
    ("dataset", "csv"): csv,
    ("engine", "numpy"): numpy,
    ("initializer", "he_normal"): he_normal,
    ("initializer", "zeros"): zeros,
    ("layer", "dense"): dense,
    ("loss", "mse"): mse,
    ("metric", "norm_half_square_error"): norm_half_square_error,
    ("optimizer", "gradient_descent"): passes(check_optimizer(GradientDescent(learning_rate=0.1))),
    ("scaler", "standardize"): passes(check_scaler(Standardize())),
}


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_built_in_keeps_its_promises(case: tuple[str, str], tmp_path: Path) -> None:
    CASES[case](tmp_path)


def test_every_built_in_has_a_case() -> None:
    registry = Registry([])
    assert list(CASES) == sorted((kind, name) for kind in KINDS for name in registry.names(kind))
