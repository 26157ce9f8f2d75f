"""load_spec: file to Spec, with every fault that can be seen at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from specnet.errors import Finding, SpecError
from specnet.registry import load_registry
from specnet.spec.diagnostics import findings_of, named
from specnet.spec.document import Document, read_document, walk
from specnet.spec.lint import lint
from specnet.spec.model import Spec
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
    names = registry or load_registry()
    try:
        return _checked(apply(document.data, overrides or {}, Spec, names), names)
    except SpecError as error:
        own = _faults(document.data, names) if overrides else error.findings
        of_file = {(fault.code, fault.path, fault.message) for fault in own}
        placed = (f if (f.code, f.path, f.message) in of_file else replace(f, file="--set") for f in error.findings)
        located = document.positions.locate(placed) if document.is_file else placed
        raise SpecError(*located).in_file(document.source) from None


def _faults(data: Mapping[str, Any], registry: Registry) -> tuple[Finding, ...]:
    try:
        _checked(data, registry)
    except SpecError as error:
        return error.findings
    return ()


def _checked(data: Mapping[str, Any], registry: Registry) -> Spec:
    if vast := _beyond_float64(data):
        raise SpecError(*vast)
    missing = unmet(data.get("requires"))
    try:
        spec = Spec.model_validate(data, context={"registry": registry})
    except ValidationError as error:
        raise SpecError(*missing, *_besides(missing, findings_of(error, Spec, data, registry))) from None
    if faults := missing + lint(spec):
        raise SpecError(*faults)
    return spec


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
