"""Text to data: a TOML or JSON file read strictly, with the place of what cannot be read."""

from __future__ import annotations

import json
import re
import tomllib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from specnet.errors import Finding, SpecError

SIZE_LIMIT = 10_000_000
"""Bytes of a spec; the largest that a person writes has a thousandth of it."""

DEPTH_LIMIT = 100
"""Tables and lists inside each other; components inside components make a dozen."""


@dataclass(frozen=True)
class Document:
    """A spec file as it is: its bytes, its data, and the folder from which its paths start."""

    source: str
    folder: Path
    format: str
    content: bytes
    data: dict[str, Any]


def read_document(source: str | Path | Mapping[str, Any]) -> Document:
    """A file by its suffix, or a mapping as it would stand in JSON. Raises SpecError SN001 to SN005."""
    name = "<mapping>" if isinstance(source, Mapping) else str(Path(source))
    try:
        return _written(source, name) if isinstance(source, Mapping) else _read(Path(source))
    except SpecError as error:
        raise error.in_file(name) from None


def _written(source: Mapping[str, Any], name: str) -> Document:
    try:
        text = json.dumps(dict(source), indent=2)
    except (TypeError, ValueError) as error:
        _refuse("SN003", f"not JSON: {error}")
    except RecursionError:
        _refuse("SN003", "the nesting is too deep")
    return Document(name, Path.cwd(), "json", text.encode(), _parse("json", text))


def _read(path: Path) -> Document:
    format = path.suffix.lower().removeprefix(".")
    try:
        if path.is_dir():
            _refuse("SN001", "is a folder, not a file")
        if format not in _PARSERS:
            _refuse("SN001", f"a spec is a .toml or a .json file, not {path.name!r}")
        if not path.is_file():
            _refuse("SN001", "is not a regular file" if path.exists() else "there is no such file")
        if path.stat().st_size > SIZE_LIMIT:
            _refuse("SN001", f"a spec has at most {SIZE_LIMIT:,} bytes")
        content = path.read_bytes()
    except OSError as error:
        _refuse("SN001", f"cannot be read: {error.strerror}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        rest, at = error.object, error.start  # without the byte order mark
        _refuse("SN002", f"byte {rest[at]:#04x} is not UTF-8", line=rest.count(b"\n", 0, at) + 1)
    if not text.strip():
        _refuse("SN005", "the file is empty", help="`specnet plan` shows what a spec holds; the README has one to copy")
    return Document(str(path), path.absolute().parent, format, content, _parse(format, text))


def _parse(format: str, text: str) -> dict[str, Any]:
    try:
        data = _PARSERS[format](text)
    except RecursionError:
        _refuse("SN003", "the nesting is too deep")
    if any(len(path) > DEPTH_LIMIT for path, _ in walk(data)):
        _refuse("SN003", "the nesting is too deep")
    return data


def walk(data: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value with its path, the outer ones first; no recursion, because data may be deep."""
    waiting: deque[tuple[tuple[str | int, ...], Any]] = deque([((), data)])
    while waiting:
        path, value = waiting.popleft()
        yield path, value
        if isinstance(value, dict | list):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(((*path, part), inner) for part, inner in parts)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, line, column = _toml_place(str(error), text)
        if message.startswith(_TWICE):
            _refuse("SN004", f"not TOML: {message}", "a key or a table stands once in a file", line, column)
        _refuse("SN003", f"not TOML: {message}", _toml_hint(text, line), line, column)
    except ValueError:
        _refuse("SN003", _DIGITS)


# How tomllib says that a key or a table stands twice.
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate")
_DIGITS = "an integer has more digits than can be converted"


def _toml_place(message: str, text: str) -> tuple[str, int, int]:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if match is None:
        return message, 1, 1
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    keys = re.sub(r"\(('.*'),?\)", lambda names: names[1].replace("', '", "."), match[1])  # ('a', 'b') is 'a.b'
    return keys, int(match[2] or len(lines)), int(match[3] or len(lines[-1]) + 1)


def _toml_hint(text: str, line: int) -> str | None:
    written = text.split("\n")[line - 1]
    if re.search(r'"[^"]*\\', written):
        return (
            "a backslash in double quotes starts an escape: write the path in 'single quotes' or with forward slashes"
        )
    if re.match(r"\s*[\w.-]+\s*:", written):
        return "a key and its value are joined by `=`"
    if re.match(r"\s*[\w.-]+\s*=\s*(true|false)\b", written, re.IGNORECASE):
        return "true and false are written in small letters"
    if re.match(r"\s*[\w.-]+\s*=\s*[A-Za-z]", written):
        return "text stands in quotes"
    return None


def _json(text: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            _refuse("SN004", f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
        return table

    def constant(name: str) -> NoReturn:
        _refuse("SN003", f"not JSON: {name} is no number")

    try:
        data = json.loads(text, object_pairs_hook=once, parse_constant=constant)
    except json.JSONDecodeError as error:
        _refuse("SN003", f"not JSON: {error.msg}", line=error.lineno, column=error.colno)
    except ValueError:
        _refuse("SN003", _DIGITS)
    if not isinstance(data, dict):
        _refuse("SN003", "a spec is one JSON object")
    return data


_PARSERS = {"toml": _toml, "json": _json}


def _refuse(
    code: str, message: str, help: str | None = None, line: int | None = None, column: int | None = None
) -> NoReturn:
    raise SpecError(Finding(code, message, help=help, line=line, column=column))
