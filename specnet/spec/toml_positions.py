"""The spans of a TOML text that `tomllib` has accepted, or of the part of it that comes before an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specnet.spec.positions import Duplicate, Range, Span

if TYPE_CHECKING:
    from specnet.errors import Path

_SPACE = re.compile(r"[ \t]*")
_SKIP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?!"")(?:[^"\\\n]|\\.)*"|' r"'(?!'')[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d[^\s,\]}#]*)?|[^\s,\]}#]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


def toml_spans(text: str) -> dict[Path, Span]:
    """The spans by path, in the order of the text."""
    return _read(text).spans


def toml_names(text: str) -> dict[Path, list[Range]]:
    """Every place where a key or a table is named: `training` in `[training]`, `[training.x]` and `training.y = 1`."""
    return _read(text).names


def toml_duplicate(text: str) -> Duplicate | None:
    """What the last key of the text says again, where the text ends with a key that `tomllib` refuses for it."""
    scanner = _read(text)
    path, (start, end) = scanner.last
    while path and scanner.names.get(path, [(start, end)])[0][0] >= scanner.last_begin:
        path = path[:-1]
    return Duplicate(path, scanner.names[path][0], (start, end)) if path else None


def toml_unfinished(text: str) -> int | None:
    """Where the string, list or inline table begins that the end of the text leaves open; None when none is."""
    return _read(text).unfinished


def _read(text: str) -> _Scanner:
    scanner = _Scanner(text)
    try:
        scanner.read()
    except _EndError as end:
        scanner.unfinished = end.begun
    return scanner


class _EndError(Exception):
    """The text ends, or goes on with what is no TOML, inside of what has begun there."""

    def __init__(self, begun: int) -> None:
        super().__init__(begun)
        self.begun = begun


@dataclass
class _Scanner:
    text: str
    spans: dict[Path, Span] = field(default_factory=dict)
    lengths: dict[Path, int] = field(default_factory=dict)
    """How many elements each array of tables has so far."""
    names: dict[Path, list[Range]] = field(default_factory=dict)
    """Where each path is named, the elements of arrays of tables by the array."""
    last: tuple[Path, Range] = ((), (0, 0))
    """The last key, or the last header, and the place of its last part."""
    last_begin: int = 0
    """Where the first part of the last key stands."""
    unfinished: int | None = None

    def read(self) -> None:
        base: Path = ()
        i = self._end(_SKIP, 0)
        while i < len(self.text):
            if self.text[i] == "[":
                base, i = self._header(i)
            else:
                i = self._pair(i, base)
            i = self._end(_SKIP, i)

    def _header(self, start: int) -> tuple[Path, int]:
        """The path that the keys below the header start from, and the character after it."""
        several = self.text.startswith("[[", start)
        parts, i = self._key(start + 1 + several)
        end = i + 1 + several
        path: Path = ()
        for name, place in parts[:-1]:
            path = (*path, name)
            self.spans.setdefault(path, Span(place, place))
            self._named(path, place)
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        name, place = parts[-1]
        path = (*path, name)
        self._ended(path, place, parts[0][1][0])
        if several:
            path = self._element(path, place, (start, end))
        else:
            self.spans[path] = Span(place, (start, end))
        return path, end

    def _element(self, path: Path, key: Range, header: Range) -> Path:
        count = self.lengths.get(path, 0)
        if count == 0:
            self.spans[path] = Span(key, header)
        self.lengths[path] = count + 1
        element = (*path, count)
        self.spans[element] = Span(key, header)
        return element

    def _pair(self, i: int, base: Path) -> int:
        parts, i = self._key(i)
        if not self.text.startswith("=", i):
            raise _EndError(i)
        path = base
        for name, place in parts[:-1]:
            path = (*path, name)
            self.spans.setdefault(path, Span(place, place))
            self._named(path, place)
        name, place = parts[-1]
        self._ended((*path, name), place, parts[0][1][0])
        return self._value(self._end(_SPACE, i + 1), (*path, name), place)

    def _key(self, i: int) -> tuple[list[tuple[str, Range]], int]:
        """The parts of a dotted key with their places, and the character after them and the blanks behind."""
        parts: list[tuple[str, Range]] = []
        while True:
            i = self._end(_SPACE, i)
            quoted = self.text.startswith(('"', "'"), i)
            end = self._must(_TEXT if quoted else _BARE, i)
            written = self.text[i:end]
            parts.append((_unquoted(written) if quoted else written, (i, end)))
            i = self._end(_SPACE, end)
            if not self.text.startswith(".", i):
                return parts, i
            i += 1

    def _value(self, start: int, path: Path, key: Range | None) -> int:
        if start >= len(self.text):
            raise _EndError(start)
        self.spans.setdefault(path, Span(key, (start, start)))  # before what is inside
        first = self.text[start]
        if first == "[":
            end = self._inside(start, "]", path)
        elif first == "{":
            end = self._inside(start, "}", path)
        else:
            end = self._must(_TEXT if first in "\"'" else _SCALAR, start)
        self.spans[path] = Span(key, (start, end))
        return end

    def _inside(self, start: int, close: str, path: Path) -> int:
        i, count = self._end(_SKIP, start + 1), 0
        while not self.text.startswith(close, i):
            if i >= len(self.text):
                raise _EndError(start)
            i = self._pair(i, path) if close == "}" else self._value(i, (*path, count), None)
            count += 1
            i = self._end(_SKIP, i)
            if self.text.startswith(",", i):
                i = self._end(_SKIP, i + 1)
        return i + 1

    def _named(self, path: Path, place: Range) -> None:
        self.names.setdefault(path, []).append(place)

    def _ended(self, path: Path, place: Range, begin: int) -> None:
        self._named(path, place)
        self.last, self.last_begin = (path, place), begin

    def _end(self, pattern: re.Pattern[str], i: int) -> int:
        match = pattern.match(self.text, i)
        return match.end() if match else i

    def _must(self, pattern: re.Pattern[str], i: int) -> int:
        match = pattern.match(self.text, i)
        if match is None:
            raise _EndError(i)
        return match.end()


def _unquoted(written: str) -> str:
    if written[0] == "'":
        return written[1:-1]
    return _ESCAPE.sub(lambda m: _LETTERS[m[4]] if m[4] else chr(int(m[1] or m[2] or m[3], 16)), written[1:-1])
