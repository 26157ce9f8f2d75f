"""TOML 1.1 in a text: what Python reads from 3.15 on, and other Pythons and editors do not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from specnet.spec.positions import Range

ESCAPE = "a backslash in double quotes begins an escape"
TOML_PATH = f"{ESCAPE}: write a path in 'single quotes' or with forward slashes"

_MAY_BE = r"[{\\]|[0-9]:[0-9]"
"""An inline table, an escape, a time: without any of these a text has nothing new."""
_PART = (
    r"(?s)"
    r'(?P<basic>"""(?:[^\\]|\\.)*?"{3,5}|"(?:[^"\\\n]|\\.)*")|'
    r"'''.*?'{3,5}|'[^'\n]*'|(?P<comment>#[^\n]*)|"
    r"(?P<comma>,(?:\s|#[^\n]*)*\})|(?P<open>[\[{])|(?P<close>[\]}])|(?P<line>\n)|"
    r"(?<![0-9:+-])(?P<time>[0-9]{2}:[0-9]{2})(?![0-9:])"
)


class Newer(NamedTuple):
    """A form of TOML 1.1: what it is, where, and how TOML 1.0 says it."""

    what: str
    span: Range
    hint: str


def new_in_toml_1_1(text: str) -> Newer | None:
    """The first form that TOML 1.0 does not know, None when there is none.

    Python's own reader takes these forms from 3.15 on: https://toml.io/en/v1.1.0.
    """
    if not re.search(_MAY_BE, text):
        return None
    around: list[str] = []
    for token in re.finditer(_PART, text):
        kind, inside = token.lastgroup, around[-1:] == ["{"]
        if kind == "basic" and (escape := re.search(r"(?<!\\)(?:\\\\)*(\\[ex])", token[0])):
            begin, end = escape.span(1)
            return Newer(f"{escape[1]} is an escape", (token.start() + begin, token.start() + end), TOML_PATH)
        if kind == "time":
            return Newer("this time has no seconds", token.span(), "write the seconds too")
        if kind == "comma" and inside:
            comma = (token.start(), token.start() + 1)
            return Newer("a comma stands after the last key of an inline table", comma, "take it out")
        if inside and kind in ("line", "comment"):
            hint = "write it in one line, or as a table with a header"
            return Newer("an inline table goes over several lines", token.span(), hint)
        if kind == "open":
            around.append(token[0])
        elif kind in ("close", "comma") and around:
            around.pop()
    return None
