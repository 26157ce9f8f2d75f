"""Specs as estimators of scikit-learn."""

from __future__ import annotations

from specnet_sklearn.estimators import SpecClassifier, SpecRegressor

__all__ = ["SpecClassifier", "SpecRegressor"]
