"""An engine that compiles the net of a spec with Numba."""

from __future__ import annotations

from specnet.api import Component, hookimpl
from specnet_jit.engine import Jit

SPECNET_API = 1


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The engine of this plugin."""
    return [Jit]
