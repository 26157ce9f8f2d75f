"""Each file operation of a run, and of its resumption, fails in turn: what is left can always go on."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.kills import replaced
from specnet import resume, run
from specnet.artifacts import Checkpoints, RunDirectory
from specnet.errors import ArtifactError, Interrupted
from specnet.registry import Registry
from specnet.runs import Watcher
from specnet.runs.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from specnet.component.task import Epoch

OPERATIONS = ("open", "write", "fsync", "replace", "mkdir", "unlink", "listdir", "close")
CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
FILES = ("model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json")
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 30},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e-5},
    "training": {"epochs": 3, "log_every": 1},
    "checkpoint": {"every_epochs": 1},
    "predict": [{"inputs": [[30, 70]]}],
}


SHORT = {**SPEC, "training": {"epochs": 2, "log_every": 1}}
BUILT_IN = Registry([])
READING = {"SN601", "SN602", "SN607", "SN613"}
"""What a resumption is refused for when a file can be written, or read, no longer."""


class Stopping(Watcher):
    """Fails at the end of an epoch, as a machine does that has lost its power."""

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 2:
            raise InterruptedError


@contextmanager
def failing(place: int, code: int) -> Iterator[list[str]]:
    """The file operation of that place fails, those after it do not; gives the names of all."""
    made: list[str] = []

    def counted(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            if len(made) == place:
                if name == "close":  # the descriptor is closed all the same
                    original(*arguments, **options)
                raise OSError(code, os.strerror(code))
            if name == "fsync":  # nothing here cuts the power
                return None
            return original(*arguments, **options)

        return operation

    with replaced(OPERATIONS, counted):
        yield made


def contents(path: Path) -> list[bytes]:
    return [(path / name).read_bytes() for name in FILES]


def newest(path: Path) -> int:
    """The epoch of the newest checkpoint, each of which can be read; 0 when there is none."""
    folder = Checkpoints(path)
    found = [Checkpoint.decode(folder.read(name)).epoch for name in folder.names()]
    return found[-1] if found else 0


def survived(path: Path, made: list[str], place: int, wanted: list[bytes], least: int) -> None:
    """What is left after the failure goes on to the same bytes."""
    if (path / "manifest.json").exists():
        RunDirectory.open(path)
        assert newest(path) >= least
        if made[place - 1] != "unlink":
            assert list(path.rglob("*.tmp")) == []
        resume(path, registry=BUILT_IN)
        assert contents(path) == wanted
    elif path.exists():
        assert not Checkpoints(path).names()


def refusals(act: Callable[[], object]) -> set[str]:
    """The codes of an error that a user is told, none when there is none."""
    try:
        act()
    except ArtifactError as error:
        return {finding.code for finding in error.findings}
    return set()


def operations_of(act: Callable[[], object]) -> int:
    with failing(0, 0) as made:
        act()
    return len(made)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = run(SHORT, registry=BUILT_IN, out=tmp_path_factory.mktemp("whole") / "out").path
    return contents(path)


def saved_before(made: list[str], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many operations had been made each time that a checkpoint was complete."""
    moments: list[int] = []
    write = Checkpoints.write

    def noted(self: Checkpoints, label: str, content: bytes) -> str:
        name = write(self, label, content)
        moments.append(len(made))
        return name

    monkeypatch.setattr(Checkpoints, "write", noted)
    return moments


def test_p53_each_operation_of_a_run_fails_in_turn(wanted: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    count = operations_of(lambda: run(SHORT, registry=BUILT_IN, out="count"))
    assert count > 50
    refused = 0
    for place in range(1, count + 1):
        path = Path(f"out{place}")
        with failing(place, CODES[place % 3]) as made, monkeypatch.context() as patch:
            moments = saved_before(made, patch)
            codes = refusals(lambda path=path: run(SHORT, registry=BUILT_IN, out=path))  # type: ignore[misc]
        assert codes <= {"SN601", "SN602"}
        refused += bool(codes)
        survived(path, made, place, wanted, len([moment for moment in moments if moment < place]))
        shutil.rmtree(path, ignore_errors=True)
    assert refused > count / 2


def test_p53_each_operation_of_a_resumption_fails_in_turn(wanted: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InterruptedError):
        run(SHORT, registry=BUILT_IN, out="killed", watcher=Stopping())
    shutil.copytree("killed", "count")
    count = operations_of(lambda: resume("count", registry=BUILT_IN))
    assert count > 50
    for place in range(1, count + 1):
        path = Path(f"out{place}")
        shutil.copytree("killed", path)
        with failing(place, CODES[place % 3]) as made, monkeypatch.context() as patch:
            moments = saved_before(made, patch)
            codes = refusals(lambda path=path: resume(path, registry=BUILT_IN))  # type: ignore[misc]
        assert codes <= READING
        survived(path, made, place, wanted, 1 + len([moment for moment in moments if moment < place]))
        shutil.rmtree(path)


def test_p53_each_operation_of_going_on_further_fails_in_turn() -> None:
    longer = run(SHORT, registry=BUILT_IN, set={"training.epochs": 3}, out="longer").path
    after = contents(longer)
    run(SHORT, registry=BUILT_IN, out="finished")
    shutil.copytree("finished", "count")
    count = operations_of(lambda: resume("count", epochs=3, registry=BUILT_IN))
    for place in range(1, count + 1):
        path = Path(f"out{place}")
        shutil.copytree("finished", path)
        with failing(place, CODES[place % 3]) as made:
            codes = refusals(lambda path=path: resume(path, epochs=3, registry=BUILT_IN))  # type: ignore[misc]
        assert codes <= READING
        begun = RunDirectory.open(path).manifest
        if begun["status"] == "finished" and begun["spec"]["overrides"] == {}:
            resume(path, epochs=3, registry=BUILT_IN)  # it had not begun
        else:
            resume(path, registry=BUILT_IN)
        assert contents(path) == after, (place, made[place - 1])
        shutil.rmtree(path)


def test_p53_a_full_disk_ends_a_run_and_room_lets_it_go_on() -> None:
    wanted = contents(run(SPEC, out="whole").path)

    class Full(Watcher):
        def __init__(self, patch: pytest.MonkeyPatch) -> None:
            self.patch = patch

        def epoch(self, epoch: Epoch) -> None:
            if epoch.number == 2:
                self.patch.setattr(os, "write", full)

    def full(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch, pytest.raises(ArtifactError) as caught:
        run(SPEC, out="out", watcher=Full(patch))
    told = str(caught.value)
    name = "out/checkpoints/00002-epoch-2-step-2.safetensors"
    assert told.startswith(f"SN601 cannot write {name}: No space left on device (")
    assert told.endswith(" bytes needed)")
    assert Checkpoints(Path("out")).names() == ["00001-epoch-1-step-1.safetensors"]
    resume("out")
    assert contents(Path("out")) == wanted


def test_a_failure_while_a_signal_is_answered_keeps_the_checkpoint_before() -> None:
    wanted = contents(run(SPEC, out="whole").path)

    class Signalled(Watcher):
        def __init__(self, patch: pytest.MonkeyPatch) -> None:
            self.patch = patch

        def epoch(self, epoch: Epoch) -> None:
            if epoch.number == 2:
                signal.raise_signal(signal.SIGTERM)
                self.patch.setattr(os, "replace", full)

    def full(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.MonkeyPatch.context() as patch, pytest.raises(ArtifactError):
        run(SPEC, out="out", watcher=Signalled(patch))
    assert newest(Path("out")) == 1
    with pytest.raises(Interrupted):
        resume("out", watcher=OnceMore())
    resume("out")
    assert contents(Path("out")) == wanted


class OnceMore(Watcher):
    """A signal at the end of the first epoch that is told."""

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 2:
            signal.raise_signal(signal.SIGTERM)
