from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet import load_run
from specnet.cli import VERBS
from specnet.cli.runs import RUN_VERBS
from specnet.cli.runs.compare import _sampled
from specnet.errors import DivergenceError
from specnet.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def pair(make: Callable[..., Path]) -> None:
    make("a", seed=1)
    layers = [{"type": "dense", "units": 6, "activation": "tanh"}, {"type": "dense", "units": 3}]
    make("b", seed=2, layers=layers, training={"epochs": 9, "log_every": 1})


# What is refused


def test_what_is_refused(pair: None, runs: Callable[..., Any]) -> None:
    assert runs("compare", "a").code == 2
    assert runs("compare", "a", "nowhere").err.startswith("SN605 nowhere is not a run directory")
    told = "SN554 the histories of the two runs have no 'test.los' in common\n  = help: did you mean 'test.loss'?\n"
    assert runs("compare", "a", "b", "--curve", "test.los") == (2, "", told)
    assert runs("compare", "a", "b", "--curve", "epoch").code == 2


# What is shown


def test_specs_metrics_and_curves(pair: None, runs: Callable[..., Any]) -> None:
    code, out, err = runs("compare", "a", "b")
    assert (code, err) == (0, "")
    assert all(len(line) <= 80 for line in out.splitlines())
    assert out.startswith(
        "A           a: finished after epoch 6, seed 1\nB           b: finished after epoch 9, seed 2\n"
    )
    specs = out.split("\nspecs\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in specs[:3]] == ["seed", "layers.0.units", "training.epochs"]
    assert specs[3].startswith("the nets    parameters 27 -> 39")
    table = [line.split() for line in out.split("\nmetrics\n")[1].split("\n\n")[0].splitlines()]
    found = [load_run(name, Registry([])) for name in ("a", "b")]
    assert table[0] == ["A", "B"]
    assert table[1:-1] == [[name, *(f"{run.metrics[name]:.6g}" for run in found)] for name in found[0].metrics]
    assert table[-1] == ["parameters", "27", "39"]
    titles = [line for line in out.splitlines() if line.endswith("A as a line, B as points")]
    parts = ("train", "validation", "test")
    assert titles == [f"{part}.loss, as a power of ten: A as a line, B as points" for part in parts]


def test_the_same_run_twice_has_no_difference(pair: None, runs: Callable[..., Any]) -> None:
    assert "\nspecs\nno difference\n" in runs("compare", "a", "a").out


def test_a_column_with_numbers_below_0_is_drawn_as_it_is(pair: None, runs: Callable[..., Any]) -> None:
    out = runs("compare", "a", "b", "--curve", "train.r2").out
    assert "\ntrain.r2: A as a line, B as points\n" in out


def test_a_run_that_diverged_at_once_has_no_curve(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    for name in "ab":
        with pytest.raises(DivergenceError):  # the first loss is infinite
            make(name, dataset={"type": "arithmetic", "samples": 40, "high": 1e160}, scaling={})
    out = runs("compare", "a", "b").out
    assert "diverged after epoch 0" in out
    assert "train.loss: no epoch was logged" in out


def test_json_has_both_runs_and_the_differences(pair: None, runs: Callable[..., Any]) -> None:
    told = json.loads(runs("compare", "a", "b", "--format", "json").out)
    assert [entry["path"] for entry in told["spec"]["differences"]] == ["seed", "layers.0.units", "training.epochs"]
    assert [run["epochs"] for run in told["runs"]] == [6, 9]
    assert [len(run["history"]["train.loss"]) for run in told["runs"]] == [6, 9]


def test_a_curve_is_that_of_its_epochs() -> None:
    sampled = _sampled([1, 5, 10], [100.0, 10.0, 1.0], [1.0, 4.9, 5.0, 9.0, 10.0, 11.0], by_powers=True)
    assert sampled[:5] == [2, 2, 1, 1, 0]
    assert sampled[5] != sampled[5]
    assert _sampled([], [], [1.0], by_powers=False)[0] != _sampled([], [], [1.0], by_powers=False)[0]


# The group


def test_the_verbs_of_runs(pair: None, runs: Callable[..., Any]) -> None:
    assert list(RUN_VERBS) == ["list", "show", "compare", "rm", "verify"]
    out = runs("--help").out
    assert all(f"{verb}" in out and says in out for verb, says in RUN_VERBS.items())
    assert "runs" in VERBS
    assert "made with" in runs("show", "a").out
    assert "there is no verb 'lst'; did you mean 'list'?" in runs("lst").err
    for verb in RUN_VERBS:
        assert runs(verb, "--help").code == 0
