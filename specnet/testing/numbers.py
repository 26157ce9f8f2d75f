"""Draws, differences and tolerances: formulas that are independent of those of the components.

Derivatives are held against central differences, (f(x + h u) - f(x - h u)) / 2h in random directions u,
whose error is of the order h**2 for smooth f (Nocedal and Wright, Numerical Optimization, section 8.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.engine.arena import Arena
from specnet.engine.network import StepContext
from specnet.streams import Streams
from specnet.testing.checks import Broken

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random

STEP = 1e-6
TOLERANCE = 1e-6
"""Relative; the formula is off by about STEP**2 and its rounding by 1e-16 / STEP."""
ROUNDING = 1e-9
"""Relative; between two orders of the same sum."""
SINGLE = 1e-3
"""Relative; between float32 and float64, after sums that lose some digits of the seven."""
BEND = 1e-3
"""By how much the differences to both sides may differ where there is no kink; relative."""
ATTEMPTS = 5
"""Draws before it is given up to find a point without a kink nearby."""
SEED = 20_261_125
ROWS = (1, 2, 7)
SHAPES = tuple((rows, columns) for rows in ROWS for columns in (1, 2, 3, 4, 5, 6, 8, 9))
"""What elementwise formulas and losses are checked with: 24, with batch 1 and width 1 among them."""


def generator(*key: int) -> np.random.Generator:
    """The same stream for the same key."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=key)))


def context(
    dtype: Any = np.float64,
    training: bool = True,
    gradients: Mapping[str, Array] | None = None,
    buffers: Mapping[str, Array] | None = None,
    input_gradient: bool = True,
    draw: Callable[[], Random] | None = None,
) -> StepContext:
    """What an engine hands over, with fresh memory, and with a stream that starts anew for each context."""
    noise = cache(partial(Streams(SEED).of, "noise"))
    return StepContext(Arena(dtype), training, gradients or {}, buffers or {}, input_gradient, draw or noise)


def close(got: Any, wanted: Any, tolerance: float, where: str) -> None:
    """Raises Broken unless the shapes are equal and the values near, relative to 1 or to what is wanted."""
    if np.shape(got) != np.shape(wanted):
        raise Broken(f"{where}: its shape is {np.shape(got)}, not {np.shape(wanted)}")
    error = np.max(np.abs(got - wanted) / np.maximum(1.0, np.abs(wanted)), initial=0.0)
    if not error <= tolerance:
        raise Broken(f"{where}: off by {error:.3g}, more than {tolerance:g}")


def same(got: Any, wanted: Any, where: str) -> None:
    """Raises Broken unless both are equal to the bit."""
    if np.asarray(got).tobytes() != np.asarray(wanted).tobytes():
        raise Broken(f"{where}: a second time it gives something else")


def slopes(f: Callable[[Array], Array], x: Array) -> tuple[Array, Any]:
    """The differences of an elementwise f, and True where no kink lies within STEP of x."""
    behind, here, ahead = f(x - STEP), f(x), f(x + STEP)
    left, right = here - behind, ahead - here
    bend = BEND * np.maximum(STEP, np.maximum(np.abs(left), np.abs(right)))
    return (ahead - behind) / (2 * STEP), np.abs(right - left) <= bend


def slope_along(f: Callable[[float], float]) -> float | None:
    """The difference of f at 0, None where a kink lies within STEP of it."""
    behind, here, ahead = f(-STEP), f(0.0), f(STEP)
    left, right = here - behind, ahead - here
    kinked = abs(right - left) > BEND * max(STEP, abs(left), abs(right))
    return None if kinked else (ahead - behind) / (2 * STEP)


def frozen(array: Array, order: Any = "K") -> Array:
    """A copy that cannot be written."""
    copied = array.copy(order=order)
    copied.flags.writeable = False
    return copied


def untouched(use: Callable[..., object], *arrays: Array) -> None:
    """Calls `use` with read-only copies. Raises Broken when it writes into one."""
    given = [frozen(array) for array in arrays]
    try:
        use(*given)
    except ValueError as error:  # NumPy refuses to write into a read-only array
        raise Broken(str(error)) from error
    if not all(map(np.array_equal, given, arrays)):
        raise Broken("an input was written")


def within(values: Array, low: float, high: float) -> None:
    """Raises Broken for a value beyond the bounds; what is not finite is told by another check."""
    seen = values[np.isfinite(values)]
    outside = seen[(seen < low - TOLERANCE) | (seen > high + TOLERANCE)]
    if outside.size:
        raise Broken(f"{outside[0]:.3g} is not within {low} and {high}")


def finite(values: Mapping[str, Any]) -> None:
    """Raises Broken for the first that is not finite."""
    for name, value in values.items():
        if not np.isfinite(value).all():
            raise Broken(f"{name} is {np.asarray(value)[~np.isfinite(value)].ravel()[0]}")
