"""The codes in Markdown: the page docs/codes.md, which `specnet explain --all` prints too."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from specnet.codes import CODES, FAMILIES
from specnet.codes.code import BASE

if TYPE_CHECKING:
    from specnet.codes.code import Code

_INTRODUCTION = """\
Written by `python docs/codes.py` from the code; `specnet explain SN203` says the same in a terminal.

An example stands for this spec, in which the keys and sections that the example names are replaced by those of the
example:"""


def markdown() -> str:
    """The whole page, with a line break at the end."""
    lines = ["# Codes of findings", "", _INTRODUCTION, "", *_fenced(BASE.strip())]
    for family, about in FAMILIES.items():
        codes = {name: code for name, code in CODES.items() if name.startswith(family)}
        lines += ["", f"## {family}xx: {about}"]
        for name, code in codes.items():
            lines += ["", f"### {name}: {code.title}", "", *_entry(code)]
    return "\n".join(lines) + "\n"


def severity(code: Code) -> str:
    """`error`, or `warning` and whether it can be ignored."""
    return f"{code.severity}, can be ignored in `[[lint.ignore]]`" if code.ignorable else code.severity


def _entry(code: Code) -> Iterator[str]:
    yield from (f"*{severity(code)}*", "", _wrapped(code.text))
    if code.situation:
        yield from ("", _wrapped(f"For example: {code.situation}"))
    if code.example:
        yield from ("", *_fenced(code.example))
    if code.better:
        yield from ("", "Better:", "", *_fenced(code.better))


def _fenced(toml: str) -> list[str]:
    return ["```toml", toml, "```"]


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)
