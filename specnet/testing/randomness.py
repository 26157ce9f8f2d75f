"""The random generators that belong to nobody: a component must leave them where they are."""

from __future__ import annotations

import random

import numpy as np


def generators() -> dict[str, str]:
    """The state of each global generator as text."""
    legacy = np.random.get_state(legacy=False)  # noqa: NPY002  # read, to see whether anyone has drawn
    return {"random": repr(random.getstate()), "numpy.random": repr(_plain(legacy))}


def _plain(state: object) -> object:
    """The state with its array as bytes: the text of a long array leaves most of it out."""
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    return state.tobytes() if isinstance(state, np.ndarray) else state
