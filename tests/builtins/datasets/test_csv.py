from __future__ import annotations

import csv
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from specnet.builtins.datasets import csv as room
from specnet.builtins.datasets.csv import Csv
from specnet.component import Data, DatasetPlan, LoadContext
from specnet.errors import DataError, Finding
from specnet.streams import Streams


def load(folder: Path, **fields: Any) -> Data:
    spec = {"path": "d.csv", "inputs": ["a"], "targets": ["y"], **fields}
    return Csv(**spec).load(LoadContext(folder, Streams(0).of("data")))


def read(folder: Path, content: bytes | str, **fields: Any) -> Data:
    (folder / "d.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(folder, **fields)


def refusal(folder: Path, content: bytes | str, **fields: Any) -> Finding:
    with pytest.raises(DataError) as caught:
        read(folder, content, **fields)
    (finding,) = caught.value.findings
    assert finding.file == str(folder / "d.csv")
    assert finding.column is None
    return finding


def refused_field(**fields: Any) -> tuple[tuple[int | str, ...], str]:
    spec = {"path": "d.csv", "inputs": ["a"], "targets": ["y"], **fields}
    with pytest.raises(ValidationError) as caught:
        Csv(**spec)
    (error,) = caught.value.errors()
    return error["loc"], error["msg"].removeprefix("Value error, ")


# Fields: refusals


@pytest.mark.parametrize(("field", "role"), [("inputs", "input"), ("targets", "target")])
def test_there_are_columns_of_both_roles(field: str, role: str) -> None:
    says = f"there is no {role}: name one in `{field}`, or give one of `columns` the role {role}"
    assert refused_field(**{field: []}) == ((), says)


@pytest.mark.parametrize("field", ["inputs", "targets"])
def test_a_column_is_named_once_in_a_list(field: str) -> None:
    assert refused_field(**{field: ["b", "c", "b"]}) == ((field,), f"column 'b' is named 2 times in {field}")


def test_a_column_is_not_both_input_and_target() -> None:
    message = refused_field(inputs=["a", "b"], targets=["y", "b"])
    assert message == (("targets",), "column 'b' is in both inputs and targets")


@pytest.mark.parametrize("inputs", ["a", {"a": 1}, None])
def test_columns_are_a_list(inputs: object) -> None:
    assert refused_field(inputs=inputs) == (("inputs",), "Input should be a valid tuple")


def test_a_column_is_text() -> None:
    assert refused_field(inputs=[1]) == (("inputs", 0), "Input should be a valid string")


@pytest.mark.parametrize("path", ["", " "])
def test_p68_a_path_is_not_empty(path: str) -> None:
    assert refused_field(path=path) == (("path",), "path is empty: name a CSV file, relative to the spec file")


def test_p67_a_backslash_that_became_a_control_character() -> None:
    assert refused_field(path="D:\new\table.csv") == (
        ("path",),
        r"path has control characters, it was read as 'D:\new\table.csv': "
        r"a backslash in double quotes starts an escape; write 'D:\new\table.csv' in single quotes (TOML) "
        'or "D:/new/table.csv" with forward slashes',
    )


@pytest.mark.parametrize(
    ("path", "value", "typed"),
    [
        ("D:\backup.csv", r"'D:\x08ackup.csv'", r"D:\backup.csv"),
        ("D:\files.csv", r"'D:\x0ciles.csv'", r"D:\files.csv"),
        ("D:\read.csv", r"'D:\read.csv'", r"D:\read.csv"),
        ("D:\x1bnd.csv", r"'D:\x1bnd.csv'", r"D:\end.csv"),
        ("D:\\data\new.csv", r"'D:\\data\new.csv'", r"D:\data\new.csv"),
        ("é\x7f.csv", r"'é\x7f.csv'", r"é\x7f.csv"),
        ("\x85.csv", r"'\x85.csv'", r"\x85.csv"),
        ("\ud800.csv", r"'\ud800.csv'", r"\ud800.csv"),
    ],
)
def test_p67_the_message_shows_the_value_and_two_ways_to_write_it(path: str, value: str, typed: str) -> None:
    _, message = refused_field(path=path)
    assert f"it was read as {value}: a backslash" in message
    assert f"write '{typed}' in single quotes" in message
    assert f'''"{typed.replace(chr(92), "/")}" with forward slashes''' in message
    assert message.isprintable()


# SN501: the file cannot be read


def unreadable(folder: Path, path: str) -> Finding:
    with pytest.raises(DataError) as caught:
        load(folder, path=path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.path, finding.line) == ("SN501", ("dataset", "path"), None)
    assert finding.file == str(folder / path)
    return finding


def test_a_missing_file(tmp_path: Path) -> None:
    finding = unreadable(tmp_path, "data/d.csv")
    assert finding.message == "data/d.csv cannot be read: No such file or directory"
    assert finding.help == "relative paths start at the spec file"


@pytest.mark.parametrize("path", [".", "folder"])
def test_p68_a_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    assert unreadable(tmp_path, path).message == f"{path} cannot be read: it is a directory"


# In a process of its own, with little memory: a reader that opens these files never comes back.
READ_WITH_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from specnet.builtins.datasets.csv import Csv
from specnet.component import LoadContext
from specnet.errors import DataError
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
try:
    Csv(path=sys.argv[1], inputs=["a"], targets=["y"]).load(LoadContext(Path("."), None))
except DataError as error:
    print(error.findings[0].code, error.findings[0].message)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_p68_a_fifo_or_a_device_does_not_hang(tmp_path: Path, kind: str) -> None:
    path = str(tmp_path / "fifo") if kind == "fifo" else "/dev/zero"
    if kind == "fifo":
        os.mkfifo(path)
    command = [sys.executable, "-c", READ_WITH_LITTLE_MEMORY, path]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=5, env=environment, check=False)
    assert done.stderr == ""
    assert done.stdout == f"SN501 {path} cannot be read: it is not a regular file\n"


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: Any, **options: Any) -> io.TextIOWrapper:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "d.csv").write_text("a,y\n1,2\n")
    monkeypatch.setattr(Path, "open", refuse)  # chmod does not stop a superuser
    finding = unreadable(tmp_path, "d.csv")
    assert finding.message == "d.csv cannot be read: Permission denied"
    assert finding.help is None


def test_a_disk_that_fails_in_mid_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(8)

    (tmp_path / "d.csv").touch()
    monkeypatch.setattr(Path, "open", lambda *_: Failing(b"a,y\n1,2\n3,4\n"))
    assert unreadable(tmp_path, "d.csv").message == "d.csv cannot be read: Input/output error"


# SN502: not UTF-8


def test_p19_an_undecodable_byte_in_mid_file(tmp_path: Path) -> None:
    rows = b"".join(b"%d,1\n" % i for i in range(1, 50_001))
    assert refusal(tmp_path, b"a,y\n" + rows + b"\xe9,1\n") == Finding(
        "SN502",
        "d.csv: byte 0xe9 at offset 388898 is not UTF-8 (row 50002)",
        ("dataset", "path"),
        'save the file as UTF-8, or say what it is written in: encoding = "cp1252"',
        file=str(tmp_path / "d.csv"),
        line=50_002,
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,y,note\n1,2,\xc3\xa9\xe9\n", "d.csv: byte 0xe9 at offset 15 is not UTF-8 (row 2)"),
        (b"a,y,\xc3\xa9\n1,2,\xe2\x82\n", "d.csv: byte 0xe2 at offset 11 is not UTF-8 (row 2)"),
        (b"a,y\n1,2\n\xe2", "d.csv: byte 0xe2 at offset 8 is not UTF-8 (row 3)"),
        (b"\xef\xbb\xbfa,y,\xe9\n", "d.csv: byte 0xe9 at offset 7 is not UTF-8 (row 1)"),
        (b"\xff\xfea\0,\0y\0\n\0", "d.csv: byte 0xff at offset 0 is not UTF-8 (row 1)"),
        (b"a,y,note\r\n1,2,\xed\xb3\xa9\r\n", "d.csv: byte 0xed at offset 14 is not UTF-8 (row 2)"),
    ],
)
def test_p19_the_offset_counts_bytes(tmp_path: Path, content: bytes, message: str) -> None:
    assert refusal(tmp_path, content).message == message


@seed(19)
@settings(derandomize=False, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\0"')), byte=st.integers(0x80, 0xFF))
def test_p19_the_offset_is_where_decoding_fails(text: str, byte: int) -> None:
    content = b'a,y,note\n1,2,"' + text.encode() + bytes([byte]) + b'"\n3,4,\n'
    with pytest.raises(UnicodeDecodeError) as decoding:
        content.decode()
    at = decoding.value.start
    row = len(re.split(rb"\r\n|\r|\n", content[:at]))
    with tempfile.TemporaryDirectory() as folder:
        finding = refusal(Path(folder), content)
    assert finding.message == f"d.csv: byte {content[at]:#04x} at offset {at} is not UTF-8 (row {row})"
    assert finding.line == row


# SN503: the header


@pytest.mark.parametrize("content", ["", "\ufeff", "\n", "\na,y\n1,2\n"])
def test_p08_no_header(tmp_path: Path, content: str) -> None:
    finding = refusal(tmp_path, content)
    assert (finding.code, finding.message, finding.line) == ("SN503", "d.csv: no header", 1)
    assert finding.path == ("dataset", "path")
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
    finding = refusal(tmp_path, f"{header}\n1,10,100,0\n2,20,200,1\n", inputs=["a", "a.1"])
    assert (finding.code, finding.message, finding.line) == ("SN503", message, 1)
    assert finding.help == "give every column a name of its own"


# SN504: a column that the header does not have


def missing(folder: Path, content: str, **fields: Any) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read(folder, content, **fields)
    return caught.value.findings


def test_every_missing_column_is_a_finding(tmp_path: Path) -> None:
    found = missing(tmp_path, "height,b,y\n1,2,3\n", inputs=["heigth", "b", "zzz"], targets=["Y_", "y", "q"])
    file = str(tmp_path / "d.csv")
    listed = "columns: 'height', 'b', 'y'"
    assert found == tuple(
        Finding("SN504", f"column '{name}' is not in the header of d.csv", place, help, file=file, line=1)
        for name, place, help in [
            ("heigth", ("dataset", "inputs", 0), "did you mean 'height'?"),
            ("zzz", ("dataset", "inputs", 2), listed),
            ("Y_", ("dataset", "targets", 0), listed),
            ("q", ("dataset", "targets", 2), listed),
        ]
    )


def test_a_space_is_part_of_a_column_name(tmp_path: Path) -> None:
    (finding,) = missing(tmp_path, "a, y\n1, 2\n")
    assert finding.help == "did you mean ' y'?"


def test_a_long_header_is_listed_in_part(tmp_path: Path) -> None:
    names = ["a", *(f"x{i}" for i in range(30))]
    (finding,) = missing(tmp_path, ",".join(names) + "\n")
    assert finding.help == f"columns: {', '.join(map(repr, names[:20]))}, ..."


@pytest.mark.parametrize(("mark", "shown"), [(";", "';'"), ("\t", r"'\t'"), ("|", "'|'")])
def test_another_separator_is_named(tmp_path: Path, mark: str, shown: str) -> None:
    found = missing(tmp_path, f"a{mark}y\n1{mark}2\n")
    help = f"cells are separated by {shown}, not by ',': delimiter = {shown}".replace("'", '"')
    assert [finding.help.replace("'", '"') for finding in found if finding.help] == [help] * 2


# SN505, SN506: rows


@pytest.mark.parametrize("content", ["a,b,y\n", "a,b,y", "a,b,y\r\n\r\n\r\n"])
def test_p08_a_header_and_no_rows(tmp_path: Path, content: str) -> None:
    finding = refusal(tmp_path, content)
    assert (finding.code, finding.message) == ("SN505", "d.csv: 0 data rows")
    assert (finding.path, finding.line, finding.help) == (("dataset", "path"), None, "add rows below the header")


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
        ('1,2,3,"two\nlines"\n1,2,3\n', "row 4 has 3 cells, the header has 4"),
        ('1,2,3,4\r1,2,3,"4\r\r5"\r1,2\r', "row 6 has 2 cells, the header has 4"),
    ],
)
def test_a_ragged_row(tmp_path: Path, rows: str, message: str) -> None:
    finding = refusal(tmp_path, "a,b,y,note\n" + rows)
    assert (finding.code, finding.message, finding.path) == ("SN506", message, ("dataset", "path"))
    assert message.startswith(f"row {finding.line} ")
    assert finding.help == "a row has one cell for each column; a cell with a comma in it is quoted"


# SN507: cells


def test_p07_the_message_quotes_the_cell_that_is_wrong(tmp_path: Path) -> None:
    content = 'a,y\n"3.10",0\n41.7,1\n"5.678,90",2\n'
    assert refusal(tmp_path, content) == Finding(
        "SN507",
        "row 4, column 'a': '5.678,90' is not a number",
        ("dataset", "inputs", 0),
        'if this is a number, say how it is written: decimal = ",", thousands = "."',
        file=str(tmp_path / "d.csv"),
        line=4,
    )


NOT_NUMBERS = [
    *("nan", "NaN", "inf", "-inf", "Infinity", "1_000", "0x10", "0b1", "1e", "e5", ".", "-", "+", "--1", "+-1", "1 2"),
    *(
        "- 1",
        "1.2.3",
        "1,5",
        "1.234.5",
        "True",
        "None",
        "1j",
        "1f",
        "5%",
        "$5",
        "1e5.0",
        "1e 5",
        "#N/A",
        "\u0661",
        "\uff11",
    ),
    *("1\n", "\n1", "1\xa0", "\u20091", "1\t", "\u22121", "1\u00b2"),
]


@pytest.mark.parametrize("cell", NOT_NUMBERS)
def test_what_is_not_a_number(tmp_path: Path, cell: str) -> None:
    finding = refusal(tmp_path, f'y,b,a\n1,x,2\n3,x,"{cell}"\n5,x,6\n', targets=["y"])
    assert (finding.code, finding.message) == ("SN507", f"row 3, column 'a': {cell!r} is not a number")
    assert (finding.path, finding.line) == (("dataset", "inputs", 0), 3)


@pytest.mark.parametrize("cell", ["", '""', "  "])
def test_an_empty_cell(tmp_path: Path, cell: str) -> None:
    finding = refusal(tmp_path, f"a,b,y\n1,2,3\n1,2,{cell}\n", inputs=["a", "b"])
    assert (finding.code, finding.message, finding.line) == ("SN507", "row 3, column 'y' is empty", 3)
    assert finding.path == ("dataset", "targets", 0)
    assert finding.help == "fill it in, or say `missing = ...` of the column"


@pytest.mark.parametrize("cell", ["1e999", "-1e999", "1.7976931348623159e308", "1" + "0" * 309])
def test_a_number_that_overflows(tmp_path: Path, cell: str) -> None:
    finding = refusal(tmp_path, f"a,y\n{cell},3\n")
    quoted = repr(cell) if len(cell) < 60 else repr(cell[:60]) + "..."
    assert (finding.code, finding.message) == ("SN507", f"row 2, column 'a': {quoted} is beyond the range of float64")


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
def test_what_is_not_csv(tmp_path: Path, content: str, row: int, reason: str) -> None:
    assert refusal(tmp_path, content) == Finding(
        "SN508",
        f"row {row} is not CSV: {reason}",
        ("dataset", "path"),
        OPEN_QUOTE,
        file=str(tmp_path / "d.csv"),
        line=row,
    )


@pytest.mark.parametrize(
    ("content", "row"), [("a,y\n1,2\n3,\0\n", 3), ("a,y,b\n1,2,x\0\n", 2), ("a,y\n1,2\n".encode("utf-16-le"), 1)]
)
def test_a_nul_character(tmp_path: Path, content: bytes | str, row: int) -> None:
    finding = refusal(tmp_path, content)
    assert (finding.code, finding.message, finding.line) == ("SN508", f"row {row} holds a NUL character", row)
    help = 'save the file as UTF-8 text; UTF-16 files hold such characters (encoding = "utf-16"), and binary ones'
    assert finding.help == help


# Where a fault is


def test_the_file_is_closed_after_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    path_open = Path.open

    def remember(self: Path, *args: Any, **options: Any) -> Any:
        opened.append(path_open(self, *args, **options))
        return opened[-1]

    (tmp_path / "d.csv").write_text("a,y\nx,2\n3,4\n")
    monkeypatch.setattr(Path, "open", remember)
    with pytest.raises(DataError) as caught:
        load(tmp_path)
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
).filter(lambda text: not is_number(text))


@seed(7)
@settings(derandomize=False, deadline=None, max_examples=300)
@given(data=st.data(), rows=st.integers(1, 12), columns=st.integers(2, 6), corruption=corruptions)
def test_p07_one_corrupted_cell_is_reported_where_it_is(
    data: st.DataObject, rows: int, columns: int, corruption: str
) -> None:
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    inputs = data.draw(st.integers(1, columns - 1))
    names = [f"c{i}" for i in range(columns)]
    numbers = st.floats(allow_nan=False, allow_infinity=False).map(repr)
    table = [[data.draw(numbers) for _ in names] for _ in range(rows)]
    table[row][column] = corruption
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([names, *table])
    with tempfile.TemporaryDirectory() as folder:
        finding = refusal(Path(folder), text.getvalue(), inputs=names[:inputs], targets=names[inputs:])
    assert (finding.code, finding.line) == ("SN507", row + 2)
    assert finding.message.startswith(f"row {row + 2}, column 'c{column}'")
    field, index = ("inputs", column) if column < inputs else ("targets", column - inputs)
    assert finding.path == ("dataset", field, index)


# What is read


def test_the_plan_is_the_columns() -> None:
    component = Csv(path="d.csv", inputs=("b", "a"), targets=("y",))
    assert component.plan() == DatasetPlan(("b", "a"), ("y",), None)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    content = 'id,y,"note, free",a,b\nr1,1,"x ""y""\nz",2,3\nr2,4,,5,6\n'
    data = read(tmp_path, content, inputs=["b", "a"], targets=["y"])
    assert (data.inputs.names, data.targets.names) == (("b", "a"), ("y",))
    np.testing.assert_array_equal(data.inputs.values, [[3, 2], [6, 5]])
    np.testing.assert_array_equal(data.targets.values, [[1], [4]])
    for table in (data.inputs, data.targets):
        assert table.values.dtype == np.float64
        assert table.values.flags.c_contiguous
        assert table.values.flags.writeable


def test_the_file_is_named_by_its_resolved_path(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "d.csv").write_text("a,y\n1,2\n")
    assert load(tmp_path / "specs", path="../d.csv").files == (tmp_path.resolve() / "d.csv",)
    assert load(tmp_path / "specs", path=str(tmp_path / "d.csv")).files == (tmp_path.resolve() / "d.csv",)


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf"a","b","y"\r\n1,2,3\r\n4,5,6\r\n',
        b"\xef\xbb\xbfa,b,y\n1,2,3\n4,5,6",
        b"a,b,y\r1,2,3\r4,5,6\r",
        b"a,b,y\n1,2,3\n4,5,6\n\n\r\n\n",
        b'a,b,y\n 1,"2 ",  3  \n4,"5"," 6"\n',
        b"a,b,y\n+1,2.,3e0\n4.0,.5E+1,600e-2\n",
    ],
)
def test_p02_the_same_table_in_other_dress(tmp_path: Path, content: bytes) -> None:
    plain = read(tmp_path, b"a,b,y\n1,2,3\n4,5,6\n", inputs=["a", "b"])
    dressed = read(tmp_path, content, inputs=["a", "b"])
    assert dressed.inputs.names == plain.inputs.names
    assert dressed.inputs.values.tobytes() == plain.inputs.values.tobytes()
    assert dressed.targets.values.tobytes() == plain.targets.values.tobytes()


def test_p15_a_cell_is_the_nearest_float(tmp_path: Path) -> None:
    data = read(tmp_path, "a,y\n-27.183,1\n-27.183000,1\n0.30000000000000004,1\n-0,1\n1e-999,1\n")
    a = data.inputs.values[:, 0]
    assert a.tolist() == [-27.183, -27.183, 0.30000000000000004, 0.0, 0.0]
    assert a[0] == a[1]
    assert np.signbit(a[3])


def test_p15_a_hundred_thousand_floats_come_back_bit_for_bit(tmp_path: Path) -> None:
    bits = np.random.default_rng(15).integers(0, 2**64, size=101_000, dtype=np.uint64)
    floats = bits.view(np.float64)
    floats = floats[np.isfinite(floats)][:100_000]
    data = read(tmp_path, "a,y\n" + "".join(f"{x!r},1\n" for x in floats.tolist()))
    assert data.inputs.values.shape == (100_000, 1)
    assert data.inputs.values.tobytes() == floats.tobytes()


@seed(15)
@settings(derandomize=False, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * (width + 1)), min_size=1, max_size=20
        )
    )
)
def test_p15_floats_written_by_repr_come_back_bit_for_bit(rows: list[tuple[float, ...]]) -> None:
    names = [f"c{i}" for i in range(len(rows[0]))]
    content = "\n".join([",".join(names), *(",".join(map(repr, row)) for row in rows)])
    with tempfile.TemporaryDirectory() as folder:
        data = read(Path(folder), content, inputs=names[:-1], targets=names[-1:])
    assert data.inputs.values.tobytes() == b"".join(struct.pack(f"={len(row) - 1}d", *row[:-1]) for row in rows)
    assert data.targets.values.tobytes() == struct.pack(f"={len(rows)}d", *(row[-1] for row in rows))


def test_p20_integers_beyond_64_bits_are_floats_in_any_order(tmp_path: Path) -> None:
    rows = ["1,0", "9223372036854775808,1", "18446744073709551616,2"]
    expected = [1.0, 9.223372036854775808e18, 1.8446744073709551616e19]
    forward = read(tmp_path, "\n".join(["a,y", *rows])).inputs.values
    backward = read(tmp_path, "\n".join(["a,y", *rows[::-1]])).inputs.values
    assert forward.ravel().tolist() == expected
    assert backward.ravel().tolist() == expected[::-1]


# The room


def test_the_room_offers_the_component() -> None:
    assert room.specnet_components() == [Csv]
    assert Csv(path="d.csv", inputs=("a",), targets=("y",)).type == "csv"


def test_the_room_is_imported_without_numpy() -> None:
    code = "import sys, specnet.builtins.datasets.csv; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
