from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from specnet import run
from specnet.cli import main
from specnet.registry import Registry

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 40},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 4, "activation": "tanh"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "metrics": ["r2", "rmse"],
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
    "training": {"epochs": 6, "log_every": 1},
    "checks": {"parameters_vs_rows": "off"},
}


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def cli(*args: object) -> Outcome:
    """`specnet runs ARGS`, and what came of it."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main(["--no-plugins", "runs", *map(str, args)])
    return Outcome(caught.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def runs() -> Callable[..., Outcome]:
    return cli


@pytest.fixture
def make() -> Callable[..., Path]:
    def made(out: str, **changes: Any) -> Path:
        return run({**SPEC, **changes}, out=out, registry=Registry([])).path

    return made


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
