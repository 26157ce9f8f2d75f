"""Plugins as their distributions describe them: found by metadata, and imported one at a time when asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from specnet.hookspecs import RUN_HOOKS
from specnet.offers import collect

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import Distribution, EntryPoint

    import pluggy

    from specnet.component import Component

API = 1
"""The version of the plugin API that this specnet speaks; a plugin module says `SPECNET_API = 1`."""

GROUP = "specnet"
"""The group of entry points by which a distribution says that it has a plugin."""


@dataclass
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
    """Each plugin once: a distribution can be seen twice on sys.path, and the first is the one that imports."""
    found: dict[tuple[str, str], Plugin] = {}
    for distribution in distributions:
        for plugin in _plugins_of(distribution):
            found.setdefault((plugin.namespace, plugin.distribution), plugin)
    return list(found.values())


def _plugins_of(distribution: Distribution) -> list[Plugin]:
    """None for metadata that cannot be read: one broken installation must not stop the others."""
    try:
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            return []  # of nearly all; to parse them costs ten times what it costs to see that
        entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
        name = distribution.metadata["Name"] if entries else None
        return [Plugin(entry.name, name, distribution.version, entry) for entry in entries] if name else []
    except Exception:
        return []


def mark_conflicts(plugins: list[Plugin]) -> None:
    """Makes every plugin unusable whose namespace another one claims too."""
    for plugin in plugins:
        owners = [other for other in plugins if other.namespace == plugin.namespace]
        if len(owners) > 1:
            both = " and ".join(map(str, owners))
            plugin.state = "conflict"
            plugin.error = f"the namespace {plugin.namespace!r} is claimed by {both}; uninstall or block one"
