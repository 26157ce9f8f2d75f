from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.spec.toml_text import write_toml

VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def typed(value: Any) -> Any:
    """The value with its types: 1, 1.0 and True are equal in Python, and 0.0 is -0.0."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    return list(map(typed, value)) if isinstance(value, list) else (type(value), repr(value))


# What TOML cannot say


@pytest.mark.parametrize("value", [None, [1, None], {"b": None}, [{"b": [None]}]])
def test_nothing_cannot_be_said(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^TOML cannot say None$"):
        write_toml({"a": value})


@pytest.mark.parametrize("data", [{"a": "x\ud800"}, {"a\udfff": 1}, {"t": {"a": {"\udbff": 1}}}])
def test_half_of_a_surrogate_pair_cannot_be_said(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^TOML cannot say '\\ud[8b-f][0f]{2}', half of a surrogate pair$"):
        write_toml(data)


# What is read back


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_is_written_is_read_back(data: dict[str, Any]) -> None:
    assert typed(tomllib.loads(write_toml(data))) == typed(data)


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(st.text(), VALUES, max_size=5), st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
def test_a_remark_changes_nothing(data: dict[str, Any], remark: str) -> None:
    assert typed(tomllib.loads(write_toml(data, lambda path: remark))) == typed(data)


@pytest.mark.parametrize(
    "value",
    [
        *(0.1, -0.0, 5e-324, 1.7976931348623157e308, 1e22, 1e16, 1e-5, float("inf"), 2**70, True),
        *("", "\x00\x1f\x7f\x85\u2028\ufeff", "\r\n", '"""', "'''", "\\", "\U0001f600\U000e0001", "# no comment"),
        *([], {}, [[]], [{}], [{}, {}], {"a": {}}, {"a": []}, {"a": {"b": {}}}, [[{}], {"x": [{}]}], [{"a": [{}]}, {}]),
    ],
)
def test_the_corners(value: Any) -> None:
    for data in ({"k": value}, {"k": {"inner": value}}, {"k": [{"inner": value}]}, {"k": {"a": {"b.c": value}}}):
        assert typed(tomllib.loads(write_toml(data))) == typed(data)


# How it looks


def test_the_layout() -> None:
    data = {
        "dataset": {"type": "csv", "inner": {"type": "x", "deep": {"a": 1.0}}},
        "name": "a b",
        "layers": [{"type": "dense", "activation": {"type": "relu"}, "branches": [{"units": 1}, {}]}, {}],
        "empty": {},
        "none": [],
        "a.b": 1,
    }
    assert write_toml(data, lambda path: ".".join(map(str, path)) if "type" in path else "") == (
        'name = "a b"\n'
        "none = []\n"
        '"a.b" = 1\n'
        "\n"
        "[dataset]\n"
        'type = "csv"  # dataset.type\n'
        'inner.type = "x"  # dataset.inner.type\n'
        "inner.deep.a = 1.0\n"
        "\n"
        "[[layers]]\n"
        'type = "dense"  # layers.0.type\n'
        'activation.type = "relu"  # layers.0.activation.type\n'
        "branches = [{ units = 1 }, {}]\n"
        "\n"
        "[[layers]]\n"
        "\n"
        "[empty]\n"
    )


def test_nothing_that_steers_a_terminal_is_written() -> None:
    text = write_toml({"k\x1b[31m": "\x9b1m\u202e\x07"})
    assert all(character.isprintable() for character in text.rstrip("\n"))
