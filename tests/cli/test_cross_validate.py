from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from specnet.cli import main

SPEC = """
format = 1
name = "small"
seed = 3
dataset = { type = "arithmetic", samples = 40 }
scaling = { inputs = "standardize", targets = "standardize" }
layers = [{ type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5 }
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(SPEC)


def verb(*args: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["cross-validate", *args])
    return caught.value.code


# Refusals


def test_one_fold(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("s.toml", "--folds", "1") == 2
    assert "1 is not in the range x>=2" in capsys.readouterr().err


def test_a_spec_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("t.toml") == 2
    assert "SN001" in capsys.readouterr().err


def test_an_expectation_that_a_fold_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.toml").write_text(f'{SPEC}expect = [{{ metric = "test.loss", max = 1e-9 }}]\n')
    assert verb("s.toml", "--folds", "2") == 3
    assert len(re.findall("expected at most 1e-09|FAILED", capsys.readouterr().out)) >= 2


def test_a_fold_that_diverges() -> None:
    assert verb("s.toml", "--set", "optimizer.learning_rate=1e200", "--folds", "2") == 4


# What is told


def test_a_line_for_each_fold_and_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("s.toml", "--folds", "3", "--out", "cv") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fold 1 of 3: 18 rows to train on, 10 to test on"
    assert re.fullmatch(r"  finished: train.loss [\d.]+, test.loss [\d.]+", lines[1])
    assert lines[4] == "fold 3 of 3: 19 rows to train on, 9 to test on"
    assert lines[6] == (
        "28 rows in 3 folds, 12 rows left out for the test of the spec (metrics in the units of the net)"
    )
    assert lines[7].split() == ["mean", "deviation"]
    assert [line.split()[0] for line in lines[8:10]] == ["train.loss", "test.loss"]
    assert lines[10:] == ["cv"]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("s.toml", "--folds", "3", "--out", "cv", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {**json.loads(Path("cv", "cross-validation.json").read_text()), "path": "cv"}


def test_a_run_tells_how_its_rows_are_parted(capsys: pytest.CaptureFixture[str]) -> None:
    main_of = ["run", "s.toml", "--set", "split.stratify=a", "--set", "dataset.samples=4"]
    with pytest.raises(SystemExit):
        main(main_of)
    assert "SN562" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "s.toml", "--set", "split.time=a"])
    assert "28 rows to train on, 12 to test on, by time 'a'" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["run", "s.toml", "--set", "split.folds=4", "--set", "split.fold=2"])
    assert "21 rows to train on, 7 to test on, shuffled, fold 2 of 4" in capsys.readouterr().out


def test_the_plan_says_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    for assignment, said in {
        "split.time=a": "rows        40: parted when the data is read",
        "split.shuffle=false": "rows        40: 28 to train on, 12 to test on",
    }.items():
        with pytest.raises(SystemExit):
            main(["plan", "s.toml", "--set", assignment])
        assert said in capsys.readouterr().out
