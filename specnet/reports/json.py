"""json: strict JSON with every field of every finding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specnet.errors import Finding
    from specnet.reports.report import Checked


def render(checked: Sequence[Checked]) -> str:
    """`{"findings": [...]}`; what is not known is null."""
    findings = [_record(finding, one.file) for one in checked for finding in one.findings]
    return json.dumps({"findings": findings}, indent=2, allow_nan=False)


def _record(finding: Finding, file: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "path": finding.dotted,
        "file": finding.file or file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
    }
