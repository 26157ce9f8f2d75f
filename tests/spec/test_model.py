from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from specnet.errors import Finding

Findings = Callable[..., tuple[Finding, ...]]
Refused = Callable[[dict[str, Any]], Finding]

SLOTS = [
    ("dataset", "dataset", "arithmetic, csv"),
    ("scaling.inputs", "scaler", "standardize"),
    ("scaling.targets", "scaler", "standardize"),
    ("layers.0", "layer", "dense"),
    ("layers.1.activation", "activation", "linear, relu"),
    ("layers.1.weight_initializer", "initializer", "he_normal, zeros"),
    ("layers.1.bias_initializer", "initializer", "he_normal, zeros"),
    ("loss", "loss", "mse"),
    ("optimizer", "optimizer", "gradient_descent"),
    ("metrics", "metric", "norm_half_square_error"),
    ("engine", "engine", "numpy"),
]
slots = pytest.mark.parametrize(("path", "kind", "known"), SLOTS, ids=[path for path, _, _ in SLOTS])


def in_slot(path: str, value: object) -> tuple[str, dict[str, Any]]:
    """Where the value stands, and the change that puts it there."""
    return (f"{path}.0", {path: [value]}) if path == "metrics" else (path, {path: value})


# Slots: refusals


@slots
@pytest.mark.parametrize(("value", "shown"), [(1, "1"), (True, "true"), ([], "[]"), (2.5, "2.5")])
def test_a_component_is_a_name_or_a_table(
    refused: Refused, path: str, kind: str, known: str, value: object, shown: str
) -> None:
    at, change = in_slot(path, value)
    finding = refused(change)
    assert (finding.code, finding.dotted, finding.help) == ("SN201", at, None)
    assert finding.message == f"{kind} must be a name or a table with a 'type', not {shown}"


@slots
def test_a_table_without_a_type(refused: Refused, path: str, kind: str, known: str) -> None:
    at, change = in_slot(path, {})
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN202", at)
    assert (finding.message, finding.help) == (f"{kind} has no 'type'", f"known: {known}")


@slots
@pytest.mark.parametrize(("value", "shown"), [(1, "1"), (True, "true"), (None, "nothing"), ({}, "a table")])
def test_a_type_is_text(refused: Refused, path: str, kind: str, known: str, value: object, shown: str) -> None:
    at, change = in_slot(path, {"type": value})
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN202", f"{at}.type")
    assert (finding.message, finding.help) == (f"'type' must be text, not {shown}", f"known: {known}")


@slots
@pytest.mark.parametrize("key", ["tpye", "typ", "typee", "Type"])
def test_a_misspelt_type_is_an_unknown_key(refused: Refused, path: str, kind: str, known: str, key: str) -> None:
    at, change = in_slot(path, {key: "dense"})
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN102", f"{at}.{key}")
    assert (finding.message, finding.help) == (f"unknown key '{key}'", "did you mean 'type'?")


# Sections: refusals


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2, "2"), (0, "0"), (True, "true"), (1.0, "1.0"), ("1", "'1'"), (None, "nothing"), ([1], "[1]")],
)
def test_the_format_is_the_integer_1(refused: Refused, value: object, shown: str) -> None:
    finding = refused({"format": value})
    assert (finding.code, finding.dotted) == ("SN107", "format")
    assert (finding.message, finding.help) == (f"'format' must be 1, not {shown}", None)
