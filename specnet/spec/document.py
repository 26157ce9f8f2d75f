"""Text to data: a TOML or JSON file read strictly, with the place of what cannot be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from specnet.errors import Finding, SpecError
from specnet.spec.syntax import DEPTH_LIMIT, PARSERS, positions

if TYPE_CHECKING:
    from specnet.spec.positions import Positions

SCHEMA_KEY = "$schema"
"""Where a JSON file says, at its top, which schema editors are to check it by."""

SIZE_LIMIT = 1_000_000
"""Bytes of a spec; the largest that a person writes has a hundredth of it."""


@dataclass(frozen=True)
class SpecText:
    """A spec as it was written, not yet parsed: its bytes, its format, and the folder from which its paths start."""

    source: str
    folder: Path
    format: str
    content: bytes

    @property
    def text(self) -> str:
        """The content without its byte order mark; what is not UTF-8 is replaced."""
        return self.content.decode("utf-8-sig", errors="replace")


@dataclass(frozen=True, eq=False)
class Document(SpecText):
    """A spec file as it is: what was written, and its data."""

    data: dict[str, Any]
    is_file: bool = True
    """False for a mapping: nobody has seen the text that stands for it."""

    @cached_property
    def positions(self) -> Positions:
        """Where its keys and values stand."""
        return positions(self.format, self.text)


def read_document(source: str | Path | Mapping[str, Any]) -> Document:
    """A file by its suffix, or a mapping as it would stand in JSON. Raises SpecError SN001 to SN005."""
    if not isinstance(source, Mapping):
        return parse_text(read_text(Path(source)))
    with _placed(_MAPPING):
        return _written(source)


def read_text(path: Path) -> SpecText:
    """The bytes of a file, its format by its suffix. Raises SpecError SN001."""
    with _placed(str(path)):
        try:
            return SpecText(str(path), path.absolute().parent, *_content(path))
        except OSError as error:
            _refuse("SN001", f"cannot be read: {error.strerror}")


def text_of(content: bytes, name: str, format: str | None = None) -> SpecText:
    """Bytes that came otherwise, as if they stood in a file of this name. Raises SpecError SN001."""
    with _placed(name):
        if len(content) > SIZE_LIMIT:
            _refuse("SN001", _TOO_LARGE)
        return SpecText(name, Path(name).absolute().parent, format or _format_of(Path(name)), content)


def parse_text(text: SpecText) -> Document:
    """What was written, with its data. Raises SpecError SN002 to SN005."""
    with _placed(text.source):
        return Document(text.source, text.folder, text.format, text.content, _parse(text.format, _decoded(text)))


@contextmanager
def _placed(name: str) -> Iterator[None]:
    try:
        yield
    except SpecError as error:
        raise error.in_file(name) from None


def _written(source: Mapping[str, Any]) -> Document:
    import json  # a spec in TOML does not pay for it

    try:
        text = json.dumps(dict(source), indent=2)
    except (TypeError, ValueError) as error:
        _refuse("SN003", f"not JSON: {error}")
    except RecursionError:
        _refuse("SN003", "the nesting is too deep")
    try:
        return Document(_MAPPING, Path.cwd(), "json", text.encode(), _parse("json", text), is_file=False)
    except SpecError as error:
        raise SpecError(*(Finding(f.code, f.message, help=f.help) for f in error.findings)) from None


_MAPPING = "<mapping>"
_TOO_LARGE = f"a spec has at most {SIZE_LIMIT:,} bytes"


def _content(path: Path) -> tuple[str, bytes]:
    if path.is_dir():
        _refuse("SN001", "is a folder, not a file")
    format = _format_of(path)
    if not path.is_file():
        _refuse("SN001", "is not a regular file" if path.exists() else "there is no such file")
    if path.stat().st_size > SIZE_LIMIT:
        _refuse("SN001", _TOO_LARGE)
    return format, path.read_bytes()


def _format_of(path: Path) -> str:
    format = path.suffix.lower().removeprefix(".")
    if format not in PARSERS:
        _refuse("SN001", f"a spec is a .toml or a .json file, not {path.name!r}")
    return format


def _decoded(written: SpecText) -> str:
    try:
        text = written.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        rest, at = error.object, error.start  # without the byte order mark
        _refuse("SN002", f"byte {rest[at]:#04x} is not UTF-8", line=rest.count(b"\n", 0, at) + 1)
    if not text.strip():
        _refuse("SN005", "the file is empty", help="`specnet plan` shows what a spec holds; the README has one to copy")
    return text


def _parse(format: str, text: str) -> dict[str, Any]:
    data = PARSERS[format](text)
    if format == "json" and isinstance(data.get(SCHEMA_KEY), str):
        del data[SCHEMA_KEY]  # it speaks to editors; a comment does so in TOML
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
