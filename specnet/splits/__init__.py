"""Splits: which rows are for training, for validation and for the test, a pure function of the seed and the data."""

from __future__ import annotations

from specnet.splits.parts import part

__all__ = ["part"]
