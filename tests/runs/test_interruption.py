from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet import load_run, run
from specnet.errors import ArtifactError, Interrupted, SpecError
from specnet.runs import Run, Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component.task import Epoch

SPECS = Path(__file__).parents[2] / "specs"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(specnet.__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"}
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "dataset": {"type": "arithmetic", "samples": 40},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 2, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 10, "log_every": 1},
    "predict": [{"inputs": [[30, 70]]}],
    "expect": [{"metric": "test.loss", "max": 1000}],
}


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Each test gets the handlers of a fresh interpreter, and leaves them as it found them."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


class Raising(Watcher):
    """Raises signals in the middle of epoch 3, as if somebody had pressed Ctrl-C."""

    def __init__(self, *signals: int) -> None:
        self.signals = signals
        self.result: Run | None = None

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 3:
            for number in self.signals:
                signal.raise_signal(number)

    def finished(self, run: Run) -> None:
        self.result = run


# A process


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals for another process")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_long_training_is_stopped(number: signal.Signals, code: int) -> None:
    args = ["run", str(SPECS / "arith.toml"), "--set", "training.epochs=10000000", "--out", "out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "specnet", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if re.match(r" +1 +[\d.]+ +[\d.]+$", line):  # the first epoch has been told
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == code
    assert err.strip() == "interrupted; the state so far is in out, and specnet resume out goes on"
    assert out.endswith("interrupted: out\n")
    loaded = load_run("out")
    assert loaded.status == "interrupted"
    assert loaded.history["epoch"][0] == 1
    assert np.isfinite(loaded.predict([[30, 70]])).all()
    assert loaded.metrics["train.loss"] < loaded.history["train.loss"][0]
    assert json.loads(Path("out", "manifest.json").read_text())["status"] == "interrupted"
    (checkpoint,) = Path("out", "checkpoints").iterdir()
    assert checkpoint.name == f"00001-epoch-{loaded.epochs}-step-{loaded.epochs}.safetensors"


# This process


def test_the_epochs_of_a_run_are_those_that_it_went_through() -> None:
    watcher = Raising(signal.SIGINT)
    with pytest.raises(Interrupted):
        run({**SPEC, "expect": [{"epochs": {"min": 4}}]}, out="out", watcher=watcher)
    assert watcher.result is not None
    (verdict,) = watcher.result.verdicts
    assert (watcher.result.epochs, verdict.value, verdict.passed) == (3, 3, False)
    assert load_run("out").epochs == 3


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_is_an_exception_after_the_directory_is_complete(number: int, code: int) -> None:
    watcher = Raising(number)
    with pytest.raises(Interrupted) as caught:
        run(SPEC, out="out", watcher=watcher)
    assert caught.value.path == Path("out")
    assert caught.value.exit_code == code
    assert str(caught.value) == "interrupted; the state so far is in out, and specnet resume out goes on"
    assert isinstance(caught.value, KeyboardInterrupt)
    assert watcher.result is not None
    assert watcher.result.status == "interrupted"
    loaded = load_run("out")
    assert loaded.status == "interrupted"
    assert loaded.history["epoch"].tolist() == [1, 2, 3]
    assert loaded.metrics == watcher.result.metrics
    assert [verdict.passed for verdict in loaded.verdicts] == [True]
    # It is where a training of three epochs would have ended.
    assert loaded.weights.flat.tobytes() == run(SPEC, set={"training.epochs": 3}).weights.flat.tobytes()


def test_the_second_signal_ends_at_once() -> None:
    watcher = Raising(signal.SIGINT, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as caught:
        run(SPEC, out="out", watcher=watcher)
    assert not isinstance(caught.value, Interrupted)
    assert watcher.result is None
    with pytest.raises(ArtifactError, match="SN610 the run has no result: its status is 'running'"):
        load_run("out")


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_goes_where_it_went_before(second: signal.Signals) -> None:
    seen = []
    signal.signal(second, lambda number, frame: seen.append(number))
    first = signal.SIGTERM if second == signal.SIGINT else signal.SIGINT
    try:
        with pytest.raises(Interrupted):
            run(SPEC, out="out", watcher=Raising(first, second))
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert seen == [second]
    assert load_run("out").status == "interrupted"


@pytest.mark.parametrize("moment", ["in the epoch", "in the save"])
def test_p54_the_second_signal_leaves_the_checkpoint_before(moment: str) -> None:
    spec = {**SPEC, "checkpoint": {"every_epochs": 1}}
    wanted = run(spec, out="whole").path
    signals = [signal.SIGINT] if moment == "in the save" else [signal.SIGINT, signal.SIGINT]

    class Saving(Raising):
        def epoch(self, epoch: Epoch) -> None:
            super().epoch(epoch)
            if epoch.number == 3 and moment == "in the save":
                patch.setattr(os, "replace", lambda *_: signal.raise_signal(signal.SIGINT))

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt) as caught:
        run(spec, out="out", watcher=Saving(*signals))
    assert not isinstance(caught.value, Interrupted)
    assert [path.name for path in Path("out", "checkpoints").iterdir()] == ["00002-epoch-2-step-2.safetensors"]
    specnet.resume("out")
    for name in ("model.safetensors", "history.csv", "metrics.json", "predictions.csv"):
        assert Path("out", name).read_bytes() == (wanted / name).read_bytes()


def test_a_signal_in_the_last_epoch_comes_too_late_to_stop_anything() -> None:
    result = run(SPEC, set={"training.epochs": 3}, watcher=Raising(signal.SIGINT))
    assert result.status == "finished"


def test_a_signal_before_the_first_epoch_leaves_a_history_without_rows() -> None:
    class Early(Watcher):
        def started(self, *_: object) -> None:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted):
        run(SPEC, out="out", watcher=Early())
    loaded = load_run("out")
    assert loaded.status == "interrupted"
    assert [len(values) for values in loaded.history.values()] == [0, 0, 0]
    assert np.isfinite(loaded.metrics["train.loss"])


@pytest.mark.parametrize("how", ["finished", "interrupted", "failed", "refused"])
def test_handlers_are_as_before_afterwards(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def mine(number: int, frame: object) -> None:
        """The handler of a program that uses specnet."""

    def fail(*_: object) -> None:
        raise RuntimeError(how)

    watcher = Raising(signal.SIGTERM) if how == "interrupted" else Watcher()
    if how == "failed":
        monkeypatch.setattr(watcher, "epoch", fail)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, mine)
    with suppress(Interrupted, RuntimeError, SpecError):
        run({**SPEC, "seed": 3 if how != "refused" else -3}, watcher=watcher)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert handlers == [mine, mine]


def test_a_run_in_another_thread() -> None:
    results: list[Run] = []
    thread = threading.Thread(target=lambda: results.append(run(SPEC, out="out")))
    thread.start()
    thread.join(timeout=60)
    assert [result.status for result in results] == ["finished"]
    assert load_run("out").weights.flat.tobytes() == run(SPEC).weights.flat.tobytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals for another process")
def test_a_long_epoch_is_left_after_its_step_and_goes_on_there() -> None:
    """One epoch of this takes minutes; the signal is answered all the same, and the step is kept."""
    spec = {**SPEC, "dataset": {"type": "arithmetic", "samples": 200_000}, "metrics": ["mse"]}
    spec |= {"training": {"epochs": 1, "batch_size": 1}, "predict": [], "expect": []}
    Path("long.json").write_text(json.dumps(spec))
    for verb in (["run", "long.json", "--out", "out"], ["resume", "out"]):
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "specnet", *verb],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if re.match(r" +epoch +train.loss", line):
                break
        threading.Event().wait(0.5)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 143
    names = sorted(path.name for path in Path("out", "checkpoints").iterdir())
    assert len(names) == 1
    match = re.fullmatch(r"0000[12]-epoch-0-step-(\d+)\.safetensors", names[0])
    assert match is not None, names
    assert int(match[1]) > 0
    assert load_run("out").status == "interrupted"
