from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from specnet.api import Initializer, Shape
from specnet.testing import check_initializer, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.streams import Random
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


class Uniform(Initializer):
    """Uniform in [-1 / fan_in, 1 / fan_in)."""

    type: Literal["uniform"] = "uniform"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return rng.uniform(-1 / fan_in, 1 / fan_in, shape)


class Flat(Uniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return super().draw(shape, fan_in, fan_out, rng).ravel()


class Single(Uniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return super().draw(shape, fan_in, fan_out, rng).astype(np.float32)


class DividesByZero(Uniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return super().draw(shape, fan_in, fan_out, rng) / float(np.sqrt(fan_in - 1))


class OwnStream(Uniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return np.random.Generator(np.random.PCG64()).uniform(-1, 1, shape)


class NewWords(Uniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        return rng.integers(0, 2, shape) - 0.5  # type: ignore[attr-defined,no-any-return]


class DrawsFromAll(Uniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        np.random.random()  # noqa: NPY002
        return super().draw(shape, fan_in, fan_out, rng)


FAULTS: list[tuple[Initializer, set[str]]] = [
    (Flat(), {"shape"}),
    (Single(), {"dtype"}),
    (DividesByZero(), {"finite"}),
    (OwnStream(), {"same stream, same result"}),
    (NewWords(), {"mt19937"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Initializer, failed: set[str]) -> None:
    assert seen(check_initializer(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_initializer(Uniform())) == "ran 14: 14 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_initializer(Uniform())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}
