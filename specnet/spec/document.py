"""Text to data: a TOML or JSON file read strictly, with the place of what cannot be read."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from specnet.errors import Finding, SpecError
from specnet.spec.syntax import DEPTH_LIMIT, PARSERS, positions

if TYPE_CHECKING:
    from specnet.spec.positions import Positions

SIZE_LIMIT = 10_000_000
"""Bytes of a spec; the largest that a person writes has a thousandth of it."""


@dataclass(frozen=True)
class Document:
    """A spec file as it is: its bytes, its data, and the folder from which its paths start."""

    source: str
    folder: Path
    format: str
    content: bytes
    data: dict[str, Any]
    is_file: bool = True
    """False for a mapping: nobody has seen the text that stands for it."""

    @property
    def text(self) -> str:
        """The content without its byte order mark."""
        return self.content.decode("utf-8-sig")

    @cached_property
    def positions(self) -> Positions:
        """Where its keys and values stand."""
        return positions(self.format, self.text)


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
    try:
        return Document(name, Path.cwd(), "json", text.encode(), _parse("json", text), is_file=False)
    except SpecError as error:
        raise SpecError(*(Finding(f.code, f.message, help=f.help) for f in error.findings)) from None


def _read(path: Path) -> Document:
    format = path.suffix.lower().removeprefix(".")
    try:
        if path.is_dir():
            _refuse("SN001", "is a folder, not a file")
        if format not in PARSERS:
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
    data = PARSERS[format](text)
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


def _refuse(
    code: str, message: str, help: str | None = None, line: int | None = None, column: int | None = None
) -> NoReturn:
    raise SpecError(Finding(code, message, help=help, line=line, column=column))
