from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import Field

from specnet.builtins.activations import Relu
from specnet.builtins.datasets.arithmetic import Arithmetic
from specnet.builtins.layers.dense import Dense
from specnet.component import AnyActivation, AnyLayer, Declaration, Many
from specnet.spec import Spec
from specnet.spec.cases import PredictCase
from specnet.spec.expectations import Bounds, Expectation
from specnet.spec.model import Training
from specnet.spec.places import Place, place_at
from specnet.spec.splitting import SplitSection

if TYPE_CHECKING:
    from specnet.errors import Path
    from specnet.registry import Registry

DATA: dict[str, Any] = {
    "dataset": "arithmetic",
    "layers": [{"type": "dense", "activation": {"type": "relu"}}, {"type": "dens"}, {}, 5],
    "metrics": ["norm_half_square_error"],
    "split": {"train": 0.5},
    "predict": [{"inputs": [[1, 2]]}],
    "expect": [{"parameters": {"max": 9}}],
}


def at(registry: Registry, *path: str | int) -> tuple[Place | None, Any]:
    return place_at(Spec, DATA, path, registry)


# No place


@pytest.mark.parametrize(
    "path",
    [
        ("sede",),
        ("sede", "deeper", 0),
        ("seed", "x"),
        ("seed", 0),
        ("training", "epoch"),
        ("layers", "units"),
        ("layers", 0, "unit"),
        ("layers", 0, "units", "x"),
        ("layers", 1, "units"),
        ("layers", 2, "units"),
        ("layers", 3, "units"),
        ("layers", 9, "units"),
        ("scaling", "inputs", "type"),
        ("dataset", "path"),
        ("predict", 0, 0),
        (0,),
    ],
)
def test_there_is_no_place_where_nothing_is_expected(registry: Registry, path: Path) -> None:
    place, _ = at(registry, *path)
    assert place is None


@pytest.mark.parametrize("value", ["relu", {"type": "relu"}])
def test_a_component_without_such_a_field_has_no_place_for_it(registry: Registry, value: object) -> None:
    assert Place.of(AnyActivation).inside("beta", value, registry) is None


# Places


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), DATA),
        (("seed",), None),
        (("dataset",), "arithmetic"),
        (("dataset", "samples"), None),
        (("layers",), DATA["layers"]),
        (("layers", 0), DATA["layers"][0]),
        (("layers", 0, "activation", "type"), "relu"),
        (("layers", 9), None),
        (("metrics", 0), "norm_half_square_error"),
        (("metrics", 0, "type"), None),
        (("split", "train"), 0.5),
        (("split", "test"), None),
        (("predict", 0, "inputs", 0, 1), 2),
        (("predict", 4, "inputs", 3, 1), None),
    ],
)
def test_a_place_comes_with_what_stands_there(registry: Registry, path: Path, value: object) -> None:
    place, data = at(registry, *path)
    assert place is not None
    assert data == value


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ((), Spec),
        (("split",), SplitSection),
        (("training",), Training),
        (("predict", 0), PredictCase),
        (("expect", 7), Expectation),
        (("expect", 0, "parameters"), Bounds),
        (("dataset",), Arithmetic),
        (("layers", 0), Dense),
        (("layers", 0, "activation"), Relu),
        (("layers", 1), None),
        (("layers", 2), None),
        (("layers", 3), None),
        (("scaling", "inputs"), None),
        (("layers",), None),
        (("seed",), None),
        (("layers", 0, "name"), None),
    ],
)
def test_a_place_knows_the_class_that_a_table_becomes(
    registry: Registry, path: Path, table: type[Declaration] | None
) -> None:
    place, data = at(registry, *path)
    assert place is not None
    assert place.table(data, registry) is table


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("dataset",), "dataset"),
        (("scaling", "targets"), "scaler"),
        (("layers", 3), "layer"),
        (("layers", 0, "activation"), "activation"),
        (("layers", 0, "bias_initializer"), "initializer"),
        (("engine",), "engine"),
        (("metrics", 0), "metric"),
        (("layers",), None),
        (("split",), None),
        (("name",), None),
    ],
)
def test_a_place_knows_its_slot(registry: Registry, path: Path, kind: str | None) -> None:
    place, _ = at(registry, *path)
    assert place is not None
    assert (None if place.slot is None else place.slot.kind) == kind


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("name",), True),
        (("requires", 0), True),
        (("layers", 0, "name"), True),
        (("layers", 0, "inputs", 0), True),
        (("expect", 0, "metric"), True),
        (("layers", 0, "inputs"), False),
        (("layers", 0, "activation"), False),
        (("rng",), False),
        (("seed",), False),
        (("training", "batch_size"), False),
        (("expect", 0, "max"), False),
    ],
)
def test_a_place_knows_whether_any_text_may_stand_there(registry: Registry, path: Path, text: bool) -> None:
    place, _ = at(registry, *path)
    assert place is not None
    assert place.is_text is text


# Annotations


@pytest.mark.parametrize(
    ("annotation", "alternatives"),
    [
        (int, ((int, ()),)),
        (int | None, ((int, ()), (type(None), ()))),
        (int | Literal["full"], ((int, ()), (Literal["full"], ()))),
        (Annotated[str, "a"], ((str, ("a",)),)),
        (Annotated[Annotated[str, "a"], "b"], ((str, ("a", "b")),)),
        (Annotated[str | int, "a"], ((str, ("a",)), (int, ("a",)))),
        (Annotated[str, "a"] | None, ((str, ("a",)), (type(None), ()))),
    ],
)
def test_unions_and_annotations_are_taken_apart(annotation: Any, alternatives: object) -> None:
    assert Place.of(annotation) == Place(alternatives)  # type: ignore[arg-type]


def test_components_may_stand_inside_components_and_lists_inside_lists(registry: Registry) -> None:
    class Wrapper(Declaration):
        inner: Many[Many[AnyLayer]] | None = Field(default=None, min_length=1)

    data = {"inner": [[{"type": "dense"}]]}
    place, value = place_at(Wrapper, data, ("inner", 0, 0, "activation"), registry)
    assert (place, value) == (Place.of(AnyActivation), None)
