from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.api import Activation, Context, Layer, LayerPlan, Parameter, Shape, ShapeError
from specnet.builtins.activations import Relu
from specnet.builtins.initializers import HeNormal, Zeros
from specnet.builtins.layers.dense import Dense
from specnet.errors import DataError, Finding
from specnet.testing import check_layer, failures, layers, summary
from specnet.testing.trials import CANDIDATES, CASES, trials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.component.network import Pullback
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


class Affine(Layer):
    """y = x W' + b, with each part of the pullback a method that a fault can replace."""

    type: Literal["affine"] = "affine"
    units: int = 3
    """Numbers that come out for one row."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if len(in_shapes) != 1 or len(in_shapes[0]) != 1:
            raise ShapeError("affine reads one input with one axis")
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


class PassesDoubleWhenFrozen(Affine):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        y, pullback = super().forward(ctx, params, *inputs)
        return y, lambda dy: pullback(dy if ctx.training else 2 * dy)


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


class RefusesByUnpacking(Affine):
    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        ((_columns,),) = in_shapes
        return super().plan(in_shapes)


class RefusesAll(Affine):
    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        raise ShapeError("affine wants 17 columns")


class Changed(Affine):
    """An affine layer whose y is changed afterwards, in one of the modes."""

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        y, pullback = super().forward(ctx, params, *inputs)
        return self.changed(y, ctx.training), pullback

    def changed(self, y: Array, training: bool) -> Array:
        return y


def noise() -> float:
    return float(np.random.Generator(np.random.PCG64()).uniform(-1, 1)) * 1e-13


class TremblesOutside(Changed):
    def changed(self, y: Array, training: bool) -> Array:
        return y if training else y + noise()


class TremblesInTraining(Changed):
    def changed(self, y: Array, training: bool) -> Array:
        return y + noise() if training else y


class SeesMemory(Affine):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        return super().forward(ctx, params, x.ravel(order="K").reshape(x.shape, order="F"))


class Doubles(Changed):
    def changed(self, y: Array, training: bool) -> Array:
        return y * np.ones(1)


class Overflows(Changed):
    def changed(self, y: Array, training: bool) -> Array:
        return np.log(np.exp(y))


class LeavesItsBounds(Affine):
    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0


class CountsRows(Changed):
    def changed(self, y: Array, training: bool) -> Array:
        return y if training else y + np.arange(len(y))[:, None]


class Centres(Affine):
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        y, pullback = super().forward(ctx, params, *inputs)
        if ctx.training:
            return y, pullback
        return y - y.mean(axis=0), lambda dy: pullback(dy - dy.mean(axis=0))


class Fine(Changed):
    """What is rough at the scale of the differences has a kink everywhere."""

    def changed(self, y: Array, training: bool) -> Array:
        return y + 1e-3 * np.sin(1e9 * y) if training else y


class DrawsFromAll(Changed):
    def changed(self, y: Array, training: bool) -> Array:
        random.random()  # noqa: S311
        return y


class ReadsAnything(Affine):
    def whole_numbers(self) -> int | None:
        return 3

    def pulled(self, params: Mapping[str, Array], dy: Array) -> tuple[Array | None, ...]:
        return (0 * dy @ params["W"],)


class MovesWholeNumbers(Affine):
    def whole_numbers(self) -> int | None:
        return 3

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        if not np.isin(inputs[0], range(3)).all():
            raise DataError(Finding("SN519", "affine reads 3 whole numbers"))
        return super().forward(ctx, params, *inputs)


class SaysAnother(Affine):
    """A formula without the biases."""

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        (x,) = inputs
        return x @ values["W"].T


FAULTS: list[tuple[Layer, set[str]]] = [
    (RefusesByUnpacking(), {"refusals"}),
    (RefusesAll(), {"planned"}),
    (PlansAnotherShape(), {"shape"}),
    (SumOfX(), {"one gradient an input"}),
    (NoneForX(), {"one gradient an input"}),
    (BareX(), {"one gradient an input"}),
    (TooMany(), {"one gradient an input"}),
    (WritesX(), {"inputs unchanged"}),
    (DrawsAlways(), {"evaluation"}),
    (ReadsAnything(), {"whole numbers"}),
    (MovesWholeNumbers(), {"gradient of inputs"}),
    (TremblesOutside(), {"deterministic"}),
    (TremblesInTraining(), {"same stream, same result"}),
    (DoubleOfX(), {"gradient of inputs"}),
    (MeanOfW(), {"gradient of parameters"}),
    (ForgetsB(), {"gradient of parameters"}),
    (PassesDoubleWhenFrozen(), {"gradient when frozen"}),
    (ReturnsTooSoon(), {"gradients alone"}),
    (SeesMemory(), {"memory order"}),
    (Doubles(), {"dtype kept"}),
    (Overflows(), {"finite at 1e3"}),
    (LeavesItsBounds(), {"bounds"}),
    (CountsRows(), {"order of rows"}),
    (Centres(), {"subset of rows"}),
    (SaysAnother(), {"formula"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Layer, failed: set[str]) -> None:
    assert seen(check_layer(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_layer(Affine())) == "ran 28: 28 passed; 1 skipped"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_layer(Affine())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


def test_a_detail_says_what_was_seen_and_where() -> None:
    details = {check.check: check.detail for check in failures(check_layer(PlansAnotherShape()))}
    assert details["shape"] == "1 row of ((1,),): it is (1, 3), not (1, 4) as planned"
    details = {check.check: check.detail for check in failures(check_layer(DrawsAlways(), ((4,),)))}
    assert details["evaluation"] == "1 row of ((4,),): it touched random numbers"
    details = {check.check: check.detail for check in failures(check_layer(RefusesByUnpacking()))}
    assert details["refusals"].startswith("it refuses ((1, 1),) by ValueError: too many values to unpack")


def test_a_shape_that_was_given_must_be_taken() -> None:
    details = {check.check: check.detail for check in failures(check_layer(Affine(), ((4, 2),)))}
    assert details["planned"] == "it refuses ((4, 2),): affine reads one input with one axis"


def test_a_layer_that_is_rough_everywhere_has_no_gradient_to_be_held_against() -> None:
    details = {check.check: check.detail for check in failures(check_layer(Fine()))}
    assert details["gradient of inputs"] == "1 row of ((1,),): kinks near each of 5 points"


class Wants17(Affine):
    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if in_shapes != ((17,),):
            raise ShapeError("it wants 17 columns")
        return super().plan(in_shapes)


def test_there_are_at_least_20_cases_with_batch_1_and_width_1() -> None:
    cases = [(len(trial.dy), trial.inputs[0].shape[1:]) for trial in trials(Affine(), ())]
    assert len(set(cases)) == len(cases) >= CASES == 20
    assert {(1, (1,)), (7, (9,))} <= set(cases)
    checks = {check.check: check.detail for check in check_layer(Affine())}
    assert checks["gradient of parameters"] == f"{len(cases)} cases"
    few = list(trials(Wants17(), (((17,),),)))
    assert [len(trial.dy) for trial in few] == [1, 2, 7, 3, 4, 5, 6, *range(8, 21)]


def test_every_rank_and_several_inputs_are_tried() -> None:
    assert {(len(shapes), len(shapes[0])) for shapes in CANDIDATES} == {(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)}


class Bent(Layer):
    """y = |x - at|."""

    type: Literal["bent"] = "bent"
    at: float
    """Where the kink is."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if len(in_shapes) != 1:
            raise ShapeError("bent reads one input")
        return LayerPlan(in_shapes[0])

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        side = np.sign(inputs[0] - self.at)
        return abs(inputs[0] - self.at), lambda dy: (dy * side,)


def test_a_point_near_a_kink_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(trials(Bent(at=0.0), ()))
    bent = Bent(at=float(first.inputs[0][0, 0]) + 1e-9)
    assert failures(check_layer(bent)) == []
    monkeypatch.setattr(layers, "ATTEMPTS", 1)
    assert [check.check for check in failures(check_layer(bent))] == ["gradient of inputs"]


def test_a_pullback_may_write_over_what_it_is_given() -> None:
    # Dense with an activation that has no `forward` of its own multiplies dy in place, also for a single row.
    class Cube(Relu):
        def forward(self, ctx: Context, x: Array) -> tuple[Array, Callable[[Array], Array]]:
            return Activation.forward(self, ctx, x)

    layer = Dense(units=3, activation=Cube())
    assert {check.check for check in failures(check_layer(layer, ((4,),)))} <= {"pickle"}
