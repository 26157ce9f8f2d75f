"""Plugins of a path: a module, or the folder of a distribution, imported from where they stand."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NoReturn

from specnet.disk import read_bytes
from specnet.errors import Finding, UsageError
from specnet.registry import GROUP, Plugin

_LIMIT = 10_000_000
"""Bytes of a pyproject.toml that is read."""


@contextmanager
def plugins_at(path: Path) -> Iterator[list[Plugin]]:
    """The plugins of a `.py` file, or of the folder with a pyproject.toml, not yet imported.

    While it lasts their modules are found there; after it the search path and the modules are as they were. Raises
    UsageError SN208 for what holds no plugin, and SN209 for a module whose name belongs to another one.
    """
    folders, plugins = _module(path) if path.suffix == ".py" else _distribution(path)
    names = {plugin.entry.module.partition(".")[0] for plugin in plugins}
    for name in names:
        _refuse_taken(name, folders)
    search, mine = list(sys.path), _loaded(names)
    for module in mine:
        del sys.modules[module]
    sys.path[:0] = map(str, folders)
    importlib.invalidate_caches()
    try:
        yield plugins
    finally:
        sys.path[:] = search
        for module in _loaded(names):
            del sys.modules[module]
        sys.modules.update(mine)


def _loaded(names: set[str]) -> dict[str, Any]:
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}


def _refuse_taken(name: str, folders: list[Path]) -> None:
    """A module that Python comes with, or that is in use already, would be checked in the plugin's stead."""
    file = getattr(sys.modules.get(name), "__file__", None)
    own = file is not None and any(Path(file).resolve().is_relative_to(folder) for folder in folders)
    if name in sys.stdlib_module_names or (name in sys.modules and not own):
        help = "rename it: what is imported by this name is another module"
        raise UsageError(Finding("SN209", f"the module name {name!r} is taken", help=help))


def _module(path: Path) -> tuple[list[Path], list[Plugin]]:
    if not path.is_file():
        _nothing(path, "there is no such file")
    name = path.stem
    if not name.isidentifier():
        _nothing(path, f"{name!r} is no name that Python can import")
    namespace = name.removeprefix("specnet_") or name
    plugin = Plugin(namespace, path.name, "0", EntryPoint(namespace, name, GROUP))
    return [path.resolve().parent], [plugin]


def _distribution(path: Path) -> tuple[list[Path], list[Plugin]]:
    file = path / "pyproject.toml"
    if not file.is_file():
        _nothing(path, "a plugin is a .py file, or a folder with a pyproject.toml")
    try:
        project = tomllib.loads(read_bytes(file, _LIMIT).decode()).get("project", {})
        points = project.get("entry-points", {}).get(GROUP, {})
        name, version = str(project.get("name", path.resolve().name)), str(project.get("version", "0"))
        entries = [EntryPoint(str(namespace), value, GROUP) for namespace, value in points.items()]
        plugins = [Plugin(entry.name, name, version, entry) for entry in entries if entry.module]
    except (ValueError, AttributeError, TypeError) as error:
        _nothing(file, f"it cannot be read: {error}")
    if not plugins:
        _nothing(file, f"it has no entry point in the group {GROUP!r}")
    root = path.resolve()
    return [folder for folder in (root / "src", root) if folder.is_dir()], plugins


def _nothing(path: Path, why: str) -> NoReturn:
    help = f'[project.entry-points.{GROUP}] with acme = "specnet_acme" makes one'
    raise UsageError(Finding("SN208", f"no plugin in {path}: {why}", help=help))
