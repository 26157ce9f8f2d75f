"""Arrays as Python text that gives the same bits."""

from __future__ import annotations

from base64 import b64encode
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from specnet.arrays import Array

LONGEST = 400
"""Numbers of an array that are written out; those of a longer one are packed, for nobody reads them."""
UNPACK = '''def unpacked(text, dtype, *shape):
    """The array of that shape whose bytes the text holds in base64."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)'''
"""What a file needs that has a packed array."""


def is_packed(array: Array) -> bool:
    """True for an array that `array_text` does not write out."""
    return array.size > LONGEST


def array_text(array: Array) -> str:
    """An expression that makes the array; a packed one needs `UNPACK`."""
    dtype = "" if array.dtype == np.float64 else f", np.{array.dtype}"
    if not is_packed(array):
        return f"np.array({_nested(array.tolist(), 0)}{dtype})"
    code = np.dtype(array.dtype).newbyteorder("<").str
    packed = b64encode(np.ascontiguousarray(array, code).tobytes()).decode()
    lines = "\n".join(wrap(packed, 116))
    return f'unpacked("""\n{lines}\n""", "{code}", {", ".join(map(str, array.shape))})'


def _nested(values: object, depth: int) -> str:
    if not isinstance(values, list):
        return repr(values).replace("nan", "np.nan").replace("inf", "np.inf")
    items = [_nested(value, depth + 1) for value in values]
    flat = f"[{', '.join(items)}]"
    if len(flat) + 4 * depth <= 100 and not any("\n" in item for item in items):
        return flat
    indent = "    " * (depth + 1)
    if values and isinstance(values[0], list):
        return "[\n" + "".join(f"{indent}{item},\n" for item in items) + "    " * depth + "]"
    lines = wrap(", ".join(items), 110 - len(indent))
    return "[\n" + "".join(f"{indent}{line}\n" for line in lines) + "    " * depth + "]"
