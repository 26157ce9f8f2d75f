"""JSON without its accidents: no key twice, no NaN, no infinity, one text for one value."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from specnet.component import Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_json(value: object) -> bytes:
    """ASCII with sorted keys, two spaces of indent and a final newline.

    Raises ValueError for a float that is not finite: it goes through `finite_or_reason` before.
    """
    return (json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()


def from_json(content: bytes | str) -> Any:
    """The value of a strict JSON text. Raises ValueError, and nothing else, for any other text."""
    text = content.decode() if isinstance(content, bytes) else content
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def finite_or_reason(value: float) -> float | dict[str, str | None]:
    """`value` itself when finite, else `{"value": null, "reason": "nan"}`, so that NaN, inf and -inf stay distinct.

    The reason of an Undefined is its own.
    """
    if isinstance(value, Undefined):
        return {"value": None, "reason": value.reason}
    value = float(value)  # NumPy's float32 is no float, and json refuses it
    return value if math.isfinite(value) else {"value": None, "reason": str(value)}


def finite_or_reasons(values: Mapping[str, float]) -> dict[str, Any]:
    """Each of the named values as `finite_or_reason` has it."""
    return {name: finite_or_reason(value) for name, value in values.items()}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f"the key {key!r} is there twice")
        table[key] = value
    return table


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):  # 1e999 is good JSON, and infinity to Python
        raise ValueError(f"{text} is too large for a number")
    return value


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is not a number in JSON")
