"""SpecRegressor and SpecClassifier: `fit` trains a spec on arrays, and leaves nothing in the working directory."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

import specnet
from specnet.api import SpecnetError
from specnet_sklearn import defaults

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]


class _SpecEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both have in common: their parameters, and how a spec is trained.

    spec: a mapping, or the path of a file, without a dataset; None is a small net for any data.
    set: values of the spec by dotted path that are put in the place of its own, such as {"training.epochs": 50}.
    random_state: where the seed comes from; that of the spec when it is None.
    """

    def __init__(
        self,
        spec: Mapping[str, Any] | str | Path | None = None,
        set: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.spec = spec
        self.set = set
        self.random_state = random_state

    def _train(self, X: Numbers, y: Numbers, default: Mapping[str, Any]) -> None:
        said = default if self.spec is None else _read(self.spec)
        said = {"split": {"train": 1.0, "test": 0.0}, **{key: said[key] for key in said if key != "dataset"}}
        changes = dict(self.set or {})
        if self.random_state is not None:
            changes["seed"] = int(check_random_state(self.random_state).randint(2**31 - 1))
        try:
            with TemporaryDirectory() as folder:
                self.run_ = specnet.run(said, set=changes, data=(X, y), out=Path(folder) / "run")
        except SpecnetError as error:
            raise ValueError(str(error)) from error
        self.n_iter_ = self.run_.epochs

    def _outputs(self, X: Any) -> Numbers:
        check_is_fitted(self)
        rows: Any = validate_data(self, X, reset=False, dtype=np.float64)
        try:
            return np.asarray(self.run_.predict(rows), np.float64)
        except SpecnetError as error:
            raise ValueError(str(error)) from error


def _read(spec: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    if isinstance(spec, Mapping):
        return spec
    content = Path(spec).read_bytes().decode("utf-8-sig")
    read: dict[str, Any] = json.loads(content) if Path(spec).suffix.lower() == ".json" else tomllib.loads(content)
    return read


class SpecRegressor(RegressorMixin, _SpecEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A spec that learns numbers, one or several for each row.

    `run_` is the trained `specnet.Run` once it is fitted.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Trains on (rows, columns) and (rows,) or (rows, targets). Raises ValueError."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, multi_output=True)
        y = np.asarray(y, np.float64)
        self._flat = y.ndim == 1
        targets = y.reshape(len(y), -1)
        self._train(X, targets, defaults.regression(targets.shape[1]))
        return self

    def predict(self, X: Any) -> Numbers:
        """(rows,) or (rows, targets), as y was."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._flat else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class SpecClassifier(ClassifierMixin, _SpecEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A spec that learns classes: of two it has one output, of more one for each.

    `classes_` are the labels in the order of the outputs, and `run_` the trained `specnet.Run`, once it is fitted.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Trains on (rows, columns) and labels (rows,). Raises ValueError."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        count = len(self.classes_)
        if count < 2:
            raise ValueError(f"there is one class, {self.classes_[0]!r}: a classifier needs two or more classes")
        targets = places.astype(np.float64)[:, None] if count == 2 else np.eye(count)[places]
        self._train(X, targets, defaults.classification(count))
        return self

    def predict_proba(self, X: Any) -> Numbers:
        """(rows, classes): how probable each class is."""
        outputs = self._outputs(X)
        wanted = self.run_.spec.loss.wants()
        if wanted in ("logits", "class_logits"):
            outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=1) if outputs.shape[1] == 1 else outputs
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
        chances = np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
        return np.asarray(chances.clip(0, 1))

    def predict(self, X: Any) -> Any:
        """(rows,): the most probable label."""
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]
