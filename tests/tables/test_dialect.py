from __future__ import annotations

import codecs
from typing import Any

import pytest

from specnet.tables.dialect import CHARSETS, Dialect, problem


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        ({"delimiter": ""}, "delimiter = '' is not one character"),
        ({"delimiter": "||"}, "delimiter = '||' is not one character"),
        ({"delimiter": "\n"}, r"delimiter = '\n' ends lines or files, and can be no mark in them"),
        ({"quote": "\0"}, r"quote = '\x00' ends lines or files, and can be no mark in them"),
        ({"quote": "''"}, "quote = \"''\" is not one character"),
        ({"decimal": "5"}, "decimal = '5' is a character of numbers"),
        ({"thousands": "e"}, "thousands = 'e' is a character of numbers"),
        ({"thousands": ""}, "thousands = '' is not one character"),
        ({"delimiter": "-"}, "delimiter = '-' is a character of numbers"),
        ({"decimal": " "}, "decimal = ' ' is not seen at the end of a number"),
        ({"decimal": ","}, "decimal = ',' is the delimiter as well"),
        ({"delimiter": ";", "quote": ";"}, "quote = ';' is the delimiter as well"),
        ({"decimal": "'", "quote": "'"}, 'decimal = "\'" is the quote as well'),
        ({"thousands": "."}, "thousands = '.' is the decimal as well"),
        ({"encoding": "utf8x"}, "encoding = 'utf8x' is not known: did you mean 'utf-8'?"),
        ({"encoding": "cp1253x"}, "encoding = 'cp1253x' is not known: did you mean 'cp1253'?"),
    ],
)
def test_what_cannot_be(dialect: dict[str, Any], message: str) -> None:
    assert problem(Dialect(**dialect)) == message


@pytest.mark.parametrize(
    "encoding", ["", "zip", "rot13", "hex", "idna", "unicode_escape", "os", "../x", "mbcs", "utf-7"]
)
def test_codecs_that_are_no_character_set(encoding: str) -> None:
    message = problem(Dialect(encoding=encoding))
    assert message
    assert message.startswith(f"encoding = {encoding!r} is not known: ")


@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"delimiter": ";", "decimal": ",", "thousands": "."},
        {"delimiter": "\t", "thousands": " "},
        {"delimiter": ",", "thousands": ","},
        {"quote": ""},
        {"delimiter": "¦", "thousands": "\u202f", "decimal": "\u066b"},
        *({"encoding": name} for name in ("UTF-8", "utf8", "latin1", "ISO-8859-15", "Windows-1252", "Shift_JIS")),
    ],
)
def test_what_can_be(dialect: dict[str, Any]) -> None:
    assert problem(Dialect(**dialect)) is None


@pytest.mark.parametrize("name", sorted(CHARSETS))
def test_every_character_set_is_read_in_parts(name: str) -> None:
    decoder = codecs.getincrementaldecoder(name)()
    data = "a,y\n1.5,2\n".encode(name)
    text = "".join(decoder.decode(data[i : i + 1]) for i in range(len(data))) + decoder.decode(b"", True)
    assert text == "a,y\n1.5,2\n"
    assert isinstance(decoder.getstate()[0], bytes)
    assert Dialect(encoding=name).charset == name
