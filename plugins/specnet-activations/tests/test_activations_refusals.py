from __future__ import annotations

import pytest
from activation_cases import CASES, IDS
from pydantic import ValidationError
from specnet_activations import specnet_components
from specnet_activations.piecewise import HardShrink, PenalizedTanh, SoftShrink
from specnet_activations.smooth import Squareplus

from specnet.api import Activation

CLASSES = [cls for cls in specnet_components() if issubclass(cls, Activation)]
NUMBERS = [(cls, name) for cls in CLASSES for name in cls.model_fields if name != "type"]


@pytest.mark.parametrize(("cls", "name"), NUMBERS)
@pytest.mark.parametrize("value", [-1.0, -1e-12, 1e13, float("inf"), float("nan"), "1", True])
def test_a_number_out_of_its_range_is_refused(cls: type[Activation], name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        cls.model_validate({"type": cls.model_fields["type"].default, name: value})


@pytest.mark.parametrize(("cls", "name"), NUMBERS)
def test_zero_is_refused_where_something_is_divided_by_it(cls: type[Activation], name: str) -> None:
    table = {"type": cls.model_fields["type"].default, name: 0.0}
    if cls in (HardShrink, SoftShrink, PenalizedTanh):
        cls.model_validate(table)
        return
    with pytest.raises(ValidationError, match="greater than or equal to"):
        cls.model_validate(table)


def test_nothing_of_a_negative_side_can_grow() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        PenalizedTanh(a=1.1)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Squareplus.model_validate({"type": "squareplus", "beta": 4.0})


# Completeness


def test_every_class_has_a_case_with_its_defaults() -> None:
    assert list(specnet_components()) == CLASSES
    for cls in CLASSES:
        assert any(type(case) is cls and not case.model_fields_set for case in CASES)
        fields = set(cls.model_fields) - {"type"}
        assert {name for case in CASES if type(case) is cls for name in case.model_fields_set} == fields
    assert len(set(IDS)) == len(CASES)


def test_the_classes_stand_in_the_order_of_their_names() -> None:
    assert [cls.__name__ for cls in CLASSES] == sorted(cls.__name__ for cls in CLASSES)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_says_its_formula_and_its_source(cls: type[Activation]) -> None:
    assert cls.__doc__
    assert "arXiv:" in cls.__doc__ or "torch.nn." in cls.__doc__
