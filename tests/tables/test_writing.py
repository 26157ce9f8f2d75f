from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.errors import UsageError
from specnet.tables.block import WantedColumn
from specnet.tables.csv_file import CsvFile
from specnet.tables.dialect import Dialect
from specnet.tables.writing import CsvWriter, JsonWriter, NpyWriter, NpzWriter

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
floats = st.floats(allow_infinity=False)


def as_csv(texts: list[list[str]], columns: dict[str, Any], dialect: Dialect, mark: bool = False) -> bytes:
    out = io.BytesIO()
    names = [f"t{i}" for i in range(len(texts))] + list(columns)
    writer = CsvWriter(out, names, dialect, mark)
    writer.write(texts, columns)
    writer.end()
    return out.getvalue()


def test_a_text_that_cannot_be_written_without_quotes() -> None:
    dialect = Dialect(quote="")
    with pytest.raises(UsageError, match="SN535 'a,b' cannot be written where no cell is quoted"):
        as_csv([["a,b"]], {"y": np.zeros(1)}, dialect)
    assert as_csv([['5"']], {"y": np.zeros(1)}, dialect) == b't0,y\n5",0.0\n'


@pytest.mark.parametrize("dialect", [
    Dialect(), Dialect(delimiter=";", decimal=","), Dialect(delimiter="\t", quote="'"), Dialect(delimiter="%"),
], ids=["plain", "comma", "tab", "percent"])  # fmt: skip
@settings(derandomize=True, max_examples=60)
@given(st.lists(st.tuples(cells, floats, floats, cells), min_size=1, max_size=6))
def test_what_is_written_is_read_back(dialect: Dialect, rows: list[tuple[str, float, float, str]]) -> None:
    first, a, b, last = (list(column) for column in zip(*rows, strict=True))
    content = as_csv([first], {"a": np.array(a), "b": np.array(b), "c": np.array(last, np.str_)}, dialect)
    expected = [text.rstrip("\0") for text in last]
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote)
    header, *found = reader
    assert header == ["t0", "a", "b", "c"]
    assert [(row[0], row[3]) for row in found] == list(zip(first, expected, strict=True))
    for i, wanted in ((1, a), (2, b)):
        read = np.array([float(row[i].replace(dialect.decimal, ".") or "nan") for row in found])
        assert np.array_equal(read, np.array(wanted), equal_nan=True)


def test_numbers_alone_are_read_back_bit_for_bit_by_the_reader(tmp_path: Path) -> None:
    y = np.random.default_rng(1).standard_normal((500, 2)) * 10.0 ** np.arange(-250, 250)[:, None]
    path = tmp_path / "y.csv"
    path.write_bytes(as_csv([], {"a": y[:, 0], "b": y[:, 1]}, Dialect()))
    (block,) = CsvFile(path, "y.csv").blocks([WantedColumn("a", True), WantedColumn("b", True)])
    assert np.column_stack([np.asarray(column) for column in block.columns]).tobytes() == y.tobytes()


def test_a_gap_in_the_only_column_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "y.csv"
    path.write_bytes(as_csv([], {"a": np.array([1.0, np.nan, 3.0])}, Dialect(), mark=True))
    (block,) = CsvFile(path, "y.csv").blocks([WantedColumn("a", True)])
    assert np.array_equal(np.asarray(block.columns[0]), [1.0, np.nan, 3.0], equal_nan=True)


@pytest.mark.parametrize("lines", [True, False])
def test_json_of_any_names_and_texts(lines: bool) -> None:
    out = io.BytesIO()
    writer = JsonWriter(out, ['100% "a"\n', "é"], lines)
    for text, number in (
        ("\u2028%s", 0.1),
        ('"', float("nan")),
        ("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), float("inf")),
    ):
        writer.write([[text]], {"é": np.array([number])})
    writer.end()
    text = out.getvalue().decode("ascii")
    rows = [json.loads(line) for line in text.splitlines()] if lines else json.loads(text)
    assert [list(row.values()) for row in rows] == [["\u2028%s", 0.1], ['"', None], ["\U0001f600", None]]
    assert list(rows[0]) == ['100% "a"\n', "é"]


@pytest.mark.parametrize("rows", [[3], [65_536, 1, 70]])
def test_arrays_are_those_of_numpy(rows: list[int], tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    parts = [{"a": random.random(n), "kind": np.array([f"k{'x' * (n % 7)}"] * n), "b": random.random(n)} for n in rows]
    for name, writer_of in (
        ("y.npy", lambda out: NpyWriter(out, ["a", "b"])),
        ("y.npz", lambda out: NpzWriter(out, list(parts[0]))),
    ):
        with (tmp_path / name).open("w+b") as out:
            writer = writer_of(out)
            for part in parts:
                writer.write((), part)
            writer.end()
            writer.close()
    wanted = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    assert np.array_equal(np.load(tmp_path / "y.npy"), np.column_stack([wanted["a"], wanted["b"]]))
    with np.load(tmp_path / "y.npz", allow_pickle=False) as archive:
        assert {name: archive[name].tolist() for name in archive} == {n: c.tolist() for n, c in wanted.items()}
