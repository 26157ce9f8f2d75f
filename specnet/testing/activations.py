"""The contract of activations: elementwise, a value and its slope, on every engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.numbers import (
    ROUNDING,
    SHAPES,
    TOLERANCE,
    close,
    context,
    finite,
    generator,
    same,
    slopes,
    untouched,
    within,
)
from specnet.testing.portability import portable

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Activation

ORDERS: tuple[Literal["F", "C"], ...] = ("F", "C")
COUNT = f"{len(SHAPES)} shapes"


def check_activation(activation: Activation, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """The slope against differences, `forward` against both formulas; elementwise, inputs and types kept, finite.

    The values lie within the bounds that it tells.
    """
    return contract(activation).run(expected_failures)


def contract(activation: Activation) -> Contract:
    """The promises of an activation."""
    first = {"shape": _shape, "inputs unchanged": _inputs_unchanged}
    then = {
        "smooth": _smooth,
        "slope": _slope,
        "forward": _forward,
        "pullback": _pullback,
        "elementwise": _elementwise,
        "deterministic": _deterministic,
        "dtype kept": _dtype_kept,
        "memory order": _memory_order,
        "finite at 1e3": _finite,
        "bounds": _bounds,
        "portable": _portable,
    }
    return Contract(shared(activation), (about(activation, first), about(activation, then)))


def _points() -> list[Array]:
    return [generator(i).normal(scale=3.0, size=shape) for i, shape in enumerate(SHAPES)]


def _both(activation: Activation, x: Array) -> tuple[Array, Array]:
    y = activation.value(x.copy(order="K"), np)
    return y, activation.slope(x.copy(order="K"), y.copy(order="K"), np)


def _shape(activation: Activation) -> str:
    for x in _points():
        for what, made in zip(("value", "slope"), _both(activation, x), strict=True):
            require(made.shape == x.shape, f"the {what} of {x.shape} is {made.shape}")
    return COUNT


def _inputs_unchanged(activation: Activation) -> str:
    for x in _points():
        untouched(lambda x: activation.value(x, np), x)
        untouched(lambda x, y: activation.slope(x, y, np), x, activation.value(x.copy(), np))
    return COUNT


def _smooth(activation: Activation) -> str:
    points = _points()
    total = sum(x.size for x in points)
    kinks = total - sum(int(slopes(lambda x: activation.value(x, np), x)[1].sum()) for x in points)
    require(2 * kinks <= total, f"{kinks} of {total} points are kinks")
    return f"{kinks} of {total} points are kinks"


def _slope(activation: Activation) -> str:
    for x in _points():
        numeric, smooth = slopes(lambda x: activation.value(x, np), x)
        _, slope = _both(activation, x)
        close(slope[smooth], numeric[smooth], TOLERANCE, str(x.shape))
    return COUNT


def _forward(activation: Activation) -> str:
    for x in _points():
        for order in ORDERS:
            y, _ = activation.forward(context(), x.copy(order=order))
            close(y, activation.value(x.copy(order=order), np), ROUNDING, f"{x.shape}, order {order}")
    return COUNT


def _pullback(activation: Activation) -> str:
    for x in _points():
        dy: Array = np.asarray(generator(1).standard_normal(x.shape))
        for order in ORDERS:
            _, slope = _both(activation, x.copy(order=order))
            _, pullback = activation.forward(context(), x.copy(order=order))
            close(pullback(dy.copy(order=order)), dy * slope, TOLERANCE, f"{x.shape}, order {order}")
    return COUNT


def _elementwise(activation: Activation) -> str:
    x = _points()[-1]
    pieces = [_both(activation, piece) for piece in (x[:1], x[1:, :1], x[1:, 1:])]
    for what, top, left, right in zip(("value", "slope"), *pieces, strict=True):
        whole = _both(activation, x)[what == "slope"]
        close(np.vstack([top, np.hstack([left, right])]), whole, ROUNDING, what)
    return ""


def _deterministic(activation: Activation) -> str:
    for x in _points():
        for first, again in zip(_both(activation, x), _both(activation, x), strict=True):
            same(again, first, str(x.shape))
    return COUNT


def _dtype_kept(activation: Activation) -> str:
    for dtype in (np.float32, np.float64):
        x: Array = _points()[-1].astype(dtype)
        y, pullback = activation.forward(context(dtype), x.copy())
        made = {**dict(zip(("value", "slope"), _both(activation, x), strict=True)), "forward": y, "dx": pullback(x)}
        for what, array in made.items():
            require(array.dtype == dtype, f"the {what} of {np.dtype(dtype)} is {array.dtype}")
    return "float32 and float64"


def _memory_order(activation: Activation) -> str:
    for x in _points():
        strided: Array = np.repeat(x, 2, axis=0)[::2]
        for other in (np.asfortranarray(x), strided):
            for what, got, wanted in zip(
                ("value", "slope"), _both_of(activation, other), _both(activation, x), strict=True
            ):
                close(got, wanted, ROUNDING, f"{what} of {x.shape}")
    return COUNT


def _both_of(activation: Activation, x: Array) -> tuple[Array, Array]:
    """Without a copy, which would put the memory in order."""
    y = activation.value(x, np)
    return y, activation.slope(x, y, np)


def _finite(activation: Activation) -> str:
    for dtype in (np.float64, np.float32):  # at 1e2 exp overflows in float32 only
        x: Any = np.array([[-1e3, -1e2, 0.0, 1e2, 1e3]], dtype)
        value, slope = _both(activation, x)
        finite({f"the value in {np.dtype(dtype)}": value, f"the slope in {np.dtype(dtype)}": slope})
    return "value and slope, float64 and float32"


def _bounds(activation: Activation) -> str:
    low, high = activation.bounds()
    for x in (*_points(), np.array([[-1e3, 1e3]])):
        y = activation.value(x, np)
        within(y, low, high)
    return f"{low} and {high}"


def _portable(activation: Activation) -> str:
    x = generator().normal(scale=3.0, size=(7, 3))
    portable("value", activation.value, x)
    return portable("slope", lambda x, xp: activation.slope(x, activation.value(x, xp), xp), x)
