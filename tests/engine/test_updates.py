from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pytest

from specnet.builtins.optimizers import GradientDescent
from specnet.component import Decay, Optimizer
from specnet.engine.network import quiet
from specnet.engine.updates import CHUNK, Updates, all_finite


class Momentum(Optimizer):
    """v = v / 2 + dw; w -= v."""

    type: Literal["momentum"] = "momentum"

    def slots(self) -> tuple[str, ...]:
        return ("velocity",)

    def update(self, parameters: Any, gradients: Any, state: Mapping[str, Any], step: int, xp: Any) -> None:
        assert len(parameters) <= CHUNK
        state["velocity"][:] = state["velocity"] / 2 + gradients
        parameters -= state["velocity"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_update_that_is_not_finite_moves_nothing(bad: float) -> None:
    parameters, gradients = np.array([1.0, 2.0]), np.array([0.5, bad])
    updates = Updates(GradientDescent(learning_rate=1.0), parameters, gradients)
    assert updates.move(1) is False
    assert parameters.tolist() == [1.0, 2.0]


def test_an_update_that_overflows_moves_nothing() -> None:
    parameters, gradients = np.array([1.0]), np.array([-1e200])
    with quiet():
        assert Updates(GradientDescent(learning_rate=1e200), parameters, gradients).move(1) is False
    assert parameters.tolist() == [1.0]


def test_undo_is_one_step_back() -> None:
    parameters, gradients = np.array([1.0]), np.array([1.0])
    updates = Updates(GradientDescent(learning_rate=0.25), parameters, gradients)
    for step in (1, 2):
        gradients[:] = 1.0
        assert updates.move(step)
    assert parameters.tolist() == [0.5]
    updates.undo()
    assert parameters.tolist() == [0.75]


def test_before_the_first_update_there_is_nothing_to_undo() -> None:
    parameters = np.array([1.0])
    Updates(GradientDescent(learning_rate=1.0), parameters, np.zeros(1)).undo()
    assert parameters.tolist() == [1.0]


def test_pieces_of_a_long_vector_are_moved_like_the_whole() -> None:
    size = 2 * CHUNK + 3
    parameters, gradients = np.ones(size), np.arange(size, dtype=float)
    updates = Updates(Momentum(), parameters, gradients)
    assert updates.move(1)
    assert updates.move(2)
    np.testing.assert_array_equal(parameters, 1 - gradients - 1.5 * gradients)
    np.testing.assert_array_equal(updates.state["velocity"], 1.5 * gradients)


class Decays(Optimizer):
    """w -= dw."""

    type: Literal["decays"] = "decays"
    coupled: float = 0.0
    decoupled: float = 0.0
    everywhere: bool = False

    def decay(self) -> Decay:
        return Decay(self.coupled, self.decoupled, self.everywhere)

    def update(self, parameters: Any, gradients: Any, state: Mapping[str, Any], step: int, xp: Any) -> None:
        parameters -= gradients


@pytest.mark.parametrize("kind", ["coupled", "decoupled"])
@pytest.mark.parametrize(
    "spared", [(), (slice(0, 1),), (slice(2, 4), slice(CHUNK - 1, 2 * CHUNK + 2)), (slice(0, 2 * CHUNK + 3),)]
)
def test_what_is_spared_does_not_decay(kind: str, spared: tuple[slice, ...]) -> None:
    size = 2 * CHUNK + 3
    start = np.arange(1, size + 1, dtype=float)
    wanted = start * 0.75 - 1
    for part in spared:
        wanted[part] = start[part] - 1
    parameters, gradients = start.copy(), np.ones(size)
    decays = Decays(coupled=0.25) if kind == "coupled" else Decays(decoupled=0.25)
    assert Updates(decays, parameters, gradients, spared).move(1)
    assert parameters.tolist() == wanted.tolist()
    parameters, gradients = start.copy(), np.ones(size)
    everywhere = decays.model_copy(update={"everywhere": True})
    assert Updates(everywhere, parameters, gradients, spared).move(1)
    assert parameters.tolist() == (start * 0.75 - 1).tolist()


def test_without_decay_an_update_is_the_rule_alone() -> None:
    parameters, gradients = np.array([0.1, 0.2]), np.array([0.3, -0.0])
    assert Updates(Decays(), parameters, gradients, [slice(0, 1)]).move(1)
    assert parameters.tolist() == [0.1 - 0.3, 0.2]


def test_a_net_without_parameters_is_moved_too() -> None:
    assert Updates(GradientDescent(learning_rate=1.0), np.zeros(0), np.zeros(0)).move(1)


@pytest.mark.parametrize(
    ("vector", "finite"),
    [
        ([], True),
        ([1.0], True),
        ([1e200, -1e200], True),
        ([1e308] * 3, True),
        ([np.inf], False),
        ([1.0, np.nan], False),
    ],
)
def test_finite_also_where_the_squares_overflow(vector: list[float], finite: bool) -> None:
    with quiet():
        assert all_finite(np.array(vector)) is finite
