from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from specnet.errors import Finding

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
