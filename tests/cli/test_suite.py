from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

import specnet
from specnet import load_run
from specnet.cli import main
from specnet.errors import DivergenceError, Finding
from specnet.runs.fitting import fit

SPEC = """
format = 1
name = "small"
seed = 3
dataset = { type = "arithmetic", samples = 40 }
scaling = { inputs = "standardize", targets = "standardize" }
layers = [{ type = "dense", units = 2, activation = "relu" }, { type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5 }
"""
KEPT = SPEC + 'expect = [{ metric = "test.loss", max = 1000.0 }, { parameters = 15 }]\n'
BROKEN = SPEC + 'expect = [{ metric = "test.loss", max = 1e-9 }, { parameters = 15 }]\n'
INVALID = SPEC.replace("units = 2", "unit = 2")
SECONDS = re.compile(r"\d+\.\d s")


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def test(*args: object) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main(["test", *map(str, args)])
    return Outcome(caught.value.code, SECONDS.sub("# s", out.getvalue()), err.getvalue())


test.__test__ = False  # type: ignore[attr-defined]  # it is the verb


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("specs", "more").mkdir(parents=True)
    Path("specs", "a.toml").write_text(KEPT)


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


# What is refused


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "Missing argument 'PATHS...'"),
        (["nowhere", "specs", "no.toml"], "SN550 there is no such file or folder\n --> nowhere\nSN550 there"),
        (["specs/more"], "SN550 no spec is there\n --> specs/more\n"),
        (["specs", "-k", "zzz"], "SN550 no spec of 1 has 'zzz' in its name\n --> specs\n"),
        (["specs", "--keep", "specs"], "SN551 --keep wants a folder that is not there yet\n --> specs\n"),
        (["specs", "--junit", "no/r.xml"], "SN551 --junit wants a file in a folder that is there\n --> no/r.xml\n"),
        (["specs", "--junit", "specs"], "SN551 --junit wants a file in a folder that is there\n --> specs\n"),
        (["specs", "--set", "seed"], "SN110 --set takes path=value, not 'seed'"),
    ],
)
def test_what_is_refused_before_any_training(args: list[str], says: str) -> None:
    before = files()
    code, out, err = test(*args)
    assert (code, out) == (2, "")
    assert says in err
    assert files() == before


def test_a_file_that_is_no_spec_at_all_exits_2() -> None:
    Path("notes.txt").write_text("x")
    code, out, _ = test("notes.txt", "specs")
    assert code == 2
    assert out.startswith("ERROR notes.txt  # s\n     SN001 a spec is a .toml or a .json file, not 'notes.txt'\n")
    assert "PASS specs/a.toml" in out


def test_an_invalid_spec_is_an_error_with_its_findings() -> None:
    Path("specs", "b.toml").write_text(INVALID)
    code, out, err = test("specs")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "PASS specs/a.toml  2 expectations  # s",
        "ERROR specs/b.toml  # s",
        "     SN102 unknown key 'unit'",
        "      --> specs/b.toml:7:29 (layers.0.unit)",
        "       = help: did you mean 'units'?",
        "2 specs: 1 passed, 0 failed, 1 error; # s",
    ]


def test_missing_data_is_an_error() -> None:
    csv = 'type = "csv", path = "d.csv", inputs = ["a"], targets = ["x", "y", "z"]'
    Path("b.toml").write_text(SPEC.replace('type = "arithmetic", samples = 40', csv))
    code, out, _ = test("b.toml")
    assert code == 1
    assert "ERROR b.toml  # s\n     SN501 d.csv cannot be read: No such file or directory\n" in out


def test_a_divergence_is_an_error() -> None:
    Path("b.toml").write_text(SPEC.replace("0.01", "1e30").replace("epochs = 5", "epochs = 50"))
    code, out, _ = test("b.toml", "specs")
    assert code == 1
    assert "ERROR b.toml  # s\n     SN520 training diverged at epoch " in out
    assert "PASS specs/a.toml" in out


def test_a_promise_that_is_not_kept() -> None:
    Path("specs", "b.toml").write_text(BROKEN)
    code, out, _ = test("specs")
    assert code == 1
    passed, failed, why, summary = out.splitlines()
    assert passed == "PASS specs/a.toml  2 expectations  # s"
    assert failed == "FAIL specs/b.toml  1 of 2 expectations failed  # s"
    assert re.fullmatch(r"     expect test\.loss = \S+ <= 1e-09: FAILED", why)
    assert summary == "2 specs: 1 passed, 1 failed, 0 errors; # s"


# What is interrupted


def test_a_suite_that_is_interrupted_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    Path("specs", "b.toml").write_text(KEPT.replace('"small"', '"other"'))
    monkeypatch.setattr(
        "specnet.runs.training.fit", lambda spec, *args: (fit if spec.name == "small" else interrupt)(spec, *args)
    )
    code, out, err = test("specs", "--junit", "r.xml")
    assert (code, err) == (130, "interrupted in specs/b.toml\n")
    assert out.splitlines() == [
        "PASS specs/a.toml  2 expectations  # s",
        "2 specs: 1 passed, 0 failed, 0 errors, 1 not run; # s",
    ]
    assert not Path("r.xml").exists()  # it would look as if all had passed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals for another process")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_long_suite_is_stopped_and_leaves_nothing(number: signal.Signals, code: int, tmp_path: Path) -> None:
    Path("specs", "b.toml").write_text(KEPT)
    long = ["--set", "training.epochs=10000000"]
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "specnet", "test", "specs", *long],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(specnet.__file__).parents[1]), "TMPDIR": str(tmp_path / "tmp")},
    )
    while not list((tmp_path / "tmp").rglob("resolved.json")):  # training has begun
        assert process.poll() is None
    while not list((tmp_path / "tmp").rglob("manifest.json")):
        assert process.poll() is None
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (code, "interrupted in specs/a.toml\n")
    assert "2 not run" in out
    assert list((tmp_path / "tmp").iterdir()) == []


# What passes


def test_a_suite_leaves_nothing_behind() -> None:
    before = files()
    assert test("specs") == Outcome(
        0, "PASS specs/a.toml  2 expectations  # s\n1 spec: 1 passed, 0 failed, 0 errors; # s\n", ""
    )
    assert files() == before


def test_a_spec_without_expectations_passes_when_it_trains() -> None:
    Path("b.toml").write_text(SPEC)
    assert test("b.toml").out.startswith("PASS b.toml  no expectations  # s\n")


def test_folders_are_searched_for_specs_and_for_nothing_else() -> None:
    Path("specs", "more", "c.json").write_text('{"format": 1, "layers": []}')
    Path("specs", "more", "broken.toml").write_text("layers = [")
    Path("specs", "more", "pyproject.toml").write_text("[project]\nname = 'x'\n")
    Path("specs", "more", "schema.json").write_text('{"$schema": "x", "properties": {}}')
    Path("specs", ".hidden").mkdir()
    Path("specs", ".hidden", "d.toml").write_text(SPEC)
    Path("specs", ".d.toml").write_text(SPEC)
    specnet.run("specs/a.toml", out="specs/run")
    shown = re.findall(r"^(?:PASS|FAIL|ERROR) (\S+)", test("specs").out, re.MULTILINE)
    assert shown == ["specs/a.toml", "specs/more/broken.toml", "specs/more/c.json"]


def test_what_is_named_twice_is_trained_once() -> None:
    assert test("specs", "specs/a.toml").out.count("PASS") == 1


def test_specs_are_chosen_by_name() -> None:
    Path("specs", "arith.toml").write_text(INVALID)
    Path("specs", "more", "bary.toml").write_text(KEPT)
    assert re.findall(r"\S+\.toml(?=  )", test("specs", "-k", "ar").out) == ["specs/arith.toml", "specs/more/bary.toml"]


def test_stop_at_the_first_that_does_not_pass() -> None:
    for name, text in [("b", BROKEN), ("c", KEPT)]:
        Path("specs", f"{name}.toml").write_text(text)
    code, out, _ = test("specs", "--stop-first")
    assert code == 1
    assert [line.split()[0] for line in out.splitlines()] == ["PASS", "FAIL", "expect", "3"]
    assert out.endswith("3 specs: 1 passed, 1 failed, 0 errors, 1 not run; # s\n")


def test_overrides_hold_for_every_spec() -> None:
    Path("specs", "b.toml").write_text(KEPT)
    code, out, _ = test("specs", "--set", "expect.0.max=1e-9")
    assert code == 1
    assert out.count("1 of 2 expectations failed") == 2


def test_run_directories_are_kept_on_request() -> None:
    Path("specs", "more", "a.toml").write_text(KEPT)
    assert test("specs", "--keep", "kept").code == 0
    assert [load_run(path).status for path in sorted(Path("kept").iterdir())] == ["finished"] * 2
    assert sorted(path.name for path in Path("kept").iterdir()) == ["1-a", "2-a"]


# JUnit


def report(*args: object) -> ElementTree.Element:
    test(*args, "--junit", "r.xml")
    return ElementTree.parse("r.xml").getroot()  # noqa: S314  # it was written here


def test_junit_has_a_case_for_each_expectation() -> None:
    Path("specs", "b.toml").write_text(BROKEN)
    Path("specs", "c.toml").write_text(INVALID)
    Path("specs", "d.toml").write_text(SPEC)
    root = report("specs")
    assert [
        (case.get("classname"), case.get("name"), [child.tag for child in case]) for case in root.iter("testcase")
    ] == [
        ("specs/a.toml", "test.loss <= 1000", []),
        ("specs/a.toml", "parameters = 15", []),
        ("specs/b.toml", "test.loss <= 1e-09", ["failure"]),
        ("specs/b.toml", "parameters = 15", []),
        ("specs/c.toml", "trains", ["error"]),
        ("specs/d.toml", "trains", []),
    ]
    counts = [tuple(suite.get(name) for name in ("name", "tests", "failures", "errors")) for suite in root]
    assert counts == [
        ("specs/a.toml", "2", "0", "0"),
        ("specs/b.toml", "2", "1", "0"),
        ("specs/c.toml", "1", "0", "1"),
        ("specs/d.toml", "1", "0", "0"),
    ]
    (error,) = root.iter("error")
    assert error.get("message") == "SN102 unknown key 'unit'"
    assert "did you mean 'units'?" in (error.text or "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_junit_stays_xml_whatever_a_file_is_called() -> None:
    Path('b\x1b<&".toml').write_text(INVALID)
    (case,) = report('b\x1b<&".toml').iter("testcase")
    assert case.get("classname") == 'b\\x1b<&".toml'


def test_junit_of_a_divergence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverge(*args: object, **options: object) -> None:
        raise DivergenceError(Finding("SN520", "too far"))

    monkeypatch.setattr("specnet.runs.suite.run", diverge)
    (error,) = report("specs").iter("error")
    assert error.get("message") == "SN520 too far"
