from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import specnet
from specnet.errors import Finding
from specnet.reports import FORMATS, render
from specnet.reports.report import Checked, counted, relative, statistics, summary

ROOT = Path(specnet.__file__).parents[1]
ERROR, WARNING = Finding("SN102", "x"), Finding("SN301", "x", severity="warning")


def test_no_format_is_imported_before_it_is_used_and_none_is_heavy() -> None:
    code = (
        "import sys, specnet.reports as r; from pathlib import Path\n"
        "print(sorted(m for m in sys.modules if m.startswith('specnet.reports.')))\n"
        "[r.render(f, [], Path.cwd()) for f in r.FORMATS]\n"
        "print({'numpy', 'pydantic', 'click', 'rich'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['specnet.reports.report']", "set()"]


def test_the_formats() -> None:
    assert list(FORMATS) == ["full", "concise", "json", "github", "gitlab", "sarif", "junit"]
    assert [name for name, format in FORMATS.items() if format.whole] == ["json", "gitlab", "sarif", "junit"]
    assert all(format.help for format in FORMATS.values())


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("specs/a.toml", "specs/a.toml"),
        ("./specs//b/../a.toml", "specs/a.toml"),
        ("{root}/specs/a.toml", "specs/a.toml"),
        ("../a.toml", "{above}/a.toml"),
        ("<stdin>", "<stdin>"),
    ],
)
def test_files_are_named_from_the_root(tmp_path: Path, file: str, named: str) -> None:
    names = {"root": tmp_path, "above": tmp_path.parent.as_posix()}
    given = file.format(**names)
    (one,) = relative(
        [Checked(given, "t", (Finding("SN102", "x", file=given), Finding("SN105", "y", file="--set")))], tmp_path
    )
    assert (one.file, one.text) == (named.format(**names), "t")
    assert [finding.file for finding in one.findings] == [named.format(**names), "--set"]


def test_what_a_person_reads_names_files_as_they_were_given(tmp_path: Path) -> None:
    given = str(tmp_path / "a.toml")
    checked = [Checked(given, "", (Finding("SN102", "x", file=given),))]
    for name, format in FORMATS.items():
        assert (given in render(name, checked, tmp_path)) == (name in ("full", "concise", "json")), name
        assert format.of_repository == (name not in ("full", "concise", "json"))


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([()], "1 file valid"),
        ([(), ()], "2 files valid"),
        ([(ERROR,)], "1 error in 1 of 1 file"),
        ([(WARNING,), ()], "1 warning in 1 of 2 files"),
        ([(ERROR, ERROR, WARNING), (ERROR,), (), (), ()], "3 errors, 1 warning in 2 of 5 files"),
    ],
)
def test_the_summary(files: list[tuple[Finding, ...]], says: str) -> None:
    assert summary([Checked("a", "", findings) for findings in files]) == says


def test_statistics_begin_with_the_most_frequent() -> None:
    found = (Finding("SN301", "x"), ERROR, ERROR, Finding("SN203", "x"))
    assert statistics([Checked("a", "", found), Checked("b", "", (ERROR,))]) == [
        (3, "SN102"),
        (1, "SN203"),
        (1, "SN301"),
    ]
    assert counted(1234, "file") == "1,234 files"
