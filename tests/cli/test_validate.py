from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import specnet
from specnet.cli import main
from specnet.cli.outputs import Output, parse_outputs, usual_outputs
from specnet.errors import Finding, UsageError
from specnet.reports.report import Checked
from specnet.spec.folders import is_spec

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(specnet.__file__).parents[1]
SPEC = """
format = 1
name = "small"
dataset = { type = "arithmetic", samples = 40 }
layers = [{ type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5 }
"""
WRONG = SPEC.replace("epochs = 5", "epochs = -5")
TOLD = "SN105 'epochs' must be"


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
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    Path("good.toml").write_text(SPEC)
    Path("wrong.toml").write_text(WRONG)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Puts bytes on standard input."""
    return lambda content: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file has a warning."""
    warning = Finding("SN301", "not portable", severity="warning")
    monkeypatch.setattr("specnet.cli.validate.check", lambda source, *_: Checked(str(source), "", (warning,)))


# Outputs that are refused


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        (["sarf"], "SN111 --output: there is no format 'sarf'\n  = help: did you mean 'sarif'?\n"),
        (["SARIF"], "there is no format 'SARIF'"),
        (["xyz:f"], "= help: known: full, concise, json, github, gitlab, sarif, junit\n"),
        ([""], "there is no format ''"),
        (["json:"], "'json:' names no file\n  = help: --output json:FILE, or --output json for standard output\n"),
        (["json", "sarif"], "nothing else can stand beside json on standard output\n  = help: --output json:FILE\n"),
        (["full", "junit"], "nothing else can stand beside junit"),
        (["json:f", "sarif:f"], "two outputs go to 'f'"),
    ],
)
def test_an_output_that_is_refused_is_refused_before_anything_is_read(outputs: list[str], says: str) -> None:
    before = sorted(Path.cwd().iterdir())
    code, out, err = call("missing.toml", *(part for output in outputs for part in ("--output", output)))
    assert (code, out) == (2, "")
    assert says in err
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("folder", "SN601 cannot write folder: is a folder"),
        ("good.toml/report", "SN601 cannot write good.toml/report: "),
        (os.devnull, f"SN601 cannot write {os.devnull}: is not a regular file"),
    ],
)
def test_a_file_that_cannot_be_written(file: str, says: str) -> None:
    Path("folder").mkdir()
    code, out, err = call("good.toml", "--output", f"json:{file}")
    assert (code, out) == (2, "")
    assert err.startswith(says)


def test_a_name_for_standard_input_that_nobody_reads() -> None:
    code, out, err = call("good.toml", "--stdin-filename", "x.toml")
    assert (code, out) == (2, "")
    assert err == "SN112 --stdin-filename names standard input, which is read for the path -\n"


# Outputs


def test_an_output_is_parted_at_the_first_colon() -> None:
    assert parse_outputs(["sarif:C:\\x\\y.sarif", "full"]) == (Output("sarif", Path("C:\\x\\y.sarif")), Output("full"))
    assert parse_outputs(["full", "github", "concise"]) == (Output("full"), Output("github"), Output("concise"))
    with pytest.raises(UsageError):
        parse_outputs(["C:\\x"])


@pytest.mark.parametrize(
    ("environment", "terminal", "formats"),
    [
        ({}, True, ["full"]),
        ({}, False, ["concise"]),
        ({"GITHUB_ACTIONS": "true"}, False, ["concise", "github"]),
        ({"GITHUB_ACTIONS": "true"}, True, ["full", "github"]),
        ({"GITHUB_ACTIONS": "false"}, False, ["concise"]),
    ],
)
def test_what_is_printed_unasked(environment: dict[str, str], terminal: bool, formats: list[str]) -> None:
    assert usual_outputs(environment, terminal) == tuple(map(Output, formats))


def test_full_has_the_summary_apart_and_concise_has_it_below() -> None:
    code, out, err = call("wrong.toml", "good.toml", "--output", "full")
    assert (code, err) == (1, "")
    assert out.startswith(TOLD)
    assert "\n --> wrong.toml" in out
    assert out.endswith("\n\n1 error in 1 of 2 files\n")
    concise = call("wrong.toml", "good.toml")
    assert concise.out.splitlines()[1:] == ["1 error in 1 of 2 files"]
    assert call("good.toml", "--output", "full") == Outcome(0, "1 file valid\n", "")


@pytest.mark.parametrize("format", ["json", "gitlab", "sarif"])
def test_a_document_stands_alone_on_standard_output(format: str) -> None:
    code, out, err = call("wrong.toml", "good.toml", "--output", format, "--statistics")
    assert (code, err) == (1, "     1  SN105\n")
    assert "SN105" in json.dumps(json.loads(out))


def test_several_outputs_at_once_and_folders_that_are_not_there_yet() -> None:
    outputs = ["full", "sarif:new/deep/a.sarif", "junit:new/b.xml", "json:c.json", "github:d.txt"]
    code, out, err = call("wrong.toml", *(part for output in outputs for part in ("--output", output)))
    assert (code, err) == (1, "")
    assert out.startswith(TOLD)
    assert json.loads(Path("new/deep/a.sarif").read_text())["version"] == "2.1.0"
    assert Path("new/b.xml").read_text().endswith("</testsuite>\n")
    assert json.loads(Path("c.json").read_text())["findings"][0]["code"] == "SN105"
    assert Path("d.txt").read_text().startswith("::error file=wrong.toml,")


def test_an_output_replaces_what_was_there_also_by_nothing() -> None:
    Path("old.txt").write_text("old")
    assert call("good.toml", "--output", "concise:old.txt") == Outcome(0, "", "")
    assert Path("old.txt").read_text() == ""


def test_files_are_named_from_here_for_those_who_read_the_repository(tmp_path: Path) -> None:
    out = call(tmp_path / "wrong.toml", "--output", "gitlab").out
    assert json.loads(out)[0]["location"]["path"] == "wrong.toml"


def test_on_github_actions_annotations_and_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "page.md")
    Path("page.md").write_text("before\n")
    code, out, err = call("wrong.toml", "good.toml")
    assert (code, err) == (1, "")
    first, second, last = out.splitlines()
    assert first.startswith("wrong.toml:")
    assert second.startswith("::error file=wrong.toml,")
    assert last == "1 error in 1 of 2 files"
    page = Path("page.md").read_text()
    assert page.startswith("before\n### specnet validate\n\n1 error in 1 of 2 files\n")
    assert call("wrong.toml", "--output", "concise").out.count("::error") == 0
    assert Path("page.md").read_text() == page
    call("good.toml", "--output", "github")
    assert Path("page.md").read_text() == page + "### specnet validate\n\n1 file valid\n"


def test_a_page_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "no/page.md")
    code, _, err = call("good.toml", "--output", "github")
    assert code == 2
    assert err.startswith("SN601 cannot write no/page.md: ")


# Statistics, warnings and exit codes


def test_statistics_count_by_code() -> None:
    Path("worse.toml").write_text(WRONG.replace('"mse"', '"least"'))
    out = call("wrong.toml", "worse.toml", "--statistics").out
    assert out.endswith("\n     2  SN105\n     1  SN203\n3 errors in 2 of 2 files\n")
    assert call("good.toml", "--statistics").out == "1 file valid\n"


@pytest.mark.usefixtures("warned")
def test_warnings_fail_only_when_strict() -> None:
    out = "good.toml: SN301 warning: not portable\n1 warning in 1 of 1 file\n"
    assert call("good.toml") == Outcome(0, out, "")
    assert call("good.toml", "--strict") == Outcome(1, out, "")


def test_exit_codes() -> None:
    assert call("good.toml", "--strict").code == 0
    assert call("wrong.toml").code == 1
    assert call("wrong.toml", "missing.toml").code == 2
    assert call("wrong.toml", "good.yaml").code == 2
    assert call("--outptu").code == 2


def test_a_bug_exits_101(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Checked:
        raise RuntimeError

    monkeypatch.setattr("specnet.cli.validate.check", fail)
    with redirect_stderr(io.StringIO()), pytest.raises(SystemExit) as caught:
        main(["validate", "good.toml"])
    assert caught.value.code == 101


def test_validate_imports_no_numpy_whatever_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys\nfrom specnet.cli import main\n"
        "try:\n    main(sys.argv[1:])\nfinally:\n    print('numpy' in sys.modules, file=sys.stderr)\n"
    )
    outputs = ["--output", "github", "--output", "sarif:a.sarif"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": "page.md"}
    command = [sys.executable, "-c", program, "--no-plugins", "validate", "good.toml", *outputs]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == "False\n"


# Folders


def test_a_folder_without_a_spec_is_refused() -> None:
    Path("empty/.hidden").mkdir(parents=True)
    Path("empty/.hidden/a.toml").write_text(SPEC)
    Path("empty/data.json").write_text('{"a": 1}')
    code, out, err = call("empty", "good.toml")
    assert (code, out) == (2, "")
    assert err.startswith("SN001 there is no spec in this folder\n --> empty\n")


def test_a_folder_stands_for_the_specs_below_it_in_order() -> None:
    for name in ("b/z.toml", "b/a/x.toml", "c.toml", "a.TOML", ".git/d.toml", "b/.venv/e.toml"):
        path = Path("specs", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WRONG)
    Path("specs/b/notes.txt").write_text(WRONG)
    Path("specs/b/run.json").write_text("[1, 2")
    found = [line.split(":")[0] for line in call("specs", "good.toml").out.splitlines()]
    assert [Path(name).as_posix() for name in found[:-1]] == [
        *("specs/a.TOML", "specs/c.toml", "specs/b/z.toml", "specs/b/a/x.toml"),
    ]
    assert found[-1] == "4 errors in 4 of 5 files"


def test_what_is_named_twice_is_checked_once() -> None:
    assert call("wrong.toml", "wrong.toml", ".", ".").out.splitlines()[-1] == "1 error in 1 of 2 files"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
def test_a_pipe_in_a_folder_is_not_waited_for() -> None:
    os.mkfifo("pipe.toml")
    assert call(".").out.splitlines()[-1] == "1 error in 1 of 2 files"


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("s.toml", SPEC, True),
        ("s.toml", "\ufeff" + SPEC, True),
        ("s.toml", "format = 1\n", True),
        ("s.toml", "format = 1\nname = oops\n", True),
        ("s.toml", "format: 1\n", True),
        ("s.toml", 'name = "x\n[[layers]]\n', True),
        ("s.toml", "x = \n[dataset]\n", True),
        ("s.toml", "[[layers]]\n[dataset]\n", True),
        ("s.toml", "", False),
        ("ruff.toml", "[format]\nquote-style = 'single'\n", False),
        ("pyproject.toml", "[project]\nname = 'x'\n", False),
        ("broken.toml", "[project\n", False),
        ("s.json", '{"layers": [], "dataset": {}}', True),
        ("s.json", '{"format": 1, "layers": []}', True),
        ("s.json", '{"format": 1, "layers": [],}', True),
        ("manifest.json", '{"format": 1, "artifacts": {}}', False),
        ("schema.json", '{"format": "date", "type": "string"}', False),
        ("rows.json", '[{"format": 1, "layers": 1, "dataset": 1}]', False),
        ("rows.json", '[{"layers": 1, "dataset": 1}', False),
        ("rows.jsonl.json", '{"a": 1}\n{"a": 2}\n', False),
        ("deep.json", "[" * 100_000, False),
        ("tsconfig.json", "// a comment\n{}", False),
    ],
)
def test_what_of_a_folder_is_a_spec(name: str, content: str, is_one: bool) -> None:
    Path(name).write_text(content, encoding="utf-8")
    assert is_spec(Path(name)) == is_one


def test_large_data_are_no_spec() -> None:
    with Path("large.json").open("wb") as file:
        file.write(SPEC.encode())
        file.truncate(10_000_001)
    assert not is_spec(Path("large.json"))


# Standard input


def test_standard_input_is_toml_unless_its_name_says_otherwise(given: Callable[[bytes], None]) -> None:
    given(SPEC.encode())
    assert call("-") == Outcome(0, "1 file valid\n", "")
    given(WRONG.encode())
    code, out, err = call("-", "good.toml", "-")
    assert (code, err) == (1, "")
    assert out.startswith("<stdin>:")
    assert out.endswith("\n1 error in 1 of 2 files\n")
    given(b'{"format" 1}')
    assert call("-", "--stdin-filename", "sub/x.json").out.startswith("sub/x.json:1:11: SN003 not JSON: ")


def test_standard_input_that_cannot_be_read(given: Callable[[bytes], None]) -> None:
    given(SPEC.encode())
    code, _, err = call("-", "--stdin-filename", "x.yaml")
    assert code == 2
    assert err == "SN001 a spec is a .toml or a .json file, not 'x.yaml'\n --> x.yaml\n"
    given(b"#" * 10_000_001)
    code, _, err = call("-")
    assert code == 2
    assert err == "SN001 a spec has at most 1,000,000 bytes\n --> <stdin>\n"
    given(b"\xff")
    assert call("-").out.startswith("<stdin>:1: SN002 byte 0xff is not UTF-8\n")


def test_what_stands_on_standard_input_is_shown(given: Callable[[bytes], None]) -> None:
    given(b"\xef\xbb\xbf# \xe6\x97\xa5\r\nname = oops\r\n")
    assert call("-", "--output", "full").out == (
        "SN003 not TOML: Invalid value\n --> <stdin>:2:8\n  |\n2 | name = oops\n  |        ^^^^\n"
        "  = help: text stands in quotes\n\n1 error in 1 of 1 file\n"
    )
