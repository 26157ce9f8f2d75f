"""Writes docs/reference.md from the code: every key of a spec, every built-in component, every verb.

python docs/reference.py            writes the file
python docs/reference.py --check    exits 1 when it is not what the code says
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel

from specnet.cli import VERBS
from specnet.component import KINDS, Component, Slot
from specnet.component.docs import field_docs
from specnet.registry import Selection, load_registry
from specnet.spec import Spec
from specnet.spec.places import Place

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PAGE = Path(__file__).with_name("reference.md")
_WORDS = {int: "integer", float: "number", str: "text", bool: "true or false"}
_SIGNS = {Gt: ("> ", "gt"), Ge: (">= ", "ge"), Lt: ("< ", "lt"), Le: ("<= ", "le"), MinLen: ("at least ", "min_length")}


def page() -> str:
    """The whole page."""
    registry = load_registry(Selection(allowed=frozenset()))
    lines = ["# Reference", "", "Written by `python docs/reference.py` from the code.", "", "## The spec", ""]
    lines += _table(Spec)
    for name, section in _sections(Spec):
        lines += ["", f"### `[{name}]`", "", _first_line(section), "", *_table(section)]
    lines += ["", "## Components", ""]
    lines += ["A component is written as a table with a `type`, or as its name alone where every default will do."]
    for kind in KINDS:
        lines += ["", f"### Kind: {kind}", "", _first_line(KINDS[kind])]
        for name in registry.names(kind):
            cls = registry.find(kind, name)
            lines += ["", f"#### `{name}`", "", _first_line(cls), "", *_table(cls)]
    lines += ["", "## Verbs", "", "| verb | what it does |", "| --- | --- |"]
    lines += [f"| `specnet {verb}` | {text} |" for verb, text in VERBS.items()]
    return "\n".join(lines) + "\n"


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").splitlines()[0]


def _sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The fields of the spec that are sections with keys of their own, lists of them included."""
    for name, field in model.model_fields.items():
        for several, section in _inner(field):
            yield (f"[{name}]" if several else name), section


def _inner(field: FieldInfo) -> Iterator[tuple[bool, type[BaseModel]]]:
    """Whether there may be several, and the class of the section that stands in a field."""
    for kind, _ in Place.of(field.annotation, tuple(field.metadata)).alternatives:
        inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
        if isinstance(inner, type) and issubclass(inner, BaseModel) and not issubclass(inner, Component):
            yield inner is not kind, inner


def _table(model: type[BaseModel]) -> list[str]:
    fields = {name: field for name, field in model.model_fields.items() if name != "type"}
    if not fields:
        return ["No options."]
    docs = field_docs(model)
    rows = [
        f"| `{name}` | {_type(field)} | {_default(field)} | {' '.join((docs.get(name) or _section(field)).split())} |"
        for name, field in fields.items()
    ]
    return ["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows]


def _section(field: FieldInfo) -> str:
    """What the section that stands in a field is."""
    return _first_line(next(section for _, section in _inner(field)))


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
    return "none" if value is None else f"`{json.dumps(value)}`"


def _type(field: FieldInfo) -> str:
    return _words(Place.of(field.annotation, tuple(field.metadata)))


def _words(place: Place) -> str:
    return " or ".join(_word(kind, metadata) for kind, metadata in place.alternatives if kind is not NoneType)


def _word(kind: Any, metadata: tuple[Any, ...]) -> str:
    slot = next((item for item in metadata if isinstance(item, Slot)), None)
    if slot is not None:
        return f"{slot.kind}"
    if get_origin(kind) is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {_words(Place.of(get_args(kind)[0]))}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    bounds = [f"{_SIGNS[type(m)][0]}{getattr(m, _SIGNS[type(m)][1])}" for m in metadata if type(m) in _SIGNS]
    return " ".join([_WORDS[kind], *([", ".join(bounds)] if bounds else [])])


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text() != page())
    PAGE.write_text(page())
