"""The hooks that specnet calls, and the marker that a plugin puts on its implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from specnet.component import Component

hookspec = pluggy.HookspecMarker("specnet")
hookimpl = pluggy.HookimplMarker("specnet")


@hookspec
def specnet_components() -> list[type[Component]]:  # type: ignore[empty-body]  # pluggy calls the implementations
    """The component classes that this plugin offers."""
