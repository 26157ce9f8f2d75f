"""Fixes: misspelt keys and names replaced in the text itself, so that everything else stays as it is to the byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from specnet.spec.toml_positions import toml_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.errors import Finding
    from specnet.spec.document import Document
    from specnet.spec.positions import Range


def fixable(document: Document, findings: Sequence[Finding]) -> list[Finding]:
    """Those of a file, not of `--set`, whose meaning is certain and whose place is written down."""
    spans = document.positions.spans
    return [f for f in findings if f.fix is not None and f.file == document.source and f.path in spans]


def fixed(document: Document, findings: Sequence[Finding]) -> str:
    """The text of the document with each of these findings mended where it stands."""
    edits = {edit for finding in findings for edit in _edits(document, finding)}
    text = document.text
    for (start, end), written in sorted(edits, reverse=True):
        text = text[:start] + written + text[end:]
    return text


def _edits(document: Document, finding: Finding) -> list[tuple[Range, str]]:
    meant = finding.fix or ""
    if finding.code != "SN102":
        place = document.positions.spans[finding.path].value
        return [(place, _quoted(meant, document.text[place[0]]))]
    if document.format == "json":
        key = document.positions.spans[finding.path].key
        return [(key, json.dumps(meant))] if key else []
    return [(place, meant) for place in toml_names(document.text)[finding.path]]


def _quoted(name: str, mark: str) -> str:
    """The name between the marks that stood there; a name needs no escapes."""
    return f"'{name}'" if mark == "'" else f'"{name}"'
