"""Refusals: which component cannot be compiled, and at which line of its source."""

from __future__ import annotations

import linecache
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from specnet.api import Component

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


class RefusedError(Exception):
    """A component cannot be compiled; `why` goes on from its name."""

    def __init__(self, component: Component, why: str) -> None:
        super().__init__(f"{component.kind} {component.type!r}: {why}")
        self.component = component
        self.why = why


@contextmanager
def refused(component: Component) -> Iterator[None]:
    """What a component does with traced values, or the one inside it that does it, is refused where it fails."""
    try:
        yield
    except RefusedError:
        raise
    except Exception as error:
        culprit, line = _culprit(error.__traceback__, component)
        raise RefusedError(culprit, f"{error}{line}") from error


def _culprit(trace: TracebackType | None, component: Component) -> tuple[Component, str]:
    """The innermost component of the traceback, and the last line outside this package and NumPy."""
    line = ""
    while trace is not None:
        frame = trace.tb_frame
        module = str(frame.f_globals.get("__name__"))
        owner: Any = frame.f_locals.get("self")
        if isinstance(owner, Component):
            component = owner
        if module.split(".")[0] not in (__name__.split(".")[0], "numpy"):
            source = linecache.getline(frame.f_code.co_filename, trace.tb_lineno).strip()
            line = (
                f" ({module}, line {trace.tb_lineno}: {source})" if source else f" ({module}, line {trace.tb_lineno})"
            )
        trace = trace.tb_next
    return component, line
