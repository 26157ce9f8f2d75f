"""SN301: names of plugins that stand in a spec without their namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specnet.errors import Finding
from specnet.spec.model import placed_components

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specnet.errors import Path
    from specnet.spec.model import Spec


def bare_names(spec: Spec, data: Mapping[str, Any]) -> Iterator[Finding]:
    """What the file calls by a bare name, although a plugin offers it: another may offer the same one day."""
    for path, component in placed_components(spec):
        full, written, at = component.type, _at(data, path), path
        if isinstance(written, dict):
            written, at = written.get("type"), (*path, "type")
        if "." in full and isinstance(written, str) and written != full:
            message = f"{written!r} is offered by a plugin, and another may offer it one day: write {full!r}"
            yield Finding("SN301", message, at, severity="warning", fix=full)


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
