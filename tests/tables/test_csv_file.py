from __future__ import annotations

import csv
import gzip
import io
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from specnet.errors import DataError, Finding
from specnet.tables import block, reading, source
from specnet.tables.block import Block, WantedColumn
from specnet.tables.csv_file import CsvFile, Dialect

PLACE = ("dataset", "path")
EUROPEAN = Dialect(delimiter=";", decimal=",")


def wanted(names: str, text: str = "") -> list[WantedColumn]:
    """Columns by one letter each, the numeric ones first."""
    return [WantedColumn(name, name not in text, ("dataset", "inputs", i)) for i, name in enumerate(names + text)]


def blocks(
    folder: Path, content: bytes | str, columns: list[WantedColumn], passthrough: bool = False, **dialect: Any
) -> Any:
    (folder / "d.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    file = CsvFile(folder / "d.csv", "d.csv", Dialect(**dialect), PLACE)
    return list(file.blocks(columns, passthrough))


def joined(parts: list[Block]) -> tuple[list[int], list[list[Any]]]:
    """The lines and the columns of all blocks."""
    lines = [line for part in parts for line in part.lines.tolist()]
    return lines, [[x for part in parts for x in part.columns[i]] for i in range(len(parts[0].columns))]


def read(folder: Path, content: bytes | str, names: str = "ay", **dialect: Any) -> list[list[float]]:
    return joined(blocks(folder, content, wanted(names), **dialect))[1]


def refusal(folder: Path, content: bytes | str, names: str = "ay", **dialect: Any) -> Finding:
    with pytest.raises(DataError) as caught:
        blocks(folder, content, wanted(names), **dialect)
    (finding,) = caught.value.findings
    assert finding.file == str(folder / "d.csv")
    assert finding.column is None
    return finding


# SN501: the file cannot be read


def unreadable(folder: Path, name: str, place: tuple[str, ...] = PLACE) -> Finding:
    file = CsvFile(folder / name, name, place=place)
    with pytest.raises(DataError) as caught:
        list(file.blocks(wanted("a")))
    (finding,) = caught.value.findings
    assert (finding.code, finding.path, finding.line, finding.file) == ("SN501", place, None, str(folder / name))
    with pytest.raises(DataError) as again:
        file.header()
    assert again.value.findings == (finding,)
    return finding


def test_a_missing_file(tmp_path: Path) -> None:
    finding = unreadable(tmp_path, "data/d.csv")
    assert finding.message == "data/d.csv cannot be read: No such file or directory"
    assert finding.help == "relative paths start at the spec file"
    assert unreadable(tmp_path, "d.csv", ()).help is None


@pytest.mark.parametrize("path", [".", "folder"])
def test_p68_a_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    assert unreadable(tmp_path, path).message == f"{path} cannot be read: it is a directory"


def test_a_path_with_a_nul(tmp_path: Path) -> None:
    assert unreadable(tmp_path, "a\0b").message == "a\0b cannot be read: embedded null byte"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_p68_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert unreadable(tmp_path, "pipe").message == "pipe cannot be read: it is not a regular file"


PACKED = gzip.compress(b"a,y\n" + b"1.25,2\n" * 1000, mtime=0)


def test_gzip_that_ends_too_early(tmp_path: Path) -> None:
    for end in (3, 10, 20, len(PACKED) - 8, len(PACKED) - 1):
        finding = refusal(tmp_path, PACKED[:end])
        assert (finding.code, finding.message) == ("SN501", "d.csv cannot be read: its gzip data ends too early")


def test_p52_a_bit_that_has_turned_in_gzip_is_never_read_over(tmp_path: Path) -> None:
    whole = read(tmp_path, PACKED)
    for at in range(len(PACKED)):
        bad = bytearray(PACKED)
        bad[at] ^= 1 << at % 8
        with suppress(DataError):
            assert read(tmp_path, bytes(bad)) == whole  # a time in the header, or the bits that fill the last byte


# SN502: text


def test_p19_an_undecodable_byte_in_mid_file(tmp_path: Path) -> None:
    content = b"a,y\n" + b"".join(b"%d,1\n" % i for i in range(1, 50_001))
    finding = refusal(tmp_path, content + b"\xe9,1\n" + b"2,3\n" * 50_000)
    assert (finding.code, finding.line, finding.path) == ("SN502", 50_002, PLACE)
    assert finding.message == f"d.csv: byte 0xe9 at offset {len(content)} is not UTF-8 (row 50002)"
    assert finding.help == 'save the file as UTF-8, or say what it is written in: encoding = "cp1252"'


@pytest.mark.parametrize(
    ("content", "byte", "offset", "row"),
    [
        (b"\xffa,y\n1,2\n", "0xff", 0, 1),
        (b"a,y\n1,2\n\xc3", "0xc3", 8, 3),
        (b"a,y\n1,\xc3\n2,2\n", "0xc3", 6, 2),
        (b"\xef\xbb\xbfa,y\r\n1,2\r\n1,\xe4\r\n", "0xe4", 15, 3),
        (b"a,y\r1,2\r\xe4,2\r", "0xe4", 8, 3),
        (b'a,y\n"1\n2\n\xe4",2\n', "0xe4", 9, 4),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 20])
def test_where_an_undecodable_byte_is(
    tmp_path: Path, content: bytes, byte: str, offset: int, row: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CHUNK", chunk)
    finding = refusal(tmp_path, content)
    assert finding.message == f"d.csv: byte {byte} at offset {offset} is not UTF-8 (row {row})"
    assert finding.line == row


def test_utf16_is_suggested_where_its_mark_stands(tmp_path: Path) -> None:
    finding = refusal(tmp_path, "a,y\n1,2\n".encode("utf-16"))
    assert finding.help == 'save the file as UTF-8, or say what it is written in: encoding = "utf-16"'


@pytest.mark.parametrize(
    ("content", "encoding", "byte", "offset", "row"),
    [
        (b"a,y\n1,2\n\x81,2\n", "cp1252", "0x81", 8, 3),
        (b"a,y\n\xe4,2\n", "ascii", "0xe4", 4, 2),
        ("a,y\n1,2\n".encode("utf-16") + b"\x00\xd8,\x00", "utf-16", "0x00", 18, 3),
        ("a,y\n1,2".encode("utf-16-le") + b"\x00", "utf-16-le", "0x00", 14, 2),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 20])
def test_another_encoding_is_as_strict(
    tmp_path: Path, content: bytes, encoding: str, byte: str, offset: int, row: int, chunk: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(source, "CHUNK", chunk)
    finding = refusal(tmp_path, content, encoding=encoding)
    assert finding.message == f"d.csv: byte {byte} at offset {offset} is not {encoding} (row {row})"
    assert finding.help == "name the encoding that the file is written in"


# SN503: the header


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\n1,2\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_p08_no_header(tmp_path: Path, content: bytes) -> None:
    finding = refusal(tmp_path, content)
    assert (finding.code, finding.message, finding.line) == ("SN503", "d.csv: no header", 1)
    assert finding.help == "name the columns in the first line"


@pytest.mark.parametrize(
    ("header", "position"), [(",,,", 1), ("a,,y", 2), ("a,y,", 3), ('a,"",y', 2), ("a, ,y", 2), ("a,y,,", 3)]
)
def test_p08_an_empty_column_name(tmp_path: Path, header: str, position: int) -> None:
    finding = refusal(tmp_path, f"{header}\n1,2,3,4\n")
    assert (finding.code, finding.line) == ("SN503", 1)
    assert finding.message == f"d.csv: empty column name at position {position}"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,a,a.1,y", "d.csv: column name 'a' at positions 1 and 2"),
        ("a,b,y,b", "d.csv: column name 'b' at positions 2 and 4"),
        ('a,y,"a"', "d.csv: column name 'a' at positions 1 and 3"),
    ],
)
def test_p06_a_duplicate_column_name(tmp_path: Path, header: str, message: str) -> None:
    finding = refusal(tmp_path, f"{header}\n1,10,100,0\n2,20,200,1\n")
    assert (finding.code, finding.message, finding.line) == ("SN503", message, 1)
    assert finding.help == "give every column a name of its own"


# SN504: a column that the header does not have


def missing(folder: Path, content: str, names: list[str], **dialect: Any) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        blocks(folder, content, [WantedColumn(name, True, ("p", i)) for i, name in enumerate(names)], **dialect)
    return caught.value.findings


def test_every_missing_column_is_a_finding(tmp_path: Path) -> None:
    found = missing(tmp_path, "height,b,y\n1,2,3\n", ["heigth", "b", "zzz", "Y_"])
    listed = "columns: 'height', 'b', 'y'"
    assert found == tuple(
        Finding("SN504", f"column '{name}' is not in the header of d.csv", ("p", i), help, file=file, line=1)
        for file in [str(tmp_path / "d.csv")]
        for i, name, help in [(0, "heigth", "did you mean 'height'?"), (2, "zzz", listed), (3, "Y_", listed)]
    )


def test_a_space_is_part_of_a_column_name(tmp_path: Path) -> None:
    (finding,) = missing(tmp_path, "a, y\n1, 2\n", ["a", "y"])
    assert finding.help == "did you mean ' y'?"


def test_a_long_header_is_listed_in_part(tmp_path: Path) -> None:
    names = ["a", *(f"x{i}" for i in range(30))]
    (finding,) = missing(tmp_path, ",".join(names) + "\n", ["y"])
    assert finding.help == f"columns: {', '.join(map(repr, names[:20]))}, ..."


@pytest.mark.parametrize(("mark", "shown"), [(";", ";"), ("\t", r"\t"), ("|", "|")])
def test_another_separator_is_named(tmp_path: Path, mark: str, shown: str) -> None:
    found = missing(tmp_path, f"a{mark}y,z\n1{mark}2\n".replace(",", mark), ["a", "y"])
    help = f"cells are separated by '{shown}', not by ',': delimiter = \"{shown}\""
    assert [finding.help for finding in found] == [help] * 2
    (finding,) = missing(tmp_path, "a,y\n1,2\n", ["a"], delimiter=mark)
    assert finding.help == f"cells are separated by ',', not by '{shown}': delimiter = \",\""


# SN505, SN506: rows


@pytest.mark.parametrize("content", ["a,b,y\n", "a,b,y", "a,b,y\r\n\r\n\r\n"])
def test_p08_a_header_and_no_rows(tmp_path: Path, content: str) -> None:
    finding = refusal(tmp_path, content)
    assert (finding.code, finding.message) == ("SN505", "d.csv: 0 data rows")
    assert (finding.path, finding.line, finding.help) == (PLACE, None, "add rows below the header")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,2,3,4\n1,2,3,4\n1,2,3,4\n1,2,3\n", "row 5 has 3 cells, the header has 4"),
        ("1,2,3,4,5\n", "row 2 has 5 cells, the header has 4"),
        ("1,2,3,4,\n", "row 2 has 5 cells, the header has 4"),
        ('1,2,3,4\n""\n', "row 3 has 1 cell, the header has 4"),
        ("1,2,3,4\n \n", "row 3 has 1 cell, the header has 4"),
        ("1,2,3,4\n\n1,2,3,4\n", "row 3 has 0 cells, the header has 4"),
        ("\n\n1,2,3,4\n", "row 2 has 0 cells, the header has 4"),
        ("1,2,3\n4,5,6,7,8\n", "row 2 has 3 cells, the header has 4"),
        ('1,2,3,"two\nlines"\n1,2,3\n', "row 4 has 3 cells, the header has 4"),
        ('1,2,3,4\r1,2,3,"4\r\r5"\r1,2\r', "row 6 has 2 cells, the header has 4"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 5, 1 << 20])
def test_a_ragged_row(tmp_path: Path, rows: str, message: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", chunk)
    finding = refusal(tmp_path, "a,b,y,note\n" + rows)
    assert (finding.code, finding.message, finding.path) == ("SN506", message, PLACE)
    assert message.startswith(f"row {finding.line} ")
    assert finding.help == "a row has one cell for each column; a cell with a comma in it is quoted"


def test_the_delimiter_of_a_ragged_row_is_named(tmp_path: Path) -> None:
    finding = refusal(tmp_path, "a;y\n1;2;3\n", delimiter=";")
    assert finding.help == "a row has one cell for each column; a cell with ';' in it is quoted"


# SN507: cells


def test_p07_the_message_quotes_the_cell_that_is_wrong(tmp_path: Path) -> None:
    content = "a;y\n3,10;0\n41,7;1\n5.678,90;2\n"
    assert refusal(tmp_path, content, delimiter=";", decimal=",") == Finding(
        "SN507",
        "row 4, column 'a': '5.678,90' is not a number",
        ("dataset", "inputs", 0),
        'if this is a number, say how it is written: thousands = "."',
        file=str(tmp_path / "d.csv"),
        line=4,
    )


@pytest.mark.parametrize(
    "cell", ["7,8,9", '"3 ,"', "12,34,567", "1,2345", ",123", "1,234,", "1234,567", "1,234.", "1,"]
)
def test_p09_malformed_groups(tmp_path: Path, cell: str) -> None:
    finding = refusal(tmp_path, f"a;y\n1,234.5;2\n{cell};0\n", delimiter=";", thousands=",")
    assert (finding.code, finding.line) == ("SN507", 3)
    assert finding.message == f"row 3, column 'a': {cell.strip(chr(34))!r} is not a number"
    assert finding.help == (
        "numbers are written like 5678.90, -3 or 1e-5: "
        "with a decimal point and ',' before each three digits, or nowhere"
    )


@pytest.mark.parametrize(
    ("cell", "dialect", "help"),
    [
        ("3,10", {}, 'if this is a number, say how it is written: decimal = ","'),
        ("5.678,90", {}, 'if this is a number, say how it is written: decimal = ",", thousands = "."'),
        ("1,234.5", {}, 'if this is a number, say how it is written: thousands = ","'),
        ("3.10", {"decimal": ","}, 'if this is a number, say how it is written: decimal = "."'),
        ("1 234,5", {}, 'if this is a number, say how it is written: decimal = ",", thousands = " "'),
        ("NA", {}, 'fill in a number, or say that it stands for none: missing = ["NA"]'),
        ("#N/A", {}, 'fill in a number, or say that it stands for none: missing = ["#N/A"]'),
        ("?", {}, 'fill in a number, or say that it stands for none: missing = ["?"]'),
        ("-", {}, 'fill in a number, or say that it stands for none: missing = ["-"]'),
        ("5%", {}, "numbers are written like 5678.90, -3 or 1e-5: with a decimal point and no other marks"),
        (
            "5%",
            {"decimal": ","},
            "numbers are written like 5678,90, -3 or 1e-5: with the decimal mark ',' and no other marks",
        ),
    ],
)
def test_what_would_do(tmp_path: Path, cell: str, dialect: dict[str, str], help: str) -> None:
    finding = refusal(tmp_path, f"a;y\n1;2\n{cell};3\n", delimiter=";", **dialect)
    assert (finding.message, finding.help) == (f"row 3, column 'a': {cell!r} is not a number", help)


NOT_NUMBERS = [
    *("nan", "NaN", "inf", "-inf", "Infinity", "1_000", "0x10", "0b1", "1e", "e5", ".", "-", "+", "--1", "+-1", "1 2"),
    *("- 1", "1.2.3", "1,5", "1.234.5", "True", "None", "1j", "1f", "5%", "$5", "1e5.0", "1e 5", "#N/A"),
    *("\u0661", "\uff11", "1\n", "\n1", "1\xa0", "\u20091", "1\t", "\u22121", "1\u00b2", "1-2", "1-", "1e+-5", "1e5e5"),
    *("-e5", "+.", ".e1", "1..2", "2020-01-01", "12:30", "1+1", "1e--1", "-.e-1"),
]


@pytest.mark.parametrize("cell", NOT_NUMBERS)
@pytest.mark.parametrize("quote", ['"', ""])
def test_what_is_not_a_number(tmp_path: Path, cell: str, quote: str) -> None:
    if not quote and ("," in cell or "\n" in cell):
        return
    finding = refusal(tmp_path, f"y,b,a\n1,4,2\n3,4,{quote}{cell}{quote}\n5,4,6\n", "ay")
    assert (finding.code, finding.message) == ("SN507", f"row 3, column 'a': {cell!r} is not a number")
    assert (finding.path, finding.line) == (("dataset", "inputs", 0), 3)


@pytest.mark.parametrize("cell", ["1e999", "-1e999", "1.7976931348623159e308", "1" + "0" * 309])
def test_a_number_that_overflows(tmp_path: Path, cell: str) -> None:
    finding = refusal(tmp_path, f"a,y\n1,2\n{cell},3\n")
    quoted = repr(cell) if len(cell) < 60 else repr(cell[:60]) + "..."
    assert (finding.code, finding.message) == ("SN507", f"row 3, column 'a': {quoted} is beyond the range of float64")
    assert finding.help == "fill in a number or leave the row out"


def test_a_long_cell_is_quoted_in_part(tmp_path: Path) -> None:
    finding = refusal(tmp_path, f"a,y\n{'1' * 1000}x,3\n")
    assert finding.message == f"row 2, column 'a': '{'1' * 60}'... is not a number"


def test_an_escape_sequence_is_not_printed(tmp_path: Path) -> None:
    finding = refusal(tmp_path, "a,y\n\x1b[2J,3\n")
    assert finding.message == r"row 2, column 'a': '\x1b[2J' is not a number"


# SN508: not CSV


OPEN_QUOTE = "close every quotation mark, an open one takes in what follows; inside a quoted cell write it twice"


@pytest.mark.parametrize(
    ("content", "row", "reason"),
    [
        ('a,y\n1,2\n"3,4\n5,6\n', 3, "unexpected end of data"),
        ('a,y,note\n1,2,"3\n3"\n"4"5,6,\n', 4, "',' expected after '\"'"),
        ('"a,y\n1,2\n', 1, "unexpected end of data"),
        (f"a,y\n1,2\n{'1' * 200_000},2\n", 3, "field larger than field limit (131072)"),
        ('a,y\n"1,2\n' + "1,2\n" * 50_000, 2, "field larger than field limit (131072)"),
    ],
)
@pytest.mark.parametrize("chunk", [100, 1 << 20])
def test_what_is_not_csv(
    tmp_path: Path, content: str, row: int, reason: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CHUNK", chunk)
    assert refusal(tmp_path, content) == Finding(
        "SN508", f"row {row} is not CSV: {reason}", PLACE, OPEN_QUOTE, file=str(tmp_path / "d.csv"), line=row
    )


@pytest.mark.parametrize(
    ("content", "row"), [("a,y\n1,2\n3,\0\n", 3), ("a,y,b\n1,2,x\0\n", 2), ("a,y\n1,2\n".encode("utf-16-le"), 1)]
)
def test_a_nul_character(tmp_path: Path, content: bytes | str, row: int) -> None:
    finding = refusal(tmp_path, content)
    assert (finding.code, finding.message, finding.line) == ("SN508", f"row {row} holds a NUL character", row)
    assert finding.help == (
        'save the file as UTF-8 text; UTF-16 files hold such characters (encoding = "utf-16"), and binary ones'
    )


def test_a_line_without_end_is_not_kept(tmp_path: Path) -> None:
    bomb = gzip.compress(b"a,y\n1,2\n" + b" " * (40 << 20))
    finding = refusal(tmp_path, bomb)
    assert (finding.code, finding.line) == ("SN508", 3)
    assert finding.message == "row 3 is longer than 16,777,216 bytes"


# Where a fault is


@pytest.mark.parametrize("later", ["1,2,3\n", '"', "\0,1\n", "x,1\n"])
def test_the_first_fault_of_a_file_is_told(tmp_path: Path, later: str) -> None:
    assert refusal(tmp_path, f"a,y\n1,2\n1,x\n{later}").line == 3
    undecodable = f"a,y\n1,2\n1,x\n{later}".encode() + b"\xff\n"
    assert refusal(tmp_path, undecodable).line == 3


def test_the_file_is_closed_after_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    path_open = Path.open

    def remember(self: Path, *args: Any, **options: Any) -> Any:
        opened.append(path_open(self, *args, **options))
        return opened[-1]

    (tmp_path / "d.csv").write_text("a,y\nx,2\n3,4\n")
    monkeypatch.setattr(Path, "open", remember)
    with pytest.raises(DataError) as caught:
        list(CsvFile(tmp_path / "d.csv", "d.csv").blocks(wanted("ay")))
    assert caught.tb is not None  # the traceback keeps the readers alive: they were closed, not collected
    assert [file.closed for file in opened] == [True]


def is_number(text: str) -> bool:
    """By the characters first, so that it shares nothing with the expression under test."""
    if not set(text) <= set("0123456789+-.eE "):
        return False
    try:
        return isfinite(float(text))
    except ValueError:
        return False


corruptions = st.one_of(
    st.sampled_from(NOT_NUMBERS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.text("0123456789+-.eE_x, "),
).filter(lambda text: text.strip(" ") != "" and not is_number(text))


@seed(7)
@settings(derandomize=False, deadline=None, max_examples=500)
@given(data=st.data(), rows=st.integers(1, 12), columns=st.integers(2, 6), corruption=corruptions)
def test_p07_one_corrupted_cell_is_reported_where_it_is(
    data: st.DataObject, rows: int, columns: int, corruption: str
) -> None:
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    names = "abcdef"[:columns]
    numbers = st.floats(allow_nan=False, allow_infinity=False).map(repr)
    table = [[data.draw(numbers) for _ in names] for _ in range(rows)]
    table[row][column] = corruption
    needs = any(mark in corruption for mark in '",\r\n')
    text = io.StringIO()
    quote_all = needs or data.draw(st.booleans())
    csv.writer(text, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerows([names, *table])
    with tempfile.TemporaryDirectory() as folder:
        finding = refusal(Path(folder), text.getvalue(), names)
    assert (finding.code, finding.line) == ("SN507", row + 2)
    assert finding.message.startswith(f"row {row + 2}, column '{names[column]}'")
    assert finding.path == ("dataset", "inputs", column)


# What is read


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    content = 'id,y,"note, free",a,b\nr1,1,"x ""y""\nz",2,3\nr2,4,,5,6\n'
    parts = blocks(tmp_path, content, wanted("bay"))
    assert joined(parts) == ([2, 4], [[3, 6], [2, 5], [1, 4]])
    assert all(column.dtype == np.float64 for part in parts for column in part.columns)


def test_text_and_missing_cells(tmp_path: Path) -> None:
    content = "a,t,y\n1,x y,-999\n,,2\nNA, NA ,3\n-999,-99,NA\n"
    parts = blocks(tmp_path, content, wanted("ay", "t"), missing=("NA", "-999"))
    lines, (a, y, t) = joined(parts)
    assert lines == [2, 3, 4, 5]
    assert [x if not isnan(x) else None for x in a] == [1, None, None, None]
    assert [x if not isnan(x) else None for x in y] == [None, 2, 3, None]
    assert t == ["x y", None, None, "-99"]


def test_a_marker_that_is_a_number_is_compared_as_text(tmp_path: Path) -> None:
    (a, _) = read(tmp_path, "a,y\n-999,1\n-999.0,1\n1,2\n", missing=("-999",))
    assert isnan(a[0])
    assert a[1:] == [-999.0, 1.0]


def test_the_cells_of_all_columns_as_they_are_written(tmp_path: Path) -> None:
    (part,) = blocks(tmp_path, 'a,t,y\n1.50," q",2\n007,"x,""y""",\n', wanted("a"), passthrough=True)
    assert part.texts == (["1.50", "007"], [" q", 'x,"y"'], ["2", ""])
    assert part.columns[0].tolist() == [1.5, 7.0]


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf"a","b","y"\r\n1,2,3\r\n4,5,6\r\n',
        b"\xef\xbb\xbfa,b,y\n1,2,3\n4,5,6",
        b"a,b,y\r1,2,3\r4,5,6\r",
        b"a,b,y\n1,2,3\n4,5,6\n\n\r\n\n",
        b'a,b,y\n 1,"2 ",  3  \n4,"5"," 6"\n',
        b"a,b,y\n+1,2.,3e0\n4.0,.5E+1,600e-2\n",
        gzip.compress(b"a,b,y\n1,2,3\n4,5,6\n", mtime=0),
        gzip.compress(b"a,b,y\n1,2", mtime=0) + gzip.compress(b",3\n4,5,6\n", mtime=0),
    ],
)
@pytest.mark.parametrize("chunk", [2, 3, 1 << 20])
def test_p02_the_same_table_in_other_dress(
    tmp_path: Path, content: bytes, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CHUNK", chunk)
    assert read(tmp_path, content, "aby") == [[1, 4], [2, 5], [3, 6]]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "UTF-16-LE", "utf_16_be", "utf-32", "cp1252", "latin-1", "ISO-8859-1", "utf8"]
)
@pytest.mark.parametrize("chunk", [1, 3, 1 << 20])
def test_other_encodings(tmp_path: Path, encoding: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", chunk)
    content = "ä;y\r\n1,5;2\r\n-3;4e1\r\n"
    assert read(tmp_path, content.encode(encoding), "äy", encoding=encoding, delimiter=";", decimal=",") == [
        [1.5, -3],
        [2, 40],
    ]


@pytest.mark.parametrize(
    ("cell", "value", "dialect"),
    [
        ("1,234.5", 1234.5, {"thousands": ","}),
        ("-1,234,567", -1234567.0, {"thousands": ","}),
        ("1234.5", 1234.5, {"thousands": ","}),
        ("5.678,90", 5678.9, {"decimal": ",", "thousands": "."}),
        ("5 678,90", 5678.9, {"decimal": ",", "thousands": " "}),
        ("5\xa0678,90", 5678.9, {"decimal": ",", "thousands": "\xa0"}),
        ("5'678.90", 5678.9, {"thousands": "'"}),
        ("1e-5", 1e-5, {"thousands": ","}),
        (",5", 0.5, {"decimal": ","}),
    ],
)
def test_marks_of_numbers(tmp_path: Path, cell: str, value: float, dialect: dict[str, str]) -> None:
    assert read(tmp_path, f"a;y\n{cell};1\n", delimiter=";", **dialect) == [[value], [1.0]]


def test_a_file_without_quotes(tmp_path: Path) -> None:
    (part,) = blocks(tmp_path, 'a\tt\n1\t5" pipe\n2\t"x\n', wanted("a", "t"), delimiter="\t", quote="")
    assert part.columns[1] == ['5" pipe', '"x']


def test_p15_a_cell_is_the_nearest_float(tmp_path: Path) -> None:
    a, _ = read(tmp_path, "a,y\n-27.183,1\n-27.183000,1\n0.30000000000000004,1\n-0,1\n1e-999,1\n")
    assert a == [-27.183, -27.183, 0.30000000000000004, 0.0, 0.0]
    assert np.signbit(a[3])


def test_p20_integers_beyond_64_bits_are_floats_in_any_order(tmp_path: Path) -> None:
    rows = ["1,0", "9223372036854775808,1", "18446744073709551616,2"]
    expected = [1.0, 9.223372036854775808e18, 1.8446744073709551616e19]
    assert read(tmp_path, "\n".join(["a,y", *rows]))[0] == expected
    assert read(tmp_path, "\n".join(["a,y", *rows[::-1]]))[0] == expected[::-1]


def test_a_stream_is_read_once_and_in_one_pass() -> None:
    stream = io.BytesIO(b"a,y\n1,2\n3,4\n")
    file = CsvFile(Path("-"), "standard input", stream=stream)
    assert file.header() == ["a", "y"]
    assert file.header() == ["a", "y"]
    assert joined(list(file.blocks(wanted("ya")))) == ([2, 3], [[2, 4], [1, 3]])
    assert not stream.closed


def test_a_file_is_read_as_often_as_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,y\n1,2\n3,4\n")
    file = CsvFile(tmp_path / "d.csv", "d.csv")
    assert file.header() == ["a", "y"]
    assert [joined(list(file.blocks(wanted("y")))) for _ in range(2)] == [([2, 3], [[2, 4]])] * 2


cells = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
    st.sampled_from(["", "NA", " 1 ", "1.", "+.5", "-0", "1e5", "0" * 30 + "1", "9" * 25, "0." + "0" * 30 + "1"]),
)


@seed(5)
@settings(derandomize=False, deadline=None, max_examples=200)
@given(
    table=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=30)
    ),
    rows=st.integers(1, 8),
    chunk=st.integers(1, 200),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
)
def test_any_way_of_reading_gives_the_same(table: list[list[str]], rows: int, chunk: int, end: str, last: bool) -> None:
    names = "abcd"[: len(table[0])]
    table = [["0" if cell == "" and len(names) == 1 else cell for cell in row] for row in table]
    text = end.join(map(",".join, [names, *table])) + end * last
    expected = [[float("nan") if c in ("", "NA") else float(c) for c in column] for column in zip(*table, strict=True)]
    file = CsvFile(Path("-"), "-", Dialect(missing=("NA",)), stream=io.BytesIO(text.encode()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "ROWS", rows)
        patch.setattr(source, "CHUNK", chunk)
        parts = list(file.blocks(wanted(names)))
        patch.setattr(reading, "parse", lambda *_: None)
        slow = CsvFile(Path("-"), "-", Dialect(missing=("NA",)), stream=io.BytesIO(text.encode()))
        slowly = list(slow.blocks(wanted(names)))
    assert all(0 < len(part.lines) <= rows for part in parts)
    for found in (parts, slowly):
        lines, columns = joined(found)
        assert lines == list(range(2, len(table) + 2))
        assert np.array(columns).tobytes() == np.array(expected).tobytes()


def test_the_room_is_imported_without_numpy() -> None:
    code = "import sys, specnet.tables.csv_file; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
