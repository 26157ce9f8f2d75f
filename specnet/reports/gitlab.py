"""gitlab: a Code Quality report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from specnet.reports.report import Checked, fingerprints

if TYPE_CHECKING:
    from specnet.errors import Finding

_SEVERITIES = {"error": "major", "warning": "minor"}


def render(checked: Sequence[Checked]) -> str:
    """A list of findings; one without a place stands in line 1, because GitLab wants a line."""
    return json.dumps([_record(finding, mark) for finding, mark in fingerprints(checked)], indent=2, allow_nan=False)


def _record(finding: Finding, mark: str) -> dict[str, Any]:
    return {
        "description": f"{finding.message} ({finding.help})" if finding.help else finding.message,
        "check_name": finding.code,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.file, "lines": {"begin": finding.line or 1}},
    }
