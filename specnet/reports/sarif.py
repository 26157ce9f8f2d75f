"""sarif: the Static Analysis Results Interchange Format 2.1.0 of OASIS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from specnet import __version__
from specnet.codes import CODES
from specnet.reports.report import Checked, described, fingerprints

if TYPE_CHECKING:
    from specnet.errors import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(checked: Sequence[Checked]) -> str:
    """A log of one run, with a rule for each code that was found."""
    codes = sorted({finding.code for one in checked for finding in one.findings})
    driver = {"name": "specnet", "version": __version__, "rules": list(map(_rule, codes))}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code), mark) for finding, mark in fingerprints(checked)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, allow_nan=False)


def _rule(code: str) -> dict[str, Any]:
    explained = CODES.get(code)
    full = {} if explained is None else {"fullDescription": {"text": explained.text}}
    return {"id": code, "shortDescription": {"text": described(code)}, **full}


def _result(finding: Finding, rule: int, mark: str) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": f"{finding.message} ({finding.help})" if finding.help else finding.message},
        "locations": [
            {"physicalLocation": {"artifactLocation": _artifact(finding.file or ""), "region": _region(finding)}}
        ],
        "partialFingerprints": {"specnet/v1": mark},
    }


def _artifact(file: str) -> dict[str, str]:
    path = PurePath(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(file, errors="backslashreplace"), "uriBaseId": "%SRCROOT%"}


def _region(finding: Finding) -> dict[str, int]:
    places = {
        "startLine": finding.line or 1,  # code scanning wants a line
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    return {name: place for name, place in places.items() if place is not None}
