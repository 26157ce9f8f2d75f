"""The common slips of the finger in TOML and JSON: what stands at the place of a syntax error, and what would do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from specnet.spec.positions import Range


class Slip(NamedTuple):
    """A slip is known by how the parser's message begins and by what stands at its place, or in the line so far."""

    message: str
    at: str
    hint: str
    before: str = ""


OPEN = "(open at the end)"
"""In the place of a message: what has begun at the place is open at the end of the text."""

_CURLY = "[‘’‚“”„«»`´]"
_STRAIGHT = "text stands in straight quotation marks"
_NO_NULL = "there is no null: leave the key out"
_SMALL = "true and false are written in small letters"
_DIGIT_FIRST = "a number begins with a digit: 0.5, not .5"
_DIGIT_LAST = "a number ends with a digit: 1.0, not 1."
_NO_ZERO = "a number does not begin with 0"
_ESCAPE = "a backslash in double quotes begins an escape"
_TOML_PATH = f"{_ESCAPE}: write a path in 'single quotes' or with forward slashes"
_COMMA = "a comma is missing before this"
_LAST_COMMA = "no comma stands after the last"

_TOML = (
    Slip("", _CURLY, _STRAIGHT),
    Slip("Unclosed", r"[^\s,]", _COMMA),
    Slip("Expected '='", ":", "a key and its value are joined by `=`"),
    Slip("Expected '='", r"[\w\"'-]", "a key with a blank in it stands in quotes"),
    Slip("Invalid value", r"(?i:true|false)\b", _SMALL),
    Slip("Invalid value", r"(?i:null|none|nil)\b", _NO_NULL),
    Slip("Invalid value", r"(?i:yes|no|on|off)\b", "truth is written `true` or `false`"),
    Slip("Invalid value", r"\.[0-9]", _DIGIT_FIRST),
    Slip("Invalid value", r"[A-Za-z_]", "text stands in quotes"),
    Slip("Invalid value", ",", "there is no value between these commas"),
    Slip("Invalid value", r"\s*\Z|[\r\n#]", "a value is missing after `=`"),
    Slip("Expected newline", r"[0-9]", _NO_ZERO, before=r"=\s*[+-]?0\Z"),
    Slip("Expected newline", r"\.(?![0-9])", _DIGIT_LAST, before=r"=\s*[+-]?[0-9_]+\Z"),
    Slip("Expected newline", r"\w", "an apostrophe ends 'single quotes': use double quotes", before=r"'\Z"),
    Slip("Expected newline", "[,;]", "a line holds one key, and nothing stands after its value"),
    Slip("Expected newline", "//|/[*]|--", "a comment begins with #"),
    Slip("Invalid statement", "//|/[*]|--|;", "a comment begins with #"),
    Slip("Invalid statement", r"\{", "this looks like JSON: name the file .json"),
    Slip("Unescaped", "", _TOML_PATH),
    Slip("Invalid hex value", "", _TOML_PATH),
    Slip("Expected ']", "", "a header stands in brackets of one kind: [training], or [[layers]] for one of several"),
    Slip(OPEN, r"[\[{]", "the bracket that ends this is missing"),
    Slip(OPEN, "", "the quotation mark that ends this text is missing"),
    Slip("Illegal character '\\n'", "", "text on several lines stands in three quotation marks"),
)
_JSON = (
    Slip("", _CURLY, _STRAIGHT),
    Slip("", r"//|/\*|#", "JSON has no comments; TOML has"),
    Slip("Expecting property name", r"\}", _LAST_COMMA),
    Slip("Expecting property name", r"['\w]", "a key stands in double quotes"),
    Slip("Expecting value", r"[\]}]", _LAST_COMMA, before=r",\s*\Z"),
    Slip("Expecting value", r"(?i:true|false)\b", _SMALL),
    Slip("Expecting value", r"(?i:None|nil|undefined)\b", _NO_NULL),
    Slip("Expecting value", r"\.[0-9]", _DIGIT_FIRST),
    Slip("Expecting value", r"\+", "a number has no sign +"),
    Slip("Expecting value", r"[\w-]+\s*=|\[", "this looks like TOML: name the file .toml", before=r"\A\s*\Z"),
    Slip("Expecting value", r"['\w]", "text stands in double quotes"),
    Slip("Expecting ','", r"[0-9]", _NO_ZERO, before=r"[\s:,\[]-?0\Z"),
    Slip("Expecting ','", r"\.", _DIGIT_LAST, before=r"[0-9]\Z"),
    Slip("Expecting ','", r"[\w\"'{\[-]", _COMMA),
    Slip("Expecting ','", r"\Z", "the bracket that ends this is missing"),
    Slip("Expecting ':'", "", "a key and its value are joined by `:`"),
    Slip("Invalid \\", "", f"{_ESCAPE}: write a path with forward slashes"),
    Slip("Invalid control", "", "a line break in text is written \\n, a tab \\t"),
    Slip("Unterminated string", "", "the quotation mark that ends this text is missing"),
    Slip("Extra data", "", "the file ends where its object ends"),
)


def toml_slip(message: str, text: str, at: int) -> str | None:
    """What would do where `tomllib` has stopped, None when it is none of the common slips."""
    return _hint(_TOML, message, text, at, text.rfind("\n", 0, at) + 1)


def json_slip(message: str, text: str, at: int) -> str | None:
    """What would do where `json` has stopped, None when it is none of the common slips."""
    return _hint(_JSON, message, text, at, 0)


def _hint(slips: tuple[Slip, ...], message: str, text: str, at: int, start: int) -> str | None:
    before, after = text[max(start, at - 200) : at], text[at : at + 200]
    fitting = (
        slip
        for slip in slips
        if message.startswith(slip.message) and re.match(slip.at, after) and re.search(slip.before, before)
    )
    return next((slip.hint for slip in fitting), None)


_TOKEN = re.compile(
    r'(?P<basic>"""(?:[^\\]|\\.)*?"{3,5}|"(?:[^"\\\n]|\\.)*")|'
    r"'''.*?'{3,5}|'[^'\n]*'|(?P<comment>#[^\n]*)|"
    r"(?P<comma>,(?:\s|#[^\n]*)*\})|(?P<open>[\[{])|(?P<close>[\]}])|(?P<line>\n)|"
    r"(?<![0-9:+-])(?P<time>[0-9]{2}:[0-9]{2})(?![0-9:])",
    re.DOTALL,
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
    around: list[str] = []
    for token in _TOKEN.finditer(text):
        kind, inside = token.lastgroup, around[-1:] == ["{"]
        if kind == "basic" and (escape := re.search(r"(?<!\\)(?:\\\\)*(\\[ex])", token[0])):
            begin, end = escape.span(1)
            return Newer(f"{escape[1]} is an escape", (token.start() + begin, token.start() + end), _TOML_PATH)
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
