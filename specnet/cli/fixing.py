"""`validate --fix` and `--diff`: what is certain, written into the files or shown as a patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.errors import Finding, UsageError, printable
from specnet.spec import check

if TYPE_CHECKING:
    from specnet.registry import Registry
    from specnet.reports.report import Checked
    from specnet.spec.document import SpecText


@dataclass(frozen=True)
class Mended:
    """A file as it was looked at, its text as it would be, and how many findings that mends."""

    source: Path | SpecText
    checked: Checked
    text: str
    count: int


def mended(source: Path | SpecText, checked: Checked) -> Mended:
    """The text with every misspelt key and name in it replaced by what is certainly meant."""
    from specnet.spec.document import parse_text, read_text
    from specnet.spec.fixing import fixable, fixed

    if not any(finding.fix for finding in checked.findings):
        return Mended(source, checked, checked.text, 0)
    document = parse_text(read_text(source) if isinstance(source, Path) else source)
    found = fixable(document, checked.findings)
    return Mended(source, checked, fixed(document, found), len(found))


def write(one: Mended, overrides: Mapping[str, Any], registry: Registry) -> Checked:
    """Writes the file if anything is mended, and gives what is left to say about it.

    Raises UsageError for standard input, ArtifactError SN601 for a file that cannot be written.
    """
    from specnet.disk import write_atomic

    if not isinstance(one.source, Path):
        raise UsageError(Finding("SN116", "--fix writes files, and this came from standard input", help="use --diff"))
    if not one.count:
        return one.checked
    path = one.source.resolve()  # a link stays one
    mode = path.stat().st_mode
    mark = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    write_atomic(path, mark + one.text.encode())
    path.chmod(mode)
    click.echo(f"{one.checked.file}: {one.count} fixed", err=True)
    return check(one.source, overrides, registry)


def patch(all_mended: Sequence[Mended]) -> str:
    """A unified diff of the files that `--fix` would change."""
    from difflib import unified_diff

    lines: list[str] = []
    for one in all_mended:
        before, after = (text.removesuffix("\n").split("\n") for text in (one.checked.text, one.text))
        lines += unified_diff(before, after, one.checked.file, one.checked.file, lineterm="")
    return "\n".join("\t".join(map(printable, line.removesuffix("\r").split("\t"))) for line in lines)
