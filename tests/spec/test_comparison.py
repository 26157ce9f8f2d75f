from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from specnet.spec import load_spec
from specnet.spec.comparison import differences

if TYPE_CHECKING:
    from specnet.registry import Registry


def dense(units: int, **fields: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, **fields}


def compared(registry: Registry, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    found = differences(load_spec(old, None, registry), load_spec(new, None, registry))
    return [(".".join(map(str, one.path)), one.change) for one in found]


# What is the same


def test_what_says_its_defaults_is_the_same(minimal: dict[str, Any], registry: Registry) -> None:
    said = load_spec(minimal, None, registry).model_dump(mode="json")
    assert compared(registry, minimal, said) == []
    assert (
        compared(registry, {**minimal, "layers": [dense(3, activation="linear")]}, {**minimal, "layers": [dense(3)]})
        == []
    )


# What differs


def test_values_of_sections(minimal: dict[str, Any], registry: Registry) -> None:
    other = deepcopy(minimal)
    other["training"]["epochs"] = 30
    other["scaling"] = {"inputs": "standardize"}
    other["requires"] = ["pydantic"]
    assert compared(registry, minimal, other) == [
        ("requires", "changed"),
        ("scaling.inputs", "changed"),
        ("training.epochs", "changed"),
        ("training.log_every", "changed"),
    ]


def test_a_component_of_another_type_is_one_difference(minimal: dict[str, Any], registry: Registry) -> None:
    csv = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["x", "y", "z"]}
    assert compared(registry, minimal, {**minimal, "dataset": csv}) == [("dataset", "changed")]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        # put in and taken out
        ([4, 5, 3], [4, 3], [("1", "removed")]),
        ([4, 3], [4, 5, 3], [("1", "added")]),
        ([4, 3], [8, 4, 3], [("0", "added")]),
        ([8, 4, 3], [4, 3], [("0", "removed")]),
        ([4, 4, 3], [4, 4, 4, 3], [("0", "added")]),  # of equal ones any may be the new one
        ([9, 4, 3], [4, 8, 3], [("0", "removed"), ("1", "added")]),
        # changed
        ([4, 3], [8, 3], [("0.units", "changed")]),
        ([4, 5, 3], [6, 7, 3], [("0.units", "changed"), ("1.units", "changed")]),
        # both
        ([4, 5, 3], [6, 3], [("0.units", "changed"), ("1", "removed")]),
        ([4, 3], [6, 7, 3], [("0.units", "changed"), ("1", "added")]),
    ],
)
def test_layers_are_aligned(
    minimal: dict[str, Any], registry: Registry, old: list[int], new: list[int], found: list[tuple[str, str]]
) -> None:
    specs = [{**minimal, "layers": list(map(dense, units))} for units in (old, new)]
    assert compared(registry, *specs) == [(f"layers.{path}", change) for path, change in found]


def test_layers_are_aligned_by_their_names(minimal: dict[str, Any], registry: Registry) -> None:
    old = {**minimal, "layers": [dense(4, name="a"), dense(5, name="b"), dense(3)]}
    new = {**minimal, "layers": [dense(7, name="x"), dense(8, name="b"), dense(3)]}
    assert compared(registry, old, new) == [
        ("layers.0.name", "changed"),
        ("layers.0.units", "changed"),
        ("layers.1.units", "changed"),
    ]
    new["layers"].pop(0)
    assert compared(registry, old, new) == [("layers.0", "removed"), ("layers.0.units", "changed")]


def test_a_change_deep_in_a_layer_has_its_whole_path(minimal: dict[str, Any], registry: Registry) -> None:
    old = {**minimal, "layers": [dense(4), dense(3)]}
    new = {**minimal, "layers": [dense(8), dense(4, weight_initializer="zeros"), dense(3)]}
    assert compared(registry, old, new) == [("layers.0.units", "changed"), ("layers.1", "added")]
    new["layers"][0] = dense(4)
    new["layers"][1] = dense(3, weight_initializer="zeros")
    new["layers"].pop()
    assert compared(registry, old, new) == [("layers.1.weight_initializer", "changed")]


def test_other_lists_of_tables_are_aligned_too(minimal: dict[str, Any], registry: Registry) -> None:
    held = [{"metric": "test.loss", "max": 1}, {"epochs": 20}]
    assert compared(registry, minimal, {**minimal, "expect": held}) == [("expect.0", "added"), ("expect.1", "added")]
    assert compared(registry, {**minimal, "expect": held}, {**minimal, "expect": held[1:]}) == [("expect.0", "removed")]


def test_there_and_back(minimal: dict[str, Any], full: dict[str, Any], registry: Registry) -> None:
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    there, back = compared(registry, minimal, full), compared(registry, full, minimal)
    assert sorted((path, opposite[change]) for path, change in there) == sorted(back)
