from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from specnet_mlflow.store import flat

import specnet
from specnet.errors import DivergenceError

SPEC = Path(__file__).parent.parent / "specs" / "tracked.toml"
COMMAND = [sys.executable, "-m", "specnet", "run", str(SPEC), "--out", "run", "--track", "mlflow"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)


def uri(file: str) -> str:
    return f"sqlite:///{Path(file).resolve().as_posix()}"


def read(experiment: str = "tracked", file: str = "mlflow.db") -> tuple[Any, dict[str, list[tuple[int, float]]]]:
    """(the one run of an experiment, its metrics by step)."""
    client = MlflowClient(tracking_uri=uri(file))
    (run,) = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    names = [name for name in run.data.metrics if not name.startswith("end.")]
    found = {name: client.get_metric_history(run.info.run_id, name) for name in names}
    return run, {name: sorted((point.step, point.value) for point in points) for name, points in found.items()}


def history(run: specnet.Run) -> dict[str, list[tuple[int, float]]]:
    epochs = run.history["epoch"].tolist()
    return {
        name: list(zip(epochs, values.tolist(), strict=True)) for name, values in run.history.items() if name != "epoch"
    }


# A store that cannot be used


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("sqlite:///broken.db", "DatabaseError: (sqlite3.DatabaseError) file is not a database"),
        ("nowhere://store", "UnsupportedModelRegistryStoreURIException: "),
    ],
)
def test_a_broken_store_does_not_harm_the_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, uri: str, error: str
) -> None:
    Path("broken.db").write_text("this is no database\n" * 100)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    alone = specnet.run(SPEC)
    tracked = specnet.run(SPEC, track=["mlflow"])
    (record,) = [record for record in caplog.records if record.name == "specnet"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(
        "SN509 tracker 'mlflow' (specnet-mlflow 0.1.0) failed in specnet_run_started and is not called again: " + error
    )
    for file in ("model.safetensors", "history.csv"):
        assert (tracked.path / file).read_bytes() == (alone.path / file).read_bytes()
    assert specnet.load_run(tracked.path).status == "finished"


# A store that can


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without runs: MLflow takes seconds to make its tables."""
    file = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{file.as_posix()}").search_experiments()
    return file


def test_a_run_is_in_the_store() -> None:
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "SN509" not in done.stderr  # MLflow says there that it makes its tables
    run = specnet.load_run("run")
    assert run.manifest["trackers"] == {"specnet-mlflow": "0.1.0"}
    stored, metrics = read()
    assert (stored.info.run_name, stored.info.status) == ("run", "FINISHED")
    assert stored.info.start_time // 1000 == int(_seconds(run.manifest["started"]))
    assert metrics == history(run)
    assert len(metrics["test.loss"]) == 11
    assert {name: stored.data.metrics[f"end.{name}"] for name in run.metrics} == run.metrics
    assert stored.data.params == flat(json.loads(Path("run", "resolved.json").read_text()))
    assert stored.data.params["layers.0.activation.type"] == "relu"
    assert stored.data.params["optimizer.learning_rate"] == "0.1"
    tags = {name: value for name, value in stored.data.tags.items() if name.startswith("specnet.")}
    assert tags == {
        "specnet.path": str(Path("run").resolve()),
        "specnet.parameters": "51",
        "specnet.train_rows": "700",
        "specnet.test_rows": "300",
        "specnet.status": "finished",
        "specnet.expect.test.loss": "passed",
    }
    assert {path.name for path in Path().iterdir()} == {"run", "mlflow.db"}


def _seconds(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def test_a_diverged_run_has_failed(empty: Path) -> None:
    shutil.copy(empty, "mlflow.db")
    changes: dict[str, Any] = {"optimizer.learning_rate": 1e9, "training.log_every": 1}
    with pytest.raises(DivergenceError):
        specnet.run(SPEC, set=changes, track=["mlflow"], out="run")
    stored, metrics = read()
    assert (stored.info.status, stored.data.tags["specnet.status"]) == ("FAILED", "diverged")
    assert metrics["train.loss"][:2] == history(specnet.load_run("run"))["train.loss"][:2]  # later ones are clipped


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal for another process")
def test_an_interrupted_run_was_killed(empty: Path) -> None:
    shutil.copy(empty, "mlflow.db")
    changes = ["--set", "training.epochs=10000000", "--set", "training.log_every=1000"]
    process = subprocess.Popen([*COMMAND, *changes], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if re.match(r" +2,000 +[\d.e-]+ +[\d.e-]+$", line):
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    stored, metrics = read()
    assert (stored.info.status, stored.data.tags["specnet.status"]) == ("KILLED", "interrupted")
    assert metrics == history(specnet.load_run("run"))


def test_the_store_and_the_experiment_are_those_of_the_environment(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(empty, "other.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri("other.db"))
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "sums")
    monkeypatch.setenv("SPECNET_TRACK", "mlflow")
    specnet.run(SPEC, set={"training.epochs": 2}, out="run")
    stored, _ = read("sums", "other.db")
    assert stored.info.run_name == "run"
    specnet.run(SPEC, set={"training.epochs": 2}, out="again")  # in the experiment that is there by now
    client = MlflowClient(tracking_uri=uri("other.db"))
    assert len(client.search_runs([stored.info.experiment_id])) == 2
    assert not Path("mlflow.db").exists()


def test_a_run_with_many_columns_is_stored_whole(empty: Path) -> None:
    shutil.copy(empty, "mlflow.db")
    names = [f"column |{number}|" for number in range(150)]
    Path("d.csv").write_text(",".join([*names, "y"]) + "\n" + ("1," * 150 + "2\n" + "2," * 150 + "5\n") * 200)
    dataset = {"type": "csv", "path": "d.csv", "inputs": names, "targets": ["y"]}
    document = {
        "format": 1,
        "name": "wide",
        "dataset": dataset,
        "layers": [{"type": "dense", "units": 1} for _ in range(30)],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 1e-9},
        "training": {"epochs": 1},
        "checks": {"parameters_vs_rows": "off"},
    }
    specnet.run(document, track=["mlflow"], out="run")
    stored, _ = read("wide")
    assert len(stored.data.params) > 100  # more than one request
    assert json.loads(stored.data.params["dataset.inputs"]) == names


@pytest.mark.parametrize(
    ("value", "leaves"),
    [
        ({"a": {"b": 1, "c": "x"}}, {"a.b": "1", "a.c": "x"}),
        ({"a": [{"b": True}, {"b": None}]}, {"a.0.b": "true", "a.1.b": "null"}),
        ({"a": (1.5, 2)}, {"a": "[1.5, 2]"}),
        ({"a": [], "b": {}}, {"a": "[]"}),
    ],
)
def test_plain_data_is_flattened(value: Any, leaves: dict[str, str]) -> None:
    assert flat(value) == leaves


def test_nothing_heavy_is_imported_before_a_run_is_tracked() -> None:
    code = "import sys, specnet_mlflow; print([m for m in ('numpy', 'mlflow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
