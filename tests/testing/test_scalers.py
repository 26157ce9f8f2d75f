from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from specnet.api import Scaler
from specnet.testing import check_scaler, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


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


class CountsRows(Centre):
    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return super().transform(state, x) + np.arange(len(x))[:, None]

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return super().inverse(state, z - np.arange(len(z))[:, None])


class SeesMemory(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        return {"mean": x.mean(axis=0) + (not x.flags.c_contiguous)}


class OfSample(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        std = np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=0) / (len(x) - 1))
        return {"mean": np.where(std > 1e-12, x.mean(axis=0), x[0]), "std": np.where(std > 1e-12, std, std * 0 + 1)}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return (x - state["mean"]) / state["std"]

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z * state["std"] + state["mean"]


class Trembles(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        return {"mean": x.mean(axis=0) + np.random.Generator(np.random.PCG64()).uniform(0, 1e-12)}


class TalksALot(Centre):
    def check(self, z: Array) -> str:
        return "all is well\nindeed"


class DrawsFromAll(Centre):
    def fit(self, x: Array) -> dict[str, Array]:
        np.random.random()  # noqa: NPY002
        return super().fit(x)


BOTH = {"round trip of training rows", "round trip of new rows"}
FAULTS: list[tuple[Scaler, set[str]]] = [
    (WritesRows(), {"inputs unchanged"}),
    (OneMean(), {"one value a column"}),
    (KeepsRows(), {"one value a column"}),
    (OneWay(), BOTH),
    (DividesByZero(), BOTH),
    (Saturates(), {"round trip of training rows"}),
    (ClipsToTraining(), {"round trip of new rows"}),
    (CountsRows(), {"rows by themselves"}),
    (SeesMemory(), {"memory order"}),
    (OfSample(), {"finite at 1e3"}),
    (Trembles(), {"deterministic"}),
    (TalksALot(), {"check"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Scaler, failed: set[str]) -> None:
    assert seen(check_scaler(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_scaler(Centre())) == "ran 18: 18 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_scaler(Centre())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}
