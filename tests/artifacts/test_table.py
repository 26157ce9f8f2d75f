from __future__ import annotations

import csv
import io
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.artifacts.table import from_csv, to_csv


@pytest.mark.parametrize("row", [[], [1], [1, 2, 3]])
def test_a_row_that_is_not_as_long_as_the_header_is_refused(row: list[object]) -> None:
    with pytest.raises(ValueError, match=f"^row 2 has {len(row)} values for 2 columns$"):
        to_csv(["a", "b"], [[1, 2], row])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "^it has no header$"),
        (b"a,b\n1,2\n3\n", "^row 2 has 1 values for 2 columns$"),
        (b'a\n"open', "^unexpected end of data$"),
        (b'a\n"x"y\n', "^',' expected after '\"'$"),
        (b"a\n\xff\n", "can't decode byte 0xff"),
        (b"a\n" + b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_csv(content)


def test_the_text_is_plain() -> None:
    content = to_csv(["epoch", "loss", "val/loss"], [[1, 0.1, None], [np.int64(2), np.float64(1e-300), "a,b"]])
    assert content == b'epoch,loss,val/loss\n1,0.1,\n2,1e-300,"a,b"\n'


def test_float32_reads_back_as_its_exact_value() -> None:
    _, [[text]] = from_csv(to_csv(["loss"], [[np.float32(0.1)]]))
    assert text == "0.10000000149011612"
    assert np.float32(text) == np.float32(0.1)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(), max_size=20))
def test_p59_every_float_reads_back_bit_for_bit(values: list[float]) -> None:
    _, rows = from_csv(to_csv(["loss"], [[value] for value in values]))
    for value, [text] in zip(values, rows, strict=True):
        back = float(text)
        assert math.isnan(back) if math.isnan(value) else struct.pack("<d", back) == struct.pack("<d", value)


texts = st.text(alphabet=st.sampled_from("ab,;\"'\r\n\t =-\0é\u2028")) | st.text()


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(texts, min_size=n, max_size=n), min_size=1, max_size=4)))
def test_p57_every_text_comes_back_also_as_a_column(lines: list[list[str]]) -> None:
    content = to_csv(lines[0], lines[1:])
    assert from_csv(content) == (lines[0], lines[1:])
    assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == lines
