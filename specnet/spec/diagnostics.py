"""Findings from what the validator refuses: one for each fault, in the words of the spec."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from specnet.errors import Finding, Path, did_you_mean, nearest, show, slip_of
from specnet.spec.document import SCHEMA_KEY
from specnet.spec.places import place_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from specnet.component import Finder

# The wanted thing, for each of pydantic's type errors.
_TYPES = {
    "bool_type": "true or false",
    "date_type": "a date",
    "dict_type": "a table",
    "float_type": "a number",
    "int_from_float": "an integer",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "a table",
    "string_type": "text",
    "tuple_type": "a list",
}
_RANGES = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
}
_SCHEMA_HELP = (
    "in TOML the first line says it, as a comment: #:schema ./specnet.schema.json; "
    "in JSON it is text, and stands at the top of the file"
)


MOST = 200
"""The faults of one file that are told: nobody reads more, and each is compared with all that may have been meant."""


def findings_of(
    error: ValidationError, model: type[BaseModel], data: Mapping[str, Any], registry: Finder
) -> list[Finding]:
    """Every fault of the error; a missing key that stands there misspelt is one fault with the unknown key."""
    every = [detail for detail in error.errors(include_url=False) if not _follows(detail)]
    details = every[:MOST]
    unknown = {d["loc"]: _nearest(d, model, data, registry) for d in details if d["type"] == "extra_forbidden"}
    meant = {(*loc[:-1], name) for loc, name in unknown.items() if name is not None}
    findings = []
    for detail in details:
        if detail["type"] == "extra_forbidden":
            findings.append(_unknown_key(detail["loc"], unknown[detail["loc"]], model, data, registry))
        elif not (detail["type"] == "missing" and detail["loc"] in meant):
            findings.append(_finding(detail))
    return findings + _untold(len(every))


def first(findings: list[Finding]) -> list[Finding]:
    """The first MOST, and how many there are besides."""
    return findings[:MOST] + _untold(len(findings))


def _untold(count: int) -> list[Finding]:
    if count <= MOST:
        return []
    return [Finding("SN101", f"{count - MOST:,} more faults are not told", help="mend these first")]


def _follows(detail: ErrorDetails) -> bool:
    """True for what pydantic says only because of another fault: it counts the items of a list that are valid."""
    if detail["type"] == "too_short":
        return bool(len(detail["input"]) >= detail["ctx"]["min_length"])
    return detail["type"] == "default_factory_not_called"


def _finding(detail: ErrorDetails) -> Finding:
    kind, path, context = detail["type"], detail["loc"], detail.get("ctx", {})
    if kind.startswith("SN"):
        return Finding(kind, context["message"], path, context["help"], fix=context["fix"])
    key, value = named(path), show(detail["input"])
    if kind == "missing":
        return Finding("SN103", f"missing key {key}", path)
    if kind in _TYPES:
        return Finding("SN104", f"{key} must be {_TYPES[kind]}, not {value}", path)
    if kind in _RANGES:
        return Finding("SN105", f"{key} {_RANGES[kind].format(**context)}, not {value}", path)
    if kind == "finite_number":
        return Finding("SN106", f"{key} must be a finite number, not {value}", path)
    if kind == "literal_error":
        known = re.findall("'([^']*)'", context["expected"])
        text = detail["input"] if isinstance(detail["input"], str) else ""
        message = f"{key} must be {context['expected']}, not {value}"
        return Finding("SN107", message, path, did_you_mean(text, known), fix=slip_of(text, known))
    if kind == "string_pattern_mismatch":
        return Finding("SN108", f"{key} must match {context['pattern']}, not {value}", path)
    if kind == "string_too_long":
        return Finding("SN108", f"{key} must have at most {context['max_length']} characters, not {value}", path)
    if kind == "too_short":
        return Finding("SN108", f"{key} needs at least {context['min_length']} of them", path)
    message = detail["msg"].removeprefix("Value error, ")
    return Finding("SN108", message if kind == "value_error" else f"{key}: {message}, not {value}", path)


def named(path: Path) -> str:
    """What a message calls the place at a path: `'units'`, `item 2`."""
    if not path:
        return "the spec"
    return f"{path[-1]!r}" if isinstance(path[-1], str) else f"item {path[-1]}"


def _free(path: Path, model: type[BaseModel], data: Mapping[str, Any], registry: Finder) -> list[str]:
    """The keys that may still be written into the table at a path."""
    names, table = _keys(path, model, data, registry)
    return [name for name in names if name not in table]


def _keys(path: Path, model: type[BaseModel], data: Mapping[str, Any], registry: Finder) -> tuple[list[str], Any]:
    """The keys that the table at a path may have, and the table."""
    place, table = place_at(model, data, path, registry)
    owner = None if place is None else place.table(table, registry)
    return [] if owner is None else list(owner.model_fields), table


def _nearest(detail: ErrorDetails, model: type[BaseModel], data: Mapping[str, Any], registry: Finder) -> str | None:
    *parent, key = detail["loc"]
    names, table = _keys(tuple(parent), model, data, registry)
    # A key that stands there may be meant too: `--set training.epoch=3` next to the file's own epochs.
    return nearest(key, set(names) - set(table)) or nearest(key, names)


def _unknown_key(
    path: Path, near: str | None, model: type[BaseModel], data: Mapping[str, Any], registry: Finder
) -> Finding:
    if path[-1] == SCHEMA_KEY:
        return Finding("SN102", f"unknown key {path[-1]!r}", path, _SCHEMA_HELP)
    free = _free(path[:-1], model, data, registry)
    help = f"did you mean {near!r}?" if near else f"keys that may stand here: {', '.join(free)}" if free else None
    key = str(path[-1])
    return Finding("SN102", f"unknown key {show(key)}", path, help, fix=slip_of(key, free), guess=near)
