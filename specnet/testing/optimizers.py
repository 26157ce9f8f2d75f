"""The contract of optimizers: each element moves by itself, and down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.numbers import close, finite, generator, same

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Optimizer

_STEPS = 200
_PIECES = (slice(0, 1), slice(1, 3), slice(3, 10))


def check_optimizer(optimizer: Optimizer, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """Each element moves by itself, in float32 as in float64, and 200 steps go down the parabola |w|**2 / 2."""
    return contract(optimizer).run(expected_failures)


def contract(optimizer: Optimizer) -> Contract:
    """The promises of an optimizer."""
    looks = {
        "elementwise": _elementwise,
        "goes down": _goes_down,
        "float32": _float32,
        "finite at 1e3": _finite,
        "rate 0": _rate_0,
    }
    return Contract(shared(optimizer), (about(optimizer, {"deterministic": _deterministic}), about(optimizer, looks)))


def _start() -> Array:
    start: Array = generator().normal(size=10)
    start[0] = 0.0  # where 0 / 0 may lurk
    return start


def _moved(optimizer: Optimizer, start: Array, steps: int, pieces: tuple[slice, ...] = (slice(None),)) -> Any:
    """Where `steps` down the parabola |w|**2 / 2 lead, taken in pieces of the vector."""
    moved = start.copy()
    state = {name: np.zeros_like(start) for name in optimizer.slots()}
    for step in range(1, steps + 1):
        gradient = moved.copy()
        for piece in pieces:
            part = {name: vector[piece] for name, vector in state.items()}
            optimizer.update(moved[piece], gradient[piece], part | _scratch(optimizer, moved[piece]), step, np)
    return moved


def _scratch(optimizer: Optimizer, like: Array) -> dict[str, Array]:
    """What nobody may read before it is written."""
    return {name: np.full_like(like, np.nan) for name in optimizer.scratch()}


def _elementwise(optimizer: Optimizer) -> str:
    whole, pieces = (_moved(optimizer, _start(), _STEPS, pieces) for pieces in ((slice(None),), _PIECES))
    require(np.array_equal(whole, pieces, equal_nan=True), "pieces of the vector move otherwise than the whole")
    return f"{len(_PIECES)} pieces, {_STEPS} steps"


def _goes_down(optimizer: Optimizer) -> str:
    start, end = _start(), _moved(optimizer, _start(), _STEPS)
    told = f"|w|**2 went from {start @ start:.3g} to {end @ end:.3g}"
    require(end @ end < start @ start, told)
    return told


def _float32(optimizer: Optimizer) -> str:
    double, single = (_moved(optimizer, _start().astype(dtype), 1) for dtype in (np.float64, np.float32))
    close(single, double, 1e-5, "the first step")
    return "the first step"


def _finite(optimizer: Optimizer) -> str:
    for size in (1e-3, 1e3):
        for dtype in (np.float64, np.float32):
            moved: Array = np.ones(3, dtype)
            gradient: Array = np.array([-size, size / 2, size], dtype)
            state = {name: np.zeros_like(moved) for name in optimizer.slots()}
            optimizer.update(moved, gradient, state | _scratch(optimizer, moved), 1, np)
            finite({f"a parameter with gradients of {size:g} in {np.dtype(dtype)}": moved, **state})
    return "gradients of 1e3 and 1e-3"


def _rate_0(optimizer: Optimizer) -> str:
    """A schedule may fall to 0."""
    if "learning_rate" not in type(optimizer).model_fields:
        return "no learning_rate"
    still = optimizer.model_copy(update={"learning_rate": 0.0})
    same(_moved(still, _start(), 5), _start(), "parameters after five steps")
    require(not still.decay().decoupled, "decoupled decay goes on without a rate")
    return "five steps"


def _deterministic(optimizer: Optimizer) -> str:
    same(_moved(optimizer, _start(), 5), _moved(optimizer, _start(), 5), "five steps")
    return "five steps"
