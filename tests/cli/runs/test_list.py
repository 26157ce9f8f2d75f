from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet import run
from specnet.artifacts import RunDirectory, claimed
from specnet.artifacts import is_claimed as is_claimed_of
from specnet.errors import DivergenceError, Interrupted
from specnet.runs import Watcher
from specnet.runs.listing import Summary, in_order, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.component.task import Epoch

DIVERGING = {"optimizer": {"type": "gradient_descent", "learning_rate": 1e9}, "training": {"epochs": 500}}
STARTED = r"\d{4}-\d\d-\d\d \d\d:\d\d"


class Ending(Watcher):
    def __init__(self, kill: bool) -> None:
        self.kill = kill

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 3:
            if self.kill:
                raise InterruptedError
            signal.raise_signal(signal.SIGTERM)


@pytest.fixture
def folder(make: Callable[..., Path]) -> Path:
    """A run of each kind."""
    from tests.cli.runs.conftest import SPEC  # the same spec, with a watcher

    make("runs/a-finished", seed=1)
    make("runs/b-better", seed=22, training={"epochs": 60, "log_every": 30})
    with pytest.raises(DivergenceError):
        make("runs/c-diverged", **DIVERGING)
    for name, kill in (("d-interrupted", False), ("e-killed", True)):
        with pytest.raises((Interrupted, InterruptedError)):
            run(SPEC, out=f"runs/{name}", watcher=Ending(kill))
    make("runs/f-damaged")
    Path("runs/f-damaged/history.csv").write_text("epoch\n1\n")
    Path("runs/no-run").mkdir()
    Path("runs/file.txt").write_text("x")
    return Path("runs")


# What is refused


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nowhere"], "SN554 there is no such folder\n --> nowhere\n"),
        (["runs/file.txt"], "SN554 there is no such folder\n --> runs/file.txt\n"),
        (
            ["runs", "--sort", "test.los"],
            "SN554 no run has 'test.los' to sort by\n  = help: did you mean 'test.loss'?\n",
        ),
        (["runs", "--metric", "test.R2"], "SN554 no run has the metric 'test.R2'\n  = help: did you mean 'test.r2'?\n"),
    ],
)
def test_what_is_refused(folder: Path, runs: Callable[..., Any], args: list[str], says: str) -> None:
    assert runs("list", *args) == (2, "", says)


def test_without_a_folder_of_runs_there_is_nothing_to_list(runs: Callable[..., Any]) -> None:
    assert runs("list").code == 2
    Path("runs").mkdir()
    assert runs("list") == (0, "no runs in runs\n", "")
    assert runs("list", "--json") == (0, "[]\n", "")


# What is shown


def test_each_run_is_a_line_with_what_has_come_of_it(folder: Path, runs: Callable[..., Any]) -> None:
    code, out, err = runs("list", "--sort", "name")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].split() == ["run", "status", "started", "epochs", "test.loss", "seed"]
    shown = [re.sub(STARTED, "WHEN", line).split() for line in lines[1:7]]
    metrics = json.loads(Path("runs/a-finished/metrics.json").read_text())["metrics"]
    assert shown[0] == ["a-finished", "finished", "WHEN", "6", f"{metrics['test.loss']:.6g}", "1"]
    assert [line[:2] for line in shown] == [
        ["a-finished", "finished"],
        ["b-better", "finished"],
        ["c-diverged", "diverged"],
        ["d-interrupted", "interrupted"],
        ["e-killed", "killed"],
        ["f-damaged", "damaged"],
    ]
    assert [line[3] for line in shown] == ["6", "60", shown[2][3], "3/6", "-/6", "-"]
    assert shown[2][3].endswith("/500")
    assert shown[4][4:] == ["-", "0"]
    assert "SN607 history.csv has changed since the run" in out


def test_they_are_sorted_by_what_is_asked_for(folder: Path, runs: Callable[..., Any]) -> None:
    def order(*args: str) -> list[str]:
        return [entry["name"][0] for entry in json.loads(runs("list", "--json", *args).out)]

    assert order() == ["a", "b", "c", "d", "e", "f"]  # the order in which they were started
    assert order("--reverse", "--sort", "name") == ["f", "e", "d", "c", "b", "a"]
    found = {entry["name"]: entry for entry in json.loads(runs("list", "--json").out)}
    losses = {name: entry["metrics"].get("test.loss") for name, entry in found.items()}
    known = sorted((name for name, loss in losses.items() if isinstance(loss, float)), key=lambda name: losses[name])
    assert known[0] == "b-better"
    assert order("--sort", "test.loss")[: len(known)] == [name[0] for name in known]
    assert order("--sort", "test.loss", "--reverse")[: len(known)] == [name[0] for name in reversed(known)]
    assert order("--sort", "seed", "--reverse")[:2] == ["b", "a"]


def test_a_number_that_is_none_comes_last_either_way() -> None:
    made = [Summary(Path(name), "finished", metrics={"test.loss": value}) for name, value in
            (("a", float("nan")), ("b", 2.0), ("c", 1.0), ("d", float("inf")))]  # fmt: skip
    made.append(Summary(Path("e"), "running"))
    assert [run.name for run in in_order(made, "test.loss", False)] == ["c", "b", "a", "d", "e"]
    assert [run.name for run in in_order(made, "test.loss", True)] == ["b", "c", "a", "d", "e"]


def test_metrics_can_be_chosen(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    make("runs/a")
    header = runs("list", "--metric", "train.rmse", "--sort", "validation.r2").out.splitlines()[0]
    assert header.split() == ["run", "status", "started", "epochs", "train.rmse", "validation.r2", "seed"]


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_long_names_stand_above_and_whole(
    make: Callable[..., Path], runs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    names = ["x" * 70, "breast-cancer-20261125-200816-ab12"]
    for name in names:
        make(f"runs/{name}")
    lines = runs("list", "--sort", "name").out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["run", *sorted(names)]
    assert len(lines) == 6
    if columns >= 80:
        assert all(len(line) <= 80 for line in lines)


def test_json_has_every_metric_and_the_fault(folder: Path, runs: Callable[..., Any]) -> None:
    found = {entry["name"]: entry for entry in json.loads(runs("list", "--json").out)}
    stored = json.loads(Path("runs/a-finished/metrics.json").read_text())
    assert found["a-finished"]["metrics"] == stored["metrics"]
    assert (
        found["a-finished"].items()
        >= {
            "path": "runs/a-finished",
            "status": "finished",
            "seed": 1,
            "epochs": 6,
            "planned": 6,
            "fault": None,
        }.items()
    )
    assert found["f-damaged"]["fault"].startswith("history.csv has changed")
    assert found["e-killed"]["epochs"] is None


def test_a_run_itself_or_several_folders(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    make("x/a")
    make("y/b")
    found = json.loads(runs("list", "x/a", "y", "x", "--json").out)
    assert [entry["path"] for entry in found] == ["x/a", "y/b"]


def test_a_run_that_is_being_trained_is_running(make: Callable[..., Path]) -> None:
    path = make("a")
    directory = RunDirectory.open(path)
    rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    directory.seal({**rest, "status": "running"})
    assert summary(path).status == "killed"
    with claimed(path):
        assert summary(path).status == "running"
    assert is_claimed_of(path) is False


@pytest.mark.parametrize(
    "said",
    [{"seed": "x"}, {"seed": None}, {"started": None, "status": None}, {"resolved.json": 3}, {"artifacts": {}}],
)
def test_a_manifest_of_a_stranger_is_no_traceback(
    make: Callable[..., Path], runs: Callable[..., Any], said: Any
) -> None:
    path = make("runs/a")
    directory = RunDirectory.open(path)
    rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    if "artifacts" in said:
        shutil.rmtree(path)
        path.mkdir()
    directory.seal({**rest, **said})
    code, out, err = runs("list")
    assert (code, err) == (0, "")
    assert "a" in out


@pytest.mark.parametrize("report", ["[]", '{"epochs": "x", "metrics": []}', '{"epochs": 1, "metrics": {"a": {}}}', "{"])
def test_metrics_of_a_stranger_are_no_traceback(
    make: Callable[..., Path], runs: Callable[..., Any], report: str
) -> None:
    path = make("runs/a")
    directory = RunDirectory.open(path)
    directory.write_text("metrics.json", report)
    directory.seal({name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")})
    code, out, err = runs("list")
    assert (code, err) == (0, "")
    assert re.search(r"^a +(damaged|finished)", out, re.MULTILINE)
