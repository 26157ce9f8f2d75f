"""Suspects: the components of plugins that were in use when something failed, held to the contracts of their kinds.

What a component raises is told by its traceback; what it gives back wrongly fails elsewhere, in the code that uses it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from specnet.errors import Finding
from specnet.failures import frames_of
from specnet.runs import Run
from specnet.spec.document import Document
from specnet.spec.model import placed_components
from specnet.testing.component import shared
from specnet.testing.plugins import contract_of

if TYPE_CHECKING:
    from specnet.component import Component
    from specnet.registry import Registry
    from specnet.testing.checks import Check

HARMLESS = ("name", "docstring", "fields documented", "portable")
"""Checks of its words, and of arrays that are not those of NumPy."""


def breach(error: BaseException, registry: Registry) -> Finding | None:
    """SN213 for a component of a plugin that was in use and breaks its contract; None when all of them keep theirs."""
    folder, seen = _folder(error), []
    for component in _in_use(error):
        plugin = registry.origin(type(component))
        if plugin is None or component in seen:
            continue
        seen.append(component)
        if (broken := _broken(component, folder)) is not None:
            whose = f"{component.kind} {registry.full_name(type(component))!r} of {plugin}"
            logging.getLogger("specnet").debug("%s breaks its contract", whose, exc_info=error)
            help = f"`specnet plugins check {plugin.namespace}` tells more; SPECNET_DEBUG=1 shows the traceback"
            message = f"{whose} breaks its contract: {broken.check}: {broken.detail}"
            return Finding("SN213", message, help=help)
    return None


def _broken(component: Component, folder: Path | None) -> Check | None:
    """A failed check of what it does, or else of how it goes to a file; some make nothing fail here."""
    failed = [check for check in contract_of(component, folder).run() if check.status == "failed"]
    every_kind = shared(component)
    failed.sort(key=lambda check: check.check in every_kind)
    return next((check for check in failed if check.check not in HARMLESS), None)


def _in_use(error: BaseException) -> Iterator[Component]:
    """Those in the variables of the functions that the error went through, the innermost first."""
    for value in _variables(error):
        for _, component in placed_components(value.spec if isinstance(value, Run) else value):
            yield component


def _folder(error: BaseException) -> Path | None:
    """Where the relative paths of the spec start."""
    documents = (value for value in _variables(error) if isinstance(value, Document))
    return next((document.folder for document in documents), None)


def _variables(error: BaseException) -> Iterator[object]:
    for frame in frames_of(error):
        yield from list(frame.f_locals.values())
