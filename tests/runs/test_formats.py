"""Run directories that earlier versions have written: they load, predict, are measured and go on, for ever."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from specnet import load_run, reproduce, resume
from specnet.artifacts.manifest import FORMAT
from specnet.cli import main
from specnet.registry import Registry
from specnet.runs.changes import CHANGES
from specnet.runs.evaluation import evaluate
from specnet.runs.verification import verify

FORMATS = Path(__file__).parent / "formats"
KEPT = sorted(path for path in FORMATS.glob("format-*/*") if path.is_dir())
REGISTRY = Registry([])
each = pytest.mark.parametrize("kept", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")


@pytest.fixture
def path(kept: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(kept, "run"))


def close(found: dict[str, float], stored: dict[str, float]) -> None:
    """Another NumPy and another BLAS may change the last digits."""
    assert found == pytest.approx(stored, rel=1e-9)


def test_every_format_that_is_read_is_kept() -> None:
    assert {path.parent.name for path in KEPT} == {f"format-{number}" for number in range(1, FORMAT + 1)}
    assert {path.name for path in KEPT} == {"finished", "interrupted"}


@each
def test_it_is_as_it_was_written(kept: Path) -> None:
    found = verify(kept)
    assert found.findings == ()
    assert found.files >= 8


@each
def test_it_loads_and_predicts_what_it_predicted(path: Path) -> None:
    run = load_run(path, REGISTRY)
    with (path / "predictions.csv").open(newline="") as file:
        rows = [list(map(float, row)) for row in list(csv.reader(file))[1:]]
    np.testing.assert_allclose(run.predict([row[:2] for row in rows]), [row[2:] for row in rows], rtol=1e-9)
    assert run.spec.name == "kept"


@each
def test_it_is_measured_as_it_was_measured(path: Path) -> None:
    run = load_run(path, REGISTRY)
    for part in ("train", "validation", "test"):
        found = evaluate(run, part).metrics
        close(found, {name: run.metrics[f"{part}.{name}"] for name in found})


@each
def test_it_is_shown_by_every_verb_of_runs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["show", "run"], ["runs", "list", "run"], ["runs", "verify", "run"], ["diff", "run", "run"]):
        with pytest.raises(SystemExit) as caught:
            main(["--no-plugins", *args])
        assert caught.value.code == 0, capsys.readouterr().err


@each
def test_it_goes_on_to_where_it_would_have_come(kept: Path, path: Path) -> None:
    if load_run(path, REGISTRY).status == "finished":
        run = resume(path, registry=REGISTRY, allow_change=CHANGES, epochs=12)
        assert (run.status, run.epochs) == ("finished", 12)
        return
    run = resume(path, registry=REGISTRY, allow_change=CHANGES)
    whole = load_run(kept.parent / "finished", REGISTRY)
    assert run.status == "finished"
    close(dict(run.metrics), dict(whole.metrics))
    np.testing.assert_allclose(run.weights.flat, whole.weights.flat, rtol=1e-9, atol=1e-12)


def test_it_is_made_again_up_to_the_last_digits() -> None:
    path = FORMATS / "format-1" / "finished"
    found = reproduce(path, out="again", registry=REGISTRY)
    assert found.statuses == ("finished", "finished")
    assert "machine" in found.causes  # it was made on none that there is
    stored = json.loads((path / "metrics.json").read_text())["metrics"]
    close(dict(load_run("again", REGISTRY).metrics), stored)
