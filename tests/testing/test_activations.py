from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.api import Activation, Context
from specnet.testing import check_activation, failures, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


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
        return xp.tanh(x) * xp.ones(1)  # type: ignore[no-any-return]


class DoubleSlope(Tanh):
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return super().slope(x, y, xp) * xp.ones(1)  # type: ignore[no-any-return]


class Overflows(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        up, down = xp.exp(x), xp.exp(-x)
        return (up - down) / (up + down)  # type: ignore[no-any-return]


class SumsRows(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.tanh(x), axis=-1)  # type: ignore[no-any-return]


class SeesMemory(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.tanh(x)
        return y.ravel(order="K").reshape(x.shape) if xp is np else y


class Centres(Activation):
    type: Literal["centres"] = "centres"

    def value(self, x: Array, xp: Any) -> Array:
        return x - xp.mean(x, axis=0)  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.zeros_like(x)  # type: ignore[no-any-return]


class Trembles(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        noise = float(np.random.Generator(np.random.PCG64()).uniform(-4, 4)) * 1e-16
        return xp.tanh(x) + noise  # type: ignore[no-any-return]


class LeavesItsBounds(Tanh):
    def bounds(self) -> tuple[float, float]:
        return -1.0, 0.9


class NumpyInside(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        return np.tanh(x)


class NumpyInSlope(Tanh):
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return np.subtract(1, y * y)


class DrawsFromAll(Tanh):
    def value(self, x: Array, xp: Any) -> Array:
        np.random.random()  # noqa: NPY002
        return super().value(x, xp)


FAULTS: list[tuple[Activation, set[str]]] = [
    (SumsRows(), {"shape"}),
    (SlopeOfAnotherShape(), {"shape"}),
    (WritesInValue(), {"inputs unchanged"}),
    (WritesInSlope(), {"inputs unchanged"}),
    (Rough(), {"smooth"}),
    (WrongSlope(), {"slope"}),
    (SteepWithWrongSlope(), {"slope"}),
    (WrongForward(), {"forward"}),
    (WrongPullback(), {"pullback"}),
    (Centres(), {"elementwise"}),
    (Trembles(), {"deterministic"}),
    (DoubleValue(), {"dtype kept"}),
    (DoubleSlope(), {"dtype kept"}),
    (SeesMemory(), {"memory order"}),
    (Overflows(), {"finite at 1e3"}),
    (LeavesItsBounds(), {"bounds"}),
    (NumpyInside(), {"portable"}),
    (NumpyInSlope(), {"portable"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Activation, failed: set[str]) -> None:
    assert seen(check_activation(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_activation(Tanh())) == "ran 22: 22 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_activation(Tanh())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


def test_a_detail_says_what_was_seen() -> None:
    details = {check.check: check.detail for check in failures(check_activation(DoubleValue()))}
    assert details["dtype kept"] == "the value of float32 is float64"
    details = {check.check: check.detail for check in failures(check_activation(SumsRows()))}
    assert details["shape"] == "the value of (1, 1) is (1,)"


def test_what_needs_a_broken_promise_is_skipped_and_says_so() -> None:
    checks = check_activation(SumsRows())
    (slope,) = [check for check in checks if check.check == "slope"]
    assert (slope.status, slope.detail) == ("skipped", "it needs: shape")


def test_without_the_strict_library_nothing_is_said_of_other_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "array_api_strict", None)
    (portable,) = [check for check in check_activation(NumpyInside()) if check.check == "portable"]
    assert (portable.status, portable.detail) == ("skipped", "array-api-strict is not installed")
