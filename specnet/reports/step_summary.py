"""The page of a GitHub Actions step, in Markdown: how much was found, and the findings that got no annotation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from specnet.errors import Finding, printable
from specnet.reports.github import beyond
from specnet.reports.report import Checked, described, statistics, summary

LIMIT = 200
"""Rows of a table: a page of more than a mebibyte is dropped whole."""

_MARKS = r"([\\`*_{}\[\]<>()#+.!|~&:@-])"
_WIDEST = 300


def render(checked: Sequence[Checked]) -> str:
    """A summary, a table of codes, and a table of the findings beyond the annotations."""
    lines = ["### specnet validate", "", summary(checked)]
    codes = [f"| {code} | {number:,} | {_cell(described(code))} |" for number, code in statistics(checked)]
    lines += ["", "| code | findings | about |", "| --- | --: | --- |", *codes] if codes else []
    rest = beyond(checked)
    rows = [f"| {_cell(_place(f))} | {f.code} | {_cell(f.message)} | {_cell(f.help or '')} |" for f in rest[:LIMIT]]
    lines += (
        ["", "Not annotated:", "", "| place | code | finding | help |", "| --- | --- | --- | --- |"] if rows else []
    )
    return "\n".join([*lines, *rows, *(["", f"and {len(rest) - LIMIT:,} more"] if len(rest) > LIMIT else [])])


def _place(finding: Finding) -> str:
    return ":".join(str(part) for part in (finding.file, finding.line) if part is not None)


def _cell(text: str) -> str:
    """Text that Markdown takes as it stands."""
    shown = printable(text)
    return re.sub(_MARKS, r"\\\1", shown if len(shown) <= _WIDEST else f"{shown[:_WIDEST]}...")
