"""Draft: what of a faulty spec can be read, for the rules that need no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from pydantic import TypeAdapter, ValidationError

from specnet.component import AnyLayer, Layer, LayerPlan, Loss, Shape, UnknownShapeError
from specnet.errors import SpecnetError
from specnet.spec.model import Spec
from specnet.spec.subject import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specnet.component import Finder
    from specnet.errors import Finding, Path

_ITEMS = ("predict", "expect")
"""Lists whose items have nothing to do with each other: a broken one is left out."""


class Draft(Spec):
    """A spec without its broken sections: to ask for one raises UndecidedError."""

    def __getattr__(self, name: str) -> Any:
        if name in Spec.model_fields:
            raise UndecidedError(name)
        raise AttributeError(name)


class _Unread(Layer):
    """In the place of a layer that is broken: its neighbours are checked all the same."""

    type: Literal["unread"] = "unread"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        raise UnknownShapeError

    def bounds(self) -> tuple[float, float]:
        raise UndecidedError("bounds")

    def forward(self, *_: object) -> NoReturn:
        raise UnknownShapeError


class _UnreadLoss(Loss):
    """In the place of a loss that is broken and takes an output for each target, as its class says."""

    type: Literal["unread"] = "unread"

    def wants(self) -> NoReturn:
        raise UndecidedError("loss")

    def target_bounds(self) -> NoReturn:
        raise UndecidedError("loss")

    def check(self, outputs: int) -> NoReturn:
        raise UndecidedError("loss")

    def value(self, *_: object) -> NoReturn:
        raise UndecidedError("loss")

    def gradient(self, *_: object) -> NoReturn:
        raise UndecidedError("loss")


def draft_of(
    data: Mapping[str, Any], faults: Iterable[Finding], registry: Finder
) -> tuple[Draft, dict[str, list[int]]]:
    """The draft, and for each list with broken items the positions in the file of those that are left."""
    broken = {fault.path for fault in faults}
    values: dict[str, Any] = {}
    kept: dict[str, list[int]] = {}
    for name, info in Spec.model_fields.items():
        wrong = {path[1:] for path in broken if path[:1] == (name,)}
        if name not in data:
            if not info.is_required():
                values[name] = info.get_default(call_default_factory=True)
        elif not wrong:
            values[name] = _read(_adapter(name), data[name], registry)
        elif name == "loss":
            values[name] = _loss(data[name], registry)
        elif () in wrong:
            continue
        elif name == "layers":
            values[name] = _layers(data[name], wrong, registry)
        elif name in _ITEMS:
            bad = {path[0] for path in wrong}
            kept[name] = [i for i in range(len(data[name])) if i not in bad]
            values[name] = _read(_adapter(name), [data[name][i] for i in kept[name]], registry)
    draft = Draft.model_construct(**{name: value for name, value in values.items() if value is not None})
    for name in Spec.model_fields:
        if values.get(name) is None:
            draft.__dict__.pop(name, None)
    return draft, kept


def _layers(data: list[Any], wrong: set[Path], registry: Finder) -> tuple[Layer, ...] | None:
    """The layers, those that are broken known by their names and inputs alone; None when not even by these."""
    bad = {path[0] for path in wrong}
    unwired = any(path[1:2] in (("name",), ("inputs",)) for path in wrong)
    if unwired or any(not isinstance(item, str | dict) for item in data):
        return None
    adapter: TypeAdapter[Layer] = TypeAdapter(AnyLayer)
    layers: list[Layer] = []
    for i, item in enumerate(data):
        if i in bad:
            wiring = {key: item[key] for key in ("name", "inputs") if key in item} if isinstance(item, dict) else {}
            layers.append(_Unread.model_validate(wiring))
        else:
            layers.append(_read(adapter, item, registry))
    return tuple(layers)


def _loss(said: Any, registry: Finder) -> Loss | None:
    """In the place of a broken loss one that is known by its outputs alone; None when not even by these."""
    name = said.get("type") if isinstance(said, dict) else said
    try:
        found: Any = registry.find("loss", name) if isinstance(name, str) else None
    except SpecnetError:
        return None
    return None if found is None or found.outputs is not Loss.outputs else _UnreadLoss()


def _read(adapter: TypeAdapter[Any], value: Any, registry: Finder | None) -> Any:
    try:
        return adapter.validate_python(value, context={"registry": registry})
    except ValidationError:
        return None


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    info = Spec.model_fields[name]
    return TypeAdapter(Annotated[info.annotation, info])  # type: ignore[arg-type]  # a type that is made here
