from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from specnet.errors import Finding
from specnet.spec import lint, load_spec

if TYPE_CHECKING:
    from specnet.registry import Registry

Findings = Callable[..., tuple[Finding, ...]]
Refused = Callable[[dict[str, Any]], Finding]

# SN409: metrics that there are not


@pytest.mark.parametrize(
    ("metric", "help"),
    [
        ("test.los", "did you mean 'test.loss'?"),
        ("loss", "did you mean 'test.loss'?"),
        ("Test.Loss", "did you mean 'test.loss'?"),
        ("accuracy", "known: train.loss, test.loss"),
        ("", "known: train.loss, test.loss"),
    ],
)
def test_an_unknown_metric(refused: Refused, metric: str, help: str) -> None:
    finding = refused({"expect": [{"metric": "test.loss", "max": 1}, {"metric": metric, "max": 1}]})
    assert (finding.code, finding.dotted) == ("SN409", "expect.1.metric")
    assert (finding.message, finding.help) == (f"no metric of this spec is called {metric!r}", help)


def test_there_is_no_test_metric_without_test_rows(refused: Refused) -> None:
    change = {"split": {"train": 1.0, "test": 0.0}, "expect": [{"metric": "test.loss", "max": 1}]}
    finding = refused(change)
    assert (finding.code, finding.help) == ("SN409", "did you mean 'train.loss'?")


# SN420: what no training can meet; the minimal spec has 27 parameters, 3 targets and 20 epochs


@pytest.mark.parametrize(
    ("held", "path", "message"),
    [
        ({"parameters": 28}, "parameters", "the net has 27 parameters, and 28 are expected"),
        ({"parameters": {"min": 28}}, "parameters", "the net has 27 parameters, and at least 28 are expected"),
        ({"parameters": {"max": 26}}, "parameters", "the net has 27 parameters, and at most 26 are expected"),
        ({"parameters": {"min": 1, "max": 9}}, "parameters", "the net has 27 parameters, and from 1 to 9 are expected"),
        ({"output_shape": [4]}, "output_shape", "the net gives [3] for one row, and [4] is expected"),
        ({"output_shape": [3, 1]}, "output_shape", "the net gives [3] for one row, and [3, 1] is expected"),
        ({"output_shape": []}, "output_shape", "the net gives [3] for one row, and [] is expected"),
        ({"epochs": 21}, "epochs", "training ends after 20 epochs, and 21 are expected"),
        ({"epochs": {"min": 21}}, "epochs", "training ends after 20 epochs, and at least 21 are expected"),
    ],
)
def test_an_expectation_that_fails_before_training(
    refused: Refused, held: dict[str, Any], path: str, message: str
) -> None:
    finding = refused({"expect": [{"metric": "test.loss", "max": 1}, held]})
    assert (finding.code, finding.dotted, finding.message) == ("SN420", f"expect.1.{path}", message)


def test_a_broken_net_is_one_fault_and_its_size_is_not_asked_for(minimal: dict[str, Any], findings: Findings) -> None:
    minimal["layers"][1]["units"] = 4
    held = [{"parameters": 1}, {"output_shape": [9]}, {"epochs": 21}]
    assert [finding.code for finding in findings({**minimal, "expect": held})] == ["SN406", "SN420"]


def test_an_expectation_that_an_override_breaks_is_placed_there(minimal: dict[str, Any], findings: Findings) -> None:
    (finding,) = findings({**minimal, "expect": [{"parameters": 27}]}, {"layers.0.units": "5"})
    assert (finding.code, finding.file, finding.dotted) == ("SN420", "--set", "expect.0.parameters")


# What can be met


@pytest.mark.parametrize(
    "held",
    [
        {"parameters": 27},
        {"parameters": {"min": 27, "max": 27}},
        {"output_shape": [3]},
        {"epochs": 20},
        {"epochs": {"min": 20}},
        {"epochs": 5},  # an engine may stop early
        {"epochs": {"max": 5}},
    ],
)
def test_an_expectation_that_can_be_met(minimal: dict[str, Any], registry: Registry, held: dict[str, Any]) -> None:
    spec = load_spec({**minimal, "expect": [held]}, None, registry)
    assert lint(spec) == []
    assert load_spec(spec.model_dump(mode="json"), None, registry) == spec


def test_without_a_plan_only_the_spec_is_asked(minimal: dict[str, Any], findings: Findings) -> None:
    minimal["layers"][0]["units"] = 0
    minimal["expect"] = [{"parameters": 28}, {"epochs": 21}]
    assert [finding.dotted for finding in findings(minimal)] == ["layers.0.units", "expect.1.epochs"]


@pytest.mark.parametrize(
    ("assignment", "value"), [({"expect.0.parameters": "27"}, 27), ({"expect.0.parameters.max": "30"}, None)]
)
def test_an_expectation_can_be_set(
    minimal: dict[str, Any], registry: Registry, assignment: dict[str, str], value: int | None
) -> None:
    minimal["expect"] = [{"parameters": {"min": 1}}]
    assert load_spec(minimal, assignment, registry).expect[0].equals == value
