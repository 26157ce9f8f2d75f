"""The common slips of the finger in TOML and JSON: what stands at the place of a syntax error, and what would do."""

from __future__ import annotations

import re
from typing import NamedTuple

from specnet.spec.toml_versions import ESCAPE, TOML_PATH


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
    Slip("Unescaped", "", TOML_PATH),
    Slip("Invalid hex value", "", TOML_PATH),
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
    Slip("Invalid \\", "", f"{ESCAPE}: write a path with forward slashes"),
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
