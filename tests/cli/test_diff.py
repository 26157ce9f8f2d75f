from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from specnet import run
from specnet.cli import main

SPECS = Path(__file__).parents[2] / "specs"
SPEC = """
format = 1
name = "small"
dataset = { type = "arithmetic", samples = 40 }
layers = [{ type = "dense", units = 2, activation = "relu" }, { type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5 }
"""
OTHER = SPEC.replace("epochs = 5", "epochs = 9").replace(
    'layers = [{ type = "dense", units = 2, activation = "relu" }, ',
    'layers = [{ type = "dense", units = 2, activation = "relu" }, { type = "dense", units = 8, name = "wide" }, ',
)


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def diff(*args: object) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main(["diff", *map(str, args)])
    return Outcome(caught.value.code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("a.toml").write_text(SPEC)
    Path("b.toml").write_text(OTHER)


# What is refused


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["a.toml"], "Missing argument 'B'"),
        (["a.toml", "no.toml"], "SN001 there is no such file\n --> no.toml\n"),
        ([".", "a.toml"], "SN605 . is not a run directory: it has no manifest.json"),
        (["a.toml", "bad.toml"], "SN102 unknown key 'unit'\n --> bad.toml:5:29 (layers.0.unit)\n"),
    ],
)
def test_what_is_refused(args: list[str], says: str) -> None:
    Path("bad.toml").write_text(SPEC.replace("units = 2", "unit = 2"))
    code, out, err = diff(*args)
    assert (code, out) == (2, "")
    assert says in err


# What is the same


def test_the_same_spec_in_other_words() -> None:
    Path("c.toml").write_text(
        "seed = 0  # the default\n" + SPEC.replace('"mse"', '{ type = "mse", convention = "mean" }')
    )
    assert diff("a.toml", "c.toml") == Outcome(0, "no difference\n", "")
    assert diff(SPECS / "arith.toml", SPECS / "arith.json") == Outcome(0, "no difference\n", "")
    code, out, _ = diff("a.toml", "a.toml", "--format", "json")
    assert (code, json.loads(out)) == (0, {"same": True, "differences": [], "plan": {}})


def test_a_run_is_what_it_was_trained_on() -> None:
    run("a.toml", set={"seed": 7}, out="run")
    assert diff("a.toml", "run") == Outcome(1, "seed  0 -> 7\n", "")
    Path("a.toml").unlink()
    assert diff("run", "run").code == 0


def test_a_table_is_the_same_only_where_it_is_the_same_file() -> None:
    for folder in ("x", "y"):
        shutil.copytree(SPECS, folder)
    assert diff("x/diabetes.toml", "y/diabetes.toml") == Outcome(
        1, "dataset.path  data/diabetes.csv -> ../y/data/diabetes.csv\n", ""
    )
    text = Path("y/diabetes.toml").read_text().replace('path = "', 'path = "../x/')
    Path("y/diabetes.toml").write_text(text)
    assert diff("x/diabetes.toml", "y/diabetes.toml").code == 0
    run("x/diabetes.toml", set={"training.epochs": 100}, out="runs/r")
    assert diff("runs/r", "y/diabetes.toml").code == 0


# What differs


def test_differences_in_words() -> None:
    assert diff("a.toml", "b.toml") == Outcome(
        1,
        "layers.1         added: dense units=8 name=wide\ntraining.epochs  5 -> 9\nthe nets    parameters 15 -> 57\n",
        "",
    )
    assert diff("b.toml", "a.toml").out.startswith("layers.1         removed: dense units=8 name=wide\n")


def test_differences_in_json() -> None:
    code, out, err = diff("a.toml", "b.toml", "--format", "json")
    assert (code, err) == (1, "")
    record = json.loads(out)
    assert (record["same"], record["plan"]) == (False, {"parameters": [15, 57]})
    layer, epochs = record["differences"]
    assert epochs == {"path": "training.epochs", "change": "changed", "old": 5, "new": 9}
    assert (layer["path"], layer["change"], layer["old"]) == ("layers.1", "added", None)
    assert (layer["new"]["units"], layer["new"]["activation"]) == (8, {"type": "linear"})


def test_every_kind_of_value_in_words_and_in_json() -> None:
    csv = 'type = "csv", path = "d\\u00e9.csv", inputs = ["a"], targets = ["x"]'
    Path("c.toml").write_text(
        SPEC.replace('type = "arithmetic", samples = 40', csv).replace("units = 3", "units = 1")
        + 'scaling = { inputs = "standardize" }\nsplit = { shuffle = false }\nrng = "mt19937"\n'
        + 'requires = ["pydantic"]\n'
        + "expect = [{ parameters = { max = 99 } }]\npredict = [{ inputs = [[1.5]] }]\n"
    )
    code, out, _ = diff("a.toml", "c.toml")
    assert code == 1
    assert out.splitlines() == [
        "rng             pcg64 -> mt19937",
        'requires        [] -> ["pydantic"]',
        "dataset         arithmetic samples=40 -> csv inputs=[a] targets=[x] path=dé.csv",
        "split.shuffle   true -> false",
        "scaling.inputs  none -> standardize",
        "layers.1.units  3 -> 1",
        "predict.0       added: inputs=[[1.5]]",
        'expect.0        added: parameters={"max": 99}',
        "the nets    parameters 15 -> 7, output_shape [3] -> [1]",
    ]
    record = json.loads(diff("a.toml", "c.toml", "--format", "json").out)
    assert record["plan"] == {"parameters": [15, 7], "output_shape": [[3], [1]]}
    assert record["differences"][2]["new"]["path"] == "dé.csv"
    assert record["differences"][1]["new"] == ["pydantic"]
