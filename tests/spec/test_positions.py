from __future__ import annotations

import json
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.errors import Finding
from specnet.spec import read_document
from specnet.spec.document import walk
from specnet.spec.json_positions import json_spans
from specnet.spec.positions import Positions, Span
from specnet.spec.toml_positions import toml_spans

SPECS = Path(__file__).parents[2] / "specs"


def locate(text: str, format: str, *findings: Finding) -> list[tuple[int | None, ...]]:
    spans = toml_spans(text) if format == "toml" else json_spans(text)[0]
    return [(f.line, f.column, f.end_line, f.end_column) for f in Positions(text, spans).locate(findings)]


# What a finding points at

TOML = """\
# a comment
format = 1\t# "not a key" = [
[dataset]
type = "arithmetic"

[[layers]]
  units = 3
[[layers]]
activation = { type = "relu", "odd key" = 1 }
a.b."c d" = 'x'
"""


@pytest.mark.parametrize(
    ("code", "path", "place"),
    [
        ("SN104", ("format",), (2, 10, 2, 11)),
        ("SN102", ("format",), (2, 1, 2, 7)),
        ("SN103", ("loss",), (1, 1, 1, 1)),
        ("SN103", ("dataset", "path"), (3, 1, 3, 10)),
        ("SN203", ("dataset", "type"), (4, 8, 4, 20)),
        ("SN202", ("layers", 0), (6, 1, 6, 11)),
        ("SN401", ("layers", 1), (8, 1, 8, 11)),
        ("SN108", ("layers",), (6, 1, 6, 11)),
        ("SN104", ("layers", 0, "units"), (7, 11, 7, 12)),
        ("SN102", ("layers", 0, "units"), (7, 3, 7, 8)),
        ("SN102", ("layers", 1, "activation", "odd key"), (9, 31, 9, 40)),
        ("SN103", ("layers", 1, "activation", "slope"), (9, 14, 9, 46)),
        ("SN104", ("layers", 1, "a", "b", "c d"), (10, 13, 10, 16)),
        ("SN102", ("layers", 1, "a"), (10, 1, 10, 2)),
        ("SN102", ("layers", 1, "a", "b", "c d"), (10, 5, 10, 10)),
        ("SN203", ("scaling", "inputs"), (1, 1, 1, 1)),
        ("SN203", ("dataset", "type", "deeper"), (4, 8, 4, 20)),
        ("SN102", ("dataset", "nothing"), (3, 1, 3, 10)),
    ],
)
def test_where_a_finding_of_a_toml_file_stands(code: str, path: tuple[str | int, ...], place: tuple[int, ...]) -> None:
    assert locate(TOML, "toml", Finding(code, "", path)) == [place]


@pytest.mark.parametrize(
    ("code", "path", "place"),
    [
        ("SN104", ("a", 1, "é"), (3, 11, 3, 12)),
        ("SN102", ("a", 1, "é"), (3, 5, 3, 8)),
        ("SN103", ("a", 1, "x"), (3, 3, 3, 14)),
        ("SN108", ("a",), (2, 7, 5, 2)),
        ("SN104", ("a", 0), (2, 8, 2, 9)),
        ("SN104", ("b",), (6, 7, 6, 11)),
        ("SN103", ("c",), (1, 1, 1, 1)),
    ],
)
def test_where_a_finding_of_a_json_file_stands(code: str, path: tuple[str | int, ...], place: tuple[int, ...]) -> None:
    text = '{\n "a": [1,\n  { "é" : 2 }, []\n, "😀"\n],\n "b": "\\"" }'
    assert locate(text, "json", Finding(code, "", path)) == [place]


def test_what_has_a_place_or_another_file_keeps_it() -> None:
    there, elsewhere = Finding("SN002", "", line=7, column=2), Finding("SN104", "", ("format",), file="--set")
    assert locate(TOML, "toml", there, elsewhere) == [(7, 2, None, None), (None,) * 4]


@pytest.mark.parametrize("line", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_and_carriage_returns_move_nothing(tmp_path: Path, line: str, mark: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(mark + TOML.replace("\n", line), newline="")
    located = read_document(path).positions.locate([Finding("SN104", "", ("layers", 0, "units"))])
    assert [(f.line, f.column, f.end_line, f.end_column) for f in located] == [(7, 11, 7, 12)]


# The laws: what a span holds is what the parser has read there


def toml_value(written: str) -> Any:
    return tomllib.loads(f"x = {written}")["x"]


def check_toml(text: str, data: dict[str, Any]) -> None:
    spans = toml_spans(text)
    assert set(spans) == {path for path, _ in walk(data)} - {()}
    for path, value in walk(data):
        if path:
            check_toml_span(text, spans[path], path[-1], value)


def check_toml_span(text: str, span: Span, name: str | int, value: Any) -> None:
    written = text[slice(*span.value)]
    if span.key is not None:
        key = next(iter(tomllib.loads(f"{text[slice(*span.key)]} = 1")))
        assert isinstance(name, int) or key == name
    if isinstance(value, dict | list) and not written.startswith(("{", "[")):
        assert span.key == span.value  # a part of a dotted key stands for its table
    elif isinstance(value, dict) and written.startswith("["):
        assert written.endswith("]")  # a header
    elif isinstance(value, list) and value and isinstance(value[0], dict) and written.startswith("[["):
        pass  # an array of tables begins at its first header, and a list of lists looks like one
    else:
        assert toml_value(written) == value


names = st.text(string.ascii_letters + "_-1", min_size=1, max_size=3) | st.text(max_size=3)
scalars = (
    st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.dates().map(str)
    | st.text(max_size=5).map(repr)
)
TEXTS = ["'a'", '"a\\"b"', "'''x\n'y'''", '"""q"\n\\"""""', '"\\u00e9#]}"', "'[#'", '""', "''", '"é😀漢"']
plain = st.sampled_from(TEXTS) | st.sampled_from(
    ["1", "-0.5e3", "true", "inf", "1979-05-27 07:32:00Z", "0x_f"[:2] + "f"]
)
blank = st.sampled_from(["", " ", "\t", "  "])
gap = st.sampled_from(["", " ", "\n", "\r\n", " # c ]}\n", "\t\n \n"])


def written_key(name: str) -> str:
    bare = name and set(name) <= set(string.ascii_letters + string.digits + "_-")
    return name if bare else json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    """A TOML value as text, in any of the spellings."""
    kind = draw(st.sampled_from(["plain", "list", "table"] if depth else ["plain"]))
    if kind == "plain":
        return draw(plain)
    space, items = draw(blank), draw(st.integers(0, 3))
    if kind == "list":
        inner = [f"{draw(gap)}{draw(values(depth - 1))}{draw(gap)}" for _ in range(items)]
        return f"[{','.join(inner)}{draw(gap)}]"
    keys = draw(st.lists(names, min_size=items, max_size=items, unique=True))
    pairs = (f"{space}{written_key(key)}{space}={space}{draw(values(depth - 1))}{space}" for key in keys)
    return "{" + ",".join(pairs) + "}"


@st.composite
def tomls(draw: st.DrawFn) -> str:
    """A TOML file: pairs, dotted keys, headers and arrays of tables, in any order that the parser takes."""
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 8))):
        kind, space = draw(st.sampled_from(["pair", "pair", "header", "several"])), draw(blank)
        dotted = f"{space}.{space}".join(map(written_key, draw(st.lists(names, min_size=1, max_size=3))))
        comment = draw(st.sampled_from(["", " # [x] = 'y'"]))
        if kind == "pair":
            lines.append(f"{space}{dotted}{space}={space}{draw(values())}{comment}")
        else:
            lines.append(f"{space}[{dotted}]{comment}" if kind == "header" else f"[[{space}{dotted}{space}]]{comment}")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    kept: list[str] = []
    for line in lines:  # what would make the file invalid is left out
        try:
            tomllib.loads(end.join([*kept, line]))
        except tomllib.TOMLDecodeError:
            continue
        kept.append(line)
    return end.join(kept) + draw(st.sampled_from(["", end]))


@given(tomls())
@settings(max_examples=400, derandomize=True, deadline=None)
def test_every_span_of_a_toml_file_holds_what_the_parser_has_read(text: str) -> None:
    check_toml(text, tomllib.loads(text))


def test_the_spans_of_the_gallery() -> None:
    files = sorted(SPECS.glob("*.toml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        check_toml(text, tomllib.loads(text))


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=3), json_data, max_size=4),
    st.sampled_from([None, 0, 1, "\t"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\r\n ", "\t:\n")]),
    st.booleans(),
)
@settings(max_examples=400, derandomize=True, deadline=None)
def test_every_span_of_a_json_file_holds_what_the_parser_has_read(
    data: dict[str, Any], indent: int | str | None, separators: tuple[str, str], ascii: bool
) -> None:
    text = json.dumps(data, indent=indent, separators=separators, ensure_ascii=ascii)
    spans, twice = json_spans(text)
    assert not twice
    assert set(spans) == {path for path, _ in walk(data)}
    for path, value in walk(data):
        key, place = spans[path]
        assert json.loads(text[slice(*place)]) == value
        assert (json.loads(text[slice(*key)]) == path[-1]) if key else (not path or isinstance(path[-1], int))


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    line = column = 1
    for character in text:
        yield line, column
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    yield line, column


@given(st.text(alphabet="a\n\r\té😀\u2028", max_size=30))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_lines_and_columns_count_characters_from_1(text: str) -> None:
    positions = Positions(text, {})
    assert [positions.place(offset) for offset in range(len(text) + 1)] == list(lines_of(text))
