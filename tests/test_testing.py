from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.api import (
    Activation,
    Context,
    ElementwiseLoss,
    Initializer,
    Layer,
    LayerPlan,
    LoadContext,
    Optimizer,
    Parameter,
    Scaler,
    Shape,
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
    from specnet.component.network import Pullback


def names(checks: Iterable[Check]) -> set[str]:
    """The names of the checks without what they were applied to."""
    return {check.name.split(",")[0].split(" (")[0] for check in checks}


def context(seed: int = 0) -> StepContext:
    rng = Streams(seed).of("noise")
    return StepContext(Arena(np.float64), True, {}, {}, True, lambda: rng)


def test_nothing_checked_is_no_success() -> None:
    with pytest.raises(ValueError, match=r"^no check has run$"):
        failures([])


def test_failures_are_those_that_did_not_pass() -> None:
    bad = Check("b", False, "off by 1")
    assert failures([Check("a", True), bad, Check("c", True)]) == [bad]


# Activations


class Tanh(Activation):
    """y = tanh(x)."""

    type: Literal["tanh"] = "tanh"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.tanh(x)
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return 1 - xp.tanh(x) ** 2  # type: ignore[no-any-return]


class WrongSlope(Tanh):
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return 1 - x * x


class SlopeOfAnotherShape(Tanh):
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return super().slope(x, y, xp)[..., :1]


class SteepWithWrongSlope(Activation):
    type: Literal["steep"] = "steep"

    def value(self, x: Array, xp: Any) -> Array:
        return 1e5 * x * x

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return 1e5 * x


class Rough(Activation):
    type: Literal["rough"] = "rough"

    def value(self, x: Array, xp: Any) -> Array:
        return xp.sin(1e9 * x)  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.zeros_like(x)  # type: ignore[no-any-return]


class WrongForward(Tanh):
    def forward(self, ctx: Context, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        slope = self.slope(x, x, np)
        return np.clip(x, -1, 1, out=x), lambda dy: dy * slope


class WrongPullback(Tanh):
    def forward(self, ctx: Context, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        return np.tanh(x, out=x), lambda dy: dy * (1 - np.tanh(x) ** 2)  # x is y by now


class WritesInValue(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        return xp.tanh(x, out=x)  # type: ignore[no-any-return]


class WritesInSlope(Tanh):
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.subtract(1, xp.tanh(x) ** 2, out=x)  # type: ignore[no-any-return]


class DoubleValue(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        return xp.tanh(x.astype(np.float64))  # type: ignore[no-any-return]


class DoubleSlope(Tanh):
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return super().slope(x, y, xp) * np.ones(1)


class Overflows(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        up, down = xp.exp(x), xp.exp(-x)
        return (up - down) / (up + down)  # type: ignore[no-any-return]


class LeavesItsBounds(Tanh):
    def bounds(self) -> tuple[float, float]:
        return -1.0, 0.9


class SumsRows(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        return xp.tanh(x).sum(axis=-1)  # type: ignore[no-any-return]


class SeesMemory(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        return xp.tanh(x).ravel(order="K").reshape(x.shape)  # type: ignore[no-any-return]


class Centres(Activation):
    type: Literal["centres"] = "centres"

    def value(self, x: Array, xp: Any) -> Array:
        return x - x.mean(axis=0)  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.zeros_like(x)  # type: ignore[no-any-return]


ACTIVATION_FAULTS: list[tuple[Activation, set[str]]] = [
    (WrongSlope(), {"slope"}),
    (SlopeOfAnotherShape(), {"slope"}),
    (SteepWithWrongSlope(), {"slope"}),
    (Rough(), {"smooth"}),
    (WrongForward(), {"forward"}),
    (WrongPullback(), {"pullback"}),
    (WritesInValue(), {"inputs unchanged"}),
    (WritesInSlope(), {"inputs unchanged"}),
    (DoubleValue(), {"dtype kept"}),
    (DoubleSlope(), {"dtype kept"}),
    (Overflows(), {"finite at 1e3"}),
    (LeavesItsBounds(), {"bounds"}),
    (SumsRows(), {"shape"}),
    (SeesMemory(), {"memory order"}),
    (Centres(), {"elementwise"}),
]


# Layers


class Affine(Layer):
    """y = x W' + b, with each part of the pullback a method that a fault can replace."""

    type: Literal["affine"] = "affine"
    units: int = 3

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        ((columns,),) = in_shapes
        weights = Parameter("W", (self.units, columns), HeNormal(), columns, self.units)
        return LayerPlan((self.units,), (weights, Parameter("b", (self.units,), Zeros(), columns, self.units)))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            self.fill(ctx, x, dy)
            return self.pulled(params, dy)

        return x @ params["W"].T + params["b"], pullback

    def fill(self, ctx: Context, x: Array, dy: Array) -> None:
        ctx.gradients["W"][:] = dy.T @ x
        ctx.gradients["b"][:] = dy.sum(axis=0)

    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return (dy @ params["W"],)


class PlansAnotherShape(Affine):
    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        planned = super().plan(in_shapes)
        return LayerPlan((self.units + 1,), planned.params)


class MeanOfW(Affine):
    def fill(self, ctx: Context, x: Array, dy: Array) -> None:
        super().fill(ctx, x, dy)
        ctx.gradients["W"][:] /= len(x)


class ForgetsB(Affine):
    def fill(self, ctx: Context, x: Array, dy: Array) -> None:
        ctx.gradients["W"][:] = dy.T @ x


class DoubleOfX(Affine):
    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return (2 * dy @ params["W"],)


class SumOfX(Affine):
    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return ((dy @ params["W"]).sum(axis=1, keepdims=True),)


class NoneForX(Affine):
    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return (None,)


class BareX(Affine):
    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return dy @ params["W"]  # type: ignore[return-value]


class TooMany(Affine):
    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return (dy @ params["W"], dy)


class ReturnsTooSoon(Affine):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        y, pullback = super().forward(ctx, params, *inputs)
        return y, lambda dy: pullback(dy) if ctx.input_gradient else (None,)


class WritesX(Affine):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        y, pullback = super().forward(ctx, params, x.copy())
        x *= 0.5
        return y, pullback


class DrawsAlways(Affine):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        noise = ctx.rng.standard_normal(inputs[0].shape)
        return super().forward(ctx, params, inputs[0] + noise)


LAYER_FAULTS: list[tuple[Layer, set[str]]] = [
    (PlansAnotherShape(), {"shape"}),
    (MeanOfW(), {"gradient of W"}),
    (ForgetsB(), {"gradient of b"}),
    (DoubleOfX(), {"gradient of input 0"}),
    (SumOfX(), {"one gradient an input"}),
    (NoneForX(), {"one gradient an input"}),
    (BareX(), {"one gradient an input"}),
    (TooMany(), {"one gradient an input"}),
    (ReturnsTooSoon(), {"gradient of W alone", "gradient of b alone"}),
    (WritesX(), {"inputs unchanged"}),
    (DrawsAlways(), {"evaluation"}),
]


# Losses


class Squares(ElementwiseLoss):
    """The mean of (prediction - target)**2 over rows and outputs."""

    type: Literal["squares"] = "squares"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return (prediction - target) ** 2

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return 2 * (prediction - target)


class HalfSlope(Squares):
    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return prediction - target


class Summed(Squares):
    def divisor(self, rows: int, outputs: int) -> int:
        return 1


class FlatGradient(Squares):
    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        return super().gradient(ctx, prediction, target).sum(axis=1)  # type: ignore[no-any-return]


class WritesPrediction(Squares):
    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        prediction -= target
        prediction *= 2 / prediction.size
        return prediction


class WritesTarget(Squares):
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        target -= prediction
        return float(np.mean(target**2))


LOSS_FAULTS: list[tuple[ElementwiseLoss, set[str]]] = [
    (HalfSlope(), {"gradient"}),
    (Summed(), {"mean over rows"}),
    (FlatGradient(), {"gradient shape"}),
    (WritesPrediction(), {"inputs unchanged"}),
    (WritesTarget(), {"inputs unchanged"}),
]


# Optimizers


class Averaged(Optimizer):
    """v = v / 2 + dw; w -= 0.1 v."""

    type: Literal["averaged"] = "averaged"
    slots = ("v",)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        v = state["v"]
        v *= 0.5
        v += gradients
        parameters -= 0.1 * v


class Clips(Optimizer):
    type: Literal["clips"] = "clips"

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        parameters -= 0.1 * gradients / max(1.0, float(xp.sqrt(gradients @ gradients)))


class Climbs(Optimizer):
    type: Literal["climbs"] = "climbs"

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        parameters += 0.01 * gradients


class MovesACopy(Optimizer):
    type: Literal["moves_a_copy"] = "moves_a_copy"

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        parameters = parameters - 0.1 * gradients


class TinyEpsilon(Optimizer):
    type: Literal["tiny_epsilon"] = "tiny_epsilon"

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        parameters -= 0.01 * gradients / (abs(gradients) + 1e-60)  # 0 in float32, and 0 / 0 is NaN


OPTIMIZER_FAULTS: list[tuple[Optimizer, set[str]]] = [
    (Clips(), {"elementwise"}),
    (Climbs(), {"goes down"}),
    (MovesACopy(), {"goes down"}),
    (TinyEpsilon(), {"float32"}),
]


# Scalers


class Centre(Scaler):
    """z = x - mean."""

    type: Literal["centre"] = "centre"

    def fit(self, x: Array) -> dict[str, Array]:
        return {"mean": x.mean(axis=0)}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return x - state["mean"]

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z + state["mean"]


class OneWay(Centre):
    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z


class DividesByZero(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        return {"low": x.min(axis=0), "width": x.max(axis=0) - x.min(axis=0)}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return (x - state["low"]) / state["width"]

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z * state["width"] + state["low"]


class Saturates(Centre):
    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return np.clip(x, -1e6, 1e6) - state["mean"]


class ClipsToTraining(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        return {"low": x.min(axis=0), "high": x.max(axis=0), "mean": x.mean(axis=0)}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return np.clip(x, state["low"], state["high"]) - state["mean"]


class OneMean(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        return {"mean": x.mean()}


class KeepsRows(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        return {"mean": x.mean(axis=0), "rows": x}


class WritesRows(Centre):
    def transform(self, state: dict[str, Array], x: Array) -> Array:
        x -= state["mean"]
        return x


BOTH = {"round trip of training rows", "round trip of new rows"}
SCALER_FAULTS: list[tuple[Scaler, set[str]]] = [
    (OneWay(), BOTH),
    (DividesByZero(), BOTH),
    (Saturates(), {"round trip of training rows"}),
    (ClipsToTraining(), {"round trip of new rows"}),
    (OneMean(), {"one value a column"}),
    (KeepsRows(), {"one value a column"}),
    (WritesRows(), {"inputs unchanged"}),
]


# Every check sees its fault, and only its fault


def check_affine(layer: Layer) -> list[Check]:
    return check_layer(layer, ((4,),))


KIT: dict[str, tuple[Callable[[Any], list[Check]], Any, Iterable[tuple[Any, set[str]]], int]] = {
    "activation": (check_activation, Tanh(), ACTIVATION_FAULTS, 11),
    "layer": (check_affine, Affine(), LAYER_FAULTS, 27),
    "loss": (check_loss, Squares(), LOSS_FAULTS, 13),
    "optimizer": (check_optimizer, Averaged(), OPTIMIZER_FAULTS, 3),
    "scaler": (check_scaler, Centre(), SCALER_FAULTS, 4),
}
"""The function, a component that passes, those that do not, and how many checks the first is worth."""
FAULTS = [(check, fault, failed) for check, _, faults, _ in KIT.values() for fault, failed in faults]


@pytest.mark.parametrize(("check", "fault", "failed"), FAULTS, ids=[type(fault).__name__ for _, fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(check: Any, fault: Any, failed: set[str]) -> None:
    seen = failures(check(fault))
    assert names(seen) == failed
    assert all(one.detail for one in seen)


@pytest.mark.parametrize("kind", KIT)
def test_every_check_has_a_fault_that_it_alone_sees(kind: str) -> None:
    check, sound, faults, count = KIT[kind]
    checks = check(sound)
    assert failures(checks) == []
    assert len(checks) == count
    assert names(checks) == {name for _, failed in faults for name in failed}


def test_a_detail_says_what_was_seen() -> None:
    (check,) = failures(check_activation(DoubleValue()))
    assert "dtype('float64')" in check.detail
    (check,) = failures(check_activation(SumsRows()))
    assert check.detail == "(100, 4) became (100,)"
    assert failures(check_affine(PlansAnotherShape()))[1] == Check("shape, 2 rows of ((4,),)", False, "it is (2, 3)")
    assert failures(check_affine(DrawsAlways()))[0].detail == "it touched random numbers"


def test_a_pullback_may_write_over_what_it_is_given() -> None:
    # Dense with an activation that has no `forward` of its own multiplies dy in place, also for a single row.
    assert failures(check_layer(Dense(units=3, activation=Tanh()), ((4,),))) == []


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
    for layer in (Dense(units=3), Dense(units=2, activation=Relu()), Dense(units=1, activation=Tanh())):
        for columns in (1, 4):
            assert failures(check_layer(layer, ((columns,),))) == []


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
    kinds = KINDS.keys() - {"schedule"}  # those are in tests/builtins/test_schedules.py
    assert list(CASES) == sorted((kind, name) for kind in kinds for name in registry.names(kind))
