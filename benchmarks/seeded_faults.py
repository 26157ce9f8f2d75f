"""Files with one fault or two, made from the gallery, and what a validator makes of them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.fault_kinds import TOP, Fault, faults
from benchmarks.spec_text import SpecFile, edited, place
from specnet.reports import full
from specnet.reports.report import Checked
from specnet.spec import check
from specnet.spec.document import text_of

if TYPE_CHECKING:
    from specnet.registry import Registry

SPECS = Path(__file__).parent.parent / "specs"
PAIRS = 3000
MOST_LINES = 8
_SEED = 1
_NAMES = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]


@dataclass(frozen=True)
class Case:
    """A file with its faults."""

    faults: tuple[Fault, ...]

    @property
    def file(self) -> SpecFile:
        return self.faults[0].file

    @cached_property
    def text(self) -> str:
        return edited(self.file.text, (edit for fault in self.faults for edit in fault.edits))

    def wanted(self) -> set[tuple[str, int, int]]:
        """The dotted path, the line and the column of each finding that there must be."""
        return {(".".join(map(str, fault.path)), *self._place(fault)) for fault in self.faults}

    def _place(self, fault: Fault) -> tuple[int, int]:
        if fault.offset == TOP:
            return 1, 1
        before = [edit for one in self.faults for edit in one.edits if edit.start < fault.offset]
        grown = sum(len(edit.text) - (edit.end - edit.start) for edit in before)
        return place(self.text, fault.offset + grown + fault.shift)


class Verdict(NamedTuple):
    """What was found in a case, against what is in it."""

    case: Case
    checked: Checked | None
    """None where the validator has raised something."""

    @property
    def errors(self) -> int:
        return 0 if self.checked is None else sum(f.severity == "error" for f in self.checked.findings)

    @property
    def is_placed(self) -> bool:
        """True when each fault of the file is found where it is."""
        findings = () if self.checked is None else self.checked.findings
        return self.case.wanted() <= {(f.dotted, f.line, f.column) for f in findings if f.severity == "error"}

    @property
    def lines(self) -> int:
        """Of the longest finding, as it is told to people."""
        if self.checked is None:
            return 0
        checked = self.checked
        blocks = (full.render([Checked(checked.file, checked.text, (f,))]) for f in checked.findings)
        return max((block.count("\n") + 1 for block in blocks), default=0)


class Figures(NamedTuple):
    """How many of so many verdicts are as they should be."""

    files: int
    raised: int
    accepted: int
    placed: int
    exact: int
    longest: int

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Figures:
        found = list(verdicts)
        return cls(
            len(found),
            sum(verdict.checked is None for verdict in found),
            sum(verdict.checked is not None and verdict.errors == 0 for verdict in found),
            sum(verdict.is_placed for verdict in found),
            sum(verdict.errors == len(verdict.case.faults) for verdict in found),
            max((verdict.lines for verdict in found), default=0),
        )


def gallery(folder: Path = SPECS) -> list[SpecFile]:
    """Every spec of the gallery, and each chain again with its layers named and wired by these names."""
    files = [SpecFile(file.name, file.read_text()) for file in sorted(folder.iterdir()) if file.is_file()]
    chains = [file for file in files if not any(layer.keys() & {"name", "inputs"} for layer in file.at(("layers",)))]
    return [*files, *map(_wired, chains)]


def _wired(file: SpecFile) -> SpecFile:
    edits = []
    for i in range(len(file.at(("layers",)))):
        reads = json.dumps([_NAMES[i - 1] if i else "inputs"])
        edits.append(file.added(("layers", i), "inputs", reads)[0])
        edits.append(file.added(("layers", i), "name", json.dumps(_NAMES[i]))[0])
    return SpecFile(f"wired_{file.name}", edited(file.text, edits))


def singles(registry: Registry) -> list[Case]:
    """All files with one fault; of two that are the same text, one."""
    found = {(file.name, case.text): case for file in gallery() for case in _each(faults(file, registry))}
    return list(found.values())


def _each(found: Iterable[Fault]) -> Iterable[Case]:
    return (Case((fault,)) for fault in found)


def pairs(single: Iterable[Case]) -> list[Case]:
    """Files with two faults, neither inside of the section or the layer of the other."""
    draw = random.Random(_SEED)  # noqa: S311  # a sample, the same each time
    by_file: dict[str, dict[str, list[Fault]]] = {}
    for case in single:
        (fault,) = case.faults
        by_file.setdefault(case.file.name, {}).setdefault(fault.what, []).append(fault)
    found: list[Case] = []
    for kinds in (list(by_file.values())[i % len(by_file)] for i in range(2 * PAIRS)):
        # By kind first: else nearly all would be misspelt keys.
        one, other = (draw.choice(kinds[draw.choice(list(kinds))]) for _ in range(2))
        if _are_apart(one, other) and len(found) < PAIRS:
            found.append(Case((one, other)))
    return found


_READS = {
    "wrong outputs": ("dataset", "layers", "loss"),
    "row of another width": ("dataset",),
    "unknown metric": ("split", "metrics"),
    "layer that nobody is": ("layers",),
    "layers that wait": ("layers",),
    "name taken twice": ("layers",),
}
"""Other sections that must be right before such a fault can be one."""


def _are_apart(one: Fault, other: Fault) -> bool:
    shared = min(len(one.home), len(other.home))
    reads = any(b.home[:1] and b.home[0] in _READS.get(a.what, ()) for a, b in ((one, other), (other, one)))
    return one.home[:shared] != other.home[:shared] and not reads and one.edits[0].start != other.edits[0].start


def judged(cases: Iterable[Case], registry: Registry) -> list[Verdict]:
    """Each file checked as `specnet validate` checks it."""
    return [Verdict(case, _checked(case, registry)) for case in cases]


def _checked(case: Case, registry: Registry) -> Checked | None:
    try:
        return check(text_of(case.text.encode(), case.file.name), {}, registry)
    except Exception:
        return None


def kinds(cases: Iterable[Case]) -> Counter[str]:
    """How many faults there are of each kind."""
    return Counter(fault.what for case in cases for fault in case.faults)
