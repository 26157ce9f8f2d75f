"""Places: what the model of a spec expects at a path of its data."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from specnet.component import RelativePath, Slot
from specnet.errors import SpecnetError

if TYPE_CHECKING:
    from specnet.component import Finder
    from specnet.errors import Path


class Place(NamedTuple):
    """The alternatives of an annotation, each a type with its metadata."""

    alternatives: tuple[tuple[Any, tuple[Any, ...]], ...]

    @classmethod
    def of(cls, annotation: Any, metadata: tuple[Any, ...] = ()) -> Place:
        """Unions and Annotated taken apart."""
        origin = get_origin(annotation)
        if origin is Annotated:
            inner, *more = get_args(annotation)
            return cls.of(inner, (*metadata, *more))
        if origin in (Union, UnionType):
            return cls(tuple(pair for arg in get_args(annotation) for pair in cls.of(arg, metadata).alternatives))
        return cls(((annotation, metadata),))

    @property
    def is_text(self) -> bool:
        """True where any text is accepted as it stands."""
        return all(kind in (str, NoneType) for kind, _ in self.alternatives)

    @property
    def is_path(self) -> bool:
        """True where a text names a file."""
        return any(isinstance(m, RelativePath) for _, extra in self.alternatives for m in extra)

    @property
    def item(self) -> Place | None:
        """The place of each item, where a list may stand."""
        kind = next((get_args(kind)[0] for kind, _ in self.alternatives if get_origin(kind) is tuple), None)
        return None if kind is None else Place.of(kind)

    @property
    def slot(self) -> Slot | None:
        """The slot of a component, where there is one."""
        return next((m for _, extra in self.alternatives for m in extra if isinstance(m, Slot)), None)

    def table(self, value: Any, registry: Finder) -> type[BaseModel] | None:
        """The class that a table at this place becomes, None for anything else."""
        if self.slot is not None:
            name = value if isinstance(value, str) else value.get("type") if isinstance(value, dict) else None
            try:
                return registry.find(self.slot.kind, name) if isinstance(name, str) else None
            except SpecnetError:
                return None
        models = (kind for kind, _ in self.alternatives if isinstance(kind, type) and issubclass(kind, BaseModel))
        return next(models, None)

    def inside(self, part: str | int, value: Any, registry: Finder) -> Place | None:
        """The place of one key or index of `value`, which stands here."""
        if isinstance(part, int):
            return self.item
        model = self.table(value, registry)
        field = None if model is None else model.model_fields.get(part)
        return None if field is None else Place.of(field.annotation, tuple(field.metadata))


def place_at(model: type[BaseModel], data: Any, path: Path, registry: Finder) -> tuple[Place | None, Any]:
    """The place at a path below the model, and the data that stands there; None where there is none."""
    place: Place | None = Place.of(model)
    for part in path:
        if place is None:
            return None, None
        place = place.inside(part, data, registry)
        data = _child(data, part)
    return place, data


def _child(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
