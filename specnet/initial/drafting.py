"""draft: a table is read, a spec is written, checked as any other, and tried once before it promises anything."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from specnet.errors import DataError, Finding, SpecError, did_you_mean, listed
from specnet.initial.dialects import dialect_of, with_gaps
from specnet.initial.kinds import Kind, Texts, input_kind
from specnet.initial.recipes import recipe_of
from specnet.initial.tasks import task_of
from specnet.initial.writing import dialect_keys, spec_name, written
from specnet.runs import Watcher, run
from specnet.spec import examine
from specnet.spec.document import parse_text, text_of
from specnet.tables.block import WantedColumn
from specnet.tables.cells import Cells
from specnet.tables.csv_file import CsvFile
from specnet.tables.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.initial.tasks import Asked
    from specnet.plan import Plan
    from specnet.registry import Registry
    from specnet.runs import Run

LEAST_ROWS = 10
MOST_TRIED = 20_000
"""A spec of more rows is not tried: it would take long, and is not asked for."""


@dataclass(frozen=True)
class Draft:
    """The text of a spec, and what there is to say of it."""

    text: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Read:
    """A table as it is written."""

    dialect: Dialect
    texts: tuple[Texts, ...]
    rows: int


def draft(
    data: Path, targets: Sequence[str], folder: Path, registry: Registry, asked: Asked | None = None, seed: int = 0
) -> Draft:
    """A spec in `folder` for the CSV file `data`. Raises DataError for a table of which none can be made."""
    read = _read(data, targets)
    cells = Cells(read.dialect)
    of_name = {texts.name: texts for texts in read.texts}
    task = task_of([of_name[name] for name in targets], cells, asked)
    kinds = [input_kind(texts, cells) for texts in read.texts if texts.name not in targets]
    if not (inputs := sum(map(_width, kinds))):
        raise DataError(Finding("SN580", "no column can be an input: all are constant, empty, or name the rows"))
    dataset = {"type": "csv", "path": _relative(data, folder), **dialect_keys(read.dialect, Dialect())}
    recipe = recipe_of(task, read.rows, inputs)
    about = f"{listed([*targets], 3)} of {data.name}: {task.words} from {inputs:,} numbers a row, {read.rows:,} rows"

    def text(expected: Sequence[str]) -> str:
        return written(about, spec_name(data.stem), seed, dataset, kinds, task, recipe, expected)

    promise, remarks = _promise(text([]), data, folder, registry, read.rows)
    _check(text(promise), folder, registry)
    left = [f"left out: {kind.name}, because {kind.left_out}" for kind in kinds if kind.left_out]
    return Draft(text(promise), (about, *left, *remarks))


def _read(path: Path, targets: Sequence[str]) -> _Read:
    dialect = dialect_of(path, str(path))
    header = CsvFile(path, str(path), dialect).header()
    for name in targets:
        if name not in header:
            help = did_you_mean(name, header) or f"columns: {listed(header)}"
            raise DataError(
                Finding("SN580", f"there is no column {name!r} to be the target", help=help, file=str(path))
            )
    dialect = with_gaps(dialect, (texts.counts for texts in _texts(path, dialect, header)))
    texts = _texts(path, dialect, header)
    rows = texts[0].filled + texts[0].empty
    if rows < LEAST_ROWS:
        message = f"{rows} rows are too few to train and to test on: at least {LEAST_ROWS}"
        raise DataError(Finding("SN580", message, file=str(path)))
    return _Read(dialect, texts, rows)


def _texts(path: Path, dialect: Dialect, header: Sequence[str]) -> tuple[Texts, ...]:
    counts: list[Counter[str]] = [Counter() for _ in header]
    empty = [0] * len(header)
    for block in CsvFile(path, str(path), dialect).blocks([WantedColumn(name, False) for name in header]):
        for i, column in enumerate(block.columns):
            there = [text for text in column if isinstance(text, str)]
            counts[i].update(there)
            empty[i] += len(column) - len(there)
    return tuple(map(Texts, header, counts, empty))


def _width(kind: Kind) -> int:
    """The inputs that a column gives."""
    if kind.left_out or kind.said.get("type") == "text":
        return 0
    sized = [len(kind.said[key]) for key in ("categories", "parts") if key in kind.said]
    return (sized[0] if sized else 1) + (kind.said.get("missing") == "own")


def _relative(data: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(data, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return str(data.absolute())


def _check(text: str, folder: Path, registry: Registry) -> None:
    """Raises SpecError for a text that a strict `validate` has something against."""
    document = parse_text(text_of(text.encode(), str(folder / "draft.toml")))
    _, findings = examine(document, {}, registry)
    if findings:
        raise SpecError(*findings)


def _promise(text: str, data: Path, folder: Path, registry: Registry, rows: int) -> tuple[list[str], list[str]]:
    """The lines of what the spec promises, and what was seen when it was tried."""
    _check(text, folder, registry)
    mean = 'expect = [{ metric = "test.loss", better_than = "mean" }]'
    if rows > MOST_TRIED:
        return [mean], [f"not tried, because there are more than {MOST_TRIED:,} rows: it promises to beat the mean"]
    seen = _Warnings()
    tried = _tried(text, data, registry, seen)
    linear, net = tried.baselines["linear"], tried.metrics["test.loss"]
    if "test.loss" not in linear.metrics:
        return [mean], [*seen.told, f"no linear baseline, because {linear.reason}"]
    score = f"test.loss {net:.4g}, a linear model {linear.metrics['test.loss']:.4g}"
    said = [*seen.told, f"tried: {score}, the mean {tried.baselines['mean'].metrics['test.loss']:.4g}"]
    if net < linear.metrics["test.loss"]:
        return [f"{mean.replace('mean', 'linear')} # when it was written: {score}"], said
    return [f"{mean} # not the linear model, which was as good: {score}"], [*said, "it does not beat the linear model"]


class _Warnings(Watcher):
    """What a run says of the data, such as that an input is the target."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def checked(self, plan: Plan, rows: int, warnings: Sequence[Finding]) -> None:
        self.told = [f"warning {finding.code}: {finding.message}" for finding in warnings]


def _tried(text: str, data: Path, registry: Registry, seen: Watcher) -> Run:
    spec: dict[str, Any] = tomllib.loads(text)
    spec["dataset"]["path"] = str(data.absolute())
    with TemporaryDirectory() as folder:
        return run(spec, out=Path(folder, "tried"), registry=registry, watcher=seen)
