from __future__ import annotations

from unicodedata import east_asian_width

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from specnet.errors import Finding
from specnet.reports.full import WIDTH, render
from specnet.reports.report import Checked


def shown(text: str, *place: int | None, message: str = "x") -> list[str]:
    """The lines for one finding at (line, column, end line, end column)."""
    line, column, end_line, end_column = (*place, None, None, None, None)[:4]
    finding = Finding("SN102", message, line=line, column=column, end_line=end_line, end_column=end_column)
    return render([Checked("a.toml", text, (finding,))]).split("\n")


def columns(text: str) -> int:
    return sum(1 + (east_asian_width(c) in "WF") for c in text)


# Places that are not there


@pytest.mark.parametrize("place", [(9,), (9, 4), (2, 1, 2, 3)])
@pytest.mark.parametrize("text", ["", "a = 1"])
def test_a_line_that_the_text_does_not_have_is_not_shown(text: str, place: tuple[int, ...]) -> None:
    assert shown(text, *place) == ["SN102 x", f" --> a.toml:{':'.join(map(str, place[:2]))}"]


def test_without_findings_there_is_nothing_to_say() -> None:
    assert render([]) == ""
    assert render([Checked("a.toml", "a = 1", ())]) == ""


def test_a_place_in_another_text_is_not_looked_up_in_this_one() -> None:
    finding = Finding("SN105", "x", ("a",), file="--set", line=1, column=1)
    assert render([Checked("a.toml", "a = 1", (finding,))]) == "SN105 x\n --> --set:1:1  (a)"


@pytest.mark.parametrize(
    ("place", "carets"),
    [
        ((1, 4), "   ^"),
        ((1, 99), "    ^"),  # at the end of the line, where something is missing
        ((1, 3, 1, 3), "  ^"),
        ((1, 3, 1, 2), "  ^"),
        ((1, 3, 1, 99), "  ^^"),
        ((1, 3, None, 5), "  ^^"),
    ],
)
def test_a_span_is_cut_to_the_line_and_marks_one_character_at_least(place: tuple[int, ...], carets: str) -> None:
    assert shown("abcd", *place)[3:] == ["1 | abcd", f"  | {carets}"]


def test_control_characters_are_shown_and_not_sent(hostile: list[Checked]) -> None:
    assert render(hostile).split("\n") == [
        r"SN102 unknown key '\x1b[31m<&" + r"\"]]>'\r\n::error::50%, a:b | \x00\ud800\ufffe".replace(r"\"", '"'),
        r" --> 50%,a:b \x1b[31m\ud800.toml:1:1  (a\nb.\x1b)",
        "  |",
        r"1 | \x1b[31m = 1",
        "  | ^^^^^^^^",
        r"  = help: a\nb",
    ]


# The look


def test_findings_stand_apart_by_an_empty_line(several: list[Checked]) -> None:
    assert render(several) == "\n".join(
        [
            "SN203 unknown layer 'dens'",
            " --> a.toml:4:8  (layers.0.type)",
            "  |",
            '4 | type = "dens"',
            "  |        ^^^^^^",
            "  = help: did you mean 'dense'?",
            "",
            "SN401 warning: too wide",
            " --> a.toml:3:1  (layers.0)",
            "  |",
            "3 | [[layers]]",
            "  | ^^^^^^^^^^",
            "",
            "SN105 'seed' must be at least 0, not -1",
            " --> --set:7:7  (seed)",
            "",
            "SN001 there is no such file",
            " --> b.toml",
        ]
    )


def test_only_a_line() -> None:
    assert shown("a = 1\nb = 2\n", 2) == ["SN102 x", " --> a.toml:2", "  |", "2 | b = 2"]


def test_an_empty_line_leaves_no_space_at_the_end() -> None:
    assert shown("a\n\nb", 2)[2:] == ["  |", "2 |"]


def test_the_gutter_is_as_wide_as_the_number() -> None:
    assert shown("\n" * 99 + "a = 1", 100, 5, 100, 6) == [
        *("SN102 x", "   --> a.toml:100:5", "    |", "100 | a = 1", "    |     ^"),
    ]


@pytest.mark.parametrize(
    ("written", "place", "line", "carets"),
    [
        ("\ta = \t1", (1, 7, 1, 8), "    a =     1", "            ^"),
        ("\t\tab", (1, 1, 1, 4), "        ab", "^^^^^^^^^"),
        ('"日本" = x', (1, 8, 1, 9), '"日本" = x', "         ^"),
        ('a = "日本"', (1, 5, 1, 9), 'a = "日本"', "    ^^^^^^"),
        ("a = '🙂' x", (1, 9, 1, 10), "a = '🙂' x", "         ^"),
        ("'\uff21' = x", (1, 7, 1, 8), "'\uff21' = x", "       ^"),
        ("e\u0301 = x", (1, 6, 1, 7), "e\u0301 = x", "    ^"),
        ("\u200da = x", (1, 2, 1, 3), r"\u200da = x", "      ^"),
        ("a = x\r", (1, 5, 1, 7), "a = x", "    ^"),
    ],
)
def test_carets_stand_below_what_they_mean(written: str, place: tuple[int, ...], line: str, carets: str) -> None:
    assert shown(written, *place)[3:] == [f"1 | {line}", f"  | {carets}"]


def test_a_long_line_is_cut_around_the_span() -> None:
    text = "a = [" + "1, " * 100 + "777" + ", 2" * 100 + "]"
    cut = shown(text, 1, 306, 1, 309)
    assert cut[3] == "1 | ..." + " 1," * 14 + " 777" + ", 2" * 14 + ", ..."
    assert cut[4] == "  | " + " " * 46 + "^^^"
    assert columns(cut[3]) == WIDTH
    assert shown("a = " + "1" * 92, 1, 1, 1, 2)[3] == "1 | a = " + "1" * 92
    assert shown("a = " + "1" * 93, 1, 1, 1, 2)[3] == "1 | a = " + "1" * 86 + "..."


def test_a_finding_about_the_whole_file_shows_no_line_of_it() -> None:
    assert shown("abc", 1, 1, 1, 1)[1:2] == [" --> a.toml:1:1"]
    assert len(shown("abc", 1, 1, 1, 1)) == 2


def test_a_span_longer_than_the_width_shows_its_beginning() -> None:
    assert shown("abc = " + "1" * 200, 1, 7, 1, 207)[3:] == ["1 | ..." + "1" * 90 + "...", "  |    " + "^" * 90]


@settings(derandomize=True, max_examples=200)
@given(
    st.text(st.sampled_from("a= \t日🙂\u0301\x1b"), max_size=300),
    st.integers(1, 320),
    st.integers(1, 3),
    st.integers(1, 320),
)
def test_no_line_is_too_wide_and_the_first_caret_is_within_it(text: str, column: int, end: int, last: int) -> None:
    assume((column, end, last) != (1, 1, 1))  # the file as a whole
    lines = shown(text, 1, column, end, last)
    assert len(lines) <= 8
    assert all(line.isprintable() for line in lines)
    source, carets = lines[3], lines[4]
    narrow = source.replace("\u0301", "")
    assert columns(narrow) <= WIDTH
    assert carets.startswith("  | ")
    assert set(carets.removeprefix("  | ").lstrip()) == {"^"}
    assert len(carets) <= WIDTH
