"""check: a spec against its data, with all that was found; nothing is raised for what a file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specnet.errors import DataError
from specnet.inspection.cells import Look, look
from specnet.inspection.doubts import doubts
from specnet.inspection.targets import unfit
from specnet.preparation import load_data, prepare
from specnet.spec import examine, lint, placed
from specnet.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from specnet.errors import Finding
    from specnet.registry import Registry
    from specnet.spec import Document, Spec


@dataclass(frozen=True)
class Inspected:
    """What a look at a spec and its data has found; `look` has the columns as far as they were read."""

    findings: tuple[Finding, ...]
    look: Look = field(default_factory=Look)
    parts: Mapping[str, int] | None = None
    """The rows of each part of the split, where they could be parted."""


def inspect(document: Document, overrides: Mapping[str, Any], registry: Registry) -> Inspected:
    """The findings of the spec; where it can be read, those of its data as well."""
    spec, findings = examine(document, overrides, registry)
    if spec is None or any(finding.severity == "error" for finding in findings):
        return Inspected(findings)
    seen = look(spec.dataset, document.folder)
    parts: dict[str, int] = {}
    found = list(seen.findings() or _of_rows(spec, document.folder, parts))
    found += seen.doubts()
    known = {(finding.code, finding.path) for finding in findings}
    new = [finding for finding in found if (finding.code, finding.path) not in known]
    return Inspected((*findings, *placed(document, new)), seen, parts or None)


def _of_rows(spec: Spec, folder: Path, parts: dict[str, int]) -> Iterable[Finding]:
    """What the numbers show, once every cell can be read; `parts` is filled in."""
    try:
        return list(_shown(spec, folder, parts))
    except DataError as error:
        return error.findings


def _shown(spec: Spec, folder: Path, parts: dict[str, int]) -> Iterator[Finding]:
    streams = Streams(spec.seed, spec.rng)
    prepared = prepare(spec, load_data(spec, folder, streams), streams)
    parts |= {part: len(index) for part, index in prepared.parts.items()}
    yield from lint(spec, len(prepared.data.inputs))
    yield from unfit(
        spec,
        prepared,
        {part: prepared.split(index, spec.engine.dtype) for part, index in prepared.parts.items() if len(index)},
    )
    yield from doubts(spec, prepared)
