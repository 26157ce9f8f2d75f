from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import pytest
from pydantic import Field, create_model, model_validator

from specnet.api import Activation, AnyActivation, AnyInitializer, Component, Many, hookimpl
from specnet.builtins.activations import Linear
from specnet.builtins.datasets.csv import Csv
from specnet.builtins.layers.dense import Dense
from specnet.builtins.optimizers import GradientDescent
from specnet.registry import Plugin, Registry
from specnet.testing.checks import Broken, Unchecked
from specnet.testing.examples import example

if TYPE_CHECKING:
    from specnet.arrays import Array

SPECNET_API = 1


class Bare(Activation):
    """y = x."""

    type: Literal["bare"] = "bare"

    def value(self, x: Array, xp: Any) -> Array:
        return x

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.ones_like(x)  # type: ignore[no-any-return]


class OddOnly(Bare):
    """y = x, for an odd number."""

    type: Literal["odd"] = "odd"  # type: ignore[assignment]
    number: int = Field(gt=3)

    @model_validator(mode="after")
    def _odd(self) -> Self:
        if self.number % 2 == 0:
            raise ValueError("it is even")
        return self


class Contradicts(Bare):
    """y = x."""

    type: Literal["contradicts"] = "contradicts"  # type: ignore[assignment]
    rate: float = Field(gt=1, examples=[0.5])


@hookimpl
def specnet_components() -> list[type[Component]]:
    return [Bare, OddOnly, Contradicts]


OWN = Plugin("own", "specnet-own", "1.0", EntryPoint("own", __name__, "specnet"))


@pytest.fixture
def registry() -> Registry:
    registry = Registry([replace(OWN)])
    registry.plugins()
    return registry


def given(registry: Registry, annotation: Any, **field: Any) -> Any:
    """What a field of that type becomes in an example of its class."""
    cls = create_model("Made", __base__=Bare, x=(annotation, Field(**field)))
    (own,) = registry.plugins()
    own.components["activation", "bare"] = cls
    return example(cls, registry).model_dump()["x"]


# What there is no example for


def test_a_text_could_mean_anything(registry: Registry) -> None:
    with pytest.raises(
        Unchecked, match=r"^no example for the field 'path': write Field\(examples=\[...\]\) or give one"
    ):
        example(Csv, registry)


def test_a_guess_that_is_refused_is_no_failure(registry: Registry) -> None:
    with pytest.raises(
        Unchecked, match=r"^no example for number: what its type admits is refused \(.*it is even\); write"
    ):
        example(OddOnly, registry)


def test_an_example_of_its_own_that_is_refused_is_a_failure(registry: Registry) -> None:
    with pytest.raises(
        Broken, match=r"^its own defaults and examples are refused: rate: Input should be greater than 1$"
    ):
        example(Contradicts, registry)


# What there is


def test_defaults_are_enough(registry: Registry) -> None:
    assert example(Linear, registry) == Linear()
    assert example(Bare, registry) == Bare().model_copy(update={"type": "own.bare"})


def test_the_built_ins_with_fields_that_are_required(registry: Registry) -> None:
    assert example(Dense, registry) == Dense(units=3)
    assert example(GradientDescent, registry) == GradientDescent(learning_rate=0.5)


@pytest.mark.parametrize(
    ("annotation", "field", "wanted"),
    [
        (int, {}, 3),
        (int, {"gt": 0}, 3),
        (int, {"ge": 8}, 8),
        (int, {"gt": 8}, 9),
        (int, {"le": 2}, 2),
        (int, {"lt": 2}, 1),
        (int, {"multiple_of": 4}, 4),
        (int, {"examples": [7, 9]}, 7),
        (float, {}, 0.5),
        (float, {"ge": 0, "lt": 1}, 0.5),
        (float, {"gt": 0, "le": 0.1}, 0.05),
        (float, {"gt": 2, "lt": 3}, 2.5),
        (float, {"ge": 1}, 1.5),
        (float, {"lt": 0}, -0.5),
        (bool, {}, True),
        (Literal["same", "valid"], {}, "same"),
        (Annotated[int, Field(ge=5)], {}, 5),
        (int | None, {}, None),
        (Many[int], {}, (3,)),
        (Many[Annotated[int, Field(ge=5)]], {}, (5,)),
        (str, {"examples": ["rows.csv"]}, "rows.csv"),
    ],
)
def test_a_field_takes_what_it_admits(registry: Registry, annotation: Any, field: dict[str, Any], wanted: Any) -> None:
    assert given(registry, annotation, **field) == wanted


def test_a_slot_takes_the_first_built_in(registry: Registry) -> None:
    assert given(registry, AnyActivation)["type"] == registry.names("activation")[0]
    assert given(registry, AnyInitializer)["type"] == registry.names("initializer")[0]
    assert given(registry, AnyActivation, examples=["relu"])["type"] == "relu"
