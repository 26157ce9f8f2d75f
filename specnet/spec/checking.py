"""check: one spec looked at, with all that was found; nothing is raised for what a file says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.errors import SpecError
from specnet.reports.report import Checked
from specnet.spec.document import SpecText, parse_text, read_text
from specnet.spec.loading import examine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.registry import Registry


def check(source: Path | SpecText, overrides: Mapping[str, Any], registry: Registry) -> Checked:
    """What there is to say about a file, or about text that came otherwise."""
    try:
        written = read_text(source) if isinstance(source, Path) else source
    except SpecError as error:
        return Checked(str(source), "", error.findings)
    try:
        _, findings = examine(parse_text(written), overrides, registry)
    except SpecError as error:
        findings = error.findings
    return Checked(written.source, written.text, findings)
