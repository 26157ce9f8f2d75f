"""What a stored run was made with, against what is installed here."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from specnet.errors import Finding, SpecError
from specnet.runs.sources import RESOLVED
from specnet.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from specnet.artifacts import RunDirectory
    from specnet.registry import Registry
    from specnet.spec import Spec


def load_with_its_plugins(directory: RunDirectory, registry: Registry) -> Spec:
    """The spec of a run, by the distributions that it was made with; another version of one is warned of, SN611.

    Raises SpecError, with SN211 for each distribution that is not installed.
    """
    spec = stored_spec(directory, registry)
    _warn_of_other_versions(directory.manifest.get("plugins", {}), registry, directory.path)
    return spec


def stored_spec(directory: RunDirectory, registry: Registry, overrides: Mapping[str, Any] | None = None) -> Spec:
    """The spec of a run, changed by the overrides, whatever the versions of its distributions are here.

    Raises SpecError, with SN211 for each distribution that is not installed.
    """
    missing = _missing(directory.manifest.get("plugins", {}), registry, directory.path)
    try:
        spec = load_spec(directory.read_json(RESOLVED), overrides, registry)
    except SpecError as error:
        file = str(directory.path / RESOLVED)
        raise SpecError(*missing, *(replace(finding, file=file) for finding in error.findings)) from None
    if missing:  # what has the namespace now is not what the run was made with
        raise SpecError(*missing)
    return spec


def _missing(made_with: Mapping[str, str], registry: Registry, path: Path) -> list[Finding]:
    """SN211 for each distribution that the run was made with and that is not here."""
    return [
        Finding(
            "SN211",
            f"the run was made with {distribution} {version}, which is not installed",
            help=f'pip install "{distribution}=={version}"',
            file=str(path),
        )
        for distribution, version in made_with.items()
        if registry.version(distribution) is None
    ]


def _warn_of_other_versions(made_with: Mapping[str, str], registry: Registry, path: Path) -> None:
    for distribution, version in made_with.items():
        here = registry.version(distribution)
        if here != version:
            message = f"the run was made with {distribution} {version}, {here} is installed and may compute otherwise"
            help = f'pip install "{distribution}=={version}"'
            # Unless the program says otherwise, logging prints it on standard error.
            logging.getLogger("specnet").warning("%s", Finding("SN611", message, (), help, "warning", str(path)))
