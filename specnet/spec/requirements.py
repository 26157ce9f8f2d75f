"""`requires = ["specnet-acme>=1.2"]`: what must be installed, checked before any name is resolved."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from specnet.errors import Finding


def unmet(requires: Any) -> list[Finding]:
    """A finding for each requirement that this environment does not meet; what is no list of text is left to others."""
    if not isinstance(requires, list):
        return []
    checked = ((("requires", i), text) for i, text in enumerate(requires) if isinstance(text, str))
    return [finding for path, text in checked if (finding := _unmet(text, path)) is not None]


def _unmet(text: str, path: tuple[str | int, ...]) -> Finding | None:
    from packaging.requirements import InvalidRequirement, Requirement  # a seventh of what validating costs

    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        return Finding("SN212", f"{text!r} is no requirement: {str(error).splitlines()[0]}", path)
    if requirement.url or requirement.marker or requirement.extras:
        return Finding("SN212", f"{text!r}: a requirement is a name and versions, nothing more", path)
    help = f'pip install "{text}"'
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return Finding("SN211", f"{requirement.name} is not installed", path, help)
    if requirement.specifier.contains(installed, prereleases=True):
        return None
    return Finding("SN211", f"{requirement.name} {installed} is installed, {text!r} is required", path, help)
