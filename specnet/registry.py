"""Distributions in, names to classes out: built-ins first, third parties one at a time, each on its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import distributions
from typing import TYPE_CHECKING, NamedTuple

import pluggy

from specnet import hookspecs
from specnet.discovery import API, GROUP, Plugin, distribution_of, mark_conflicts, plugins_in
from specnet.errors import Finding, SpecError, UsageError, did_you_mean, slip_of
from specnet.offers import collect, key_of, own_hook
from specnet.rooms import ROOMS

if TYPE_CHECKING:
    from specnet.component import Component

__all__ = ["API", "GROUP", "ROOMS", "Plugin", "Registry", "Selection", "load_registry"]


class Selection(NamedTuple):
    """Which plugins may be imported, decided before any of them is."""

    allowed: frozenset[str] | None = None
    """Namespaces or distribution names; None allows all."""
    blocked: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, blocked: Iterable[str] = (), none: bool = False) -> Selection:
        """`SPECNET_PLUGINS=a,b` allows only those, empty allows none; `none` beats it."""
        listed = os.environ.get("SPECNET_PLUGINS")
        allowed = None if listed is None else frozenset(filter(None, map(str.strip, listed.split(","))))
        return cls(frozenset() if none else allowed, frozenset(blocked))

    def admits(self, plugin: Plugin) -> bool:
        """True unless the plugin is blocked or left out, by namespace or by distribution."""
        names = {plugin.namespace, plugin.distribution}
        return not names & self.blocked and (self.allowed is None or bool(names & self.allowed))


class Registry:
    """The names that specs may use. A value: two registries live side by side."""

    def __init__(self, plugins: list[Plugin]) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._rooms: dict[str, dict[tuple[str, str], type[Component]]] = {}
        self._plugins = plugins

    def plugins(self) -> list[Plugin]:
        """Third-party plugins in the order of their namespaces, each loaded if it can be."""
        for plugin in self._plugins:
            plugin.load(self._manager)
        return list(self._plugins)

    def found(self) -> list[Plugin]:
        """The same, each as it is by now: nothing is imported."""
        return list(self._plugins)

    def names(self, kind: str) -> list[str]:
        """The built-in names of a kind."""
        return sorted(name for room in ROOMS.get(kind, ()) for _, name in self._room(room))

    def find(self, kind: str, name: str) -> type[Component]:
        """The class; built-ins first, then `namespace.name`, then a bare name that exactly one plugin offers.

        Raises SpecError SN203 (unknown), SN204 (offered by several), SN205 (no such namespace) or SN210
        (its plugin is blocked, in conflict or failed).
        """
        for room in ROOMS.get(kind, ()):
            if own := self._room(room).get((kind, name)):
                return own
        namespace, dot, bare = name.partition(".")
        return self._qualified(kind, namespace, bare) if dot else self._bare(kind, name)

    def origin(self, component: type[Component]) -> Plugin | None:
        """The plugin that a class came from, None for built-ins.

        One that only another plugin has imported, for a default, is asked what it offers.
        """
        if component.__module__ in ROOMS[component.kind]:  # a plugin may offer it once more
            return None
        for plugin in self._plugins:
            if component in plugin.components.values():
                return plugin
        imported = (plugin for plugin in self._plugins if plugin.has_module(component.__module__))
        for plugin in imported:
            if plugin.load(self._manager) and component in plugin.components.values():
                return plugin
        return None

    def owner(self, component: type[Component]) -> str | None:
        """Distribution and version that a class came from, None for built-ins."""
        plugin = self.origin(component)
        return None if plugin is None else str(plugin)

    def plugin_of_module(self, module: str) -> Plugin | None:
        """The plugin whose package a module belongs to."""
        return next((plugin for plugin in self._plugins if plugin.has_module(module)), None)

    def version(self, distribution: str) -> str | None:
        """The installed version of a distribution with plugins, None where there is none; nothing is imported."""
        return next((plugin.version for plugin in self._plugins if plugin.distribution == distribution), None)

    def full_name(self, component: type[Component]) -> str:
        """`namespace.name`, the bare name for built-ins: what is installed besides does not change its meaning.

        Raises TypeError for a class that nobody offers: no spec can name it.
        """
        plugin, (kind, name) = self.origin(component), key_of(component)
        if plugin is not None:
            return f"{plugin.namespace}.{name}"
        if component.__module__ not in ROOMS[kind]:
            raise TypeError(f"{component.__name__} is not among what specnet_components() gives")
        return name

    def tracker(self, namespace: str) -> Plugin:
        """The plugin of that namespace, loaded, with a run hook.

        Raises UsageError SN205 (no such namespace), SN207 (it tracks nothing) or SN210 (as in `find`).
        """
        try:
            plugin = self._loaded(namespace, f"tracker {namespace!r}")
        except SpecError as error:
            raise UsageError(*error.findings) from None
        if not plugin.tracks:
            raise UsageError(Finding("SN207", f"{plugin} tracks nothing", help="it has no run hook"))
        return plugin

    def hook(self, plugin: Plugin, name: str) -> pluggy.HookCaller:
        """What calls the implementations of a hook in this plugin, and in no other."""
        return own_hook(self._manager, self._manager.get_plugin(plugin.namespace), name)

    def _loaded(self, namespace: str, wanted: str) -> Plugin:
        """The usable plugin of a namespace. Raises SpecError SN205 or SN210."""
        owners = [plugin for plugin in self._plugins if plugin.namespace == namespace]
        # Of two that claim a namespace one may be blocked, and then it is the other's.
        plugin = min(owners, key=lambda plugin: plugin.state == "blocked", default=None)
        if plugin is None:
            known = sorted({plugin.namespace for plugin in self._plugins})
            looked = f"plugins installed in {sys.prefix}: {', '.join(known) or 'none'}"
            help = self._missing(namespace) or " ".join(filter(None, [did_you_mean(namespace, known), looked]))
            raise SpecError(Finding("SN205", f"no installed plugin has the namespace {namespace!r}", help=help))
        if not plugin.load(self._manager):
            why = plugin.error or "it is blocked by --no-plugins, --no-plugin or SPECNET_PLUGINS"
            raise SpecError(Finding("SN210", f"{wanted} comes from {plugin}, unusable: {why}"))
        return plugin

    def _qualified(self, kind: str, namespace: str, name: str) -> type[Component]:
        plugin = self._loaded(namespace, f"{kind} '{namespace}.{name}'")
        if (kind, name) not in plugin.components:
            has = sorted(own for of, own in plugin.components if of == kind)
            help = did_you_mean(name, has) or f"it has: {', '.join(has) or 'none'}"
            slip = slip_of(name, has)
            fix = f"{namespace}.{slip}" if slip else None
            raise SpecError(Finding("SN203", f"{plugin} has no {kind} {name!r}", help=help, fix=fix))
        return plugin.components[kind, name]

    def _bare(self, kind: str, name: str) -> type[Component]:
        owners = [plugin for plugin in self.plugins() if (kind, name) in plugin.components]
        if len(owners) == 1:
            return owners[0].components[kind, name]
        if owners:
            help = "write one of: " + ", ".join(f"{plugin.namespace}.{name}" for plugin in owners)
            both = " and ".join(map(str, owners))
            raise SpecError(Finding("SN204", f"{kind} {name!r} is offered by {both}", help=help))
        third = [f"{p.namespace}.{own}" for p in self._plugins for of, own in p.components if of == kind]
        known = [*self.names(kind), *third]
        synonym = self._synonym(kind, name)
        others = ", ".join(sorted(of for of in ROOMS if name in self.names(of)))
        elsewhere = f"{name!r} is a name of another kind: {others}" if others else None
        called = f"here it is called {synonym!r}" if synonym else elsewhere or did_you_mean(name, known)
        called = self._missing(name, kind) or called
        help = called or f"known: {', '.join(known)}"
        if unusable := [plugin.namespace for plugin in self._plugins if plugin.state in ("conflict", "failed")]:
            help += f"; not looked into: {', '.join(sorted(set(unusable)))}, see `specnet plugins list`"
        raise SpecError(
            Finding(
                "SN203",
                f"unknown {kind} {name!r}",
                help=help,
                fix=synonym or (None if others else slip_of(name, known)),
            )
        )

    def _missing(self, name: str, kind: str | None = None) -> str | None:
        """What to install for a name that another distribution of this project offers."""
        distribution = distribution_of(name, kind)
        if distribution is None or self.version(distribution) is not None:
            return None
        return f"install {distribution}: pip install {distribution}"

    def _synonym(self, kind: str, name: str) -> str | None:
        return next((own for own in self.names(kind) if name in self.find(kind, own).synonyms), None)

    def _room(self, room: str) -> dict[tuple[str, str], type[Component]]:
        """What a room of built-ins offers, through its own hook."""
        if room not in self._rooms:
            self._rooms[room] = collect(self._manager, import_module(room), room)
        return self._rooms[room]


def load_registry(selection: Selection | None = None) -> Registry:
    """The built-ins, and what is installed, found by metadata alone: nothing of a third party is imported.

    Raises UsageError for a name that is blocked or allowed and that no installed plugin has.
    """
    chosen = selection or Selection.from_environment()
    plugins = sorted(plugins_in(distributions()), key=lambda plugin: (plugin.namespace, plugin.distribution))
    known = {name for plugin in plugins for name in (plugin.namespace, plugin.distribution)}
    if unknown := (chosen.blocked | (chosen.allowed or frozenset())) - known:
        name = min(unknown)
        said = "" if name in chosen.blocked else ", which SPECNET_PLUGINS names"
        help = did_you_mean(name, known)
        raise UsageError(Finding("SN206", f"no installed plugin is called {name!r}{said}", help=help))
    for plugin in plugins:
        plugin.state = "found" if chosen.admits(plugin) else "blocked"
    mark_conflicts([plugin for plugin in plugins if plugin.state == "found"])
    return Registry(plugins)
