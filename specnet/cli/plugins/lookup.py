"""Names of the command line to components and plugins, with a hint for what is near."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specnet.component import KINDS
from specnet.errors import Finding, SpecError, UsageError, did_you_mean

if TYPE_CHECKING:
    from specnet.component import Component
    from specnet.registry import Plugin, Registry


def plugins_called(registry: Registry, name: str) -> list[Plugin]:
    """The plugins of a namespace or of a distribution, loaded if they can be; none for another name."""
    if all(name not in (plugin.namespace, plugin.distribution) for plugin in registry.found()):
        return []
    return [plugin for plugin in registry.plugins() if name in (plugin.namespace, plugin.distribution)]


def components_called(registry: Registry, name: str, kinds: Sequence[str]) -> list[type[Component]]:
    """The classes of that name, at least one: the built-in ones or else, of each kind, that of a plugin.

    Raises SpecError SN204, SN205 and SN210 as the registry does, and UsageError SN203 for a name that none of the
    kinds has.
    """
    builtin = [kind for kind in kinds if name in registry.names(kind)]
    classes = []
    for kind in builtin or kinds:
        try:
            classes.append(registry.find(kind, name))
        except SpecError as error:
            if error.findings[0].code != "SN203":
                raise
    if not classes:
        raise UsageError(Finding("SN203", f"there is no {_words(kinds)} {name!r}", help=_hint(registry, name, kinds)))
    return classes


def _words(kinds: Sequence[str]) -> str:
    return kinds[0] if len(kinds) == 1 else "component or plugin"


def _hint(registry: Registry, name: str, kinds: Sequence[str]) -> str:
    """What it is called here, what it may have been meant to be, or where to look."""
    own = {known: registry.find(kind, known) for kind in kinds for known in registry.names(kind)}
    called = next((known for known, cls in own.items() if name in cls.synonyms), None)
    if called:
        return f"here it is called {called!r}"
    plugins = registry.plugins()
    offered = [f"{p.namespace}.{bare}" for p in plugins for kind, bare in p.components if kind in kinds]
    spaces = [text for p in plugins for text in (p.namespace, p.distribution)] if len(kinds) == len(KINDS) else []
    return did_you_mean(name, [*own, *offered, *spaces]) or "`specnet plugins list` shows what there is"
