"""Relocation: a spec that is moved to another folder names the same files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.component import Declaration
from specnet.spec.places import Place

if TYPE_CHECKING:
    from specnet.spec.model import Spec


def relocated(spec: Spec, old: Path, new: Path) -> Spec:
    """The spec of a file in the folder `old` as it must read in the folder `new`: each relative `SpecPath` rewritten.

    A path stays absolute, and becomes absolute where no relative one leads to it (another drive of Windows).
    """
    if old.resolve() == new.resolve():
        return spec

    def move(text: str) -> str:
        path = old / text
        if Path(text).is_absolute():
            return text
        target = path.parent.resolve() / path.name  # a `..` behind a link means the place where the link leads
        try:
            return Path(os.path.relpath(target, new.resolve())).as_posix()
        except ValueError:
            return target.as_posix()

    moved: Spec = _moved(spec, Place.of(type(spec)), move)
    return moved


def _moved(value: Any, place: Place | None, move: Callable[[str], str]) -> Any:
    """The value itself where nothing in it names a file, so that what was a default stays one."""
    if isinstance(value, str):
        return move(value) if place is not None and place.is_path else value
    if isinstance(value, tuple):
        items = tuple(_moved(item, None if place is None else place.item, move) for item in value)
        return items if items != value else value
    if not isinstance(value, Declaration):
        return value
    changes = {}
    for name, field in type(value).model_fields.items():
        before = getattr(value, name)
        after = _moved(before, Place.of(field.annotation, tuple(field.metadata)), move)
        if after is not before and after != before:
            changes[name] = after
    return value.model_copy(update=changes) if changes else value
