"""Plugins as their distributions describe them: found by metadata, and imported one at a time when asked for."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from specnet.hookspecs import RUN_HOOKS
from specnet.offers import collect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import Distribution

    import pluggy

    from specnet.component import Component

API = 1
"""The version of the plugin API that this specnet speaks; a plugin module says `SPECNET_API = 1`."""

GROUP = "specnet"
"""The group of entry points by which a distribution says that it has a plugin."""

PIECE = 8192
"""Bytes of metadata that are read at once; nearly all files are smaller."""


@dataclass(eq=False)
class Plugin:
    """A plugin as it was found: not imported until it is asked for, and then only once."""

    namespace: str
    distribution: str
    version: str
    entry: EntryPoint
    state: Literal["found", "loaded", "blocked", "conflict", "failed"] = "found"
    error: str = ""
    components: dict[tuple[str, str], type[Component]] = field(default_factory=dict)
    tracks: bool = False
    """True once it is loaded and has a run hook."""
    import_seconds: float | None = None
    """What importing it took here, beyond all that was imported before; None until it has been."""

    def has_module(self, name: str) -> bool:
        """True for a module of the package that the entry point leads to."""
        return name.partition(".")[0] == self.entry.value.partition(":")[0].partition(".")[0].strip()

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"

    def load(self, manager: pluggy.PluginManager) -> bool:
        """Imports and registers it; a failure is kept in `error` and harms nobody else."""
        if self.state == "found":
            try:
                began = time.perf_counter()
                module = self.entry.load()
                self.import_seconds = time.perf_counter() - began
                spoken = getattr(module, "SPECNET_API", "missing")
                if spoken != API:
                    raise ImportError(f"its SPECNET_API is {spoken}, this specnet speaks {API}")
                self.components = collect(manager, module, self.namespace, build=True)
                self.tracks = any(caller.name in RUN_HOOKS for caller in manager.get_hookcallers(module) or ())
                self.state = "loaded"
            except (Exception, SystemExit) as error:  # a module may be a script that exits
                self.state, self.error = "failed", f"{type(error).__name__}: {error}"
        return self.state == "loaded"


def plugins_in(distributions: Iterable[Distribution]) -> list[Plugin]:
    """Those of each distribution once: it can be seen twice on sys.path, and the first is the one that imports."""
    found: dict[str, list[Plugin]] = {}
    for distribution in distributions:
        if plugins := _plugins_of(distribution):
            found.setdefault(plugins[0].distribution, plugins)
    return [plugin for plugins in found.values() for plugin in plugins]


def _plugins_of(distribution: Distribution) -> list[Plugin]:
    """None for metadata that cannot be read: one broken installation must not stop the others."""
    try:
        listed = _text(distribution, "entry_points.txt")
        if GROUP not in listed:
            return []  # of nearly all; to parse them costs ten times what it costs to see that
        entries = [EntryPoint(name, value, GROUP) for name, value in _section(listed, GROUP)]
        said = _fields(_text(distribution, "METADATA") or _text(distribution, "PKG-INFO")) if entries else {}
        return [Plugin(entry.name, said["name"], said["version"], entry) for entry in entries]
    except Exception:
        return []


def _text(distribution: Distribution, name: str) -> str:
    """What `read_text` gives, in a third of its time where the distribution is a folder; empty without the file."""
    place = getattr(distribution, "_path", None)
    if not isinstance(place, Path):  # in an archive, or of another finder
        return distribution.read_text(name) or ""
    try:
        file = os.open(f"{place}/{name}", os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return ""
    try:  # an object for a file takes as long as what is asked of the system
        content = part = os.read(file, PIECE)
        while len(part) == PIECE:
            part = os.read(file, PIECE)
            content += part
    finally:
        os.close(file)
    return content.decode()


def _section(text: str, wanted: str) -> Iterator[tuple[str, str]]:
    """The names and values of a section. Raises ValueError for a line of it that is no pair."""
    section = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[]")
        elif section == wanted and not line.startswith("#"):
            name, value = line.split("=", 1)
            yield name.strip(), value.strip()


def _fields(text: str) -> dict[str, str]:
    """The headers above the description that say something, in small letters; of two alike the first."""
    found: dict[str, str] = {}
    for line in text.partition("\n\n")[0].splitlines():  # the description may be long
        if not line.strip():
            break
        name, _, value = line.partition(":")
        if value.strip():
            found.setdefault(name.lower(), value.strip())
    return found


def mark_conflicts(plugins: list[Plugin]) -> None:
    """Makes every plugin unusable whose namespace another one claims too."""
    owners: dict[str, list[Plugin]] = {}
    for plugin in plugins:
        owners.setdefault(plugin.namespace, []).append(plugin)
    for namespace, claimants in owners.items():
        if len(claimants) > 1:
            why = _why_not(claimants)
            for plugin in claimants:
                plugin.state, plugin.error = "conflict", f"the namespace {namespace!r} is claimed {why}"


def _why_not(claimants: list[Plugin]) -> str:
    """By whom a namespace is claimed, and what would do."""
    distributions = list(dict.fromkeys(map(str, claimants)))
    if len(distributions) > 1:
        return f"by {' and '.join(distributions)}; uninstall or block one"
    modules = " and ".join(plugin.entry.value for plugin in claimants)
    return f"twice by {distributions[0]}, for {modules}; its author must give one another name"


_OFFERS = {("engine", "jit"): "specnet-jit"}
"""What a distribution of this project offers that people name before they have it; its namespace ends its own name."""


def distribution_of(name: str, kind: str | None = None) -> str | None:
    """What offers a name of that kind, or has that namespace; None for what is no work of this project."""
    for (of, own), distribution in _OFFERS.items():
        if (kind, name) == (of, own) or (kind is None and distribution == f"specnet-{name}"):
            return distribution
    return None
