"""What is installed of a plugin, to the byte: one digest over the files of its distribution and of its package."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.disk import sha256_of
from specnet.errors import ArtifactError

if TYPE_CHECKING:
    from specnet.registry import Plugin

_BY_INSTALLER = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
"""What differs from one installation of the same files to the next."""


def files_of(plugin: Plugin) -> dict[str, Any]:
    """`{"sha256": ..., "count": ...}` of what RECORD lists, and of the sources of the package that was imported.

    An editable installation lists nothing of its sources. A file that is listed and not there counts as its name.
    """
    found = _recorded(plugin.distribution) | _imported(plugin.entry.module)
    digest = hashlib.sha256()
    for name, path in sorted(found.items()):
        digest.update(f"{name}\0{_content(path)}\n".encode())
    return {"sha256": digest.hexdigest(), "count": len(found)}


def _recorded(name: str) -> dict[str, Path]:
    try:
        listed = distribution(name).files or []
    except (PackageNotFoundError, ValueError):
        return {}
    return {
        file.as_posix(): Path(str(file.locate()))
        for file in listed
        if not _is_compiled(file.parts) and file.name not in _BY_INSTALLER and ".." not in file.parts
    }


def _imported(module: str) -> dict[str, Path]:
    """The files of the package that the entry point leads to, by their names from its folder on."""
    file = getattr(sys.modules.get(module.partition(".")[0]), "__file__", None)
    if file is None:
        return {}
    path = Path(file)
    if path.name != "__init__.py":
        return {path.name: path}
    found = (inner for inner in path.parent.rglob("*") if inner.is_file())
    names = ((inner.relative_to(path.parent.parent), inner) for inner in found)
    return {name.as_posix(): inner for name, inner in names if not _is_compiled(name.parts)}


def _is_compiled(parts: tuple[str, ...]) -> bool:
    return "__pycache__" in parts or parts[-1].endswith(".pyc")


def _content(path: Path) -> str:
    try:
        return sha256_of(path)
    except ArtifactError:
        return "missing"
