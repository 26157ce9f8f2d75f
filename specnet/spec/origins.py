"""Origins: whether a value of a spec comes from its file, from `--set` or from a default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from specnet.component import Declaration
from specnet.spec.overrides import path_of

if TYPE_CHECKING:
    from specnet.errors import Path
    from specnet.spec.model import Spec

Origin = Literal["spec", "default", "--set"]


class Origins:
    """Asked by path, as the dump of the spec has it."""

    def __init__(self, spec: Spec, overrides: Iterable[str]) -> None:
        self._set = [path_of(dotted) for dotted in overrides]
        self._defaults = dict(_defaults(spec))

    def of(self, path: Path) -> Origin:
        """Where the value at that path comes from; of a list or table "default" only when all of it does."""
        own = self._defaults.get(path)
        inner = [own] if own is not None else [d for at, d in self._defaults.items() if at[: len(path)] == path]
        if inner and all(inner):
            return "default"
        return "--set" if any(at[: len(path)] == path[: len(at)] for at in self._set) else "spec"


def _defaults(value: Any, path: Path = (), default: bool = False) -> Iterator[tuple[Path, bool]]:
    """Each value that holds no other with whether it is a default."""
    if isinstance(value, Declaration):
        for name in type(value).model_fields:
            yield from _defaults(getattr(value, name), (*path, name), default or name not in value.model_fields_set)
    elif isinstance(value, tuple) and any(isinstance(item, Declaration) for item in value):
        for i, item in enumerate(value):
            yield from _defaults(item, (*path, i), default)
    else:
        yield path, default
