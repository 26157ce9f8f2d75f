from __future__ import annotations

import json
import signal
from math import inf, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_run, run
from specnet.builtins.layers.dense import Dense
from specnet.cli import main
from specnet.component import DatasetPlan
from specnet.component.task import Epoch, TrainingTask
from specnet.errors import DivergenceError, Interrupted, SpecError
from specnet.plan import make_plan
from specnet.runs import Run, Watcher
from specnet.runs.early_stopping import Ending, Patience
from specnet.runs.evaluation import evaluate
from specnet.spec.stopping import EarlyStopping
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.plan import Plan
    from specnet.spec import Spec

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "metrics": ["norm_half_square_error"],
    "dataset": {"type": "arithmetic", "samples": 40},
    "split": {"train": 0.5, "validation": 0.25, "test": 0.25},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 6, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.2},
    # Batches are so small that a later look is not always better than an earlier one.
    "training": {"epochs": 60, "log_every": 60, "batch_size": 5},
    "early_stopping": {"patience": 4},
    "checks": {"parameters_vs_rows": "off"},
    "predict": [{"inputs": [[30, 70]]}],
}


class Looking(Watcher):
    """Keeps the watched values and the weights of each look."""

    def __init__(self) -> None:
        self.looks: dict[int, float] = {}
        self.flat: dict[int, Array] = {}

    def planned(self, plan: Plan, weights: Weights) -> None:
        self.weights = weights

    def epoch(self, epoch: Epoch) -> None:
        if epoch.watched is not None:
            self.looks[epoch.number] = epoch.watched
            self.flat[epoch.number] = self.weights.flat.copy()

    def finished(self, run: Run) -> None:
        self.run = run


def patience(**section: Any) -> Patience:
    plan = make_plan([Dense(units=1)], DatasetPlan(("a",), ("y",)))
    return Patience(EarlyStopping(**section), Weights(plan, "float64"))


def stops_at(losses: list[float], **section: Any) -> int | None:
    """Which of the losses, counted from 1, is the last that is looked at; None when all are."""
    judge = patience(**section)
    return next((i for i, loss in enumerate(losses, 1) if judge.ends(Epoch(i, watched=loss))), None)


# Patience


@pytest.mark.parametrize(("patience", "last"), [(0, 3), (1, 3), (2, 4), (3, None), (4, None)])
def test_p49_only_so_many_looks_in_a_row_end_training(patience: int, last: int | None) -> None:
    assert stops_at([1, 0.9, 0.95, 0.96, 0.5], patience=patience) == last


def test_a_new_best_begins_the_waiting_anew() -> None:
    assert stops_at([1, 2, 2, 0.5, 2, 2, 2, 2], patience=3) == 7


def test_the_same_value_is_no_new_best() -> None:
    assert stops_at([1, 1, 1], patience=2) == 3


def test_more_may_be_better() -> None:
    assert stops_at([0.5, 0.6, 0.55, 0.58], patience=2, mode="max") == 4
    assert stops_at([0.5, 0.4, 0.3], patience=2, mode="min") is None


def test_a_gain_that_is_too_small_is_none() -> None:
    assert stops_at([1, 0.95, 0.9], patience=2, min_delta=0.1) == 3  # each by 0.05, and both together by no more
    assert stops_at([1, 0.95, 0.89, 0.8], patience=2, min_delta=0.1) is None
    assert stops_at([1, 1.05, 1.09], patience=2, min_delta=0.1, mode="max") == 3


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_p16_what_is_no_number_is_never_the_best(bad: float, mode: str) -> None:
    assert stops_at([bad, bad, bad], patience=3, mode=mode) == 3
    judge = patience(patience=2, mode=mode)
    assert [judge.ends(Epoch(i, watched=value)) for i, value in enumerate([bad, 1.0, bad, bad], 1)] == [False] * 3 + [
        True
    ]
    assert (judge.best, judge.best_epoch, judge.waited) == (1.0, 2, 2)


def test_epochs_that_nobody_looks_at_do_not_count() -> None:
    judge = patience(patience=1)
    assert not any(judge.ends(Epoch(i)) for i in range(1, 10))
    assert (judge.best, judge.waited) == (None, 0)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (
            Ending("validation.loss", 0.0123, 117, 137, True, True),
            "stopped early after epoch 137: no better validation.loss than 0.0123 (epoch 117) for 20 epochs",
        ),
        (
            Ending("train.r2", 0.5, 1, 2, True, False),
            "stopped early after epoch 2: no better train.r2 than 0.5 (epoch 1) for 1 epoch",
        ),
        (
            Ending("test.loss", 0.25, 1998, 2000, False, True),
            "ended after epoch 2,000: the best test.loss was 0.25 (epoch 1,998)",
        ),
        (Ending("test.loss", None, None, 3, True, False), "stopped early after epoch 3: test.loss has shown no number"),
    ],
)
def test_an_ending_says_why(ending: Ending, reason: str) -> None:
    assert ending.reason == reason
    assert Ending.read(json.loads(json.dumps(ending.record()))) == ending


# Runs


@pytest.fixture
def stopped() -> tuple[Run, Looking]:
    looking = Looking()
    return run(SPEC, out="out", watcher=looking), looking


def test_training_stops_and_the_best_weights_are_the_run(stopped: tuple[Run, Looking]) -> None:
    result, looking = stopped
    last = max(looking.looks)
    best = min(looking.looks, key=lambda epoch: looking.looks[epoch])
    assert result.status == "finished"
    assert result.early_stopping == Ending("validation.loss", looking.looks[best], best, last, True, True)
    assert best > 1
    assert (last, list(looking.looks)) == (best + 4, list(range(1, last + 1)))
    assert last < 60
    np.testing.assert_array_equal(result.weights.flat, looking.flat[best])
    assert result.metrics["validation.loss"] == looking.looks[best]
    assert result.history["epoch"].tolist() == [1]


def test_what_is_stored_is_of_the_best_weights(stopped: tuple[Run, Looking]) -> None:
    result, _ = stopped
    loaded = load_run("out")
    assert loaded.early_stopping == result.early_stopping
    assert loaded.metrics == result.metrics
    assert loaded.weights.flat.tobytes() == result.weights.flat.tobytes()
    assert result.early_stopping is not None
    record = result.early_stopping.record()
    assert record["reason"].startswith(f"stopped early after epoch {record['epoch']}: no better validation.loss than ")
    for file in ("metrics.json", "manifest.json"):
        assert json.loads(Path("out", file).read_text())["early_stopping"] == record
    measured = evaluate(loaded, "validation")
    assert (measured.rows, measured.metrics) == (10, {
        "loss": result.metrics["validation.loss"],
        "norm_half_square_error": result.metrics["validation.norm_half_square_error"],
    })  # fmt: skip
    row = Path("out", "predictions.csv").read_text().splitlines()[1].split(",")
    assert [float(cell) for cell in row[2:]] == result.predict([[30, 70]])[0].tolist()


def test_the_last_weights_are_kept_when_that_is_wanted() -> None:
    looking = Looking()
    result = run(SPEC, set={"early_stopping.restore_best": False}, watcher=looking)
    assert result.early_stopping is not None
    assert (result.early_stopping.stopped, result.early_stopping.restored) == (True, False)
    np.testing.assert_array_equal(result.weights.flat, looking.flat[max(looking.looks)])


def test_without_a_stop_the_best_weights_are_kept_too() -> None:
    looking = Looking()
    result = run(SPEC, set={"early_stopping.patience": 1000}, watcher=looking)
    best = min(looking.looks, key=lambda epoch: looking.looks[epoch])
    assert result.early_stopping == Ending("validation.loss", looking.looks[best], best, 60, False, True)
    np.testing.assert_array_equal(result.weights.flat, looking.flat[best])
    assert result.history["epoch"].tolist() == [1, 60]


def test_stopping_early_is_training_for_fewer_epochs(stopped: tuple[Run, Looking]) -> None:
    result, _ = stopped
    assert result.early_stopping is not None
    shorter = run(SPEC, set={"training.epochs": result.early_stopping.best_epoch, "early_stopping": {"patience": 99}})
    np.testing.assert_array_equal(result.weights.flat, shorter.weights.flat)


@pytest.mark.parametrize(
    ("every", "epochs", "looks"), [(1, 3, [1, 2, 3]), (3, 8, [3, 6, 8]), (4, 8, [4, 8]), (9, 5, [5])]
)
def test_looks_come_every_so_many_epochs_and_at_the_end(every: int, epochs: int, looks: list[int]) -> None:
    looking = Looking()
    run(SPEC, set={"training.epochs": epochs, "early_stopping": {"patience": 99, "every": every}}, watcher=looking)
    assert list(looking.looks) == looks


@pytest.mark.parametrize("metric", ["train.loss", "validation.norm_half_square_error", "test.loss"])
@pytest.mark.parametrize("log_every", [1, 60])
def test_what_is_watched_is_what_the_history_has(metric: str, log_every: int) -> None:
    looking, section = Looking(), {"patience": 99, "metric": metric, "restore_best": False}
    changes = {"training.epochs": 5, "training.log_every": log_every, "early_stopping": section}
    result = run(SPEC, set=changes, watcher=looking)
    logged = run({**SPEC, "early_stopping": None}, set={"training.epochs": 5, "training.log_every": 1})
    assert list(looking.looks.values()) == logged.history[metric].tolist()
    np.testing.assert_array_equal(result.weights.flat, logged.weights.flat)
    assert list(result.history) == list(logged.history)
    assert result.history["epoch"].tolist() == ([1, 2, 3, 4, 5] if log_every == 1 else [1, 5])


def test_a_run_without_the_section_says_nothing_of_it() -> None:
    result = run({**SPEC, "early_stopping": None}, out="out")
    assert result.early_stopping is load_run("out").early_stopping is None
    for file in ("metrics.json", "manifest.json"):
        assert "early_stopping" not in json.loads(Path("out", file).read_text())


def test_an_interrupted_run_has_the_best_weights_so_far() -> None:
    class Interrupting(Looking):
        def epoch(self, epoch: Epoch) -> None:
            super().epoch(epoch)
            if epoch.number == 5:
                signal.raise_signal(signal.SIGTERM)

    looking = Interrupting()
    with pytest.raises(Interrupted):
        run(SPEC, set={"early_stopping.patience": 99}, out="out", watcher=looking)
    loaded = load_run("out")
    best = min(looking.looks, key=lambda epoch: looking.looks[epoch])
    assert loaded.status == "interrupted"
    assert loaded.early_stopping == Ending("validation.loss", looking.looks[best], best, 5, False, True)
    np.testing.assert_array_equal(loaded.weights.flat, looking.flat[best])


def test_after_a_divergence_the_last_finite_weights_are_kept() -> None:
    looking = Looking()
    changes = {"optimizer.learning_rate": 50.0, "training.batch_size": "full", "early_stopping.patience": 999}
    with pytest.raises(DivergenceError):
        run(SPEC, set=changes, out="out", watcher=looking)
    loaded = load_run("out")
    assert (loaded.status, loaded.early_stopping) == ("diverged", looking.run.early_stopping)
    assert loaded.early_stopping is not None
    assert (loaded.early_stopping.stopped, loaded.early_stopping.restored) == (False, False)
    best = min(looking.looks, key=lambda epoch: looking.looks[epoch])
    assert not np.array_equal(loaded.weights.flat, looking.flat[best])


def test_the_command_line_says_why_it_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.json").write_text(json.dumps(SPEC))
    for args in (["run", "s.json", "--out", "out"], ["show", "out"]):
        with pytest.raises(SystemExit) as caught:
            main(args)
        assert caught.value.code == 0
        told = " ".join(capsys.readouterr().out.split())
        ending = load_run("out").early_stopping
        assert ending is not None
        assert f"{ending.reason}; the weights of the best are restored" in told
    with pytest.raises(SystemExit):
        main(["evaluate", "out", "--split", "validation", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["rows"] == 10


# What the engine is asked


class Asking(Watcher):
    """Keeps the task."""

    def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
        self.task = task


def test_a_task_says_what_is_measured_when() -> None:
    asking = Asking()
    run(SPEC, set={"training.epochs": 7, "training.log_every": 3, "early_stopping.every": 2}, watcher=asking)
    task, everything = asking.task, ("train", "validation", "test")
    watched = ("validation",)
    assert [task.measures(epoch) for epoch in range(1, 8)] == [
        everything, watched, everything, watched, (), everything, everything
    ]  # fmt: skip
    assert [len(split) for split in task.splits.values()] == [20, 10, 10]
    assert (task.steps_per_epoch, task.moment(1).steps) == (4, 28)


# Schedules


def test_p43_the_logged_rate_is_the_one_that_was_used() -> None:
    table = {"type": "linear_warmup", "per": "step", "length": 4, "then": {"type": "constant", "value": 0.1}}
    changes = {"optimizer.learning_rate": table, "training": {"epochs": 6, "log_every": 1}, "early_stopping": None}
    result = run(SPEC, set=changes, out="out")
    column = result.history["optimizer.learning_rate"]
    assert column.tolist() == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1], rel=1e-15)
    assert list(result.history)[-1] == "optimizer.learning_rate"
    assert load_run("out").history["optimizer.learning_rate"].tolist() == column.tolist()
    assert "optimizer.learning_rate" not in result.metrics
    batches = run(SPEC, set={**changes, "training": {"epochs": 2, "batch_size": 7, "log_every": 1}})
    # Three batches an epoch: the rate of the last update.
    assert batches.history["optimizer.learning_rate"].tolist() == pytest.approx([0.075, 0.1], rel=1e-15)


def test_a_constant_schedule_trains_as_the_number_does() -> None:
    plain = run({**SPEC, "early_stopping": None}, set={"training.epochs": 5})
    table = {"type": "constant", "value": 0.2}
    scheduled = run({**SPEC, "early_stopping": None}, set={"training.epochs": 5, "optimizer.learning_rate": table})
    np.testing.assert_array_equal(plain.weights.flat, scheduled.weights.flat)
    assert "optimizer.learning_rate" not in plain.history


def test_each_update_is_made_at_its_own_rate() -> None:
    """One weight by hand: w -= rate * 2 mean((w x - y) x)."""
    Path("d.csv").write_text("x,y\n1,2\n2,4.5\n3,6\n4,7\n")
    spec: dict[str, Any] = {
        **SPEC,
        "dataset": {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]},
        "split": {"train": 1, "test": 0, "shuffle": False},
        "scaling": {},
        "layers": [{"type": "dense", "units": 1, "weight_initializer": "zeros", "bias_initializer": "zeros"}],
        "optimizer": {
            "type": "gradient_descent",
            "learning_rate": {"type": "exponential", "start": 0.05, "gamma": 0.5, "per": "step"},
        },
        "training": {"epochs": 3, "batch_size": 2, "shuffle": False},
        "metrics": [],
        "predict": [],
        "early_stopping": None,
    }
    w, b, rate = 0.0, 0.0, 0.05
    x, y = np.array([1.0, 2, 3, 4]), np.array([2.0, 4.5, 6, 7])
    for _ in range(3):
        for part in (slice(0, 2), slice(2, 4)):
            error = w * x[part] + b - y[part]
            w, b = w - rate * 2 * np.mean(error * x[part]), b - rate * 2 * np.mean(error)
            rate /= 2
    assert run(spec).weights.flat.tolist() == pytest.approx([w, b], rel=1e-12)


def test_p42_a_training_that_is_too_short_is_refused_when_the_rows_are_known() -> None:
    Path("d.csv").write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(10)))
    then = {"type": "constant", "value": 0.1}
    table = {"type": "linear_warmup", "per": "step", "length": 8, "then": then}
    spec = {
        **SPEC,
        "dataset": {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]},
        "layers": [{"type": "dense", "units": 1}],
        "optimizer": {"type": "gradient_descent", "learning_rate": table},
        "training": {"epochs": 2, "batch_size": 3},
        "predict": [],
        "early_stopping": None,
    }
    with pytest.raises(SpecError) as caught:
        run(spec, out="out")
    assert str(caught.value).startswith("SN423 the training has 4 steps, and a warm-up of 8 leaves none for `then`\n")
    assert not Path("out").exists()
    assert run({**spec, "training": {"epochs": 5, "batch_size": 3}}).status == "finished"
