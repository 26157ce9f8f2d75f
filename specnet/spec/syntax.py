"""Text to data by the standard library's parsers; what they refuse is said with its place and what would do.

What finds places and slips is imported where it is used: a valid file, which is most of them, does not pay for it.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NoReturn

from specnet.errors import Finding, SpecError
from specnet.spec.toml_versions import Newer, new_in_toml_1_1

if TYPE_CHECKING:
    from collections.abc import Callable
    from json import JSONDecodeError

    from specnet.spec.positions import Duplicate, Positions, Range

DEPTH_LIMIT = 100
"""Tables and lists inside each other, and parts of a dotted key; components inside components make a dozen."""

KEY_LIMIT = 10_000
"""Keys and headers of a spec; a net of a thousand layers has half of that."""

# Patterns are texts here and in other modules of this room: a start pays only for those that it uses.
_WORD = r"[^\s,\]}]+"
_MANY_DIGITS = r"[0-9][0-9_]{4000,}"
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
# The lookbehind keeps the search linear: a word is tried from its first letter only.
_DEEP_KEY = rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{DEPTH_LIMIT}}}"
_TOO_MANY = f"a spec has at most {KEY_LIMIT:,} keys"
_CONSTANT = r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN'
_AFTER_COMMA = r",\s*"
_NO_KEYS = r'#[^\n]*|=[ \t]*(?:"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*')"
_TEXTS = r'(?s:""".*?"""|' r"'''.*?''')|" r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'"
_HEADER = r"(?m)^[ \t]*\[\[?[ \t]*[A-Za-z_-]"  # a row of a list begins with none of these
_JSON_TEXT = r'"(?:[^"\\]|\\.)*+"(\s*:)?'


def parse_toml(text: str) -> dict[str, Any]:
    """The data of a TOML 1.0 text. Raises SpecError SN003, SN004 for a key that stands twice, SN302 for TOML 1.1."""
    if text.count("=") + text.count("[") > KEY_LIMIT and _keys(re.sub(_TEXTS, "", text)) > KEY_LIMIT:
        _refuse(text, "SN003", _TOO_MANY)
    if text.count(".") >= DEPTH_LIMIT and (deep := re.search(_DEEP_KEY, re.sub(_NO_KEYS, _blank, text))):
        _refuse(text, "SN003", "the nesting is too deep", (deep.start(), deep.end()))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _refuse_toml(str(error), text)
    except ValueError:
        _refuse_digits(text)
    except RecursionError:
        _refuse(text, "SN003", "the nesting is too deep")
    if newer := new_in_toml_1_1(text):  # what an older Python would refuse
        _refuse_newer(text, newer)
    return data


def _keys(text: str) -> int:
    return text.count("=") + sum(1 for _ in re.finditer(_HEADER, text))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _refuse_toml(said: str, text: str) -> NoReturn:
    from specnet.spec.slips import OPEN, toml_slip
    from specnet.spec.toml_positions import toml_duplicate, toml_unfinished

    message, at, at_end = _toml_place(said, text)
    if message.startswith(_TWICE) and (twice := toml_duplicate(text[:at])):
        _refuse_twice(text, twice)
    if newer := new_in_toml_1_1(text):
        _refuse_newer(text, newer)
    begun = toml_unfinished(text) if at_end else None
    if begun is None or not text[begun:].strip():
        _refuse(text, "SN003", f"not TOML: {message}", _word(text, at), toml_slip(message, text, at))
    _refuse(text, "SN003", f"not TOML: {message}", _word(text, begun), toml_slip(OPEN, text, begun))


# How tomllib says that a key or a table stands twice.
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate")


def _toml_place(said: str, text: str) -> tuple[str, int, bool]:
    """The message, the character it speaks of, and whether that is the end of the text."""
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", said, re.DOTALL)
    if match is None:
        return said, 0, False
    if match[2] is None:
        return match[1], len(text), True
    lines = text.split("\n")
    return match[1], sum(len(line) + 1 for line in lines[: int(match[2]) - 1]) + int(match[3]) - 1, False


def _refuse_newer(text: str, newer: Newer) -> NoReturn:
    _refuse(text, "SN302", f"{newer.what}, which only TOML 1.1 allows", newer.span, newer.hint)


def parse_json(text: str) -> dict[str, Any]:
    """The data of a JSON text. Raises SpecError SN003, and SN004 for a key that stands twice."""
    import json  # a spec in TOML does not pay for it

    if text.count(":") > KEY_LIMIT and sum(m[1] is not None for m in re.finditer(_JSON_TEXT, text)) > KEY_LIMIT:
        _refuse(text, "SN003", _TOO_MANY)
    repeated = False

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated = repeated or len(found) < len(pairs)
        return found

    def constant(name: str) -> NoReturn:
        # Outside of text, the first of these words is the one that the parser has come to.
        words = (m for m in re.finditer(_CONSTANT, text) if m[0] == name)
        _refuse(text, "SN003", f"not JSON: {name} is no number", next(words).span(), "a number of a spec is finite")

    try:
        data = json.loads(text, object_pairs_hook=table, parse_constant=constant)
    except json.JSONDecodeError as error:
        from specnet.spec.slips import json_slip

        at, message = _json_place(error), _json_message(error)
        _refuse(text, "SN003", f"not JSON: {message}", _word(text, at), json_slip(message, text, at))
    except ValueError:
        _refuse_digits(text)
    except RecursionError:
        _refuse(text, "SN003", "the nesting is too deep")
    if repeated:
        from specnet.spec.json_positions import json_spans

        _refuse_twice(text, json_spans(text)[1][0])
    if not isinstance(data, dict):
        _refuse(text, "SN003", "a spec is one JSON object")
    return data


def _json_place(error: JSONDecodeError) -> int:
    """Where the parser stands: Python 3.13 points at the comma that is too much, older ones behind it."""
    return _end(_AFTER_COMMA, error.doc, error.pos) if "trailing" in error.msg else error.pos


def _json_message(error: JSONDecodeError) -> str:
    """What Python 3.11 says, whatever this one does: a message is part of what tests and people remember."""
    if "trailing comma" in error.msg:
        return "Expecting property name enclosed in double quotes" if "object" in error.msg else "Expecting value"
    return error.msg.removesuffix(" at").removesuffix(" starting")


PARSERS: dict[str, Callable[[str], dict[str, Any]]] = {"toml": parse_toml, "json": parse_json}


def positions(format: str, text: str) -> Positions:
    """Where the keys and values of a text stand that its parser has accepted."""
    from specnet.spec.json_positions import json_spans
    from specnet.spec.positions import Positions
    from specnet.spec.toml_positions import toml_spans

    return Positions(text, toml_spans(text) if format == "toml" else json_spans(text)[0])


def _refuse_twice(text: str, twice: Duplicate) -> NoReturn:
    from specnet.spec.positions import Positions

    line, column = Positions(text, {}).place(twice.first[0])
    name = ".".join(map(str, twice.path))
    message = f"{name!r} stands twice: first in line {line}, column {column}"
    _refuse(text, "SN004", message, twice.second, "a key or a table stands once in a file")


def _refuse_digits(text: str) -> NoReturn:
    match = re.search(_MANY_DIGITS, text)
    _refuse(text, "SN003", "an integer has more digits than can be converted", match.span() if match else None)


def _refuse(text: str, code: str, message: str, span: Range | None = None, help: str | None = None) -> NoReturn:
    from specnet.spec.positions import Positions

    finding = Finding(code, message, help=help)
    raise SpecError(finding if span is None else Positions(text, {}).placed(finding, span))


def _word(text: str, at: int) -> Range:
    """From a character to the end of the word there, or of the character."""
    return at, max(_end(_WORD, text, at), min(at + 1, len(text)))


def _end(pattern: str, text: str, at: int) -> int:
    match = re.compile(pattern).match(text, at)
    return match.end() if match else at
