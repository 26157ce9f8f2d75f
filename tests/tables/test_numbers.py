from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from specnet.tables.numbers import parse


def same(texts: list[str]) -> None:
    found = parse("".join(f"{text}\n" for text in texts).encode())
    assert found is not None
    wrong = [(text, x) for text, x in zip(texts, found.tolist(), strict=True) if x.hex() != float(text).hex()]
    assert wrong == []


# Refusals


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            " ",
            "x",
            "nan",
            "inf",
            "1_0",
            ".",
            "-",
            "+",
            "--1",
            "+-1",
            "1-",
            "1-2",
            "1.2.3",
            "1..2",
            "e5",
            "1e",
            "1e+",
        ),
        *("1e5e5", "1e5.0", "-.", "1,2", '"1"', " 1", "1e999", "9" * 400, "0x1", "1\r", "\0", "\xa01", "1.5-", "-e1"),
    ],
)
@pytest.mark.parametrize("others", [0, 1, 100])
def test_what_is_no_finite_number(cell: str, others: int) -> None:
    assert parse(("1.5\n" * others + cell + "\n" + "-2\n" * others).encode("latin-1")) is None


@pytest.mark.parametrize(
    "text", [b"1,2\n3\n", b"1,2,3\n4,5\n", b"1,2\n\n3,4\n", b"1\n2\n", b"1,2,3,4\n", b"1,\n2,3\n", b"1,2"]
)
def test_rows_of_another_width(text: bytes) -> None:
    assert parse(text, 2) is None


@pytest.mark.parametrize("a", ["1-", "1.5.", "1e", "12-3"])
@pytest.mark.parametrize("b", ["2", "-2", "+2.5", "2e-5", "1" * 30])
def test_a_fault_is_not_made_good_by_a_neighbour(a: str, b: str) -> None:
    assert parse(f"{a}\n{b}\n".encode()) is None
    assert parse(f"{b}\n{a}\n".encode()) is None


# Values


def test_no_rows() -> None:
    found = parse(b"", 3)
    assert found is not None
    assert found.shape == (0,)


def test_a_table() -> None:
    found = parse(b"1,5;-2;3e-1\n+4;,5;6,\n", 3, b";", b",")
    assert found is not None
    assert found.tolist() == [1.5, -2.0, 0.3, 4.0, 0.5, 6.0]


def test_p15_a_hundred_thousand_floats_of_all_sizes_come_back_bit_for_bit() -> None:
    bits = np.random.default_rng(15).integers(0, 2**64, size=101_000, dtype=np.uint64)
    floats = bits.view(np.float64)
    same([repr(x) for x in floats[np.isfinite(floats)][:100_000].tolist()])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e9, 1e15])
def test_p15_a_hundred_thousand_floats_without_exponents_come_back_bit_for_bit(scale: float) -> None:
    floats = np.random.default_rng(16).standard_normal(20_000) * scale
    same([repr(x) for x in floats.tolist()])
    same([f"{x:.6f}" for x in floats.tolist()])
    same([f"{x:.{i % 25}f}" for i, x in enumerate(floats.tolist())])


def middles(count: int) -> list[str]:
    """Decimal texts that are, or nearly are, halfway between two float64."""
    random = np.random.default_rng(17)
    texts = []
    for _ in range(count):
        low = float(random.integers(2**52, 2**53)) * 2.0 ** float(random.integers(-12, 5))
        middle = (Fraction(low) + Fraction(np.nextafter(low, np.inf))) / 2
        scaled = middle * 10**6
        for off in (-1, 0, 1):
            whole = scaled.numerator // scaled.denominator + off
            texts.append(f"{whole // 10**6}.{whole % 10**6:06d}"[:24])
        texts.append(str(middle.numerator // middle.denominator))
    return texts


def test_p15_what_lies_between_two_floats_goes_to_the_nearer_one() -> None:
    same(middles(5_000))
    same(["9007199254740993", "9007199254740992.5", "9007199254740993.0000000000000000000001", "0.1" + "0" * 22 + "1"])
    same(
        ["4503599627370496.5", "4503599627370497.5", "18446744073709551615", "18446744073709551616", "9" * 19, "9" * 20]
    )
    same(
        ["1" + "0" * k for k in range(25)] + ["0." + "0" * k + "1" for k in range(30)] + ["9" * k for k in range(1, 30)]
    )


digits = st.text("0123456789", max_size=26)


@seed(18)
@settings(derandomize=False, deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(["", "-", "+"]), digits, st.sampled_from(["", "."]), digits), min_size=1))
def test_any_decimal_text_is_read_as_float_does(parts: list[tuple[str, str, str, str]]) -> None:
    texts = ["".join(part) for part in parts if part[1] + part[3]]
    same(texts) if texts else None


@seed(19)
@settings(derandomize=False, deadline=None, max_examples=500)
@given(st.lists(st.text("0123456789+-.eE", max_size=8), min_size=1, max_size=12))
def test_any_text_is_read_as_float_does_or_not_at_all(texts: list[str]) -> None:
    found = parse("".join(f"{text}\n" for text in texts).encode())
    try:
        expected = [float(text) for text in texts]
    except ValueError:
        expected = [np.inf]
    if np.isfinite(expected).all():
        assert found is not None
        assert found.tobytes() == np.array(expected).tobytes()
    else:
        assert found is None
