"""load_spec: file to Spec, with every fault that can be seen at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from specnet.component import Declaration
from specnet.errors import Finding, SpecError
from specnet.registry import load_registry
from specnet.spec.diagnostics import MOST, findings_of, first, named
from specnet.spec.document import Document, read_document, walk
from specnet.spec.lint import lint, unignored
from specnet.spec.model import Spec
from specnet.spec.names import bare_names
from specnet.spec.overrides import apply
from specnet.spec.requirements import unmet

if TYPE_CHECKING:
    from specnet.registry import Registry

Source = str | Path | Mapping[str, Any] | Document


def load_spec(source: Source, overrides: Mapping[str, Any] | None = None, registry: Registry | None = None) -> Spec:
    """The spec of a TOML or JSON file, or of a mapping, with `overrides` by dotted path.

    Raises SpecError with a finding for each fault; what is wrong only because of the overrides is placed in "--set".
    """
    document = source if isinstance(source, Document) else read_document(source)
    spec, findings = examine(document, overrides or {}, registry or load_registry())
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors or spec is None:
        raise SpecError(*errors)
    _complete(spec)
    return spec


def _complete(value: Any) -> None:
    """Builds the classes of defaults, which nothing was validated by: pydantic before 2.13 does not dump them else."""
    if isinstance(value, tuple):
        for item in value:
            _complete(item)
    elif isinstance(value, Declaration):
        if not type(value).__pydantic_complete__:
            type(value).model_rebuild()
        for item in vars(value).values():
            _complete(item)


def examine(
    document: Document, overrides: Mapping[str, Any], registry: Registry
) -> tuple[Spec | None, tuple[Finding, ...]]:
    """The spec unless it has errors, and every finding with its place, warnings included."""
    try:
        spec, findings = _examined(apply(document.data, overrides, Spec, registry), registry)
    except SpecError as error:
        spec, findings = None, list(error.findings)
    if overrides and findings:
        own = {(f.code, f.path, f.message) for f in _examined(document.data, registry)[1]}
        findings = [f if (f.code, f.path, f.message) in own else replace(f, file="--set") for f in findings]
    return spec, placed(document, findings) if findings else ()


def placed(document: Document, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with their places in the file, in the order of the file."""
    located = document.positions.locate(findings) if document.is_file else findings
    named = (f if f.file else replace(f, file=document.source) for f in located)
    return tuple(sorted(named, key=lambda f: (f.line or 0, f.column or 0)))


def _examined(data: Mapping[str, Any], registry: Registry) -> tuple[Spec | None, list[Finding]]:
    if vast := _beyond_float64(data):
        return None, vast
    missing = unmet(data.get("requires"))
    spec, found = _validated(data, registry)
    if spec is None:
        found = _with_those_behind(data, found, registry)
    else:
        found = first([*lint(spec, registry=registry), *unignored(spec, bare_names(spec, data))])
    return spec, [*missing, *_besides(missing, found)]


def _validated(data: Mapping[str, Any], registry: Registry) -> tuple[Spec | None, list[Finding]]:
    try:
        return Spec.model_validate(data, context={"registry": registry}), []
    except ValidationError as error:
        return None, findings_of(error, Spec, data, registry)


def _with_those_behind(data: Mapping[str, Any], found: list[Finding], registry: Registry) -> list[Finding]:
    """The faults, and what would be found next if they were mended: the rest of the shape, and of the model."""
    from specnet.spec.draft import draft_of  # only a faulty spec pays for these classes
    from specnet.spec.repair import Mended

    if len(found) > MOST:
        return found
    mended = Mended.of(data)
    behind: list[Finding] = []
    spec, faults = None, found
    while mended.mend(faults):
        spec, faults = _validated(mended.data, registry)
        known = {(finding.code, finding.path) for finding in (*found, *behind)}
        new = [mended.in_file(f) for f in faults if not (mended.is_beside(f) or mended.is_doubtful(f))]
        behind += [fault for fault in new if (fault.code, fault.path) not in known]
    doubts = [Finding("SN102", "", path) for path in mended.doubtful]
    whole = spec is not None and not doubts
    draft, kept = (spec, {}) if whole and spec is not None else draft_of(mended.data, [*faults, *doubts], registry)
    for finding in lint(draft, registry=registry):
        name, *rest = finding.path
        if name in kept and rest:
            finding = replace(finding, path=(name, kept[name][int(rest[0])], *rest[1:]))
        behind.append(mended.in_file(finding))
    certain = [f for f in found if not (f.code in ("SN103", "SN202") and mended.is_doubtful(f))]
    return first([*certain, *behind])


def _beyond_float64(data: Mapping[str, Any]) -> list[Finding]:
    """Integers that no float holds: no field means one, and Python would not even print the largest of them."""
    return [
        Finding("SN106", f"{named(path)} is beyond the range of float64", path)
        for path, value in walk(data)
        if isinstance(value, int) and abs(value) > sys.float_info.max
    ]


def _besides(missing: list[Finding], found: list[Finding]) -> list[Finding]:
    """Without the names that nobody can know while a plugin is missing: SN203 and SN205."""
    return [finding for finding in found if not (missing and finding.code in ("SN203", "SN205"))]
