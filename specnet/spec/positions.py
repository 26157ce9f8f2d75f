"""Where things stand in the text of a spec: for each path of its data the span of its key and of its value."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from specnet.errors import Finding, Path

Range = tuple[int, int]
"""Characters of the text, from the first to the one after the last."""


class Span(NamedTuple):
    """A value and the key that names it; the value of a table with a header is its header."""

    key: Range | None
    value: Range


class Duplicate(NamedTuple):
    """A key that stands twice: what it leads to, and both places where it is written."""

    path: Path
    first: Range
    second: Range


@dataclass(frozen=True)
class Positions:
    """The spans of a text, and the lines and columns in which they stand, both counted from 1."""

    text: str
    spans: Mapping[Path, Span]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(i + 1 for i, c in enumerate(self.text) if c == "\n")]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of a character."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def placed(self, finding: Finding, span: Range) -> Finding:
        """The finding with that span as its place."""
        (line, column), (end_line, end_column) = map(self.place, span)
        return replace(finding, line=line, column=column, end_line=end_line, end_column=end_column)

    def locate(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings with the places of what their paths lead to, or of the nearest that is written down."""
        return tuple(f if f.line or f.file else self.placed(f, self.range_of(f)) for f in findings)

    def range_of(self, finding: Finding) -> Range:
        """What a finding points at: the key that is wrong, the value that is wrong, or the table that lacks a key."""
        path = finding.path[:-1] if finding.code == "SN103" else finding.path
        while path and path not in self.spans:
            path = path[:-1]
        if not path:
            return (0, 0)
        key, value = self.spans[path]
        return key if key and finding.code == "SN102" and path == finding.path else value
