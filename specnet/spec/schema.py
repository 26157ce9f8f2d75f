"""The JSON Schema of specs: the sections of a spec, and every component that the registry knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specnet.component import KINDS
from specnet.errors import SpecError
from specnet.spec.declared import declared, reference
from specnet.spec.dialects import URLS, as_draft_7
from specnet.spec.document import SCHEMA_KEY
from specnet.spec.model import Spec

if TYPE_CHECKING:
    from specnet.component import Component
    from specnet.registry import Registry
    from specnet.spec.dialects import Dialect, Schema

_EDITORS = "This schema, for editors. Only in JSON: in TOML it is the comment #:schema in the first line."


@dataclass(frozen=True)
class _Entry:
    """A component, under every name that a spec may call it by; the first is the one that no other can take."""

    cls: type[Component]
    names: tuple[str, ...]

    @property
    def definition(self) -> str:
        return f"{self.cls.kind}.{self.names[0]}"

    @property
    def about(self) -> str:
        return (self.cls.__doc__ or "").strip().split("\n")[0]

    @property
    def is_short(self) -> bool:
        """True where the name alone will do."""
        return not any(field.is_required() for name, field in self.cls.model_fields.items() if name != "type")


def schema(registry: Registry, draft: Dialect = "7") -> Schema:
    """The schema of every spec that this registry can resolve; the same registry gives the same, key by key.

    It refuses nothing that `load_spec` accepts. What lies between two keys, or in data, or in wiring, it cannot see.
    """
    root, definitions = declared(Spec, "spec")
    for kind in (kind for kind, base in KINDS.items() if base.in_specs):
        entries = _entries(kind, registry)
        definitions[kind] = _kind(kind, entries)
        for entry in entries:
            definitions |= _component(entry)
    whole = {
        "$schema": URLS[draft],
        "title": "A spec of specnet",
        "description": root["description"],
        "type": "object",
        "properties": {SCHEMA_KEY: {"description": _EDITORS, "type": "string"}, **root["properties"]},
        "required": root["required"],
        "additionalProperties": False,
        "$defs": definitions,
    }
    return as_draft_7(whole) if draft == "7" else whole


def _entries(kind: str, registry: Registry) -> list[_Entry]:
    """The components of a kind: the built-in ones, then those of plugins by namespace; plugins that fail have none."""
    own = [_Entry(registry.find(kind, name), (name,)) for name in registry.names(kind)]
    return own + sorted(_third(kind, registry), key=lambda entry: entry.names)


def _third(kind: str, registry: Registry) -> Iterator[_Entry]:
    for plugin in registry.plugins():
        for (of, bare), cls in plugin.components.items():
            if of == kind:
                full = f"{plugin.namespace}.{bare}"
                yield _Entry(cls, (full, bare) if _means(registry, kind, bare, cls) else (full,))


def _means(registry: Registry, kind: str, name: str, cls: type[Component]) -> bool:
    try:
        return registry.find(kind, name) is cls and name not in registry.names(kind)
    except SpecError:  # several plugins offer it
        return False


def _kind(kind: str, entries: list[_Entry]) -> Schema:
    """A name or a table; each branch is chosen by `if`, so that an error is that of the branch which was meant."""
    short = [entry for entry in entries if entry.is_short]
    # Its keys are known in the branches; said here, because tombi warns of a table that says nothing of more keys.
    tables = {"properties": {"type": _names(entries)}, "required": ["type"], "additionalProperties": True}
    branches = [{"if": {"type": "object"}, "then": tables}, *map(_branch, entries)]
    about = (KINDS[kind].__doc__ or "").split("\n")[0]
    if not short:
        return {"description": about, "type": "object", "allOf": branches}
    names = _names(short)
    return {
        "description": about,
        "type": ["string", "object"],
        "examples": names["enum"],
        "allOf": [{"if": {"type": "string"}, "then": names}, *branches],
    }


def _names(entries: list[_Entry]) -> Schema:
    """One of the names, each with its meaning, in the words of VS Code and of taplo."""
    named = [(name, entry.about) for entry in entries for name in entry.names]
    meanings = [about for _, about in named]
    return {
        "enum": [name for name, _ in named],
        "enumDescriptions": meanings,
        "x-taplo": {"docs": {"enumValues": meanings}},
    }


def _branch(entry: _Entry) -> Schema:
    named = {"type": "object", "properties": {"type": _choice(entry.names)}, "required": ["type"]}
    return {"if": named, "then": {"$ref": reference(entry.definition)}}


def _choice(names: tuple[str, ...]) -> Schema:
    return {"const": names[0]} if len(names) == 1 else {"enum": list(names)}


def _component(entry: _Entry) -> dict[str, Schema]:
    """The definition of a component, and of the tables in it. One that cannot be described is left open."""
    try:
        found, inner = declared(entry.cls, entry.definition)
        json.dumps([found, inner], allow_nan=False)
    except Exception as error:  # the schema asks code of a plugin, which must not stop the others
        found, inner = {"description": f"{entry.about} Its keys cannot be described: {type(error).__name__}."}, {}
    required = [key for key in found.get("required", []) if key != "type"]
    whole = {
        "description": found.get("description", ""),
        "type": "object",
        "properties": {**found.get("properties", {}), "type": _choice(entry.names)},
        "required": ["type", *required],
        **{key: value for key, value in found.items() if key == "additionalProperties"},
    }
    return {entry.definition: whole, **inner}
