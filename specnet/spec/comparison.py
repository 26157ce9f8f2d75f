"""Comparison: what differs between two specs once every default is filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal

from specnet.component import Declaration

if TYPE_CHECKING:
    from specnet.errors import Path


@dataclass(frozen=True)
class Difference:
    """One place; the path counts in the old spec for what is removed, and in the new one for the rest."""

    path: Path
    change: Literal["changed", "added", "removed"]
    old: Any
    new: Any


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:
    """The differences between two values of the same place, in the order of the fields."""
    if isinstance(old, Declaration) and type(old) is type(new):
        for name in type(old).model_fields:
            yield from differences(getattr(old, name), getattr(new, name), (*path, name))
    elif _are_tables(old, new):
        for i, k in _aligned(old, new):
            if i is None and k is not None:
                yield Difference((*path, k), "added", None, new[k])
            elif k is None and i is not None:
                yield Difference((*path, i), "removed", old[i], None)
            elif i is not None and k is not None:
                yield from differences(old[i], new[k], (*path, k))
    elif old != new:
        yield Difference(path, "changed", old, new)


def _are_tables(old: Any, new: Any) -> bool:
    """True for lists of tables; an empty list may be one."""
    both = isinstance(old, tuple) and isinstance(new, tuple)
    return both and old + new != () and all(isinstance(item, Declaration) for item in old + new)


def _whole(item: Declaration) -> object:
    return type(item), item.model_dump_json()


def _name(item: Declaration) -> object:
    return getattr(item, "name", None) or object()  # what has no name is like nothing else


_LIKENESS: tuple[Callable[[Declaration], object], ...] = (_whole, _name, type)
"""How two items are the same one: all of it; between those the name; between those the kind."""


def _aligned(
    old: Sequence[Declaration],
    new: Sequence[Declaration],
    likeness: Sequence[Callable[[Declaration], object]] = _LIKENESS,
) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of positions in the order of both lists; None beside what only one of them has."""
    if not likeness:
        yield from ((i, None) for i in range(len(old)))
        yield from ((None, k) for k in range(len(new)))
        return
    key, *weaker = likeness
    matcher = SequenceMatcher(None, list(map(key, old)), list(map(key, new)), autojunk=False)
    for tag, i, i_end, k, k_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(i, i_end), range(k, k_end), strict=True)
        else:
            for a, b in _aligned(old[i:i_end], new[k:k_end], weaker):
                yield None if a is None else i + a, None if b is None else k + b
