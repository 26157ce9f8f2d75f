"""junit: JUnit XML as Jenkins reads it, a test case for each file."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from specnet.errors import Finding, printable
from specnet.reports.concise import render as lines
from specnet.reports.report import Checked, count, summary

_Element = ElementTree.Element


def render(checked: Sequence[Checked]) -> str:
    """A test suite; a file with errors has failed, its warnings are its output."""
    failed = sum(bool(count([one], "error")) for one in checked)
    counts = {"tests": str(len(checked)), "failures": str(failed), "errors": "0"}
    suite = _Element("testsuite", {"name": "specnet validate", **counts, "time": "0"})
    suite.extend(map(_case, checked))
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode")


def _case(one: Checked) -> _Element:
    # characters that XML cannot hold are among those that no terminal shows
    case = _Element("testcase", {"classname": "specnet", "name": printable(one.file), "time": "0"})
    errors, warnings = (_only(one, severity) for severity in ("error", "warning"))
    if errors.findings:
        codes = ", ".join(dict.fromkeys(finding.code for finding in errors.findings))
        failure = ElementTree.SubElement(
            case, "failure", {"type": codes, "message": summary([errors]).split(" in ")[0]}
        )
        failure.text = lines([errors])
    if warnings.findings:
        ElementTree.SubElement(case, "system-out").text = lines([warnings])
    return case


def _only(one: Checked, severity: str) -> Checked:
    findings: tuple[Finding, ...] = tuple(finding for finding in one.findings if finding.severity == severity)
    return Checked(one.file, one.text, findings)
