"""What a section or a component lets a spec say: its fields, in the words of a page."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from specnet.component import Component, Slot
from specnet.component.docs import field_docs
from specnet.spec.places import Place

_WORDS = {int: "integer", float: "number", str: "text", bool: "true or false"}
_SIGNS = {
    Gt: ("> ", "gt"),
    Ge: (">= ", "ge"),
    Lt: ("< ", "lt"),
    Le: ("<= ", "le"),
    MinLen: ("at least ", "min_length"),
    MultipleOf: ("a multiple of ", "multiple_of"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """One key: the values that it takes, its default and what it means; what would stand in a file is in backticks."""

    name: str
    value: str
    default: str
    meaning: str


def described(model: type[BaseModel]) -> list[Described]:
    """The fields of a section or a component, in their order, without its `type`."""
    fields = {name: field for name, field in model.model_fields.items() if name != "type"}
    docs = field_docs(model)
    return [
        Described(name, _type(field), _default(field), " ".join((docs.get(name) or _section(field)).split()))
        for name, field in fields.items()
    ]


def first_line(cls: type) -> str:
    """What the docstring begins with; empty without one."""
    return next(iter((inspect.getdoc(cls) or "").splitlines()), "")


def sections(field: FieldInfo) -> Iterator[tuple[bool, type[BaseModel]]]:
    """Whether there may be several, and the class of the section that stands in a field."""
    for kind, _ in Place.of(field.annotation, tuple(field.metadata)).alternatives:
        inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
        if isinstance(inner, type) and issubclass(inner, BaseModel) and not issubclass(inner, Component):
            yield inner is not kind, inner


def _section(field: FieldInfo) -> str:
    """What the section that stands in a field is; empty for another field."""
    return next((first_line(section) for _, section in sections(field)), "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "see there"
    value: Any = field.default
    if isinstance(value, Component):
        return f"`{json.dumps(value.type)}`"
    if isinstance(value, BaseModel):
        return "its defaults"
    return "none" if value is None else f"`{json.dumps(value, default=str)}`"


def _type(field: FieldInfo) -> str:
    return _words(Place.of(field.annotation, tuple(field.metadata)))


def _words(place: Place) -> str:
    return " or ".join(_word(kind, metadata) for kind, metadata in place.alternatives if kind is not NoneType)


def _word(kind: Any, metadata: tuple[Any, ...]) -> str:
    slot = next((item for item in metadata if isinstance(item, Slot)), None)
    if slot is not None:
        return f"{slot.kind}"
    if get_origin(kind) is Literal:
        return " or ".join(f"`{json.dumps(value, default=str)}`" for value in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {_words(Place.of(get_args(kind)[0]))}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    flat = [part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else [one])]
    bounds = [f"{_SIGNS[type(m)][0]}{getattr(m, _SIGNS[type(m)][1])}" for m in flat if type(m) in _SIGNS]
    word = _WORDS[kind] if kind in _WORDS else str(getattr(kind, "__name__", kind))
    return " ".join([word, *([", ".join(bounds)] if bounds else [])])
