"""concise: `file:line:column: SN203 message [help]`, one line for each finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specnet.errors import Finding, printable

if TYPE_CHECKING:
    from specnet.reports.report import Checked


def render(checked: Sequence[Checked]) -> str:
    """One line for each finding; where no line of the file is known, the dotted path tells the place."""
    return "\n".join(_line(finding, one.file) for one in checked for finding in one.findings)


def _line(finding: Finding, file: str) -> str:
    place = ":".join(str(part) for part in (finding.file or file, finding.line, finding.column) if part is not None)
    path = f" ({finding.dotted})" if finding.path and finding.line is None else ""
    help = f" [{finding.help}]" if finding.help else ""
    return printable(f"{place}: {title(finding)}{path}{help}")


def title(finding: Finding) -> str:
    """`SN203 message`, and for a warning `SN410 warning: message`."""
    return f"{finding.code} {'warning: ' * (finding.severity == 'warning')}{finding.message}"
