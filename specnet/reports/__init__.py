"""The formats in which findings are told: one file for each, imported when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from specnet.reports.report import Checked, relative


class Format(NamedTuple):
    """What a format is for; who reads it, and whether it names files as the repository does."""

    help: str
    of_repository: bool = True
    whole: bool = True
    """One document, beside which nothing else can stand."""


FORMATS = {
    "full": Format("for people: the place in the file, underlined", of_repository=False, whole=False),
    "concise": Format("one line for each finding", of_repository=False, whole=False),
    "json": Format("for programs", of_repository=False),
    "github": Format("annotations of GitHub Actions", whole=False),
    "gitlab": Format("a Code Quality report of GitLab"),
    "sarif": Format("SARIF 2.1.0, for code scanning"),
    "junit": Format("JUnit XML, a test case for each file"),
}
"""Every format; the module `specnet.reports.NAME` holds its `render`."""


def render(format: str, checked: Sequence[Checked], root: Path) -> str:
    """The findings in a format, without a line break at the end; empty where there is nothing to tell."""
    named = relative(checked, root) if FORMATS[format].of_repository else checked
    module = import_module(f"specnet.reports.{format}")
    told: str = module.render(named)
    return told
