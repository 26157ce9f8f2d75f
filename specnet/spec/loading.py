"""load_spec: file to Spec, with every fault that can be seen at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from specnet.errors import Finding, SpecError
from specnet.registry import load_registry
from specnet.spec.diagnostics import findings_of
from specnet.spec.document import Document, read_document
from specnet.spec.lint import lint
from specnet.spec.model import Spec
from specnet.spec.overrides import apply
from specnet.spec.requirements import unmet

if TYPE_CHECKING:
    from specnet.registry import Registry

Source = str | Path | Mapping[str, Any] | Document


def load_spec(source: Source, overrides: Mapping[str, Any] | None = None, registry: Registry | None = None) -> Spec:
    """The spec of a TOML or JSON file, or of a mapping, with `overrides` by dotted path.

    Raises SpecError with a finding for each fault.
    """
    document = source if isinstance(source, Document) else read_document(source)
    names = registry or load_registry()
    changes = overrides or {}
    try:
        data = apply(document.data, changes, Spec, names)
        missing = unmet(data.get("requires"))
        try:
            spec = Spec.model_validate(data, context={"registry": names})
        except ValidationError as error:
            raise SpecError(*missing, *_besides(missing, findings_of(error, Spec, data, names))) from None
        if faults := missing + lint(spec):
            raise SpecError(*faults)
    except SpecError as error:
        placed = (replace(f, file="--set") if _set_by(f, changes) else f for f in error.findings)
        raise SpecError(*placed).in_file(document.source) from None
    return spec


def _set_by(finding: Finding, overrides: Mapping[str, Any]) -> bool:
    return any(f"{finding.dotted}.".startswith(f"{dotted}.") for dotted in overrides)


def _besides(missing: list[Finding], found: list[Finding]) -> list[Finding]:
    """Without the names that nobody can know while a plugin is missing."""
    return [finding for finding in found if not (missing and finding.code.startswith("SN2"))]
