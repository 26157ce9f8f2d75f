"""`--set path=value`: one value of a spec changed from outside, read as the schema at its place wants it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NoReturn

from specnet.errors import Finding, Path, SpecError, UsageError, show
from specnet.spec.places import Place, place_at
from specnet.spec.syntax import DEPTH_LIMIT

if TYPE_CHECKING:
    from pydantic import BaseModel

    from specnet.component import Finder

_INDEX = "[0-9]{1,9}"
# Of what Python writes for a number, TOML does not take `1.`, `.5` and `007`.
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"


def parse_assignment(text: str) -> tuple[str, str]:
    """`path=value`, parted at the first `=`. Raises UsageError without one."""
    path, equals, value = text.partition("=")
    if not (path.strip() and equals):
        raise UsageError(Finding("SN110", f"--set takes path=value, not {text!r}", help="such as training.epochs=100"))
    return path.strip(), value


def path_of(dotted: str) -> Path:
    """`layers.0.units` taken apart: what consists of digits is an index."""
    return tuple(int(part) if re.fullmatch(_INDEX, part) else part for part in dotted.split("."))


def apply(
    data: Mapping[str, Any], overrides: Mapping[str, Any], model: type[BaseModel], registry: Finder
) -> dict[str, Any]:
    """A changed copy of the data. Text is read as the place wants it, other values are taken as they are.

    Raises SpecError SN109 for a path that leads nowhere in a list or below a plain value; a key that is
    merely unknown is left for the validator, which knows its neighbours.
    """
    result: dict[str, Any] = deepcopy(dict(data))
    for dotted, value in overrides.items():
        path = path_of(dotted)
        if len(path) > DEPTH_LIMIT:
            raise SpecError(Finding("SN109", f"--set {dotted[:40]}...: the path is too deep", file="--set"))
        table = _descend(result, path, model, registry)
        place, _ = place_at(model, result, path, registry)
        _put(table, path, _read(value, place) if isinstance(value, str) else deepcopy(value))
    return result


def _descend(root: Any, path: Path, model: type[BaseModel], registry: Finder) -> Any:
    """The table or list that holds the last part of the path; missing tables on the way are made."""
    holder = root
    for depth, part in enumerate(path[:-1]):
        if isinstance(holder, dict) and isinstance(part, str):
            below = holder.setdefault(part, {})
        elif isinstance(holder, list) and isinstance(part, int) and part < len(holder):
            below = holder[part]
        else:
            _nowhere(path, depth, holder)
        place, _ = place_at(model, root, path[: depth + 1], registry)
        if isinstance(below, str) and place is not None and place.slot is not None:
            below = {"type": below}  # "relu" is short for { type = "relu" }
            holder[part] = below
        holder = below
    return holder


def _put(holder: Any, path: Path, value: Any) -> None:
    last = path[-1]
    in_table = isinstance(holder, dict) and isinstance(last, str)
    in_list = isinstance(holder, list) and isinstance(last, int) and last < len(holder)
    if not (in_table or in_list):
        _nowhere(path, len(path) - 1, holder)
    holder[last] = value


def _nowhere(path: Path, depth: int, holder: Any) -> NoReturn:
    where = ".".join(map(str, path[:depth])) or "the spec"
    what = f"a list of {len(holder)}, counted from 0" if isinstance(holder, list) else show(holder)
    raise SpecError(Finding("SN109", f"--set {'.'.join(map(str, path))}: {where} is {what}", path, file="--set"))


def _read(text: str, place: Place | None) -> Any:
    """Text where text is wanted; else a TOML value, a JSON value, a number as Python writes it; else text."""
    if place is not None and place.is_text:
        return text
    if "\n" not in text:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            pass
    import json  # costs more than the whole of a TOML value

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return float(text) if re.fullmatch(_NUMBER, text) else text
