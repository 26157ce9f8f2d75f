from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from specnet.api import Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.builtins.datasets.csv import Csv
from specnet.testing import check_dataset, failures, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]
    Alone = Seen


class Squares(Dataset):
    """x ~ U[0, 1); the target is its square."""

    type: Literal["squares"] = "squares"

    def plan(self) -> DatasetPlan:
        return DatasetPlan(("x",), ("x squared",), 9)

    def load(self, ctx: LoadContext) -> Data:
        x = ctx.rng.uniform(0, 1, (9, 1))
        return Data(Table(("x",), x), Table(("x squared",), x**2))


class TooFewTargets(Squares):
    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        return data._replace(targets=Table(data.targets.names, data.targets.values[:-1]))


class Empty(Squares):
    def plan(self) -> DatasetPlan:
        return super().plan()._replace(rows=0)

    def load(self, ctx: LoadContext) -> Data:
        nothing = np.empty((0, 1))
        return Data(Table(("x",), nothing), Table(("x squared",), nothing))


class OtherNames(Squares):
    def plan(self) -> DatasetPlan:
        return DatasetPlan(("y",), ("x squared",), 9)


class OtherRows(Squares):
    def plan(self) -> DatasetPlan:
        return super().plan()._replace(rows=10)


class TwoOfOneName(Squares):
    def plan(self) -> DatasetPlan:
        return DatasetPlan(("x",), ("x",), 9)

    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        return data._replace(targets=Table(("x",), data.targets.values))


class Infinite(Squares):
    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        data.targets.values[3] = np.inf
        return data


class Single(Squares):
    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        return data._replace(inputs=Table(("x",), data.inputs.values.astype(np.float32)))


class OwnStream(Squares):
    def load(self, ctx: LoadContext) -> Data:
        return super().load(LoadContext(ctx.folder, np.random.Generator(np.random.PCG64())))


class NewWords(Squares):
    def load(self, ctx: LoadContext) -> Data:
        x = ctx.rng.integers(0, 9, (9, 1)) * 1.0  # type: ignore[attr-defined]
        return Data(Table(("x",), x), Table(("x squared",), x**2))


class ReadsElsewhere(Squares):
    def load(self, ctx: LoadContext) -> Data:
        return super().load(ctx)._replace(files=(Path(__file__),))


class NamesNoFile(Squares):
    def load(self, ctx: LoadContext) -> Data:
        return super().load(ctx)._replace(files=(ctx.folder / "squares",))


class DrawsFromAll(Squares):
    def load(self, ctx: LoadContext) -> Data:
        np.random.random()  # noqa: NPY002
        return super().load(ctx)


FAULTS: list[tuple[Dataset, set[str]]] = [
    (TooFewTargets(), {"loads"}),
    (Empty(), {"loads"}),
    (OtherNames(), {"plan"}),
    (OtherRows(), {"plan"}),
    (TwoOfOneName(), {"plan"}),
    (Infinite(), {"finite"}),
    (Single(), {"dtype"}),
    (OwnStream(), {"same seed, same rows"}),
    (NewWords(), {"mt19937"}),
    (ReadsElsewhere(), {"files"}),
    (NamesNoFile(), {"files"}),
    (DrawsFromAll(), {"global random state"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Dataset, failed: set[str]) -> None:
    assert seen(check_dataset(fault)) == failed


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_dataset(Squares())) == "ran 16: 16 passed"


def test_every_check_has_a_fault_that_it_alone_sees(alone: Alone) -> None:
    assert alone(check_dataset(Squares())) == {name for _, failed in FAULTS for name in failed if len(failed) == 1}


def test_relative_paths_start_at_the_folder(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,y\n1,2\n3,4\n")
    dataset = Csv(path="rows.csv", inputs=("a",), targets=("y",))
    assert failures(check_dataset(dataset, tmp_path)) == []
    (broken,) = failures(check_dataset(dataset, tmp_path / "elsewhere"))
    assert broken.check == "loads"
    assert "rows.csv cannot be read" in broken.detail


def test_a_detail_says_what_was_seen() -> None:
    (broken,) = [check for check in failures(check_dataset(Infinite())) if check.check == "finite"]
    assert broken.detail == "row 3 of x squared is not finite"
