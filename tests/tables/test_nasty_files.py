"""A corpus of nasty files, made here: right values, or a clean error with its row and column, for every one."""

from __future__ import annotations

import bz2
import codecs
import gzip
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from specnet.errors import DataError
from specnet.tables import source
from specnet.tables.block import WantedColumn
from specnet.tables.csv_file import CsvFile, Dialect

NUMBERS = ((1.0, 2.0), (3.0, 4.0))
BOM = codecs.BOM_UTF8


@dataclass(frozen=True)
class Case:
    """A file with the columns a and y; t is text. Either its rows, or the code, row and column of its first fault."""

    name: str
    content: bytes
    rows: tuple[tuple[Any, ...], ...] = ()
    fault: str = ""
    row: int | None = None
    column: str = ""
    dialect: dict[str, Any] = field(default_factory=dict)
    text: bool = False


def good(name: str, content: bytes | str, rows: tuple[tuple[Any, ...], ...] = NUMBERS, **dialect: Any) -> Case:
    return Case(name, content if isinstance(content, bytes) else content.encode(), rows, dialect=dialect)


def texts(name: str, content: bytes | str, rows: tuple[tuple[Any, ...], ...], **dialect: Any) -> Case:
    data = content if isinstance(content, bytes) else content.encode()
    return Case(name, data, rows, dialect=dialect, text=True)


def bad(name: str, content: bytes | str, fault: str, row: int | None, column: str = "", **dialect: Any) -> Case:
    return Case(name, content if isinstance(content, bytes) else content.encode(), (), fault, row, column, dialect)


EURO: dict[str, Any] = {"delimiter": ";", "decimal": ","}
CORPUS = [
    # line ends
    good("no line end at the end", "a,y\n1,2\n3,4"),
    good("line ends of Windows", "a,y\r\n1,2\r\n3,4\r\n"),
    good("line ends of an old Mac", "a,y\r1,2\r3,4\r"),
    good("line ends of an old Mac but the last", "a,y\r1,2\r3,4"),
    good("line ends of all kinds", "a,y\r\n1,2\r3,4\n"),
    good("empty lines at the end", "a,y\n1,2\n3,4\n\n\r\n\n"),
    good("half a line end at the end", "a,y\r\n1,2\r\n3,4\r"),
    bad("an empty line between rows", "a,y\n1,2\n\n3,4\n", "SN506", 3),
    bad("an empty line below the header", "a,y\n\n1,2\n", "SN506", 2),
    bad("an empty line above the header", "\na,y\n1,2\n", "SN503", 1),
    bad("a line of spaces at the end", "a,y\n1,2\n  \n", "SN506", 3),
    texts(
        "a separator of Unicode is no line end", "a,y,t\n1,2,x\u2028z\n3,4,\x0b\n", ((1, 2, "x\u2028z"), (3, 4, "\x0b"))
    ),
    # byte order marks and encodings
    good("a byte order mark", BOM + b"a,y\n1,2\n3,4\n"),
    good("a byte order mark before a quoted name", BOM + b'"a","y"\r\n1,2\r\n3,4\r\n'),
    bad("two byte order marks", BOM + BOM + b"a,y\n1,2\n", "SN504", 1, "a"),
    bad("a byte order mark below the header", b"a,y\n" + BOM + b"1,2\n", "SN507", 2, "a"),
    good("UTF-16 with its mark", "a,y\n1,2\n3,4\n".encode("utf-16"), encoding="utf-16"),
    good("UTF-16 of the other end", codecs.BOM_UTF16_BE + "a,y\n1,2\n3,4\n".encode("utf-16-be"), encoding="utf-16"),
    good("UTF-16 without a mark", "a,y\n1,2\n3,4\n".encode("utf-16-le"), encoding="utf-16-le"),
    bad("UTF-16 that nobody has told of", "a,y\n1,2\n".encode("utf-16"), "SN502", 1),
    bad("UTF-16 without a mark that nobody has told of", "a,y\n1,2\n".encode("utf-16-le"), "SN508", 1),
    bad("half a character of UTF-16", "a,y\n1,2\n".encode("utf-16-le") + b"3", "SN502", 3, encoding="utf-16-le"),
    texts("Windows-1252", "a,y,t\n1,2,é€\n".encode("cp1252"), ((1, 2, "é€"),), encoding="cp1252"),
    bad("Windows-1252 that nobody has told of", "a,y,t\n1,2,x\n3,4,é\n".encode("cp1252"), "SN502", 3),
    bad("a byte that Windows-1252 lacks", b"a,y,t\n1,2,\x81\n", "SN502", 2, encoding="cp1252"),
    texts("a backslash within Shift JIS", "a,y,t\n1,2,表\n".encode("shift_jis"), ((1, 2, "表"),), encoding="shift_jis"),
    bad("a long way of writing a slash", b"a,y,t\n1,2,\xc0\xaf\n", "SN502", 2),
    bad("half of a surrogate pair", b"a,y,t\n1,2,\xed\xa0\x80\n", "SN502", 2),
    bad("a character cut off at the end", b"a,y,t\n1,2,\xe2\x82", "SN502", 2),
    bad("a NUL in a column that is not read", "a,y,t\n1,2,x\n3,4,\0\n", "SN508", 3),
    bad("zeros behind the last row", b"a,y\n1,2\n" + b"\0" * 100, "SN508", 3),
    # headers
    bad("nothing", "", "SN503", 1),
    bad("a byte order mark and nothing", BOM, "SN503", 1),
    bad("no rows", "a,y\n", "SN505", None),
    bad("a header without an end", "a,y", "SN505", None),
    bad("commas", ",,,\n", "SN503", 1),
    bad("a name that is empty", "a,,y\n1,2,3\n", "SN503", 1),
    bad("a name of spaces", "a, ,y\n1,2,3\n", "SN503", 1),
    bad("a comma too many in the header", "a,y,\n1,2\n", "SN503", 1),
    bad("a name twice", "a,y,a\n1,2,3\n", "SN503", 1),
    bad("no header, and a number twice", "1,1\n2,2\n", "SN503", 1),
    bad("no header", "1,2\n3,4\n", "SN504", 1, "a"),
    bad("other capitals", "A,y\n1,2\n", "SN504", 1, "a"),
    bad("a space before a name", "a, y\n1,2\n", "SN504", 1, "y"),
    texts("a name over two lines", 'a,y,"t\n",t\n1,2,x,z\n', ((1, 2, "z"),)),
    good("names in another order, and more of them", "z,y,x,a\n0,2,0,1\n,4,?,3\n"),
    # widths
    bad("a cell too many", "a,y\n1,2\n3,4,5\n", "SN506", 3),
    bad("a cell too few", "a,y\n1,2\n3\n", "SN506", 3),
    bad("a comma at the end of a row", "a,y\n1,2,\n", "SN506", 2),
    bad("a row cut off at the end", "a,y,t\n1,2,x\n3,4", "SN506", 3),
    bad("widths that make good for each other", "a,y\n1\n2,3,4\n", "SN506", 2),
    bad("decimal commas between commas", "a,y\n1,5,2\n", "SN506", 2),
    bad("semicolons", "a;y\n1;2\n", "SN504", 1, "a"),
    bad("a note above the header", "exported today\na,y\n1,2\n", "SN504", 1, "a"),
    bad("a sum without cells below the rows", "a,y\n1,2\ntotal\n", "SN506", 3),
    # quotes
    good("everything quoted", '"a","y"\n"1","2"\n"3","4"\n'),
    texts("a comma, a quote and a line end in a cell", 'a,y,t\n1,2,"x,""y""\n"\n', ((1, 2, 'x,"y"\n'),)),
    texts("a quote within a cell", 'a,y,t\n1,2,5" pipe\n', ((1, 2, '5" pipe'),)),
    bad("a quote that stays open", 'a,y,t\n1,2,"x\n3,4,z\n', "SN508", 2),
    bad("text behind a quote", 'a,y,t\n1,2,"x"z\n', "SN508", 2),
    bad("a space behind a quote", 'a,y,t\n1,2,"x" \n', "SN508", 2),
    bad("a cell over two lines that is no number", 'a,y,t\n1,2,"x\nz"\n3,"4\n",w\n5,6,v\n', "SN507", 4, "y"),
    bad("a row below cells over many lines", 'a,y,t\n1,2,"\n\n\n"\n3,,\n4,x,\n', "SN507", 7, "y"),
    texts("quotes that mean nothing", 'a,y,t\n1,2,"x\n', ((1, 2, '"x'),), quote=""),
    good("single quotes", "a;y\n'1';2\n3;'4'\n", delimiter=";", quote="'"),
    # numbers
    good("spaces around numbers", "a,y\n 1,2 \n  3  ,4\n"),
    good("many ways to write a number", "a,y\n+1,2.\n.3e1,400E-2\n"),
    good("leading zeros", "a,y\n0001,02.0\n" + "0" * 40 + "3,4\n"),
    good("integers beyond 64 bits", "a,y\n9223372036854775808,18446744073709551616\n", ((2.0**63, 2.0**64),)),
    good("the least and the greatest", "a,y\n5e-324,1.7976931348623157e308\n", ((5e-324, 1.7976931348623157e308),)),
    good("a number that is 0 in float64", "a,y\n1e-400,-1e-400\n", ((0.0, 0.0),)),
    bad("a number beyond float64", "a,y\n1,2\n1e309,4\n", "SN507", 3, "a"),
    bad("infinity", "a,y\n1,inf\n", "SN507", 2, "y"),
    bad("not a number, in so many words", "a,y\n1,NaN\n", "SN507", 2, "y"),
    bad("digits of another script", "a,y\n1,\u0662\n", "SN507", 2, "y"),
    bad("a minus of typesetters", "a,y\n1,\u22122\n", "SN507", 2, "y"),
    bad("an underscore", "a,y\n1,1_000\n", "SN507", 2, "y"),
    bad("hexadecimal", "a,y\n1,0x10\n", "SN507", 2, "y"),
    bad("a date", "a,y\n1,2\n3,2020-01-02\n", "SN507", 3, "y"),
    bad("a percent sign", "a,y\n1,2\n3,4%\n", "SN507", 3, "y"),
    bad("a space that does not break", "a,y\n1,2\xa0\n", "SN507", 2, "y"),
    bad("a tab beside a number", "a,y\n1,\t2\n", "SN507", 2, "y"),
    bad("true", "a,y\n1,true\n", "SN507", 2, "y"),
    bad("a formula that failed", "a,y\n1,#DIV/0!\n", "SN507", 2, "y"),
    bad("the first of two faults", "a,y\n1,2\n3,x\nz,4\n", "SN507", 3, "y"),
    bad("two faults in a row", "a,y\n1,2\nx,z\n", "SN507", 3, "a"),
    good("decimal commas", "a;y\n1,0;2\n3;4,00\n", **EURO),
    bad("a point among decimal commas", "a;y\n1,0;2\n3.5;4\n", "SN507", 3, "a", **EURO),
    bad("thousands that nobody has told of", "a;y\n1,5;2\n1.234,5;4\n", "SN507", 3, "a", **EURO),
    good("thousands", "a;y\n1.234,5;2\n-12.345.678;4\n", ((1234.5, 2.0), (-12345678.0, 4.0)), **EURO, thousands="."),
    bad("groups of another size", "a;y\n12.34;2\n", "SN507", 2, "a", **EURO, thousands="."),
    good("quoted thousands between commas", 'a,y\n"1,234.5",2\n', ((1234.5, 2.0),), thousands=","),
    # missing
    good("empty cells", 'a,y\n,2\n"",4\n  ,\n', ((None, 2.0), (None, 4.0), (None, None))),
    good("markers", "a,y\nNA,2\n -999 ,NA\n", ((None, 2.0), (None, None)), missing=("NA", "-999")),
    bad("markers in other capitals", "a,y\n1,2\nna,2\n", "SN507", 3, "a", missing=("NA",)),
    texts("missing texts", "a,y,t\n1,2,\n3,4,NA\n", ((1, 2, None), (3, 4, None)), missing=("NA",)),
    # packing, and what is no table
    good("gzip", gzip.compress(b"a,y\n1,2\n3,4\n", mtime=0)),
    good("gzip in two members", gzip.compress(b"a,y\n1,2\n3,", mtime=0) + gzip.compress(b"4\n", mtime=0)),
    bad("gzip cut off", gzip.compress(b"a,y\n1,2\n3,4\n", mtime=0)[:-5], "SN501", None),
    bad("gzip with a wrong sum", gzip.compress(b"a,y\n1,2\n", mtime=0)[:-8] + b"\0" * 8, "SN501", None),
    bad("two bytes of gzip", b"\x1f\x8b", "SN501", None),
    bad("gzip with something behind it", gzip.compress(b"a,y\n1,2\n", mtime=0) + b"a,y\n", "SN501", None),
    bad("gzip of a fault", gzip.compress(b"a,y\n1,2\n3,x\n", mtime=0), "SN507", 3, "y"),
    bad("bzip2", bz2.compress(b"a,y\n1,2\n"), "SN502", 1),
    bad("a spreadsheet", b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)), "SN508", 1),
    bad("a page of the web", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "SN504", 1, "a"),
    bad("a line without end", b"a,y\n1,2\n" + b"1" * (17 << 20), "SN508", 3),
    bad("a cell without end", b"a,y\n1,2\n" + b"1" * 200_000 + b",2\n", "SN508", 3),
]


def test_the_corpus_is_large_and_names_each_file_once() -> None:
    assert len({case.name for case in CORPUS}) == len(CORPUS) >= 100


@pytest.mark.parametrize("chunk", [1 << 20, 5])
@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_nasty_file(case: Case, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if len(case.content) < 1_000_000:  # whatever the size in which it is read
        monkeypatch.setattr(source, "CHUNK", chunk)
    (tmp_path / "d.csv").write_bytes(case.content)
    file = CsvFile(tmp_path / "d.csv", "d.csv", Dialect(**case.dialect), ("file",))
    columns = [
        WantedColumn("a", True, ("a",)),
        WantedColumn("y", True, ("y",)),
        *[WantedColumn("t", False, ("t",))] * case.text,
    ]
    if case.fault:
        with pytest.raises(DataError) as caught:
            list(file.blocks(columns))
        finding = caught.value.findings[0]
        assert (finding.code, finding.line, finding.file) == (case.fault, case.row, str(tmp_path / "d.csv"))
        assert finding.path == ((case.column,) if case.column else ("file",))
        return
    rows = [row for part in file.blocks(columns) for row in zip(*part.columns, strict=True)]
    assert [tuple(None if x is None or x != x else x for x in row) for row in rows] == list(case.rows)


def test_missing_numbers_are_nan(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,y\n,1\n")
    (part,) = CsvFile(tmp_path / "d.csv", "d.csv").blocks([WantedColumn("a", True)])
    assert isnan(part.columns[0][0])  # type: ignore[arg-type]  # it is numeric
