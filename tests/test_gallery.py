from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_run, load_spec, run
from specnet.streams import Streams

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.runs import Run

SPECS = Path(__file__).parents[1] / "specs"
FILES = sorted(path.name for path in SPECS.iterdir() if path.suffix in (".toml", ".json"))
# The lesson's million epochs take minutes. The expectations of a spec that is cut say nothing, so they are not held.
CUT: dict[str, dict[str, Any]] = {"arith_article.toml": {"training.epochs": 1000}}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Each file of the gallery, trained; two files that resolve to the same spec are one training."""
    runs: dict[str, Run] = {}
    results = {}
    for name in FILES:
        resolved = load_spec(SPECS / name, CUT.get(name)).model_dump_json()
        if resolved not in results:
            out = tmp_path_factory.mktemp("gallery") / "run"
            results[resolved] = run(SPECS / name, set=CUT.get(name), out=out)
        runs[name] = results[resolved]
    return runs


def test_the_gallery_is_what_the_tests_know() -> None:
    assert FILES == [
        "arith.json",
        "arith.toml",
        "arith_article.toml",
        "autoencoder.toml",
        "breast_cancer.toml",
        "circles.toml",
        "diabetes.toml",
        "diabetes_adam.toml",
        "diabetes_stop.toml",
        "digits.toml",
        "digits_lenet.toml",
        "digits_residual.toml",
        "imbalance.toml",
        "iris.toml",
        "parity.toml",
        "petals.toml",
        "quantile.toml",
        "sine.toml",
        "spirals.toml",
        "wine.toml",
        "xor.toml",
    ]


@pytest.mark.parametrize("name", FILES)
def test_a_spec_trains_and_keeps_its_word(trained: dict[str, Run], name: str) -> None:
    result = trained[name]
    assert result.status == "finished"
    assert np.isfinite(result.weights.flat).all()
    assert result.metrics["train.loss"] < result.history["train.loss"][0]
    if name not in CUT:
        assert result.verdicts
        assert [verdict for verdict in result.verdicts if not verdict.passed] == []
    assert load_run(result.path).metrics == result.metrics


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".json")])
def test_a_spec_in_json_is_that_in_toml(name: str) -> None:
    assert load_spec(SPECS / name) == load_spec((SPECS / name).with_suffix(".toml"))


def arithmetic(rows: Array) -> Array:
    a, b = rows.T
    return np.stack([a + b, a - b, np.abs(a - b)], axis=1)


def test_the_system_of_the_lesson_is_learnt(trained: dict[str, Run]) -> None:
    rows = np.array([[30, 70], [70, 30], [3, 5]])
    ranges = np.array([200, 200, 100])  # of a+b, a-b and |a-b| for a and b from 0 to 100
    errors = np.abs(trained["arith.toml"].predict(rows) - arithmetic(rows)) / ranges
    assert errors.max() < 0.01


def test_the_system_of_the_lesson_is_understood_outside_of_what_was_seen(trained: dict[str, Run]) -> None:
    row = np.array([[888, 122]])
    np.testing.assert_allclose(trained["arith.toml"].predict(row), arithmetic(row), rtol=0.01)


def test_diabetes_beats_the_mean_of_the_training_rows(trained: dict[str, Run]) -> None:
    result = trained["diabetes.toml"]
    table = np.loadtxt(SPECS / "data" / "diabetes.csv", delimiter=",", skiprows=1)
    assert table.shape == (442, 11)
    order = Streams(1).of("split").permutation(442)
    train, test = table[order[:309]], table[order[309:]]  # 442 * 0.7 = 309.4
    errors = result.predict(test[:, :10])[:, 0] - test[:, 10]
    guesses = train[:, 10].mean() - test[:, 10]
    assert np.mean(errors**2) < 0.65 * np.mean(guesses**2)
    assert result.metrics["test.loss"] == pytest.approx(np.mean(errors**2) / train[:, 10].var(), rel=1e-12)


def test_diabetes_stops_before_it_knows_the_training_rows_by_heart(trained: dict[str, Run]) -> None:
    result = trained["diabetes_stop.toml"]
    ending, rates = result.early_stopping, result.history["optimizer.learning_rate"]
    assert ending is not None
    assert (ending.stopped, ending.restored, ending.epoch - (ending.best_epoch or 0)) == (True, True, 40)
    assert ending.best == result.metrics["validation.loss"] == min(ending.best or 0, *result.history["validation.loss"])
    assert rates[0] == pytest.approx(0.005, rel=1e-15)
    assert 0.04 < rates[-1] < 0.05


def test_iris_is_told_apart(trained: dict[str, Run]) -> None:
    result = trained["iris.toml"]
    table = np.loadtxt(SPECS / "data" / "iris.csv", delimiter=",", skiprows=1)
    assert table[:, 4:].sum(axis=0).tolist() == [50, 50, 50]
    test = table[Streams(1).of("split").permutation(150)[105:]]
    predicted = result.predict(test[:, :4])
    np.testing.assert_allclose(predicted.sum(axis=1), 1, rtol=1e-12)
    right = predicted.argmax(axis=1) == test[:, 4:].argmax(axis=1)
    assert result.metrics["test.accuracy"] == pytest.approx(right.mean(), rel=1e-12)
    losses = -np.log(predicted[test[:, 4:] == 1])
    assert result.metrics["test.loss"] == pytest.approx(losses.mean(), rel=1e-12)


def test_iris_from_probabilities_is_iris_from_logits(trained: dict[str, Run], tmp_path: Path) -> None:
    """With the softmax in the loss in place of the net, the same weights come out."""
    spec = tomllib.loads((SPECS / "iris.toml").read_text())
    spec["dataset"]["path"] = str(SPECS / "data" / "iris.csv")
    assert spec["layers"].pop() == {"type": "softmax"}
    spec["loss"]["from_logits"] = True
    result = run(spec, out=tmp_path / "run")
    np.testing.assert_allclose(result.weights.flat, trained["iris.toml"].weights.flat, rtol=1e-8)
    assert result.metrics == pytest.approx(trained["iris.toml"].metrics, rel=1e-8)


def test_the_spirals_are_told_apart(trained: dict[str, Run]) -> None:
    r = np.linspace(0.2, 0.9, 30)  # where the arms are further from each other than a few deviations of the noise
    for arm in (0, 1):
        angle = 2 * np.pi * (r + arm / 2)
        said = trained["spirals.toml"].predict(np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1))
        assert ((said[:, 0] > 0) == arm).all()


def test_the_sine_is_learned_through_its_noise(trained: dict[str, Run]) -> None:
    x = np.linspace(-3, 3, 61)[:, None]
    errors = trained["sine.toml"].predict(x) - np.sin(2 * x)
    assert np.sqrt(np.square(errors).mean()) < 0.1, "nearer to the curve than the samples are"
