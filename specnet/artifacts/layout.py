"""The header of a safetensors file, held against the bytes that follow it before anything is allocated.

Format: 8 bytes little-endian length, that many bytes of JSON, then the tensors end to end
(https://huggingface.co/docs/safetensors/index#format).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from specnet.artifacts.strict_json import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

META = "specnet"
FLOATS = {"F64": 8, "F32": 4}
INDICES = {"I64": 8}
"""The item sizes of the types that a file may hold: weights are floats, and rows are counted by whole numbers."""
_MAX_AXES = 32  # NumPy 1 has no more; it also bounds the work of the product below


def check_layout(blob: bytes, item_sizes: Mapping[str, int]) -> dict[str, Any]:
    """The metadata of a file whose tensors cover its data exactly once. Raises ValueError."""
    header, size = _split(blob)
    meta = _meta(header.pop("__metadata__", None))
    position = 0
    for begin, end, name in sorted((*_range(name, entry, item_sizes), name) for name, entry in header.items()):
        if begin != position:
            raise ValueError(f"tensor {name!r} begins at byte {begin} where {position} is due")
        position = end
    if position != size:
        raise ValueError(f"its tensors have {position} bytes, but {size} are there")
    return meta


def _split(blob: bytes) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(blob[:8], "little")
    if len(blob) < 8 or length > len(blob) - 8:
        raise ValueError(f"it ends at byte {len(blob)}, within its header")
    header = from_json(blob[8 : 8 + length])
    if not isinstance(header, dict):
        raise ValueError("its header is not a table")  # noqa: TRY004 - what is wrong is the file
    return header, len(blob) - 8 - length


def _meta(entry: object) -> dict[str, Any]:
    if not (isinstance(entry, dict) and entry.keys() == {META} and isinstance(entry[META], str)):
        raise ValueError(f"its metadata is not exactly one text named {META!r}")
    meta = from_json(entry[META])
    if not isinstance(meta, dict):
        raise ValueError(f"its metadata {META!r} is not a table")  # noqa: TRY004 - what is wrong is the file
    return meta


def _range(name: str, entry: object, item_sizes: Mapping[str, int]) -> tuple[int, int]:
    if not (isinstance(entry, dict) and entry.keys() == {"dtype", "shape", "data_offsets"}):
        raise ValueError(f"tensor {name!r} does not have exactly dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in item_sizes:
        raise ValueError(f"tensor {name!r} has dtype {dtype!r}, which is none of {', '.join(item_sizes)}")
    if not _are_counts(shape) or len(shape) > _MAX_AXES:
        raise ValueError(f"tensor {name!r} has no shape of at most {_MAX_AXES} whole numbers")
    if not _are_counts(offsets) or len(offsets) != 2:
        raise ValueError(f"tensor {name!r} has no data_offsets of two whole numbers")
    begin, end = offsets
    needed = math.prod(shape) * item_sizes[dtype]
    if end - begin != needed:
        raise ValueError(f"tensor {name!r} of shape {shape} needs {needed} bytes, but has {end - begin}")
    return begin, end


def _are_counts(value: object) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
