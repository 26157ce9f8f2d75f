"""github: workflow commands, which GitHub Actions turns into annotations of the changed files.

The runner shows ten errors and ten warnings of a step, and drops those that come later.
"""

from __future__ import annotations

from collections.abc import Sequence

from specnet.errors import Finding, printable
from specnet.reports.report import SEVERITIES, Checked, placed

LIMIT = 10


def render(checked: Sequence[Checked]) -> str:
    """A line for each finding that will be shown."""
    return "\n".join(map(_command, annotated(checked)))


def annotated(checked: Sequence[Checked]) -> list[Finding]:
    """The first errors, then the first warnings: as many of each as will be shown."""
    return [finding for severity in SEVERITIES for finding in _of(checked, severity)[:LIMIT]]


def beyond(checked: Sequence[Checked]) -> list[Finding]:
    """The findings that come after those."""
    return [finding for severity in SEVERITIES for finding in _of(checked, severity)[LIMIT:]]


def _of(checked: Sequence[Checked], severity: str) -> list[Finding]:
    return [finding for _, finding in placed(checked) if finding.severity == severity]


def _command(finding: Finding) -> str:
    several = finding.end_line is not None and finding.end_line != finding.line
    properties = {
        "file": finding.file,
        "line": finding.line,
        "endLine": finding.end_line if several else None,
        # columns are refused for a span over several lines
        "col": None if several else finding.column,
        "endColumn": None if several else finding.end_column,
        "title": finding.code,
    }
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    message = "\n".join(filter(None, [finding.message, finding.help]))
    return f"::{finding.severity} {said}::{_data(message)}"


def _data(text: str) -> str:
    # what the runner itself undoes; other characters that move the cursor of a log are shown
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
