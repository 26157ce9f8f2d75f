"""Spec files as text that can be edited at the exact span of a key or a value; comments and layout remain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from specnet.spec.document import Document, parse_text, text_of

Path = tuple[str | int, ...]


class Edit(NamedTuple):
    """The characters from `start` to `end` of a text become `text`."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


@dataclass(frozen=True)
class SpecFile:
    """A valid spec file."""

    name: str
    text: str

    @property
    def is_toml(self) -> bool:
        return self.name.endswith(".toml")

    @cached_property
    def document(self) -> Document:
        return parse_text(text_of(self.text.encode(), self.name))

    def at(self, path: Path) -> Any:
        """The data that stands at a path; None for what speaks to editors alone."""
        value: Any = self.document.data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else value[part]
        return value

    def paths(self) -> Iterator[Path]:
        """Every key and every item, in the order of the file."""
        yield from (path for path in self.document.positions.spans if path)

    def named(self) -> Iterator[Path]:
        """Every path that a key or a header names; of a list of tables with headers, the tables and not the list."""
        spans = self.document.positions.spans
        for path, span in spans.items():
            inside = spans.get((*path, 0))
            if span.key is not None and (inside is None or inside.key is None):
                yield path

    def key(self, path: Path) -> tuple[int, int]:
        span = self.document.positions.spans[path].key
        assert span is not None
        return span

    def value(self, path: Path) -> tuple[int, int]:
        return self.document.positions.spans[path].value

    def has_header(self, path: Path) -> bool:
        """True for a table that is written below its name in brackets, and for a list of such tables."""
        key, (start, end) = self.document.positions.spans[path]
        return key is not None and start < key[0] < end

    def renamed(self, path: Path, name: str) -> Edit:
        """The key at a path as `name`."""
        start, end = self.key(path)
        return Edit(start, end, name if self.is_toml else json.dumps(name))

    def replaced(self, path: Path, written: str) -> Edit:
        return Edit(*self.value(path), written)

    def added(self, path: Path, key: str, written: str) -> tuple[Edit, int]:
        """One key more at the beginning of the table at a path, and how many characters of the edit stand before it."""
        if not self.is_toml or (path and not self.has_header(path)):
            start = self.text.index("{") + 1 if path == () else self.value(path)[0] + 1
            member = f"{key} = {written}, " if self.is_toml else f"{json.dumps(key)}: {written}, "
            return Edit(start, start, f" {member}"), 1
        if path == ():
            start = min(self.key(path)[0] for path in self.named() if len(path) == 1)
            return Edit(start, start, f"{key} = {written}\n"), 0
        start = self.text.index("\n", self.value(path)[1]) + 1
        return Edit(start, start, f"{key} = {written}\n"), 0

    def removed(self, path: Path) -> Edit:
        """The text without a key and all that it holds."""
        if self.has_header(path):
            return self._without_section(path)
        (start, _), (_, end) = self.key(path), self.value(path)
        around = path[:-1]
        if self.is_toml and (around == () or self.has_header(around)):
            return Edit(self.text.rfind("\n", 0, start) + 1, self.text.index("\n", end) + 1, "")
        rest = self.text[end:]
        if rest.lstrip().startswith(","):
            after = end + rest.index(",") + 1
            return Edit(start, after + len(self.text[after:]) - len(self.text[after:].lstrip()), "")
        before = self.text[:start].rstrip()
        return Edit(len(before) - before.endswith(","), end, "")

    def _without_section(self, path: Path) -> Edit:
        headers = [(self.value(at)[0], at) for at in self.paths() if self.has_header(at)]
        start = self.value(path)[0]
        ends = [begin for begin, at in headers if begin > start and at[: len(path)] != path]
        return Edit(start, min(ends, default=len(self.text)), "")
