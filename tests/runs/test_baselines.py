from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_run, run
from specnet.cli import describe, main
from specnet.component import Undefined
from specnet.component.task import Split, TrainingTask
from specnet.errors import SpecError
from specnet.registry import Selection, load_registry
from specnet.runs import baselines as room
from specnet.runs.baselines import Baseline, baselines
from specnet.runs.linear_models import fit
from specnet.spec import Spec, load_spec
from specnet.streams import Streams

if TYPE_CHECKING:
    from specnet.arrays import Array

RNG = np.random.Generator(np.random.PCG64(5))
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "beside",
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]},
    "split": {"train": 0.5, "test": 0.5, "shuffle": False},
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
    "training": {"epochs": 2},
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{x / 8},{x / 4 - 1}\n" for x in (0, 1, 2, 3, 4, 5, 6, 8))
    Path("d.csv").write_text(f"x,y\n{rows}")


def task(x: Array, t: Array, loss: Any, metrics: Any = (), test: Split | None = None) -> TrainingTask:
    said = {**SPEC, "loss": loss, "metrics": list(metrics)}
    spec = Spec.model_validate(said, context={"registry": load_registry(Selection())})
    return TrainingTask(Split(x, t), test, spec.loss, spec.metrics, spec.optimizer, 1, len(x), False, 1, Streams(0))


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        ("hinge", "hinge is not least where predictions are the targets, which is what it is fitted for"),
        (
            {"type": "poisson", "log_input": True},
            "poisson is not least where predictions are the targets, which is what it is fitted for",
        ),
        ({"type": "poisson", "log_input": False}, "poisson takes numbers above 0, and a linear model gives any"),
    ],
)
def test_what_cannot_be_compared_is_left_out(loss: Any, reason: str) -> None:
    x = RNG.normal(size=(20, 2))
    t = (x[:, :1] > 0).astype(float)
    found = baselines(task(x, t, loss))
    assert found["linear"] == Baseline(reason=reason)
    assert found["linear"].record() == {"reason": reason}


def test_a_mean_that_is_a_rate_can_be_compared() -> None:
    t = np.array([[1.0], [3.0]])
    found = baselines(task(np.zeros((2, 1)), t, {"type": "poisson", "log_input": False}))
    assert found["mean"].metrics["train.loss"] == pytest.approx(2 - 2 * np.log(2))


def test_a_fit_that_costs_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_WORK", 10 * 3 * 3 - 1)
    found = baselines(task(RNG.normal(size=(10, 3)), RNG.normal(size=(10, 1)), "mse"))
    assert found["linear"].reason == "10 rows of 3 inputs are too many for a model beside the run"
    assert found["mean"].reason is None


def test_what_goes_wrong_beside_a_run_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise np.linalg.LinAlgError("SVD did not converge")

    monkeypatch.setattr(room, "fit", broken)
    trained = run(SPEC, out="out")
    assert trained.status == "finished"
    assert trained.baselines["linear"].reason == "LinAlgError: SVD did not converge"
    assert load_run("out").baselines == trained.baselines


def test_a_metric_that_reads_something_else_is_left_out() -> None:
    x, t = RNG.normal(size=(30, 2)), (RNG.random((30, 1)) > 0.5).astype(float)
    found = baselines(task(x, t, "mse", [{"type": "log_loss", "from_logits": True}]))["linear"].metrics
    left_out = found["train.log_loss"]
    assert isinstance(left_out, Undefined)
    assert left_out.reason == "a baseline does not give what it is read from"
    assert np.isfinite(found["train.loss"])


@pytest.mark.parametrize(
    "held",
    [
        {"metric": "test.accuracy", "better_than": "linear"},
        {"parameters": 3, "better_than": "mean"},
    ],
)
def test_only_of_a_loss_it_is_known_that_less_is_better(held: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r'better_than stands beside a loss, such as metric = "test\.loss"'):
        load_spec({**SPEC, "expect": [held]})


def test_better_than_names_a_baseline() -> None:
    with pytest.raises(SpecError, match="must be 'mean' or 'linear', not 'lineal'"):
        load_spec({**SPEC, "expect": [{"metric": "test.loss", "better_than": "lineal"}]})


def test_a_line_is_found_where_the_data_is_one() -> None:
    scores = run(SPEC).baselines["linear"].metrics
    assert list(scores) == ["train.loss", "test.loss"]
    assert scores["train.loss"] < 1e-12
    assert scores["test.loss"] < 1e-10


def test_least_squares_are_those_of_the_normal_equations() -> None:
    x, t = RNG.normal(size=(50, 3)) * [1, 1e3, 1e-3] + [0, 50, 7], RNG.normal(size=(50, 2))
    found = fit(x, t, "numbers").predict(x)
    a = np.hstack([x, np.ones((50, 1))])
    np.testing.assert_allclose(found, a @ np.linalg.pinv(a) @ t, rtol=1e-3, atol=1e-5)


def test_the_mean_scores_the_variance_and_the_entropy() -> None:
    x, t = RNG.normal(size=(40, 2)), RNG.normal(size=(40, 1))
    assert baselines(task(x, t, "mse"))["mean"].metrics["train.loss"] == pytest.approx(t.var())
    classes = np.eye(3)[[0] * 20 + [1] * 15 + [2] * 5]
    share = np.array([20, 15, 5]) / 40
    for logits in (True, False):
        loss = {"type": "categorical_cross_entropy", "from_logits": logits}
        found = baselines(task(x, classes, loss, ["accuracy"]))["mean"].metrics
        assert found["train.loss"] == pytest.approx(-(share * np.log(share)).sum())
        assert found["train.accuracy"] == 0.5


@pytest.mark.parametrize("kind", ["questions", "classes"])
def test_a_logistic_model_is_where_its_objective_has_no_slope(kind: Any) -> None:
    x = RNG.normal(size=(80, 4))
    t = np.eye(3)[(x @ RNG.normal(size=(4, 3)) + RNG.gumbel(size=(80, 3))).argmax(axis=1)]
    model = fit(x, t, kind)
    z = model.predict(x)
    p = 1 / (1 + np.exp(-z)) if kind == "questions" else np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    spread = x.std(axis=0)[:, None]
    np.testing.assert_allclose((p - t).mean(axis=0), 0, atol=1e-7)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(scaled.T @ (p - t) + model.W * spread, 0, atol=1e-5)


def test_classes_that_a_line_parts_give_finite_scores() -> None:
    x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    t = (x > 0).astype(float)
    for loss in ({"type": "binary_cross_entropy", "from_logits": flag} for flag in (True, False)):
        scores = baselines(task(x, t, loss, test=Split(x * 100, t)))["linear"].metrics
        assert 0 < scores["train.loss"] < 0.4
        assert scores["test.loss"] < 1e-6
    ones = baselines(task(x, np.ones((4, 1)), {"type": "binary_cross_entropy", "from_logits": True}))
    assert ones["mean"].metrics["train.loss"] == pytest.approx(-np.log(1 - 1 / 8))


def test_columns_that_are_constant_or_stand_twice_do_no_harm() -> None:
    x = RNG.normal(size=(30, 1))
    t = 3 * x + 1
    wide = np.hstack([x, x, np.full((30, 1), 0.1), 1e6 + x])
    assert baselines(task(wide, t, "mse"))["linear"].metrics["train.loss"] < 1e-9


def test_float32_rows_are_fitted_in_float64() -> None:
    x = np.arange(8, dtype=np.float32)[:, None]
    scores = baselines(task(x, 2 * x, "mse"))["linear"].metrics
    assert scores["train.loss"] < 1e-9


def test_they_are_the_same_again() -> None:
    one = task(RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2)), "mse")
    assert baselines(one) == baselines(replace(one))


def test_they_are_stored_shown_and_held(capsys: pytest.CaptureFixture[str]) -> None:
    expect = [{"metric": "train.loss", "better_than": "mean"}, {"metric": "test.loss", "better_than": "linear"}]
    trained = run({**SPEC, "training": {"epochs": 200}, "expect": expect}, out="out")
    assert [verdict.passed for verdict in trained.verdicts] == [True, False]
    stored = json.loads(Path("out", "metrics.json").read_text())
    assert stored["baselines"]["mean"] == dict(trained.baselines["mean"].metrics)
    assert stored["expect"][0]["better_than"] == {
        "baseline": "mean",
        "value": stored["baselines"]["mean"]["train.loss"],
    }
    loaded = load_run("out")
    assert loaded.baselines == trained.baselines
    assert loaded.verdicts == trained.verdicts
    lines = list(describe.baselines(loaded))
    assert [line.rpartition(" ")[0] for line in lines[:1]] == ["baseline mean: test.loss"]
    assert describe.verdict(loaded.verdicts[1]).startswith("expect test.loss = ")
    assert " < that of the linear baseline, " in describe.verdict(loaded.verdicts[1])
    with pytest.raises(SystemExit):
        main(["--no-plugins", "show", "out"])
    assert "baseline mean: test.loss" in capsys.readouterr().out


def test_a_promise_against_a_baseline_that_is_not_there_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_WORK", 0)
    trained = run({**SPEC, "expect": [{"metric": "test.loss", "better_than": "linear"}]})
    assert not trained.verdicts[0].passed
    assert describe.verdict(trained.verdicts[0]).endswith("the linear baseline, which is not there: FAILED")


def test_a_run_of_a_version_without_them_is_read() -> None:
    from specnet.artifacts import RunDirectory

    trained = run(SPEC, out="out")
    directory = RunDirectory.open(trained.path)
    report = {key: value for key, value in directory.read_json("metrics.json").items() if key != "baselines"}
    directory.write_json("metrics.json", report)
    directory.seal({key: value for key, value in directory.manifest.items() if key not in ("artifacts", "sha256")})
    assert load_run("out", load_registry(Selection())).baselines == {}


def test_rows_count_as_their_weights_say() -> None:
    x, t = RNG.normal(size=(12, 2)), (RNG.random((12, 1)) > 0.5).astype(float)
    weights = np.array([1.0, 2.0, 3.0] * 4)
    twice = [i for i, weight in enumerate(weights) for _ in range(int(weight))]
    for loss in ("mse", {"type": "binary_cross_entropy", "from_logits": True}):
        weighted, plain = task(x, t, loss), task(x[twice], t[twice], loss)
        weighted = replace(weighted, train=Split(x, t, weights))
        found, wanted = baselines(weighted), baselines(plain)
        assert found["mean"].metrics["train.loss"] == pytest.approx(wanted["mean"].metrics["train.loss"])
        # The penalty of a logistic model is of rows, and there are fewer.
        near = 1e-6 if loss == "mse" else 0.1
        assert found["linear"].metrics["train.loss"] == pytest.approx(wanted["linear"].metrics["train.loss"], rel=near)


def test_classes_by_their_number_score_as_one_column_each() -> None:
    x, numbers = RNG.normal(size=(40, 2)), np.arange(40) % 3
    sparse = {"type": "sparse_categorical_cross_entropy", "classes": 3, "from_logits": True}
    dense = {"type": "categorical_cross_entropy", "from_logits": True}
    found = baselines(task(x, numbers[:, None].astype(float), sparse))
    wanted = baselines(task(x, np.eye(3)[numbers], dense))
    for name in ("mean", "linear"):
        assert found[name].metrics["train.loss"] == pytest.approx(wanted[name].metrics["train.loss"])
