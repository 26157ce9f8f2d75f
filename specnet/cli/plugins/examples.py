"""A component as a spec would write it, and the form of an activation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import TypeAdapter, ValidationError

from specnet.cli.curves import columns, has_braille, plot
from specnet.component import Activation, Component, Slot
from specnet.spec.places import Place
from specnet.spec.toml_text import write_toml
from specnet.testing.checks import Broken, Unchecked
from specnet.testing.examples import example

if TYPE_CHECKING:
    from specnet.registry import Registry

ENDS = (-5.0, 5.0)
"""What of x is drawn."""


def example_text(registry: Registry, cls: type[Component]) -> str:
    """TOML with what must be said and no more, in the place of a spec where such a component stands; or a command."""
    try:
        given = _example(registry, cls).model_dump(mode="json", exclude_unset=True)
    except (Broken, Unchecked) as why:
        return str(why)
    if not cls.in_specs:
        return f"specnet export RUN --to {registry.full_name(cls)}"
    return write_toml(_placed(cls.kind, _short(given))).rstrip("\n")


def _example(registry: Registry, cls: type[Component]) -> Component:
    """That of the kit, or else one in which texts that only the author could know are the names of their fields."""
    try:
        return example(cls, registry)
    except Unchecked:
        required = {name: field for name, field in cls.model_fields.items() if field.is_required()}
        places = {name: Place.of(field.annotation, tuple(field.metadata)) for name, field in required.items()}
        given = {name: field.examples[0] for name, field in cls.model_fields.items() if field.examples}
        named = {name: name if place.is_text else [name] for name, place in places.items()} | given
        adapter: TypeAdapter[Component] = TypeAdapter(Annotated[Component, Slot(cls.kind)])
        try:
            return adapter.validate_python({"type": registry.full_name(cls), **named}, context={"registry": registry})
        except ValidationError:
            pass
        raise


def _short(value: Any) -> Any:
    """A table that has only a `type` is its name alone."""
    if not isinstance(value, dict):
        return value
    return value["type"] if set(value) == {"type"} else {key: _short(item) for key, item in value.items()}


def _placed(kind: str, component: Any) -> dict[str, Any]:
    dense = {"type": "dense", "units": 4}
    match kind:
        case "activation":
            return {"layers": [{**dense, "activation": component}]}
        case "column":
            table = {"type": "csv", "path": "rows.csv", "inputs": ["a"], "targets": ["y"]}
            return {"dataset": {**table, "columns": [component]}}
        case "initializer":
            return {"layers": [{**dense, "weight_initializer": component}]}
        case "layer":
            return {"layers": [component if isinstance(component, dict) else {"type": component}]}
        case "metric":
            return {"metrics": [component]}
        case "scaler":
            return {"scaling": {"inputs": component, "targets": component}}
        case "schedule":
            return {"optimizer": {"type": "gradient_descent", "learning_rate": component}}
        case _:
            return {kind: component}


def portrait(registry: Registry, cls: type[Component]) -> str | None:
    """The bounds of an activation, and its value and its slope as curves; None for other kinds."""
    try:
        activation = example(cls, registry) if issubclass(cls, Activation) else None
    except (Broken, Unchecked):
        return None
    if not isinstance(activation, Activation):
        return None
    try:
        low, high = activation.bounds()
        value, slope = _sampled(activation)
    except Exception as error:  # a plugin's formulas may do anything
        return f"it cannot be drawn: {type(error).__name__}: {error}"
    bounds = f"bounds  {_bound(low)} to {_bound(high)}"
    drawing = plot(value, slope, ENDS, has_braille())
    return f"{bounds}\n\nvalue (solid) and slope (dotted)\n{drawing}"


def _bound(value: float) -> str:
    return f"{'-' * (value < 0)}infinity" if math.isinf(value) else f"{value:.6g}"


def _sampled(activation: Activation) -> tuple[list[float], list[float]]:
    import numpy as np

    x = np.linspace(*ENDS, columns(has_braille()))[:, None]
    with np.errstate(all="ignore"):
        y = activation.value(x.copy(), np)
        slope = activation.slope(x, y, np)
    drawn = [np.broadcast_to(values, x.shape)[:, 0].tolist() for values in (y, slope)]
    return drawn[0], drawn[1]
