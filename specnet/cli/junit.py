"""JUnit XML: a suite as CI servers read it, one test case for each expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from specnet.cli import describe
from specnet.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specnet.runs.suite import Outcome


def junit(outcomes: Iterable[Outcome]) -> bytes:
    """The report: a `testsuite` for each spec; one that is not held to anything has the test case "trains"."""
    root = ElementTree.Element("testsuites", name="specnet")
    for outcome in outcomes:
        root.append(_suite(outcome))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(outcome: Outcome) -> ElementTree.Element:
    failed = sum(not verdict.passed for verdict in outcome.verdicts)
    counts = {"tests": len(outcome.verdicts) or 1, "failures": failed, "errors": int(outcome.error is not None)}
    seconds = f"{outcome.seconds:.3f}"
    attributes = {name: str(count) for name, count in counts.items()} | {"skipped": "0", "time": seconds}
    # XML cannot hold a control character at all, not even escaped.
    file = printable(str(outcome.spec))
    suite = ElementTree.Element("testsuite", name=file, attrib=attributes)
    for verdict in outcome.verdicts:
        case = _case(suite, file, describe.expectation(verdict.expectation))
        if not verdict.passed:
            ElementTree.SubElement(case, "failure", message=printable(describe.verdict(verdict)))
    if not outcome.verdicts:
        case = _case(suite, file, "trains")
        if outcome.error is not None:
            first, *_ = lines = str(outcome.error).splitlines()
            ElementTree.SubElement(case, "error", message=printable(first)).text = "\n".join(map(printable, lines))
    return suite


def _case(suite: ElementTree.Element, file: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=file, name=printable(name))
