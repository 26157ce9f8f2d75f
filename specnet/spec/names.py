"""SN301: names of plugins that stand in a spec without their namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specnet.component import Component, Declaration
from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specnet.errors import Path
    from specnet.spec.model import Spec


def bare_names(spec: Spec, data: Mapping[str, Any]) -> Iterator[Finding]:
    """What the file calls by a bare name, although a plugin offers it: another may offer the same one day."""
    for path, full in _third_parties(spec, ()):
        written, at = _at(data, path), path
        if isinstance(written, dict):
            written, at = written.get("type"), (*path, "type")
        if isinstance(written, str) and written != full:
            message = f"{written!r} is offered by a plugin, and another may offer it one day: write {full!r}"
            yield Finding("SN301", message, at, severity="warning", fix=full)


def _third_parties(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The places and full names of the components of plugins."""
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _third_parties(item, (*path, i))
    if isinstance(value, Declaration):
        if isinstance(value, Component) and "." in value.type:
            yield path, value.type
        for name in type(value).model_fields:
            yield from _third_parties(getattr(value, name), (*path, name))


def _at(data: Any, path: Path) -> Any:
    """What stands at a path of the file, None where nothing does."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            return None
    return data
