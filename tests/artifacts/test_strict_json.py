from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.artifacts.strict_json import finite_or_reason, from_json, to_json
from specnet.component import Undefined


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NaN", "NaN is not a number in JSON"),
        ('{"lr": Infinity}', "Infinity is not a number in JSON"),
        ('{"lr": -Infinity}', "-Infinity is not a number in JSON"),
        ('{"lr": 1e999}', "1e999 is too large for a number"),
        ("-1e999", "-1e999 is too large for a number"),
        ('{"a": 1, "b": {"c": 1, "c": 1}}', "the key 'c' is there twice"),
        ("[" * 100_000, "it is nested too deeply"),
        ("9" * 5000, "Exceeds the limit"),
        ("", "Expecting value: line 1 column 1"),
        ("{} {}", "Extra data: line 1 column 4"),
        ("\ufeff{}", "Unexpected UTF-8 BOM"),
        (b"\xff", "can't decode byte 0xff"),
        ("{'a': 1}", "Expecting property name"),
    ],
)
def test_p59_what_is_no_strict_json_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_json(text)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_p59_a_float_that_is_not_finite_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        to_json({"loss": value})


def test_p59_nan_and_both_infinities_stay_distinct() -> None:
    losses = [finite_or_reason(value) for value in (math.nan, math.inf, -math.inf, 0.5)]
    assert from_json(to_json(losses)) == [
        {"value": None, "reason": "nan"},
        {"value": None, "reason": "inf"},
        {"value": None, "reason": "-inf"},
        0.5,
    ]


@pytest.mark.parametrize("value", [np.float32(0.1), np.float64(0.1), np.float32("nan")])
def test_p59_numpys_floats_are_plain_ones_after_it(value: float) -> None:
    said = finite_or_reason(value)
    assert said == {"value": None, "reason": "nan"} or (type(said) is float and said == value)
    to_json(said)


def test_one_value_has_one_text() -> None:
    text = b'{\n  "a": [\n    1,\n    "\\u00e9"\n  ],\n  "b": 0.1\n}\n'
    assert to_json({"b": 0.1, "a": [1, "é"]}) == to_json({"a": [1, "é"], "b": 0.1}) == text


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@settings(derandomize=True, deadline=None)
@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10))
def test_every_value_comes_back_and_other_readers_agree(value: object) -> None:
    content = to_json(value)
    assert from_json(content) == json.loads(content) == value
    assert to_json(from_json(content)) == content


def test_p16_what_is_undefined_is_null_with_its_reason() -> None:
    said = finite_or_reason(Undefined("it needs at least 2 rows"))
    assert from_json(to_json(said)) == {"value": None, "reason": "it needs at least 2 rows"}
