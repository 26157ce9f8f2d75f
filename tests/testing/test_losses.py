from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.api import Context, ElementwiseLoss, Loss, RowwiseLoss, ShapeError
from specnet.testing import check_loss, failures, summary
from specnet.testing.draws import drawn_as
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


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


class FirstRowTwice(Squares):
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return super().value(ctx, prediction, target) + super().value(ctx, prediction[:1], target[:1])

    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        gradient = super().gradient(ctx, prediction, target)
        gradient[:1] += super().gradient(ctx, prediction[:1], target[:1])
        return gradient


class Trembles(Squares):
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return super().value(ctx, prediction, target) + float(np.random.Generator(np.random.PCG64()).uniform(0, 1e-14))


class NumpyNumber(Squares):
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return np.mean((prediction - target) ** 2)  # type: ignore[return-value]


class DoubleGradient(Squares):
    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        return super().gradient(ctx, prediction, target) * np.ones(1)


class SeesMemory(Squares):
    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return super().value(ctx, prediction, target) * (1 + (not prediction.flags.c_contiguous))


class Overflows(Squares):
    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.log(xp.cosh(prediction - target))  # type: ignore[no-any-return]

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.tanh(prediction - target)  # type: ignore[no-any-return]


class WeighsSums(Squares):
    def losses(self, ctx: Context, prediction: Array, target: Array) -> Array:
        return super().losses(ctx, prediction, target) * (1.0 + prediction.shape[1])  # type: ignore[no-any-return]


class WithoutRows(Loss):
    """The root of the mean of (prediction - target)**2 over rows and outputs, which is no mean over rows."""

    type: Literal["without_rows"] = "without_rows"

    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return float(np.sqrt(np.mean((prediction - target) ** 2)))

    def gradient(self, ctx: Context, prediction: Array, target: Array) -> Array:
        return (prediction - target) / (self.value(ctx, prediction, target) * prediction.size)


class Numbered(RowwiseLoss):
    """The mean over rows of the squares of p - 1 for the number of a class, p of its output, two for each target."""

    type: Literal["numbered"] = "numbered"

    def outputs(self, targets: int) -> int:
        return 2 * targets

    def whole_targets(self) -> int:
        return 2

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.sum(self._off(prediction, target, xp) ** 2, axis=(1, 2))  # type: ignore[no-any-return]

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.reshape(2 * self._off(prediction, target, xp), prediction.shape)  # type: ignore[no-any-return]

    def _off(self, prediction: Array, target: Array, xp: Any) -> Any:
        own = target[:, :, None] == xp.arange(2, dtype=target.dtype)
        return xp.where(own, xp.reshape(prediction, (*target.shape, 2)) - 1, 0.0)


class NumpyInside(Squares):
    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return np.square(prediction - target)


class DrawsFromAll(Squares):
    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        np.random.random()  # noqa: NPY002
        return super().error(prediction, target, xp)


class RefusesAll(Squares):
    def check(self, outputs: int) -> None:
        raise ShapeError("takes none")


FAULTS: list[tuple[Loss, set[str]]] = [
    (FlatGradient(), {"gradient shape"}),
    (WritesPrediction(), {"inputs unchanged"}),
    (WritesTarget(), {"inputs unchanged"}),
    (HalfSlope(), {"gradient"}),
    (Summed(), {"mean over rows"}),
    (FirstRowTwice(), {"order of rows"}),
    (Trembles(), {"deterministic"}),
    (NumpyNumber(), {"dtype kept"}),
    (DoubleGradient(), {"dtype kept"}),
    (SeesMemory(), {"memory order"}),
    (Overflows(), {"finite at 1e3"}),
    (NumpyInside(), {"portable"}),
    (WeighsSums(), {"weights of rows"}),
    (DrawsFromAll(), {"global random state"}),
    (RefusesAll(), {"gradient shape", "inputs unchanged"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Loss, failed: set[str]) -> None:
    assert seen(check_loss(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_loss(Squares())) == "ran 20: 20 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_loss(Squares())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


def test_a_loss_of_all_rows_together_has_no_weights() -> None:
    checks = check_loss(WithoutRows())
    assert failures(checks) == []
    assert {check.check: check.detail for check in checks}["weights of rows"] == "its rows have no weights"
    with pytest.raises(NotImplementedError, match="without_rows is no mean of losses of single rows"):
        WithoutRows().weighted_value(context(), np.ones((2, 1)), np.zeros((2, 1)), np.ones(2))


def test_a_loss_of_class_numbers_is_drawn_from_those() -> None:
    assert failures(check_loss(Numbered())) == []


class Logarithm(ElementwiseLoss):
    """The mean of target * log(target / prediction) - target + prediction: for numbers above 0 only."""

    type: Literal["logarithm"] = "logarithm"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return target * xp.log(target / prediction) - target + prediction  # type: ignore[no-any-return]

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return 1 - target / prediction


def test_a_loss_that_is_not_for_all_numbers_is_drawn_from_those_that_it_is_for() -> None:
    def positive(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Array, Array]:
        return rng.uniform(1, 2, shape), rng.uniform(1, 2, shape)

    assert "gradient" in {check.check for check in failures(check_loss(Logarithm()))}
    assert failures(check_loss(Logarithm(), draw=positive)) == []


class Divergence(RowwiseLoss):
    """The mean over rows of the sum of target * log(target / prediction), for rows that sum to 1."""

    type: Literal["divergence"] = "divergence"

    def wants(self) -> Any:
        return "distributions"

    def target_bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def check(self, outputs: int) -> None:
        if outputs == 1:
            raise ShapeError("needs two outputs")

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        assert target.shape[1] > 1
        return xp.sum(target * xp.log(target / xp.maximum(prediction, 1e-9)), axis=1)  # type: ignore[no-any-return]

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return -target / xp.maximum(prediction, 1e-9)  # type: ignore[no-any-return]


class NumpyRows(Divergence):
    """The same in NumPy alone."""

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return super().error(prediction, target, np)


def test_a_loss_is_drawn_from_what_it_wants_and_from_its_bounds() -> None:
    checks = check_loss(Divergence())
    assert failures(checks) == []
    assert {check.check: check.detail for check in checks}["gradient"] == "21 shapes"


def test_a_loss_of_rows_is_tried_without_numpy_too() -> None:
    assert {check.check for check in failures(check_loss(NumpyRows()))} == {"portable"}


@pytest.mark.parametrize(
    ("wants", "low", "high"),
    [
        ("positive", 0.0, np.inf),
        ("probabilities", 0.0, 1.0),
        ("distributions", -np.inf, 1.0),
        ("distributions", 0.0, 1.0),
        ("class_logits", 0.0, 1.0),
    ],
)
def test_what_is_drawn_lies_within_the_bounds(wants: Any, low: float, high: float) -> None:
    prediction, target = drawn_as(wants, low, high)(np.random.Generator(np.random.PCG64(1)), (500, 4))
    assert ((target > low) & (target < high)).all()
    assert wants == "class_logits" or prediction.min() > 0
    assert (prediction.max() < 1) == (wants in ("probabilities", "distributions"))
    if wants in ("distributions", "class_logits") and low == 0:
        np.testing.assert_allclose(target.sum(axis=1), 1, rtol=1e-12)
    if wants == "distributions":
        np.testing.assert_allclose(prediction.sum(axis=1), 1, rtol=1e-12)
