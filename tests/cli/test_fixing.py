from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from specnet.cli import main

SPEC = """\
# what a comment says stays
format = 1
name = "small"
dataset = { type = "arithmetic", samples = 40 }
layers = [{ type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5 }   # aligned
"""
SLIPS = SPEC.replace("units", "unist").replace('"mse"', '"mes"')


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def call(*args: object) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main(["validate", *map(str, args)])
    assert "Traceback" not in err.getvalue()
    return Outcome(caught.value.code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    Path("good.toml").write_text(SPEC)
    Path("slips.toml").write_text(SLIPS)
    Path("few.toml").write_text(SPEC.replace("samples = 40", "samples = 5"))


# Refusals


def test_standard_input_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(SLIPS.encode())))
    code, _, err = call("-", "--fix")
    assert code == 2
    assert err.startswith("SN116 --fix writes files, and this came from standard input\n")
    assert "use --diff" in err


@pytest.mark.parametrize(
    ("option", "codes", "shown"),
    [("--select", "E5", "E5"), ("--ignore", "SN4,", ""), ("--select", "SN1022", "SN1022"), ("--ignore", "SN", "SN")],
)
def test_what_is_no_code(option: str, codes: str, shown: str) -> None:
    code, _, err = call("good.toml", option, codes)
    assert code == 2
    assert err.startswith(f"SN115 {option} takes codes, not {shown!r}\n")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_cannot_be_written_keeps_its_text() -> None:
    Path().chmod(0o500)
    try:
        code, _, err = call("slips.toml", "--fix")
    finally:
        Path().chmod(0o700)
    assert code == 2
    assert "SN601" in err
    assert Path("slips.toml").read_text() == SLIPS


# --fix


def test_a_fix_leaves_all_else_as_it_is() -> None:
    code, out, err = call("slips.toml", "good.toml", "--fix")
    assert (code, err) == (0, "slips.toml: 2 fixed\n")
    assert out == "2 files valid\n"
    assert Path("slips.toml").read_text() == SPEC
    assert sorted(path.name for path in Path().iterdir()) == ["few.toml", "good.toml", "slips.toml"]


def test_what_is_left_is_told_and_counts() -> None:
    Path("slips.toml").write_text(SLIPS.replace("epochs = 5", "epochs = 0"))
    code, out, err = call("slips.toml", "--fix")
    assert (code, err) == (1, "slips.toml: 2 fixed\n")
    assert out.startswith("slips.toml:8:23: SN105 'epochs' must be greater than 0, not 0\n")
    assert out.count("SN") == 1


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_no_line_shows_stay(mark: bytes) -> None:
    content = mark + SLIPS.replace("\n", "\r\n").encode()
    Path("slips.toml").write_bytes(content)
    call("slips.toml", "--fix")
    assert Path("slips.toml").read_bytes() == mark + SPEC.replace("\n", "\r\n").encode()


@pytest.mark.skipif(os.name == "nt", reason="links and permissions of POSIX")
def test_permissions_and_links_stay() -> None:
    Path("slips.toml").chmod(0o640)
    Path("link.toml").symlink_to("slips.toml")
    call("link.toml", "--fix")
    assert Path("link.toml").is_symlink()
    assert Path("slips.toml").read_text() == SPEC
    assert Path("slips.toml").stat().st_mode & 0o777 == 0o640


def test_what_an_override_says_is_not_written() -> None:
    code, out, err = call("good.toml", "--set", "loss=mes", "--fix")
    assert (code, err) == (1, "")
    assert "--set: SN203 unknown loss 'mes'" in out
    assert Path("good.toml").read_text() == SPEC


def test_what_is_not_selected_is_not_fixed() -> None:
    call("slips.toml", "--select", "SN1", "--fix")
    assert Path("slips.toml").read_text() == SPEC.replace('"mse"', '"mes"')


# --diff


def test_a_diff_writes_nothing_and_is_a_patch() -> None:
    code, out, err = call("slips.toml", "good.toml", "--diff")
    assert (code, err) == (1, "")
    assert Path("slips.toml").read_text() == SLIPS
    assert out == (
        "--- slips.toml\n+++ slips.toml\n@@ -2,7 +2,7 @@\n format = 1\n"
        ' name = "small"\n dataset = { type = "arithmetic", samples = 40 }\n'
        '-layers = [{ type = "dense", unist = 3 }]\n-loss = "mes"\n'
        '+layers = [{ type = "dense", units = 3 }]\n+loss = "mse"\n'
        ' optimizer = { type = "gradient_descent", learning_rate = 0.01 }\n'
        " training = { epochs = 5 }   # aligned\n"
    )


def test_nothing_to_change_is_an_empty_diff() -> None:
    assert call("good.toml", "--diff") == (0, "", "")


def test_the_diff_of_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "specnet", "validate", "-", "--diff", "--stdin-filename", "a.toml"],
        input=SLIPS,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("--- a.toml\n+++ a.toml\n")


# --select and --ignore


@pytest.mark.parametrize(
    ("args", "codes", "exit_code"),
    [
        ([], ["SN102", "SN203"], 1),
        (["--select", "SN2"], ["SN203"], 1),
        (["--select", "sn102,SN4"], ["SN102"], 1),
        (["--ignore", "SN1", "--ignore", "SN203"], [], 0),
        (["--select", "SN1", "--ignore", "SN102"], [], 0),
    ],
)
def test_what_is_told_is_what_counts(args: list[str], codes: list[str], exit_code: int) -> None:
    code, out, _ = call("slips.toml", *args)
    assert code == exit_code
    assert [word for word in out.split() if word.startswith("SN")] == codes


def test_a_warning_can_be_ignored_by_the_command_line_and_by_the_spec() -> None:
    assert call("few.toml", "--strict").code == 1
    assert call("few.toml", "--strict", "--ignore", "SN410").code == 0
    text = Path("few.toml").read_text()
    Path("few.toml").write_text(f'{text}\n[[lint.ignore]]\ncode = "SN410"\nreason = "it shows what few rows do"\n')
    assert call("few.toml", "--strict") == (0, "1 file valid\n", "")


def test_a_file_that_cannot_be_read_is_told_in_any_case() -> None:
    code, out, _ = call("none.toml", "--ignore", "SN0")
    assert code == 2
    assert "SN001 there is no such file" in out
