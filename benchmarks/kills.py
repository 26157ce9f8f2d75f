"""Processes that are killed while they train, and what `specnet.resume` makes of what they leave.

python -m benchmarks.kills [N]              N SIGKILLs (500) at random moments, over training that saves every epoch
python -m benchmarks.kills --operations [K] the process killed before and after each (each K-th) of its file operations

Each run is resumed to its end, and killed again on the way. Exits 1 unless every directory could go on and has ended
with the bytes of a run in one go.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads must not fork

from specnet import resume, run
from specnet.artifacts import Checkpoints, RunDirectory
from specnet.errors import SpecnetError
from specnet.runs.checkpoint import Checkpoint
from specnet.streams import Streams

FILES = ("model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json")
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "killed",
    "seed": 3,
    "dataset": {"type": "arithmetic", "samples": 200},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 16, "activation": "tanh"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "metrics": ["r2"],
    "optimizer": {"type": "gradient_descent", "learning_rate": {"type": "cosine", "start": 0.05}},
    "training": {"epochs": 20, "batch_size": 16, "log_every": 1},
    "early_stopping": {"patience": 50},
    "checkpoint": {"every_epochs": 1, "keep_last": 2, "keep_best": True},
    "predict": [{"inputs": [[30, 70]]}],
}
SHORT = {**SPEC, "training": {"epochs": 3, "batch_size": 40, "log_every": 1}}
OPERATIONS = ("open", "write", "fsync", "replace", "mkdir", "unlink", "listdir")


def begun(path: Path) -> bool:
    """False for a directory that was killed before there was anything in it to go on from."""
    return (path / "manifest.json").exists()


def go_on(path: Path, spec: dict[str, Any]) -> None:
    if begun(path):
        resume(path)
    else:
        shutil.rmtree(path, ignore_errors=True)
        run(spec, out=path)


def child(work: Callable[[], object]) -> int:
    """The process that does it; 0 when it comes to its end, else the traceback is on standard error."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except SpecnetError as error:
        print(error, file=sys.stderr)
    finally:
        os._exit(code)


def fault(path: Path) -> str:
    """What is wrong with a directory whose process was killed, "" when nothing is."""
    if not begun(path):
        return ""
    try:
        RunDirectory.open(path)
        folder = Checkpoints(path)
        for name in folder.names():
            Checkpoint.decode(folder.read(name))
    except SpecnetError as error:
        return str(error)
    return ""


def contents(path: Path) -> list[bytes]:
    return [(path / name).read_bytes() for name in FILES]


def random_kills(kills: int, folder: Path) -> Counter[str]:
    """Kills at random moments of runs that are resumed until they end."""
    counted: Counter[str] = Counter()
    wanted = contents(run(SPEC, out=folder / "whole").path)
    start = time.monotonic()
    os.waitpid(child(lambda: run(SPEC, out=folder / "again")), 0)
    longest = time.monotonic() - start
    moments = Streams(0).of("kills")
    while counted["kills"] < kills:
        path = folder / f"run-{counted['runs']}"
        counted["runs"] += 1
        while True:
            pid = child(lambda path=path: go_on(path, SPEC))  # type: ignore[misc]
            if counted["kills"] < kills:
                time.sleep(float(moments.uniform(0, longest, ())))
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            if not os.WIFSIGNALED(status):
                break
            counted["kills"] += 1
            counted["nothing begun"] += not begun(path)
            told(counted, path, fault(path))
        finished(counted, path, status, wanted)
    return counted


def kills_at_operations(every: int, folder: Path) -> Counter[str]:
    """A kill before and after each of the file operations of a run, and of its resumption."""
    counted: Counter[str] = Counter()
    wanted = contents(run(SHORT, out=folder / "whole").path)
    for place, after in ((place, after) for place in range(1, 10_000, every) for after in (False, True)):
        path = folder / f"run-{place}-{after}"
        status = os.waitpid(child(lambda path=path, at=place, after=after: killed(path, at, after)), 0)[1]  # type: ignore[misc]
        if not os.WIFSIGNALED(status):
            break
        counted["kills"] += 1
        counted["nothing begun"] += not begun(path)
        told(counted, path, fault(path))
        status = os.waitpid(child(lambda path=path, at=place, after=after: killed(path, at, after)), 0)[1]  # type: ignore[misc]
        if os.WIFSIGNALED(status):
            counted["kills"] += 1
            told(counted, path, fault(path))
            status = os.waitpid(child(lambda path=path: go_on(path, SHORT)), 0)[1]  # type: ignore[misc]
        counted["runs"] += 1
        finished(counted, path, status, wanted)
    return counted


def killed(path: Path, place: int, after: bool) -> None:
    with at_operation(place, after, die):
        go_on(path, SHORT)


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it lives")


@contextmanager
def at_operation(place: int, after: bool, do: Callable[[], object]) -> Iterator[list[str]]:
    """Does something before or after the file operation of that place; gives the names of those that were made."""
    made: list[str] = []

    def counted(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            here = len(made) == place
            if here and not after:
                do()
            try:
                return original(*arguments, **options)
            finally:
                if here and after:
                    do()

        return operation

    with replaced(OPERATIONS, counted):
        yield made


@contextmanager
def replaced(names: Sequence[str], make: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """Functions of `os` with others in their place, made of the name and the function itself."""
    originals = {name: getattr(os, name) for name in names}
    try:
        for name, original in originals.items():
            setattr(os, name, make(name, original))
        yield
    finally:
        for name, original in originals.items():
            setattr(os, name, original)


def told(counted: Counter[str], path: Path, wrong: str) -> None:
    if wrong:
        counted["unloadable"] += 1
        print(f"{path.name}: {wrong}", file=sys.stderr)


def finished(counted: Counter[str], path: Path, status: int, wanted: list[bytes]) -> None:
    if status:
        told(counted, path, f"it did not go on (status {status})")
    elif contents(path) != wanted:
        counted["other bytes"] += 1
    shutil.rmtree(path)


def main(args: list[str]) -> int:
    numbers = [int(arg) for arg in args if arg != "--operations"]
    with tempfile.TemporaryDirectory() as folder:
        if "--operations" in args:
            counted = kills_at_operations(numbers[0] if numbers else 1, Path(folder))
        else:
            counted = random_kills(numbers[0] if numbers else 500, Path(folder))
    print(
        f"{counted['kills']} kills of {counted['runs']} runs: {counted['unloadable']} unloadable, "
        f"{counted['other bytes']} ended with other bytes; {counted['nothing begun']} had not begun"
    )
    return int(counted["unloadable"] + counted["other bytes"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
