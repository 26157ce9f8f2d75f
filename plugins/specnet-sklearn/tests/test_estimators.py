"""The estimators: refusals, scikit-learn's own checks, and what people put estimators into."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from specnet_sklearn import SpecClassifier, SpecRegressor

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SHORT = {"training.epochs": 30}
TOML = """
format = 1
name = "own"
seed = 3
scaling = { inputs = "standardize", targets = "standardize" }
layers = [{ type = "dense", units = 8, activation = "relu" }, { type = "dense", units = 1 }]
loss = "mse"
optimizer = { type = "adam", learning_rate = 0.01 }
training = { epochs = 40, batch_size = 32 }
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def diabetes() -> Any:
    return load_diabetes(return_X_y=True)


def iris() -> Any:
    return load_iris(return_X_y=True)


# Refusals


def test_a_spec_that_does_not_fit_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"SN203 unknown activation 'rleu'\n.*\n.*did you mean 'relu'"):
        SpecRegressor(set={"layers.0.activation": "rleu"}).fit(*diabetes())


def test_one_class_is_none() -> None:
    with pytest.raises(ValueError, match=r"^there is one class, .*: a classifier needs two or more classes$"):
        SpecClassifier().fit([[1.0], [2.0]], ["a", "a"])


def test_what_has_failed_leaves_nothing_behind() -> None:
    with pytest.raises(ValueError, match="SN520"):
        SpecRegressor(set={"optimizer": {"type": "gradient_descent", "learning_rate": 1e9}}).fit(*diabetes())
    assert not list(Path().iterdir())


# What scikit-learn asks of estimators


@parametrize_with_checks([SpecRegressor(), SpecClassifier()])  # type: ignore[untyped-decorator, unused-ignore]
def test_scikit_learn_finds_nothing(estimator: Any, check: Any) -> None:
    check(estimator)
    assert not list(Path().iterdir())


# Where estimators are put


def test_a_grid_is_searched_through_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), SpecClassifier(set=SHORT))
    grid = {"specclassifier__set": [SHORT, {"training.epochs": 1, "optimizer.learning_rate": 1e-6}]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(*iris())
    assert search.best_params_ == {"specclassifier__set": SHORT}
    assert search.best_score_ > 0.9


def test_a_score_is_cross_validated_in_several_processes() -> None:
    scores = cross_val_score(SpecRegressor(TOML_SPEC), *diabetes(), cv=3, n_jobs=2)
    assert scores.min() > 0.3


TOML_SPEC = tomllib.loads(TOML)


def test_a_file_says_the_same_as_a_mapping() -> None:
    Path("own.toml").write_text(TOML)
    X, y = diabetes()
    by_file, by_mapping = SpecRegressor("own.toml").fit(X, y), SpecRegressor(TOML_SPEC).fit(X, y)
    np.testing.assert_array_equal(by_file.predict(X), by_mapping.predict(X))
    assert by_file.n_iter_ == 40
    assert [path.name for path in Path().iterdir()] == ["own.toml"]


def test_a_clone_is_unfitted_and_learns_the_same() -> None:
    X, y = iris()
    fitted = SpecClassifier(set=SHORT, random_state=5).fit(X, y)
    other = clone(fitted)
    assert not hasattr(other, "run_")
    np.testing.assert_array_equal(other.fit(X, y).predict_proba(X), fitted.predict_proba(X))


def test_what_was_fitted_can_be_pickled() -> None:
    X, y = iris()
    fitted = SpecClassifier(set=SHORT).fit(X, load_iris().target_names[y])
    loaded = pickle.loads(pickle.dumps(fitted))  # noqa: S301  # its own
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert set(loaded.predict(X)) == {"setosa", "versicolor", "virginica"}


def test_several_targets_come_back_as_several() -> None:
    X, y = diabetes()
    both = SpecRegressor(set=SHORT).fit(X, np.stack([y, -y], axis=1)).predict(X)
    assert both.shape == (len(X), 2)


def test_probabilities_of_a_spec_that_gives_them_are_taken_as_they_are() -> None:
    X, y = iris()
    layers = [{"type": "dense", "units": 1, "activation": "sigmoid"}]
    loss = {"type": "binary_cross_entropy", "from_logits": False}
    spec = {**TOML_SPEC, "layers": layers, "loss": loss, "scaling": {"inputs": "standardize"}}
    fitted = SpecClassifier(spec).fit(X[:100], y[:100])
    np.testing.assert_array_equal(fitted.predict_proba(X)[:, 1], fitted.run_.predict(X)[:, 0])


def test_the_readme_says_what_can_be_run() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True)
    assert re.fullmatch(r"\[[01]\.[\d. ]*\]\n\{'set': \{'optimizer\.learning_rate': [\d.]+\}\}\n", done.stdout), (
        done.stderr
    )
