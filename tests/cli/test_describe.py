from __future__ import annotations

from typing import Any

import pytest

from specnet.cli import describe
from specnet.runs import Verdict
from specnet.spec.expectations import Expectation


@pytest.mark.parametrize(
    ("held", "value", "claim", "verdict"),
    [
        ({"metric": "test.loss", "max": 1e-3}, 0.5, "test.loss <= 0.001", "test.loss = 0.5 <= 0.001: FAILED"),
        (
            {"metric": "test.loss", "min": 0.0, "max": 1.0},
            0.5,
            "0 <= test.loss <= 1",
            "0 <= test.loss = 0.5 <= 1: passed",
        ),
        ({"parameters": 47}, 48, "parameters = 47", "parameters = 48, exactly 47: FAILED"),
        (
            {"parameters": {"max": 12345678}},
            12345679,
            "parameters <= 12345678",
            "parameters = 12345679 <= 12345678: FAILED",
        ),
        ({"epochs": {"min": 3}}, 3, "3 <= epochs", "3 <= epochs = 3: passed"),
        ({"output_shape": (3,)}, (3,), "output_shape = [3]", "output_shape = [3], exactly [3]: passed"),
    ],
)
def test_an_expectation_and_its_verdict_in_words(held: dict[str, Any], value: Any, claim: str, verdict: str) -> None:
    expectation = Expectation(**held)
    assert describe.expectation(expectation) == claim
    assert describe.verdict(Verdict(expectation, value)) == f"expect {verdict}"
