"""concise, github and the page of a step: what is read line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specnet.errors import Finding
from specnet.reports import concise, github, step_summary
from specnet.reports.report import Checked

if TYPE_CHECKING:
    from types import ModuleType


def many(errors: int, warnings: int) -> list[Checked]:
    found = [Finding("SN301", f"w{i}", severity="warning", line=i + 1) for i in range(warnings)]
    found += [Finding("SN102", f"e{i}", line=i + 1) for i in range(errors)]
    return [Checked("a.toml", "", tuple(found))]


@pytest.mark.parametrize("format", [concise, github])
def test_without_findings_there_is_nothing_to_say(format: ModuleType) -> None:
    assert format.render([Checked("a.toml", "a = 1", ())]) == ""


# concise


def test_concise_keeps_to_one_line_whatever_a_file_says(hostile: list[Checked]) -> None:
    assert concise.render(hostile) == (
        r"50%,a:b \x1b[31m\ud800.toml:1:1: SN102 unknown key "
        r"""'\x1b[31m<&"]]>'\r\n::error::50%, a:b | \x00\ud800\ufffe [a\nb]"""
    )


def test_concise_tells_the_path_where_no_line_is_known(several: list[Checked]) -> None:
    bare = Checked("d.toml", "", (Finding("SN103", "missing key 'loss'", ("loss",)),))
    assert concise.render([*several, bare]).split("\n") == [
        "a.toml:4:8: SN203 unknown layer 'dens' [did you mean 'dense'?]",
        "a.toml:3:1: SN401 warning: too wide",
        "--set:7:7: SN105 'seed' must be at least 0, not -1",
        "b.toml: SN001 there is no such file",
        "d.toml: SN103 missing key 'loss' (loss)",
    ]


# github


def test_github_cannot_be_given_another_command(hostile: list[Checked]) -> None:
    assert github.render(hostile) == (
        r"::error file=50%25%2Ca%3Ab \x1b[31m\ud800.toml,line=1,col=1,endColumn=6,title=SN102::"
        r"""unknown key '\x1b[31m<&"]]>'%0D%0A::error::50%25, a:b | \x00\ud800\ufffe%0Aa%0Ab"""
    )


def test_github_errors_come_first_and_a_span_over_lines_has_no_columns(several: list[Checked]) -> None:
    assert github.render(several).split("\n") == [
        "::error file=a.toml,line=4,col=8,endColumn=14,title=SN203::unknown layer 'dens'%0Adid you mean 'dense'?",
        "::error file=a.toml,title=SN105::'seed' must be at least 0, not -1",
        "::error file=b.toml,title=SN001::there is no such file",
        "::warning file=a.toml,line=3,endLine=4,title=SN401::too wide",
    ]


@pytest.mark.parametrize(("errors", "warnings"), [(11, 0), (0, 11), (12, 13), (10, 10), (3, 12)])
def test_github_gets_ten_of_each_and_the_page_has_the_rest(errors: int, warnings: int) -> None:
    checked = many(errors, warnings)
    told = github.render(checked).split("\n")
    assert [line.split("::")[2] for line in told] == [
        *(f"e{i}" for i in range(min(errors, 10))),
        *(f"w{i}" for i in range(min(warnings, 10))),
    ]
    page = step_summary.render(checked)
    assert page.count("| SN102 | e") == max(0, errors - 10)
    assert page.count("| SN301 | w") == max(0, warnings - 10)
    assert ("Not annotated:" in page) == (errors > 10 or warnings > 10)


def test_equal_findings_are_counted_one_by_one() -> None:
    (one,) = many(1, 0)
    twelve = [one._replace(findings=one.findings * 12)]
    assert len(github.render(twelve).split("\n")) == 10
    assert step_summary.render(twelve).count("| SN102 | e0 |") == 2


# The page of a step


def test_a_page_says_what_a_file_says_as_it_stands(hostile: list[Checked]) -> None:
    twelve = [hostile[0]._replace(findings=hostile[0].findings * 11)]
    row = step_summary.render(twelve).splitlines()[-1]
    assert row == (
        r"| 50%,a\:b \\x1b\[31m\\ud800\.toml\:1 | SN102 | unknown key "
        r"""'\\x1b\[31m\<\&"\]\]\>'\\r\\n\:\:error\:\:50%, a\:b \| \\x00\\ud800\\ufffe | a\\nb |"""
    )


def test_a_page_is_not_dropped_for_its_size() -> None:
    for text in ("|" * 5000, "🙂" * 5000, "\U0010ffff" * 5000):
        page = step_summary.render([Checked(text, "", (Finding("SN102", text, help=text),) * 5000)])
        assert len(page.encode()) < 2**20
    assert page.endswith("\n\nand 4,790 more")
    assert "| SN102 | 5,000 | a key that is unknown here |" in page


def test_a_page_of_valid_files() -> None:
    assert step_summary.render([Checked("a.toml", "", ())] * 2) == "### specnet validate\n\n2 files valid"


def test_a_page_counts_by_code(several: list[Checked]) -> None:
    assert step_summary.render(several).split("\n") == [
        *("### specnet validate", "", "3 errors, 1 warning in 2 of 3 files", ""),
        *("| code | findings | about |", "| --- | --: | --- |"),
        "| SN001 | 1 | the file of a spec cannot be read |",
        "| SN105 | 1 | a number out of its range |",
        "| SN203 | 1 | a name that no component has |",
        "| SN401 | 1 | a layer cannot take the shapes that it gets |",
    ]
