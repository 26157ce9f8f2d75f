"""Cells of a table, read as they are written: what stands in each column, and each cell that its column cannot take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from specnet.encoding import FILL_IN
from specnet.errors import DataError, Finding, listed
from specnet.tables.block import WantedColumn, Written
from specnet.tables.cells import Cells
from specnet.tables.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path as File

    from specnet.component import Column, Dataset
    from specnet.errors import Path

SHOWN = 5
"""The cells of a column that are told one by one; the others are counted."""
_DISTINCT = 1000
"""So many texts of a column are kept apart."""


@dataclass
class Seen:
    """What stands in a column, as far as it was read."""

    column: Column
    place: Path
    rows: int = 0
    missing: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    """How often each text is there; empty for a column of numbers, and not complete where `many`."""
    many: bool = False
    low: float = np.inf
    high: float = -np.inf
    faults: list[tuple[int, Finding]] = field(default_factory=list)
    """The first SHOWN, each with its line."""
    wrong: int = 0

    def add(self, line: int, finding: Finding) -> None:
        """A cell that the column cannot take."""
        self.wrong += 1
        if len(self.faults) < SHOWN:
            self.faults.append((line, finding))

    def findings(self) -> Iterable[Finding]:
        """The faults that are told, and how many there are besides."""
        yield from (finding for _, finding in self.faults)
        if self.wrong > len(self.faults):
            first = self.faults[0][1]
            message = f"column {self.column.name!r}: {self.wrong:,} cells in all cannot be taken, the first are told"
            yield Finding("SN507", message, self.place, first.help, file=first.file)

    def words(self) -> list[str]:
        """A row of a table for people: name, type, role, gaps with what is done about them, values."""
        absent = self.column.absent()
        policy = absent if isinstance(absent, str) else "a value of its own"
        gaps = f"{self.missing:,} ({policy})" if self.missing else "0"
        return [self.column.name, self.column.type, self.column.role, gaps, self._values()]

    def _values(self) -> str:
        if self.column.numeric:
            return f"{self.low:g} to {self.high:g}" if self.low <= self.high else "none"
        if self.many:
            return f"more than {_DISTINCT:,} texts"
        shown = [text if len(text) <= 20 else f"{text[:20]}..." for text in sorted(self.texts)]
        return listed(shown, 6) if shown else "none"


@dataclass(frozen=True)
class Look:
    """All columns of a table, and what was wrong with the file itself."""

    seen: tuple[Seen, ...] = ()
    broken: tuple[Finding, ...] = ()

    def findings(self) -> list[Finding]:
        """Every cell that cannot be taken, column by column, and what ended the reading."""
        return [*(finding for seen in self.seen for finding in seen.findings()), *self.broken]

    def doubts(self) -> Iterable[Finding]:
        """SN573: columns in which nothing stands more often than something."""
        for seen in self.seen:
            if 2 * seen.missing > seen.rows and seen.column.absent() != "error":
                share = f"{seen.missing:,} of {seen.rows:,} cells"
                message = f"column {seen.column.name!r} is empty in {share}: what stands for them is most of it"
                yield Finding("SN573", message, seen.place, "leave the column out, or drop its gaps", "warning")


def look(dataset: Dataset, folder: File) -> Look:
    """Reads the whole table that the dataset names; of one that is no table, or not written as text, nothing.

    Nothing is raised for what a file holds.
    """
    file = dataset.table(folder)
    if file is None or not isinstance(file, Written):
        return Look()
    pairs = zip(dataset.described(), dataset.places(), strict=True)
    seen = tuple(Seen(column, place) for column, place in pairs if column.role != "ignore")
    faults = Faults(file.path, file.name, file.dialect, ("dataset",))
    try:
        for block in file.blocks([WantedColumn(one.column.name, False, one.place) for one in seen]):
            for one, texts in zip(seen, block.columns, strict=True):
                _add(one, [*texts], block.lines.tolist(), faults)
    except DataError as error:
        return Look(seen, error.findings)
    return Look(seen)


def _add(seen: Seen, texts: Sequence[str | None], lines: Sequence[int], faults: Faults) -> None:
    seen.rows += len(texts)
    gaps = [i for i, text in enumerate(texts) if text is None]
    seen.missing += len(gaps)
    column = seen.column
    found = _numbers(seen, texts, faults) if column.numeric else _texts(seen, texts)
    if column.absent() == "error" and column.role not in ("id", "group"):
        found |= dict.fromkeys(gaps, ("is empty", FILL_IN))
    for i in sorted(found):
        said, advice = found[i]
        text = f"row {lines[i]}, column {column.name!r}"
        message = f"{text} {said}" if texts[i] is None else f"{text}: {said}"
        seen.add(lines[i], Finding("SN507", message, seen.place, advice, file=str(faults.path), line=lines[i]))


def _numbers(seen: Seen, texts: Sequence[str | None], faults: Faults) -> dict[int, tuple[str, str | None]]:
    """What is wrong with a cell of numbers, by its place."""
    cells, wrong = Cells(faults.dialect), {}
    plain = [text or "" for text in texts]
    values, stopped = cells.numbers(plain)
    if stopped is not None:
        each = [cells.number(text) for text in plain]
        for i in (i for i, value in enumerate(each) if value is None):
            wanted = WantedColumn(seen.column.name, True, seen.place)
            finding = faults.cell(0, wanted, plain[i], cells.is_too_large(plain[i])).findings[0]
            wrong[i] = (finding.message.partition(": ")[2], finding.help)
        values = np.array([value for value in each if value is not None], np.float64)
    there = values[~np.isnan(values)]
    if there.size:
        seen.low, seen.high = min(seen.low, float(there.min())), max(seen.high, float(there.max()))
    return wrong


def _texts(seen: Seen, texts: Sequence[str | None]) -> dict[int, tuple[str, str | None]]:
    """The same of a cell of text; each text is asked about once."""
    refused: dict[str, tuple[str, str | None]] = {}
    counts = Counter(text for text in texts if text is not None)
    for text, count in counts.items():
        try:
            seen.column.numbers(text)
        except ValueError as error:
            said, *help = map(str, error.args)
            refused[text] = (said, help[0] if help else None)
        if text in seen.texts or len(seen.texts) < _DISTINCT:
            seen.texts[text] += count
        else:
            seen.many = True
    return {i: refused[text] for i, text in enumerate(texts) if text in refused} if refused else {}
