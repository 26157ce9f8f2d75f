from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.filenames import is_plain

DEVICES = ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "-x", "_x", "a.", "a..", "a/b", "a\\b", "a b", " a", "a "])
def test_p55_a_name_that_some_system_reads_otherwise(name: str) -> None:
    assert not is_plain(name)


@pytest.mark.parametrize("mark", [*":*?\"<>|&$#%~+=,;@!()[]{}'`^", "\0", "\n", "\t", "\x7f", "é", "\u0661", "\u200b"])
def test_p55_marks_that_no_name_has(mark: str) -> None:
    assert not is_plain(f"a{mark}b")
    assert not is_plain(f"a{mark}")
    assert not is_plain(f"{mark}a")


@pytest.mark.parametrize("device", DEVICES)
def test_p55_the_devices_of_windows(device: str) -> None:
    for name in (device, device.upper(), device.title(), f"{device}.txt", f"{device}.tar.gz"):
        assert not is_plain(name)
    for name in (f"{device}x", f"x{device}", f"x.{device}", f"{device}-1", f"{device}0"):
        assert is_plain(name)


def test_a_name_has_80_characters_at_most() -> None:
    assert is_plain("a" * 80)
    assert not is_plain("a" * 81)


@pytest.mark.parametrize(
    "name", ["a", "7", "arith", "Arith-2_b.v1.0", "a-", "a_", "a--b..c", "com0", "com10", "console"]
)
def test_plain_names(name: str) -> None:
    assert is_plain(name)


@given(name=st.text(st.sampled_from("aZ09._-/: é\n"), max_size=6) | st.text(max_size=6))
@settings(derandomize=True, deadline=None)
def test_p55_a_plain_name_matches_the_pattern(name: str) -> None:
    # None of these has the letters of a device.
    plain = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9_-])?", name, re.ASCII) is not None
    assert is_plain(name) == (plain and name.split(".")[0].lower() not in DEVICES)
