"""Writes docs/reference.md from the code: every key of a spec, every built-in component, every verb.

python docs/reference.py            writes the file
python docs/reference.py --check    exits 1 when it is not what the code says
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from specnet.cli import VERBS
from specnet.cli.plugins import PLUGIN_VERBS
from specnet.component import KINDS
from specnet.registry import Selection, load_registry
from specnet.spec import Spec
from specnet.spec.fields import described, first_line, sections

if TYPE_CHECKING:
    from pydantic import BaseModel

PAGE = Path(__file__).with_name("reference.md")


def page() -> str:
    """The whole page."""
    registry = load_registry(Selection(allowed=frozenset()))
    lines = ["# Reference", "", "Written by `python docs/reference.py` from the code.", "", "## The spec", ""]
    lines += _table(Spec)
    for name, section in _sections(Spec):
        lines += ["", f"### `[{name}]`", "", first_line(section), "", *_table(section)]
    lines += ["", "## Components", ""]
    lines += ["A component is written as a table with a `type`, or as its name alone where every default will do."]
    for kind in KINDS:
        lines += ["", f"### Kind: {kind}", "", first_line(KINDS[kind])]
        for name in registry.names(kind):
            cls = registry.find(kind, name)
            lines += ["", f"#### `{name}`", "", first_line(cls), "", *_table(cls)]
    lines += ["", "## Verbs", "", "| verb | what it does |", "| --- | --- |"]
    lines += [f"| `specnet {verb}` | {text} |" for verb, text in VERBS.items()]
    lines += [f"| `specnet plugins {verb}` | {text} |" for verb, text in PLUGIN_VERBS.items()]
    return "\n".join(lines) + "\n"


def _sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The fields of the spec that are sections with keys of their own, lists of them included."""
    for name, field in model.model_fields.items():
        for several, section in sections(field):
            yield (f"[{name}]" if several else name), section


def _table(model: type[BaseModel]) -> list[str]:
    fields = described(model)
    if not fields:
        return ["No options."]
    rows = [f"| `{field.name}` | {field.value} | {field.default} | {field.meaning} |" for field in fields]
    return ["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text() != page())
    PAGE.write_text(page())
