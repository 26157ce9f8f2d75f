"""The result digest: one number for what training has left, whatever files it is kept in."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array, Index
    from specnet.runs.result import Run


def digest_of_result(run: Run) -> str:
    """The digest of what training has left of this run."""
    return digest_of(run.weights.tensors(), run.history)


def digest_of(weights: Mapping[str, Array], history: Mapping[str, Array | Index]) -> str:
    """The SHA-256 over every weight, buffer and column of the history: name, dtype, shape, little-endian numbers.

    All NaN are one: a table keeps no more of them than the name.
    """
    digest = hashlib.sha256()
    groups: dict[str, Mapping[str, Array | Index]] = {"weights": weights, "history": history}
    for group, arrays in groups.items():
        for name in sorted(arrays):
            array = arrays[name]
            digest.update(json.dumps([group, name, array.dtype.name, array.shape]).encode())
            plain = np.where(np.isnan(array), np.nan, array)
            digest.update(np.ascontiguousarray(plain, array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
