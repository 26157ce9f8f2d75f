from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet import load_run, resume, run
from specnet.artifacts import Checkpoints, RunDirectory, claimed
from specnet.cli import main
from specnet.errors import ArtifactError, Interrupted, SpecError, SpecnetError, UsageError
from specnet.runs import Run, Watcher
from specnet.runs.checkpoint import Checkpoint
from specnet.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.component.task import Epoch

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "metrics": ["r2"],
    "dataset": {"type": "arithmetic", "samples": 30},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 4, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
    "training": {"epochs": 6, "log_every": 2, "batch_size": 5},
    "checkpoint": {"every_epochs": 1, "keep_last": 99},
    "checks": {"parameters_vs_rows": "off"},
    "predict": [{"inputs": [[30, 70]]}],
}
CSV = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["x", "y", "z"]}
FILES = ("model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here cuts the power, and a flush takes longer than a training."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


class Stopping(Watcher):
    """Raises signals at the end of an epoch, as if somebody had pressed Ctrl-C."""

    def __init__(self, epoch: int, *signals: int) -> None:
        self.at = epoch
        self.signals = signals or (signal.SIGTERM,)

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == self.at:
            for number in self.signals:
                signal.raise_signal(number)


class Telling(Watcher):
    """Keeps what was said of the resumption, and the epochs that were trained after it."""

    def __init__(self) -> None:
        self.resumption: tuple[Any, ...] = ()
        self.epochs: list[int] = []

    def resumed(self, checkpoint: str | None, epoch: int, passed: Sequence[str]) -> None:
        self.resumption = (checkpoint, epoch, tuple(passed))

    def epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch.number)


def interrupted(spec: Any = SPEC, after: int = 3, out: str = "out", **set: Any) -> Path:
    with pytest.raises(Interrupted):
        run(spec, set=set, out=out, watcher=Stopping(after))
    return Path(out)


def killed(spec: Any = SPEC, after: int = 3, out: str = "out") -> Path:
    """What a process that was killed at the end of that epoch leaves."""

    class Killed(Watcher):
        def epoch(self, epoch: Epoch) -> None:
            if epoch.number == after:
                raise InterruptedError("killed")

    with pytest.raises(InterruptedError):
        run(spec, out=out, watcher=Killed())
    assert RunDirectory.open(Path(out)).manifest["status"] == "running"
    return Path(out)


def contents(path: Path) -> dict[str, bytes]:
    return {name: (path / name).read_bytes() for name in FILES}


def refusal(kind: type[SpecnetError], *args: Any, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        resume(*args, **options)
    return str(caught.value)


def rows(count: int = 30) -> str:
    numbers = Streams(5).of("data").uniform(0, 9, (count, 5)).tolist()
    return "a,b,x,y,z\n" + "".join(",".join(map(repr, row)) + "\n" for row in numbers)


# Refusals


def test_what_is_no_run_cannot_go_on() -> None:
    assert refusal(ArtifactError, "nowhere") == "SN605 nowhere is not a run directory: there is no such directory"


def test_a_directory_that_another_program_has_sealed_is_no_run() -> None:
    path = interrupted()
    directory = RunDirectory.open(path)
    directory.seal({"status": "interrupted", "started": "today", "spec": {}, "data": {}, "plugins": {}})
    told = refusal(ArtifactError, path)
    assert told.startswith(
        "SN605 out is not a run directory: its manifest.json lacks blas, cpus, numpy, platform, python"
    )


def test_fewer_epochs_are_no_more() -> None:
    run(SPEC, out="out")
    for epochs in (1, 6):
        told = refusal(UsageError, "out", epochs=epochs)
        assert told.startswith(f"SN553 the run is to have 6 epochs already, and {epochs} is not more\n")


def test_an_unknown_change_cannot_be_allowed() -> None:
    run(SPEC, out="out")
    assert refusal(UsageError, "out", allow_change=["date"]) == (
        "SN553 there is no change 'date' to allow; known: data, numpy, plugins, schedule, spec, specnet"
    )


def test_a_run_without_a_checkpoint_cannot_have_more_epochs() -> None:
    run({**SPEC, "checkpoint": None}, out="out")
    assert not Path("out", "checkpoints").exists()
    assert refusal(ArtifactError, "out", epochs=9) == (
        "SN613 the run has finished and kept no checkpoint: its spec has no [checkpoint]\n --> out\n"
        "  = help: specnet resolve out -o FILE writes its spec, to be run from the beginning"
    )
    assert load_run("out").status == "finished"


def test_a_run_that_has_diverged_does_not_go_on() -> None:
    with pytest.raises(SpecnetError) as caught:
        run(SPEC, set={"optimizer.learning_rate": 1e80, "training.epochs": 200}, out="out")
    (finding,) = caught.value.findings
    assert refusal(ArtifactError, "out") == (
        f"SN613 the run has diverged, and would do so again: {finding.message}\n --> out\n"
        f"  = help: change its spec and run that; {finding.help}"
    )


def test_a_run_that_diverged_before_manifests_said_how_does_not_go_on_either() -> None:
    with pytest.raises(SpecnetError):
        run(SPEC, set={"optimizer.learning_rate": 1e80, "training.epochs": 200}, out="out")
    directory = RunDirectory.open(Path("out"))
    kept = directory.manifest.keys() - {"artifacts", "sha256", "divergence"}
    directory.seal({name: directory.manifest[name] for name in kept})
    assert refusal(ArtifactError, "out") == (
        "SN613 the run has diverged, and would do so again\n --> out\n  = help: change its spec and run that"
    )
    assert load_run("out").divergence is None


def test_a_run_is_trained_by_one_process_at_a_time() -> None:
    path = interrupted()
    with claimed(path):
        assert refusal(ArtifactError, path) == "SN614 another process is training out"

    class Resuming(Watcher):
        def epoch(self, epoch: Epoch) -> None:
            assert refusal(ArtifactError, "other") == "SN614 another process is training other"

    run(SPEC, out="other", watcher=Resuming())
    assert resume(path).status == "finished"


def test_a_checkpoint_that_is_not_there() -> None:
    path = interrupted(after=2)
    assert refusal(ArtifactError, path, checkpoint="9") == (
        "SN613 there is no checkpoint '9'; there are: "
        "00001-epoch-1-step-4.safetensors, 00002-epoch-2-step-8.safetensors\n --> out"
    )


def test_a_checkpoint_of_another_run_is_refused() -> None:
    others: list[tuple[dict[str, Any], str]] = [
        ({"layers.0.units": 5}, "tensor 'layers.0.W' is float64 (5, 2), the spec plans float64 (4, 2)"),
        ({"optimizer.learning_rate": 0.06}, "it was written for another spec"),
        ({"metrics": []}, "it was written for another spec"),
        ({"training.batch_size": 6}, "it was written for another spec"),
    ]
    for other, reason in others:
        interrupted(out="other", **other)
        path = interrupted()
        shutil.rmtree(path / "checkpoints")
        shutil.copytree("other/checkpoints", path / "checkpoints")
        name = Checkpoints(path).names()[-1]
        assert refusal(ArtifactError, path) == f"SN609 {name} does not fit the spec: {reason}"
        assert load_run(path).status == "interrupted"
        shutil.rmtree(path)
        shutil.rmtree("other")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"step": 13}, "step 13 is not in epoch 3"),
        ({"epoch": 9, "step": 36}, "step 36 is not in epoch 10"),
        ({"looks": {"best": 1.0, "best_epoch": 1, "waited": 0}}, "one of the two has no [early_stopping]"),
        ({"history": {"epoch": np.zeros(1)}}, "its history has other columns"),
        ({"epochs": [0.0, 1.0]}, "its history is not in the order of its epochs"),
        ({"epochs": [1.0, 1.0]}, "its history is not in the order of its epochs"),
        ({"epochs": [1.0, 3.0]}, "its history is not in the order of its epochs"),
        ({"epochs": [1.0, 1.5]}, "its history is not in the order of its epochs"),
        ({"epochs": [1.0, np.nan]}, "its history is not in the order of its epochs"),
        (
            {"best": {"layers.0.W": np.zeros(1)}},
            "tensors ['layers.0.b', 'layers.1.W', 'layers.1.b'] are missing or too many",
        ),
    ],
)
def test_a_checkpoint_that_contradicts_itself_is_refused(change: dict[str, Any], reason: str) -> None:
    path = interrupted(after=2)
    folder = Checkpoints(path)
    name = folder.names()[-1]
    checkpoint = Checkpoint.decode(folder.read(name))
    if "epochs" in change:
        change = {"history": {**checkpoint.history, "epoch": np.array(change["epochs"])}}
    position = replace(checkpoint.position, step=change.get("step", 8))
    rest = {name: value for name, value in change.items() if name != "step"}
    (path / "checkpoints" / name).write_bytes(replace(checkpoint, position=position, **rest).encode())
    assert refusal(ArtifactError, path) == f"SN609 {name} does not fit the spec: {reason}"


@pytest.mark.parametrize(("restore", "best"), [(True, False), (False, True)])
def test_a_checkpoint_has_the_best_weights_where_they_are_wanted(restore: bool, best: bool) -> None:
    path = interrupted({**SPEC, "early_stopping": {"patience": 9, "restore_best": restore}}, after=2)
    folder = Checkpoints(path)
    name = folder.names()[-1]
    checkpoint = Checkpoint.decode(folder.read(name))
    assert bool(checkpoint.best) is restore
    wrong = replace(checkpoint, best=checkpoint.weights if best else {})
    (path / "checkpoints" / name).write_bytes(wrong.encode())
    told = f"SN609 {name} does not fit the spec: the weights of the best epoch are missing or too many"
    assert refusal(ArtifactError, path) == told


def test_damaged_checkpoints_are_passed_over_and_told() -> None:
    wanted, path = run(SPEC, out="whole").path, interrupted(after=3)
    names = Checkpoints(path).names()
    (path / "checkpoints" / names[2]).write_bytes(b"\0" * 100)
    content = bytearray((path / "checkpoints" / names[1]).read_bytes())
    content[-1] ^= 1
    (path / "checkpoints" / names[1]).write_bytes(content)
    telling = Telling()
    resume(path, watcher=telling)
    assert telling.resumption[:2] == (names[0], 1)
    assert [reason.partition(":")[0] for reason in telling.resumption[2]] == [names[2], names[1]]
    assert telling.resumption[2][1].endswith(": not a checkpoint of this version of specnet, or it has changed")
    assert contents(path) == contents(wanted)


def test_damaged_checkpoints_alone_are_no_beginning() -> None:
    path = interrupted(after=2)
    for name in Checkpoints(path).names():
        (path / "checkpoints" / name).write_bytes(b"")
    told = refusal(ArtifactError, path)
    assert told.startswith("SN613 none of its checkpoints can be used: 00002-epoch-2-step-8.safetensors: not a tensor")
    assert "00001-epoch-1-step-4.safetensors: not a tensor" in told


def test_a_damaged_checkpoint_is_refused_by_name() -> None:
    path = interrupted(after=2)
    name = Checkpoints(path).names()[0]
    (path / "checkpoints" / name).write_bytes(b"")
    told = refusal(ArtifactError, path, checkpoint=name)
    assert (
        told == f"SN603 not a tensor file of specnet: it ends at byte 0, within its header\n --> out/checkpoints/{name}"
    )
    assert resume(path).status == "finished"


def test_a_changed_run_directory_does_not_go_on() -> None:
    path = interrupted()
    (path / "resolved.json").write_text("{}\n")
    assert refusal(ArtifactError, path).startswith("SN607 resolved.json has changed since the run")


# A finished run


def test_a_finished_run_is_returned_as_it_is() -> None:
    first = run(SPEC, out="out")
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    telling = Telling()
    again = resume("out", watcher=telling)
    assert (again.status, again.metrics, telling.resumption) == ("finished", first.metrics, ())
    assert {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()} == before


def test_p35_p50_more_epochs_are_one_training() -> None:
    """P35: going on resets nothing of the optimizer. P50: no order of rows comes twice."""
    wanted = run(SPEC, set={"training.epochs": 11}, out="whole")
    run(SPEC, out="out")
    resume("out", epochs=8)
    assert contents(Path("out")) == contents(run(SPEC, set={"training.epochs": 8}, out="eight").path)
    result = resume("out", epochs=11)
    assert contents(Path("out")) == contents(wanted.path)
    assert result.epochs == 11
    manifest = json.loads(Path("out", "manifest.json").read_text())
    assert manifest["spec"]["overrides"] == {"training.epochs": 11}
    assert [entry["epoch"] for entry in manifest["resumed"]] == [6, 8]


def test_the_row_of_what_was_the_last_epoch_is_none_of_a_longer_run() -> None:
    odd = {**SPEC, "training": {"epochs": 5, "log_every": 3, "batch_size": 5}}
    assert run(odd, out="out").history["epoch"].tolist() == [1, 3, 5]
    assert resume("out", epochs=8).history["epoch"].tolist() == [1, 3, 6, 8]
    assert contents(Path("out")) == contents(run(odd, set={"training.epochs": 8}, out="whole").path)


def test_a_run_that_stopped_early_has_no_more_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    early = {**SPEC, "early_stopping": {"patience": 1, "min_delta": 100.0}}
    first = run(early, out="out")
    assert first.epochs == 2
    telling = Telling()
    again = resume("out", epochs=50, watcher=telling)
    assert (again.epochs, telling.resumption) == (2, ())
    assert cli("resume", "out", "--epochs", "50") == 0
    assert first.early_stopping is not None
    wanted = f"specnet resume out\nthe run has {first.early_stopping.reason}; nothing was done: out\n"
    assert capsys.readouterr().out == wanted


def test_p41_a_schedule_that_depends_on_the_length_is_no_silent_jump() -> None:
    cosine = {**SPEC, "optimizer": {"type": "gradient_descent", "learning_rate": {"type": "cosine", "start": 0.05}}}
    run(cosine, out="out")
    before = contents(Path("out"))
    told = refusal(ArtifactError, "out", epochs=12)
    assert told.startswith("SN612 schedule: with so many epochs optimizer.learning_rate would have been 0.0")
    assert told.endswith("\n --> out\n  = help: --allow-change schedule goes on all the same")
    assert contents(Path("out")) == before
    assert resume("out", epochs=12, allow_change=["schedule"]).epochs == 12
    manifest = json.loads(Path("out", "manifest.json").read_text())
    assert [entry["changed"] for entry in manifest["resumed"]] == [["schedule"]]
    path = interrupted(cosine, out="same")
    resume(path)
    assert contents(path) == before  # the same length is the same schedule


def test_a_schedule_that_does_not_depend_on_the_length_goes_on() -> None:
    table = {"type": "step", "start": 0.05, "every": 2, "gamma": 0.5}
    stepped = {**SPEC, "optimizer": {"type": "gradient_descent", "learning_rate": table}}
    run(stepped, out="out")
    resume("out", epochs=12)
    assert contents(Path("out")) == contents(run(stepped, set={"training.epochs": 12}, out="whole").path)


# A run that was interrupted or killed


@pytest.mark.parametrize("after", range(1, 6))
def test_an_interrupted_run_ends_as_it_would_have(after: int) -> None:
    wanted, path = run(SPEC, out="whole"), interrupted(after=after)
    told = Telling()
    result = resume(path, watcher=told)
    assert result.status == "finished"
    assert contents(path) == contents(wanted.path)
    assert told.epochs[0] == after + 1
    assert told.resumption == (f"{after:05}-epoch-{after}-step-{4 * after}.safetensors", after, ())


@pytest.mark.parametrize("after", range(1, 7))
def test_a_killed_run_ends_as_it_would_have(after: int) -> None:
    wanted, path = run(SPEC, out="whole"), killed(after=after)
    with pytest.raises(ArtifactError, match="SN610"):
        load_run(path)
    told = Telling()
    resume(path, watcher=told)
    assert contents(path) == contents(wanted.path)
    assert told.resumption[1] == after - 1  # it was killed before the checkpoint of that epoch


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_anew() -> None:
    plain = {**SPEC, "checkpoint": None}
    wanted, path = run(plain, out="whole"), killed(plain, after=2)
    told = Telling()
    resume(path, watcher=told)
    assert (told.resumption, told.epochs[0]) == ((None, 0, ()), 1)
    assert contents(path) == contents(wanted.path)


def test_a_run_goes_on_from_any_checkpoint() -> None:
    wanted, path = run(SPEC, out="whole"), interrupted(after=5)
    for name in Checkpoints(path).names()[::-1]:
        copy = Path(f"from-{name}")
        shutil.copytree(path, copy)
        told = Telling()
        resume(copy, checkpoint=f"{path}/checkpoints/{name}", watcher=told)
        assert told.resumption[0] == name
        assert contents(copy) == contents(wanted.path)


def test_a_run_is_interrupted_again_and_again() -> None:
    wanted, path = run(SPEC, out="whole"), interrupted(after=1)
    for after in (2, 3, 4, 5):
        with pytest.raises(Interrupted):
            resume(path, watcher=Stopping(after))
        assert load_run(path).status == "interrupted"
        assert load_run(path).epochs == after
    resume(path)
    assert contents(path) == contents(wanted.path)
    assert len(json.loads((path / "manifest.json").read_text())["resumed"]) == 5


def test_without_the_section_an_interrupted_run_goes_on_too() -> None:
    plain = {**SPEC, "checkpoint": None}
    wanted, path = run(plain, out="whole"), interrupted(plain, after=2)
    assert Checkpoints(path).names() == ["00001-epoch-2-step-8.safetensors"]
    resume(path)
    assert contents(path) == contents(wanted.path)
    assert Checkpoints(path).names() == ["00001-epoch-2-step-8.safetensors"]


def test_within_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal in the middle of an epoch is answered after the step, and the epoch goes on from there."""
    from specnet.engine import training

    wanted = run(SPEC, out="whole")
    step = training._Trainer._step
    for steps in (1, 2, 3, 5, 6, 7, 22):
        made = 0

        def counted(*args: Any, steps: int = steps) -> None:
            nonlocal made
            step(*args)
            made += 1
            if made == steps:
                signal.raise_signal(signal.SIGINT)

        out = Path(f"out{steps}")
        with monkeypatch.context() as patch:
            patch.setattr(training._Trainer, "_step", counted)
            with pytest.raises(Interrupted):
                run(SPEC, out=out)
        assert Checkpoints(out).names()[-1].endswith(f"-epoch-{steps // 4}-step-{steps}.safetensors")
        assert load_run(out).epochs == steps // 4
        resume(out)
        assert contents(out) == contents(wanted.path)


def test_a_run_in_float32_goes_on() -> None:
    single = {**SPEC, "engine": {"type": "numpy", "dtype": "float32"}}
    wanted, path = run(single, out="whole"), interrupted(single)
    resume(path)
    assert contents(path) == contents(wanted.path)


def test_a_run_with_the_legacy_stream_goes_on() -> None:
    legacy = {**SPEC, "rng": "mt19937"}
    for name, path in (("a", interrupted(legacy, out="a")), ("b", killed(legacy, after=1, out="b"))):
        resume(path)
        assert contents(path) == contents(run(legacy, out=f"whole-{name}").path)


def test_from_another_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("d.csv").write_text(rows())
    Path("s.json").write_text(json.dumps({**SPEC, "dataset": CSV}))
    wanted, path = run("s.json", out="whole"), interrupted("s.json")
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    resume("../out")
    assert contents(tmp_path / path) == contents(tmp_path / wanted.path)


# Early stopping

EARLY = {**SPEC, "training": {"epochs": 40, "batch_size": 5}, "early_stopping": {"patience": 3, "min_delta": 0.1}}


def test_p48_a_checkpoint_knows_the_looks_of_its_own_epoch() -> None:
    whole = run(EARLY, out="whole")
    assert whole.early_stopping is not None
    assert whole.early_stopping.stopped
    assert whole.epochs > 6
    best, waited = None, 0
    losses = run({**EARLY, "early_stopping": None}, set={"training.log_every": 1}).history["validation.loss"]
    folder = Checkpoints(whole.path)
    for number, name in enumerate(folder.names(), 1):
        if best is None or best - losses[number - 1] > 0.1:
            best, best_epoch, waited = losses[number - 1], number, 0
        else:
            waited += 1
        checkpoint = Checkpoint.decode(folder.read(name))
        assert checkpoint.looks == {"best": best, "best_epoch": best_epoch, "waited": waited}
        assert (checkpoint.epoch, checkpoint.position.step) == (number, 4 * number)
        of_best = Checkpoint.decode(folder.read(folder.names()[best_epoch - 1])).weights
        assert all(np.array_equal(array, of_best[key]) for key, array in checkpoint.best.items())
        copy = Path(f"from-{number}")
        shutil.copytree(killed_copy(whole), copy)
        resume(copy, checkpoint=name)
        assert contents(copy) == contents(whole.path)


def killed_copy(whole: Run) -> Path:
    """A run as it is while it is training, with the checkpoints of the whole."""
    path = Path("killed")
    if not path.exists():
        killed(
            {**EARLY, "checkpoint": whole.spec.checkpoint.model_dump() if whole.spec.checkpoint else None}, 1, "killed"
        )
        shutil.rmtree(path / "checkpoints", ignore_errors=True)
        shutil.copytree(whole.path / "checkpoints", path / "checkpoints")
    return path


def test_the_best_checkpoint_is_kept_beside_the_last() -> None:
    section = {"every_epochs": 5, "keep_best": True}
    whole = run({**EARLY, "checkpoint": section}, out="whole")
    ending = whole.early_stopping
    assert ending is not None
    best, last = ending.best_epoch, ending.epoch
    names = Checkpoints(whole.path).names()
    assert [name.partition("-")[2] for name in names] == [
        f"epoch-{best}-step-{4 * (best or 0)}.safetensors",
        f"epoch-{last}-step-{4 * last}.safetensors",
    ]
    kept = Checkpoint.decode(Checkpoints(whole.path).read(names[0]))
    assert all(np.array_equal(array, kept.weights[name]) for name, array in whole.weights.tensors().items())
    path = interrupted({**EARLY, "checkpoint": section}, after=(best or 0) + 1)
    resume(path)
    assert [name.partition("-")[2] for name in Checkpoints(path).names()] == [name.partition("-")[2] for name in names]


# What is kept


@pytest.mark.parametrize(
    ("section", "epochs"),
    [
        ({}, [6]),
        ({"every_epochs": 4}, [6]),
        ({"every_epochs": 4, "keep_last": 2}, [4, 6]),
        ({"every_epochs": 2, "keep_last": 2}, [4, 6]),
        ({"every_seconds": 1e-9, "keep_last": 3}, [4, 5, 6]),
        ({"every_seconds": 1e9, "keep_last": 3}, [6]),
    ],
)
def test_as_many_are_kept_as_wanted(section: dict[str, Any], epochs: list[int], monkeypatch: Any) -> None:
    monkeypatch.setattr("specnet.engine.training.TELL_EVERY", 0.0)
    path = run({**SPEC, "checkpoint": section}, out="out").path
    assert [int(name.split("-")[2]) for name in Checkpoints(path).names()] == epochs


# The command line


def cli(*args: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(args)
    return int(caught.value.code or 0)


def test_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    wanted, path = run(SPEC, out="whole"), interrupted()
    assert cli("resume", "out") == 0
    out = capsys.readouterr().out
    assert "\nresume      after epoch 3, from 00003-epoch-3-step-12.safetensors\n" in out
    assert out.endswith("finished: out\n")
    assert contents(path) == contents(wanted.path)
    assert cli("resume", "out") == 0
    out = capsys.readouterr().out
    assert out == "specnet resume out\nthe run has finished after epoch 6; nothing was done: out\n"
    assert cli("resume", "out", "--epochs", "8", "--from", "00003-epoch-3-step-12.safetensors") == 0
    assert "after epoch 3, from" in capsys.readouterr().out


def test_show_tells_of_each_time_that_a_run_went_on(capsys: pytest.CaptureFixture[str]) -> None:
    cosine = {**SPEC, "optimizer": {"type": "gradient_descent", "learning_rate": {"type": "cosine", "start": 0.05}}}
    path = interrupted(cosine)
    resume(path)
    resume(path, epochs=8, allow_change=["schedule"])
    assert cli("show", "out") == 0
    first, then = [line for line in capsys.readouterr().out.splitlines() if line.startswith("resumed ")]
    assert first.endswith(", after epoch 3")
    assert then.endswith(", after epoch 6, although changed: schedule")


def test_the_verb_keeps_the_codes_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    failing = {**SPEC, "expect": [{"metric": "test.loss", "max": 1e-9}]}
    interrupted(failing)
    assert cli("resume", "out") == 3
    assert cli("resume", "out") == 3
    assert cli("resume", "nowhere") == 2
    assert cli("resume", "out", "--allow-change", "date") == 2


def test_the_verb_begins_anew_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    killed(after=1)
    assert cli("resume", "out") == 0
    assert "resume      no checkpoint yet: from the beginning\n" in capsys.readouterr().out


def test_the_verb_tells_what_it_has_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    path = interrupted(after=2)
    name = Checkpoints(path).names()[-1]
    (path / "checkpoints" / name).write_bytes(b"")
    assert cli("resume", "out") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"warning: passed over: {name}: not a tensor file of specnet" in told


def test_trackers_are_told_of_a_run_that_goes_on() -> None:
    path = interrupted()
    with pytest.raises(UsageError, match="SN205"):
        resume(path, track=["nobody"])


def test_from_python() -> None:
    interrupted()
    assert specnet.resume("out").status == "finished"
    assert issubclass(SpecError, SpecnetError)
