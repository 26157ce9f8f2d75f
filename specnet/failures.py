"""Failures: an exception that comes out of a plugin's code, told as a finding that names the plugin."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from specnet.component import Component
from specnet.errors import PluginError, SpecnetError, failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from specnet.errors import Finding
    from specnet.registry import Plugin, Registry


class Failure(NamedTuple):
    """What a plugin has done, and the component that did it where it was one."""

    finding: Finding
    component: Component | None


def failure_of(error: BaseException, registry: Registry) -> Failure | None:
    """None for what does not come out of a plugin: refusals, bugs in specnet, and memory that is not there."""
    if isinstance(error, SpecnetError | MemoryError):
        return None
    plugin, where = None, ""
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        component = owner if isinstance(owner, Component) else None
        found = _plugin(component, str(frame.f_globals.get("__name__")), registry)
        if found is None or plugin not in (None, found):
            continue
        if component is not None:
            whose = f"{component.kind} {component.type!r} of {found}"
            return Failure(failure(whose, frame.f_code.co_name, error), component)
        plugin, where = found, where or frame.f_code.co_qualname
    return None if plugin is None else Failure(failure(str(plugin), where, error), None)


def frames_of(error: BaseException) -> list[FrameType]:
    """What the error came through, the innermost first."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    return frames[::-1]


def _plugin(component: Component | None, module: str, registry: Registry) -> Plugin | None:
    """The owner of a component, also of one that only inherits the method; else that of the module."""
    own = None if component is None else registry.origin(type(component))
    return own or registry.plugin_of_module(module)


@contextmanager
def blamed(registry: Registry) -> Iterator[None]:
    """What comes out of a plugin's code becomes a PluginError; all else passes as it is."""
    try:
        yield
    except (Exception, SystemExit) as error:
        told = failure_of(error, registry)
        if told is None:
            raise
        raise PluginError(told.finding) from error
