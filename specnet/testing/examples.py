"""An example of a component class: its defaults, and for a field without one what the field says or what it admits."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from specnet.component import Component, Slot
from specnet.testing.checks import Broken, Unchecked
from specnet.testing.component import refusal

if TYPE_CHECKING:
    from specnet.registry import Registry

_WHOLE, _REAL = 3, 0.5
"""What a number is where its bounds admit it: small, not 1, and no special case of a rate or a step."""


def example(cls: type[Component], registry: Registry) -> Component:
    """An instance, made as a spec would make it, slots included.

    A field takes the first of its `Field(examples=[...])`, as it would stand in a file; without any and without a
    default, a number, a choice or a component that its type admits. Raises Unchecked when there is none, Broken when
    what the class itself gives is refused.
    """
    table, guessed = _table(cls, registry)
    adapter: TypeAdapter[Component] = TypeAdapter(Annotated[Component, Slot(cls.kind)])
    try:
        return adapter.validate_python(table, context={"registry": registry})
    except ValidationError as error:
        said = refusal(error)
        if guessed:
            why = f"no example for {', '.join(guessed)}: what its type admits is refused ({said})"
            raise Unchecked(f"{why}; write Field(examples=[...]) or give one to the kit") from error
        raise Broken(f"its own defaults and examples are refused: {said}") from error


def _table(cls: type[Component], registry: Registry) -> tuple[dict[str, Any], list[str]]:
    """The table of a spec, and the fields in it that are guessed."""
    table: dict[str, Any] = {"type": registry.full_name(cls)}
    guessed = []
    for name, field in cls.model_fields.items():
        if field.examples:
            table[name] = field.examples[0]
            continue
        if not field.is_required():
            continue
        try:
            table[name] = _value(field.annotation, field.metadata, registry)
        except LookupError:
            why = f"no example for the field {name!r}"
            raise Unchecked(f"{why}: write Field(examples=[...]) or give one to the kit") from None
        guessed.append(name)
    return table, guessed


def _value(annotation: Any, said: Iterable[Any], registry: Registry) -> Any:
    """A value of the type within the bounds that are said of it. Raises LookupError when none comes to mind."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(args[0], (*said, *args[1:]), registry)
    flat = [part for one in said for part in (one.metadata if isinstance(one, FieldInfo) else [one])]
    for slot in flat:
        if isinstance(slot, Slot):
            return _named(slot.kind, registry)
    if origin in (Union, UnionType):
        return None if NoneType in args else _value(args[0], flat, registry)
    if origin is Literal:
        return args[0]
    if origin is tuple:
        return [_value(item, (), registry) for item in args if item is not Ellipsis]
    if annotation is bool:
        return True
    if annotation is int:
        return _whole(flat)
    if annotation is float:
        return _real(flat)
    raise LookupError


def _said(bounds: list[Any], *names: str) -> list[Any]:
    found = (getattr(bound, name, None) for bound in bounds for name in names)
    return [value for value in found if value is not None]


def _whole(bounds: list[Any]) -> int:
    """The usual number, moved into its bounds and up to the next multiple."""
    least = [floor(x) + 1 for x in _said(bounds, "gt")] + [ceil(x) for x in _said(bounds, "ge")]
    most = [ceil(x) - 1 for x in _said(bounds, "lt")] + [floor(x) for x in _said(bounds, "le")]
    unit = next(iter(_said(bounds, "multiple_of")), 1)
    return int(-(-min([max([_WHOLE, *least]), *most]) // unit) * unit)


def _real(bounds: list[Any]) -> float:
    """The usual number, moved into its bounds and away from them."""
    least, most = max(_said(bounds, "gt", "ge"), default=None), min(_said(bounds, "lt", "le"), default=None)
    if least is not None and most is not None and not least < _REAL < most:
        return float(least + most) / 2
    if least is not None and least >= _REAL:
        return float(least) + _REAL
    return float(most) - _REAL if most is not None and most <= _REAL else _REAL


def _named(kind: str, registry: Registry) -> dict[str, Any]:
    """The first built-in of the kind that can be had."""
    for name in registry.names(kind):
        try:
            return _table(registry.find(kind, name), registry)[0]
        except Unchecked:
            continue
    raise LookupError
