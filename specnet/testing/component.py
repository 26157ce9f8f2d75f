"""What all kinds share: a component is a table of a spec, and goes to a file and back."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from specnet.component import Component, Declaration, Slot
from specnet.component.docs import field_docs
from specnet.testing.checks import Broken, Check, Contract, Stage, Unchecked, require


def check_component(component: Component, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """Its name, its words, its fields, and that every way into a file and back gives an equal one."""
    return Contract(shared(component)).run(expected_failures)


def shared(component: Component) -> Stage:
    """The promises of every kind."""
    cls = type(component)
    return {
        "name": lambda: _name(cls),
        "docstring": lambda: _docstring(cls),
        "fields documented": lambda: _fields(cls),
        "closed": lambda: _closed(cls),
        "dump and load": lambda: _equal(component, component.model_dump()),
        "json round trip": lambda: _equal(component, json.loads(component.model_dump_json())),
        "pickle": lambda: _pickles(component),
        "json schema": lambda: _schema(component),
    }


def _name(cls: type[Component]) -> str:
    field = cls.model_fields["type"]
    wanted = f'type: Literal["{field.default}"] = "{field.default}"'
    exact = get_origin(field.annotation) is Literal and get_args(field.annotation) == (field.default,)
    require(exact, f"it is not declared as {wanted}")
    return str(field.default)


def _docstring(cls: type[Component]) -> str:
    lines = cleandoc(vars(cls).get("__doc__") or "").splitlines()
    require(lines and lines[0].strip(), f"{cls.__name__} has none of its own")
    return lines[0]


def _fields(cls: type[Component]) -> str:
    bare = [name for name in cls.model_fields if name != "type" and name not in field_docs(cls)]
    require(not bare, f"nothing is said of {', '.join(bare)}: write a docstring below the field")
    return f"{len(cls.model_fields) - 1} fields"


def _closed(cls: type[Component]) -> str:
    changed = [name for name, value in Declaration.model_config.items() if cls.model_config.get(name) != value]
    require(not changed, f"its model_config changes {', '.join(changed)}: every table of a spec is frozen and strict")
    return ""


@dataclass(frozen=True)
class _Own:
    """A finder that knows what stands in one component: loading it back needs nothing else."""

    classes: Mapping[tuple[str, str], type[Component]]

    def find(self, kind: str, name: str) -> type[Component]:
        """The class that stands under this name in the component."""
        return self.classes[kind, name]

    def names(self, kind: str) -> list[str]:
        """The names that stand in the component."""
        return [name for of, name in self.classes if of == kind]

    def full_name(self, component: type[Component]) -> str:
        """The name under which the class stands in the component."""
        return next(name for (_, name), cls in self.classes.items() if cls is component)

    def owner(self, component: type[Component]) -> str | None:
        """Nobody: what it raises is to be seen as it is."""
        return None


def _components(value: object) -> Iterator[Component]:
    """The component and those in its fields."""
    if isinstance(value, Component):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _components(getattr(value, name))
    elif isinstance(value, Mapping | tuple | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _components(item)


def _equal(component: Component, dumped: Any) -> str:
    """Loaded through a slot, as a spec does it."""
    own = _Own({(part.kind, part.type): type(part) for part in _components(component)})
    adapter: TypeAdapter[Component] = TypeAdapter(Annotated[Component, Slot(component.kind)])
    try:
        loaded = adapter.validate_python(dumped, context={"registry": own})
    except ValidationError as error:
        raise Broken(f"it is refused: {refusal(error)}") from error
    require(loaded == component, f"{component!r} came back as {loaded!r}")
    return ""


def refusal(error: ValidationError) -> str:
    """What pydantic refuses, in one line."""
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


def _pickles(component: Component) -> str:
    loaded = pickle.loads(pickle.dumps(component))  # noqa: S301  # it was made one line above
    require(loaded == component, f"{component!r} came back as {loaded!r}")
    return ""


def _schema(component: Component) -> str:
    schema = type(component).model_json_schema()
    missing = type(component).model_fields.keys() - schema["properties"].keys()
    require(not missing, f"it leaves out {', '.join(sorted(missing))}")
    try:
        import jsonschema
    except ImportError:
        raise Unchecked("it can be made; jsonschema is not installed, which would say whether it is valid") from None
    bare = {**json.loads(component.model_dump_json()), "type": type(component).model_fields["type"].default}
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(bare)
    except (jsonschema.SchemaError, jsonschema.ValidationError) as error:
        raise Broken(error.message) from error
    return f"{len(schema['properties'])} properties"


def texts_in(value: object) -> Iterator[str]:
    """All texts in the fields that are not blank; what they mean is the component's own affair."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(item)
