from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import Field, Strict, ValidationError, field_validator

from specnet.component import Declaration, Many
from specnet.errors import Finding
from specnet.spec.diagnostics import findings_of, named

if TYPE_CHECKING:
    from specnet.errors import Path
    from specnet.registry import Registry

Findings = Callable[..., tuple[Finding, ...]]
Refused = Callable[[dict[str, Any]], Finding]

# Values stand in the message as the file writes them


@pytest.mark.parametrize(
    ("toml", "shown"),
    [
        ("true", "true"),
        ("false", "false"),
        ('"4"', "'4'"),
        ("4.0", "4.0"),
        ("{}", "a table"),
        ("[1, 2]", "[1, 2]"),
        ("2020-01-31", "2020-01-31"),
        ("07:32:00", "07:32:00"),
        ("1979-05-27T07:32:00Z", "1979-05-27T07:32:00+00:00"),
        (f'"{"x" * 99}"', "'" + "x" * 56 + "..."),
    ],
)
def test_a_value_is_shown_as_the_file_writes_it(
    minimal: dict[str, Any], findings: Findings, toml: str, shown: str
) -> None:
    (finding,) = findings(minimal, {"training.epochs": toml})
    assert finding.message == f"'epochs' must be an integer, not {shown}"


def test_a_null_of_json_is_nothing(refused: Refused) -> None:
    assert refused({"training.epochs": None}).message == "'epochs' must be an integer, not nothing"


# One fault, one finding: models of our own


class Inner(Declaration):
    """What stands inside."""

    width: int = 1
    height: int = 1


class Model(Declaration):
    """One field for each kind of fault."""

    needed: int
    also_needed: int = 0
    numbers: Many[int] = Field(default=(), min_length=2)
    inner: Inner = Inner()
    either: Literal["red", "green"] = "red"
    short: Annotated[str, Field(max_length=3, min_length=1)] = "a"
    word: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    even: Annotated[int, Field(multiple_of=2)] = 2
    maybe: Annotated[float, Field(ge=0, le=1)] | None = None
    day: date = date(2025, 1, 1)
    listed: list[int] = Field(default=[])
    table: dict[str, int] = Field(default={})
    lenient: Annotated[int, Strict(False)] = 0
    derived: int = Field(default_factory=lambda validated: int(validated.get("needed", 0)))

    @field_validator("also_needed")
    @classmethod
    def _not_thirteen(cls, value: int) -> int:
        if value == 13:
            raise ValueError("13 brings bad luck")
        return value


def found(registry: Registry, **data: Any) -> list[Finding]:
    with pytest.raises(ValidationError) as error:
        Model.model_validate(data)
    return findings_of(error.value, Model, data, registry)


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        ({"needed": "1"}, Finding("SN104", "'needed' must be an integer, not '1'", ("needed",))),
        ({"needed": 1, "numbers": [1]}, Finding("SN108", "'numbers' needs at least 2 of them", ("numbers",))),
        ({"needed": 1, "numbers": ["1", 2]}, Finding("SN104", "item 0 must be an integer, not '1'", ("numbers", 0))),
        ({"needed": 1, "inner": 1}, Finding("SN104", "'inner' must be a table, not 1", ("inner",))),
        (
            {"needed": 1, "either": "gren"},
            Finding("SN107", "'either' must be 'red' or 'green', not 'gren'", ("either",), "did you mean 'green'?"),
        ),
        (
            {"needed": 1, "short": "abcd"},
            Finding("SN108", "'short' must have at most 3 characters, not 'abcd'", ("short",)),
        ),
        (
            {"needed": 1, "short": ""},
            Finding("SN108", "'short': String should have at least 1 character, not ''", ("short",)),
        ),
        ({"needed": 1, "word": "A"}, Finding("SN108", "'word' must match ^[a-z]+$, not 'A'", ("word",))),
        ({"needed": 1, "even": 3}, Finding("SN108", "'even': Input should be a multiple of 2, not 3", ("even",))),
        ({"needed": 1, "also_needed": 13}, Finding("SN108", "13 brings bad luck", ("also_needed",))),
        ({"needed": 1, "maybe": 1.5}, Finding("SN105", "'maybe' must be at most 1.0, not 1.5", ("maybe",))),
        ({"needed": 1, "maybe": -1}, Finding("SN105", "'maybe' must be at least 0.0, not -1", ("maybe",))),
        (
            {"needed": 1, "maybe": float("nan")},
            Finding("SN106", "'maybe' must be a finite number, not nan", ("maybe",)),
        ),
        ({"needed": 1, "day": 5}, Finding("SN104", "'day' must be a date, not 5", ("day",))),
        ({"needed": 1, "listed": "1"}, Finding("SN104", "'listed' must be a list, not '1'", ("listed",))),
        ({"needed": 1, "table": [1]}, Finding("SN104", "'table' must be a table, not [1]", ("table",))),
        ({"needed": 1, "lenient": 2.5}, Finding("SN104", "'lenient' must be an integer, not 2.5", ("lenient",))),
        ({}, Finding("SN103", "missing key 'needed'", ("needed",))),
        ({"neded": 1}, Finding("SN102", "unknown key 'neded'", ("neded",), "did you mean 'needed'?")),
    ],
)
def test_one_fault_is_one_finding(registry: Registry, data: dict[str, Any], finding: Finding) -> None:
    assert found(registry, **data) == [finding]


def test_a_list_that_is_too_short_is_counted_with_its_wrong_items(registry: Registry) -> None:
    assert [finding.path for finding in found(registry, needed=1, numbers=[1, "2"])] == [("numbers", 1)]
    assert {finding.path for finding in found(registry, needed=1, numbers=["2"])} == {("numbers", 0), ("numbers",)}


def test_two_independent_faults_are_two_findings(registry: Registry) -> None:
    pairs = found(registry, needed="1", inner={"width": "1", "higth": 2})
    assert [(finding.code, finding.path) for finding in pairs] == [
        ("SN104", ("needed",)),
        ("SN104", ("inner", "width")),
        ("SN102", ("inner", "higth")),
    ]
    assert pairs[2].help == "did you mean 'height'?"


def test_a_missing_key_is_folded_only_with_a_key_of_its_own_table(registry: Registry) -> None:
    pairs = found(registry, inner={"needed": 1})
    assert [(finding.code, finding.path) for finding in pairs] == [
        ("SN103", ("needed",)),
        ("SN102", ("inner", "needed")),
    ]


def test_a_key_that_may_still_stand_there_is_suggested_before_one_that_does(registry: Registry) -> None:
    (finding,) = found(registry, needed=1, neede=2)
    assert finding.help == "did you mean 'also_needed'?"
    (finding,) = found(registry, needed=1, inner={"width": 1, "height": 1, "widht": 1})
    assert finding.help == "did you mean 'width'?"


def test_another_text_than_a_name_is_no_suggestion(registry: Registry) -> None:
    (finding,) = found(registry, needed=1, either=["gren"])
    assert (finding.code, finding.help) == ("SN107", None)


@pytest.mark.parametrize(
    ("path", "name"), [((), "the spec"), (("units",), "'units'"), (("layers", 0), "item 0"), (("a", 1, "b"), "'b'")]
)
def test_what_a_place_is_called(path: Path, name: str) -> None:
    assert named(path) == name
