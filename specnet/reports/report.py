"""What a look at one file has found, and what the formats share."""

from __future__ import annotations

import os.path
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from specnet.errors import Finding

SEVERITIES = ("error", "warning")


class Checked(NamedTuple):
    """One file looked at; the text is without a byte order mark, and empty where it could not be read.

    Lines and columns of the findings count characters of the text from 1; `end_column` is the first behind the span.
    """

    file: str
    text: str
    findings: tuple[Finding, ...]


def placed(checked: Sequence[Checked]) -> Iterator[tuple[Checked, Finding]]:
    """Every finding with its file; one that stands elsewhere, such as in `--set`, is one of the file as a whole."""
    for one in checked:
        for finding in one.findings:
            elsewhere = finding.file not in (None, one.file)
            nowhere = replace(finding, line=None, column=None, end_line=None, end_column=None)
            yield one, replace(nowhere if elsewhere else finding, file=one.file)


def count(checked: Sequence[Checked], severity: str) -> int:
    """How many findings have this severity."""
    return sum(finding.severity == severity for one in checked for finding in one.findings)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def summary(checked: Sequence[Checked]) -> str:
    """`3 errors, 1 warning in 2 of 5 files`, or `5 files valid`."""
    counts = [(count(checked, severity), severity) for severity in SEVERITIES]
    found = ", ".join(counted(number, noun) for number, noun in counts if number)
    if not found:
        return f"{counted(len(checked), 'file')} valid"
    return f"{found} in {sum(bool(one.findings) for one in checked):,} of {counted(len(checked), 'file')}"


def described(code: str) -> str:
    """What a code is about; of one that only a plugin knows, its family."""
    from specnet.codes import CODES, FAMILIES  # a valid file does not ask

    return CODES[code].title if code in CODES else FAMILIES.get(code[:3], code)


def statistics(checked: Sequence[Checked]) -> list[tuple[int, str]]:
    """How often each code was found, the most frequent first."""
    codes = Counter(finding.code for one in checked for finding in one.findings)
    return sorted(((number, code) for code, number in codes.items()), key=lambda pair: (-pair[0], pair[1]))


def fingerprints(checked: Sequence[Checked]) -> Iterator[tuple[Finding, str]]:
    """Every finding as `placed`, with 64 letters that stay the same when it only moves to another line."""
    import hashlib  # costs more than the rest of this module, and few formats want it

    seen: Counter[tuple[str, ...]] = Counter()
    for one, finding in placed(checked):
        key = (one.file, finding.code, finding.dotted, finding.message)
        told = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        yield finding, hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


def relative(checked: Sequence[Checked], root: Path) -> list[Checked]:
    """The same with files named from `root`, as a repository names them; what lies outside of it has its whole path."""
    return [_renamed(one, _from_root(one.file, root)) for one in checked]


def _from_root(file: str, root: Path) -> str:
    path = Path(os.path.normpath(root / file))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _renamed(one: Checked, file: str) -> Checked:
    findings = (replace(f, file=file) if f.file == one.file else f for f in one.findings)
    return one._replace(file=file, findings=tuple(findings))
