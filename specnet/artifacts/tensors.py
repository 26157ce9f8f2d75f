"""tensors.safetensors = arrays of float32 or float64 by name, and one JSON table beside them; or arrays of int64."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from specnet.artifacts.layout import FLOATS, INDICES, META, check_layout
from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array, Index

_DTYPES = ("float32", "float64")


def encode_tensors(tensors: Mapping[str, Array], meta: Mapping[str, object]) -> bytes:
    """The same names, values and `meta` give the same bytes, whatever their order and layout in memory.

    NaN and infinity are kept in tensors. Raises ArtifactError SN603 for an array of another type than float32 and
    float64, and ValueError for a float in `meta` that is not finite.
    """
    return _encoded({name: _plain(name, tensors[name]) for name in sorted(tensors)}, meta)


def decode_tensors(blob: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    """Tensors, read-only, and metadata of what `encode_tensors` wrote. Raises ArtifactError SN603 for anything else.

    Changed data bytes are changed numbers: against those stands the digest in the manifest.
    """
    return _decoded(blob, FLOATS)


def encode_indices(indices: Mapping[str, Index]) -> bytes:
    """The same names and whole numbers give the same bytes."""
    return _encoded({name: np.ascontiguousarray(indices[name], "<i8") for name in sorted(indices)}, {})


def decode_indices(blob: bytes) -> dict[str, Index]:
    """What `encode_indices` wrote, read-only. Raises ArtifactError SN603 for anything else."""
    return _decoded(blob, INDICES)[0]


def _encoded(arrays: dict[str, Any], meta: Mapping[str, object]) -> bytes:
    # one key only: safetensors writes several in random order
    return save(arrays, {META: json.dumps(meta, sort_keys=True, allow_nan=False)})


def _decoded(blob: bytes, item_sizes: Mapping[str, int]) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        meta = check_layout(blob, item_sizes)
        arrays = load(blob)
    except (ValueError, OverflowError, SafetensorError) as error:
        raise ArtifactError(Finding("SN603", f"not a tensor file of specnet: {error}")) from error
    for array in arrays.values():
        array.flags.writeable = False  # it depends on the version of safetensors, unless it is said
    return arrays, meta


def _plain(name: str, array: Array) -> Array:
    if array.dtype.name not in _DTYPES or name == "__metadata__":
        raise ArtifactError(
            Finding("SN603", f"tensor {name!r} of {array.dtype} cannot be stored", help="only float32 and float64 can")
        )
    # safetensors corrupts strided arrays in silence; ascontiguousarray in turn makes a scalar a vector
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
