from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import pytest
from pydantic import ConfigDict, Field, FieldSerializationInfo, field_serializer

from specnet.api import Activation, AnyActivation, Component
from specnet.builtins.activations import Relu
from specnet.builtins.layers.dense import Dense
from specnet.testing import check_component, failures, summary

if TYPE_CHECKING:
    from specnet.arrays import Array


class Sound(Activation):
    """y = x."""

    type: Literal["sound"] = "sound"
    rate: float = 0.5
    """How much of it."""

    def value(self, x: Array, xp: Any) -> Array:
        return x

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.ones_like(x)  # type: ignore[no-any-return]


class TwoNames(Sound):
    """y = x."""

    type: Literal["sound", "other"] = "sound"  # type: ignore[assignment]


class AnyName(Sound):
    """y = x."""

    type: str = "sound"  # type: ignore[assignment]


class Wordless(Sound):
    type: Literal["sound"] = "sound"


class BareField(Sound):
    """y = x."""

    beta: float = 1.0


class Open(Sound):
    """y = x."""

    model_config = ConfigDict(extra="allow", frozen=False)


class ShownOtherwise(Sound):
    """y = x."""

    @field_serializer("rate")
    def _shown(self, rate: float, info: FieldSerializationInfo) -> float:
        return rate + (info.mode == "python")


class TupleOnly(Sound):
    """y = x."""

    sizes: tuple[int, ...] = (1, 2)
    """A list of the file is refused where a tuple is wanted: it should say Many[int]."""


class BadSchema(Sound):
    """y = x."""

    beta: float = Field(default=1.0, json_schema_extra={"type": "a number"})
    """How sharp."""


class NarrowSchema(Sound):
    """y = x."""

    beta: float = Field(default=1.0, json_schema_extra={"maximum": 0})
    """How sharp."""


class Holding(Sound):
    """y = f(x)."""

    type: Literal["holding"] = "holding"  # type: ignore[assignment]
    inner: AnyActivation = Relu()
    """The f."""


def local() -> Component:
    class Local(Sound):
        """y = x."""

    return Local()


FAULTS: list[tuple[Component, set[str]]] = [
    (TwoNames(), {"name"}),
    (AnyName(), {"name"}),
    (Wordless(), {"docstring"}),
    (BareField(), {"fields documented"}),
    (Open(), {"closed"}),
    (ShownOtherwise(), {"dump and load"}),
    (TupleOnly(), {"json round trip"}),
    (local(), {"pickle"}),
    (BadSchema(), {"json schema"}),
    (NarrowSchema(), {"json schema"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(fault: Component, failed: set[str]) -> None:
    seen = failures(check_component(fault))
    assert {check.check for check in seen} == failed
    assert all(check.detail for check in seen)


def test_every_check_has_a_fault_that_it_alone_sees() -> None:
    checks = check_component(Sound())
    assert summary(checks) == "ran 9: 9 passed"
    assert {check.check for check in checks} == {name for _, failed in FAULTS for name in failed} | {
        "global random state"
    }


def test_details_say_what_would_do() -> None:
    def detail(component: Component) -> str:
        (broken,) = failures(check_component(component))
        return broken.detail

    assert detail(AnyName()) == 'it is not declared as type: Literal["sound"] = "sound"'
    assert detail(Wordless()) == "Wordless has none of its own"
    assert detail(BareField()) == "nothing is said of beta: write a docstring below the field"
    assert detail(Open()) == "its model_config changes frozen, extra: every table of a spec is frozen and strict"
    assert detail(TupleOnly()) == "it is refused: sizes: Input should be a valid tuple"
    assert detail(NarrowSchema()) == "1.0 is greater than the maximum of 0"


@pytest.mark.parametrize("inner", [Sound(), Relu(), Holding(), Holding(inner=Sound(rate=0.1))], ids=str)
def test_what_stands_in_a_slot_goes_to_a_file_and_back(inner: Activation) -> None:
    for holder in (Holding(inner=inner), Dense(units=3, activation=inner)):
        assert failures(check_component(holder)) == []


def test_a_component_under_its_full_name_goes_to_a_file_and_back() -> None:
    full = Sound().model_copy(update={"type": "acme.sound"})
    assert failures(check_component(Holding(inner=full).model_copy(update={"type": "acme.holding"}))) == []


def test_without_jsonschema_nothing_is_said_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    (schema,) = [check for check in check_component(BadSchema()) if check.check == "json schema"]
    assert schema.status == "skipped"
    assert schema.detail.endswith("jsonschema is not installed, which would say whether it is valid")
