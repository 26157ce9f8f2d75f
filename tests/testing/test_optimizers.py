from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.api import Decay, Optimizer
from specnet.testing import check_optimizer, failures, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


class Averaged(Optimizer):
    """v = v / 2 + dw; w -= 0.1 v."""

    type: Literal["averaged"] = "averaged"

    def slots(self) -> tuple[str, ...]:
        return ("v",)

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


class Trembles(Averaged):
    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        super().update(parameters, gradients, state, step, xp)
        parameters += 1e-12 * np.random.Generator(np.random.PCG64()).uniform(size=len(parameters))


class Sinh(Optimizer):
    type: Literal["sinh"] = "sinh"

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        parameters -= 0.01 * xp.sinh(gradients)


class Keeps(Averaged):
    """Sums gradients in what is only for a while."""

    def slots(self) -> tuple[str, ...]:
        return ()

    def scratch(self) -> tuple[str, ...]:
        return ("v",)


class MovesAnyhow(Averaged):
    learning_rate: float = 0.1


class DecaysAnyhow(Optimizer):
    type: Literal["decays_anyhow"] = "decays_anyhow"
    learning_rate: float = 0.1

    def decay(self) -> Decay:
        return Decay(decoupled=0.1)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        parameters -= self.learning_rate * gradients


class DrawsFromAll(Averaged):
    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        super().update(parameters, gradients, state, step, xp)
        np.random.random()  # noqa: NPY002


FAULTS: list[tuple[Optimizer, set[str]]] = [
    (Trembles(), {"deterministic"}),
    (Clips(), {"elementwise"}),
    (Climbs(), {"goes down"}),
    (MovesACopy(), {"goes down"}),
    (TinyEpsilon(), {"float32"}),
    (Sinh(), {"finite at 1e3"}),
    (MovesAnyhow(), {"rate 0"}),
    (DecaysAnyhow(), {"rate 0"}),
    (Keeps(), {"goes down", "float32", "finite at 1e3"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Optimizer, failed: set[str]) -> None:
    assert seen(check_optimizer(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_optimizer(Averaged())) == "ran 15: 15 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_optimizer(Averaged())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


def test_a_detail_says_what_was_seen() -> None:
    details = {check.check: check.detail for check in failures(check_optimizer(Climbs()))}
    assert details["goes down"].startswith("|w|**2 went from ")
