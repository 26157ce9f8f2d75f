"""The spans of a JSON text that `json` has accepted, and the keys that stand twice in one object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # there, in C, but in no stub
from typing import TYPE_CHECKING

from specnet.spec.positions import Duplicate, Range, Span

if TYPE_CHECKING:
    from specnet.errors import Path

_SPACE = re.compile(r"[ \t\r\n]*")
_ATOM = re.compile(r"[^\s,\]}]+")


@dataclass
class _Open:
    """An object or a list whose end has not been read."""

    path: Path
    key: Range | None
    start: int
    is_object: bool
    count: int = 0
    seen: dict[str, Range] = field(default_factory=dict)


def json_spans(text: str) -> tuple[dict[Path, Span], list[Duplicate]]:
    """The spans by path, in the order of the text; no recursion, because a text may nest deeply."""
    spans: dict[Path, Span] = {}
    twice: list[Duplicate] = []
    around: list[_Open] = []
    path: Path = ()
    key: Range | None = None
    i = _skip(text, 0)
    while True:
        start, i = i, _opened_or_read(text, i)
        spans[path] = Span(key, (start, i))
        if text[start] in "{[":
            around.append(_Open(path, key, start, text[start] == "{"))
            i = _skip(text, i)
        else:
            i = _skip(text, i)
            around[-1].count += 1
        while around and text[i] in "}]":
            closed = around.pop()
            spans[closed.path] = Span(closed.key, (closed.start, i + 1))
            i = _skip(text, i + 1)
            if around:
                around[-1].count += 1
        if not around:
            return spans, twice
        holder = around[-1]
        if text[i] == ",":
            i = _skip(text, i + 1)
        if holder.is_object:
            name, after = scanstring(text, i + 1)
            key, path = (i, after), (*holder.path, name)
            if name in holder.seen:
                twice.append(Duplicate(path, holder.seen[name], key))
            holder.seen.setdefault(name, key)
            i = _skip(text, _skip(text, after) + 1)
        else:
            key, path = None, (*holder.path, holder.count)


def _skip(text: str, i: int) -> int:
    return _end(_SPACE, text, i)


def _opened_or_read(text: str, i: int) -> int:
    """The character after the value at `i`, or after its opening bracket."""
    if text[i] in "{[":
        return i + 1
    return scanstring(text, i + 1)[1] if text[i] == '"' else _end(_ATOM, text, i)


def _end(pattern: re.Pattern[str], text: str, i: int) -> int:
    match = pattern.match(text, i)
    return match.end() if match else i
