"""Hostile names and links, wherever a stranger may put one: no file outside of the root is made, changed or removed.

python -m benchmarks.names [N]   N (200) names and links, the half of each

A name stands as the name of a run, of a layer and of columns, and is asked of a run directory as a file; a link stands
in the place of a file of a run that is then loaded, verified, listed, gone on with, made again and removed.
Exits 1 when a file outside of the root is another than before, or anything but an answer or a refusal has come.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import Any

from specnet import load_run, reproduce, resume, run
from specnet.artifacts import RunDirectory, remove
from specnet.errors import SpecnetError
from specnet.registry import Registry
from specnet.runs.changes import CHANGES
from specnet.runs.listing import runs_below, summary
from specnet.runs.verification import verify

REGISTRY = Registry([])
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "named",
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]},
    "layers": [{"type": "dense", "units": 1, "name": "only"}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e-3},
    "training": {"epochs": 4, "log_every": 1},
    "checkpoint": {"every_epochs": 1, "keep_last": 2},
    "checks": {"parameters_vs_rows": "off"},
    "predict": [{"inputs": [[1, 2]]}],
}
ROWS = "".join(f"{i},{i * i % 7},{3 * i % 11}\n" for i in range(20))
BEFORE = ("../", "../../", "..\\", "/", "\\\\host\\share\\", "C:\\", "./", "~/", "a/../../", "%2e%2e/", "\u2025/", "")
AFTER = (
    "outside/prey",
    "prey\0",
    "prey\n",
    "con",
    "nul.txt",
    "..",
    ".",
    "prey.",
    " prey",
    "$(touch prey)",
    "x" * 300,
    "-rf",
)
FILES = (
    "model.safetensors",
    "history.csv",
    "metrics.json",
    "predictions.csv",
    "resolved.json",
    "spec.json",
    "manifest.json",
    "checkpoints",
    "checkpoints/00004-epoch-4-step-4.safetensors",
    ".0123456789abcdef.tmp",
    "more",
)


def names() -> Iterator[str]:
    return (before + after for after, before in product(AFTER, BEFORE))


def links(outside: Path) -> Iterator[tuple[str, str]]:
    """(file of the run, where it leads to)."""
    targets = (
        str(outside / "prey"),
        "../../outside/prey",
        str(outside),
        "../../outside",
        str(outside / "not there"),
        "../../outside/new.json",
        "more",  # which leads to itself, or to nothing
        str(outside / "chain"),
        "/",
        "/dev/null",
    )
    return ((name, target) for target, name in product(targets, FILES))


def outside_of(root: Path) -> dict[str, str]:
    """Everything beside the root, to the byte."""
    paths = (path for path in root.parent.rglob("*") if path != root and not path.is_relative_to(root))
    return {str(path): content(path) for path in sorted(paths)}


def content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"


def refused(act: Callable[[], object], counted: Counter[str]) -> None:
    """A refusal is an answer; a traceback is none."""
    try:
        act()
        counted["done"] += 1
    except SpecnetError:
        counted["refused"] += 1
    except Exception as error:
        counted["tracebacks"] += 1
        print(f"{type(error).__name__}: {error}", file=sys.stderr)


def try_name(name: str, root: Path, counted: Counter[str]) -> None:
    refused(lambda: run({**SPEC, "name": name}, registry=REGISTRY), counted)
    layers = [{**SPEC["layers"][0], "name": name}]
    refused(lambda: run({**SPEC, "layers": layers}, registry=REGISTRY), counted)
    quoted = '"' + name.replace('"', '""') + '"'
    (root / "named.csv").write_text(f"{quoted},b,y\n{ROWS}", newline="")
    dataset = {**SPEC["dataset"], "path": "named.csv", "inputs": [name, "b"]}
    refused(lambda: run({**SPEC, "dataset": dataset}, registry=REGISTRY), counted)
    directory = RunDirectory(root / "kept")
    refused(lambda: directory.write_bytes(name, b"prey"), counted)
    refused(lambda: directory.read_bytes(name), counted)
    refused(lambda: resume(root / "kept", checkpoint=name, registry=REGISTRY), counted)


def try_link(name: str, target: str, root: Path, counted: Counter[str]) -> None:
    path = root / "runs" / "linked"
    shutil.copytree(root / "kept", path)
    place = path / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(target)
    as_if_killed(path)
    acts: tuple[Callable[[], object], ...] = (
        lambda: load_run(path, REGISTRY).predict([[1, 2]]),
        lambda: verify(path, data=True),
        lambda: [summary(one) for one in runs_below([root / "runs"])],
        lambda: resume(path, allow_change=CHANGES, registry=REGISTRY),
        lambda: resume(path, epochs=6, allow_change=CHANGES, registry=REGISTRY),
        lambda: reproduce(path, registry=REGISTRY),
        lambda: remove(path),
    )
    for act in acts:
        refused(act, counted)
    with suppress(FileNotFoundError):
        shutil.rmtree(path)


def as_if_killed(path: Path) -> None:
    """A run that says it is running begins anew where it has no checkpoint, and so writes everything again."""
    with suppress(SpecnetError):
        directory = RunDirectory.open(path)
        kept = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
        directory.seal({**kept, "status": "running"})


def main(args: list[str]) -> int:
    count = int(args[0]) if args else 200
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        root, outside = Path(name).resolve() / "root", Path(name).resolve() / "outside"
        for folder in (root / "runs", outside / "folder"):
            folder.mkdir(parents=True)
        (outside / "prey").write_text("mine")
        (outside / "folder" / "deep").write_text("mine too")
        (outside / "chain").symlink_to(outside / "prey")
        (root / "d.csv").write_text(f"a,b,y\n{ROWS}")
        before, here = outside_of(root), Path.cwd()
        os.chdir(root)
        try:
            run(SPEC, out=root / "kept", registry=REGISTRY)
            tries: list[Callable[[], None]] = [
                *(partial(try_name, name, root, counted) for name in islice(names(), count // 2)),
                *(partial(try_link, *link, root, counted) for link in islice(links(outside), count - count // 2)),
            ]
            for one in tries:
                one()
                counted["outside"] += len(before.items() ^ outside_of(root).items())
        finally:
            os.chdir(here)
    print(
        f"{len(tries)} names and links, {counted['done'] + counted['refused']} answers, {counted['refused']} of them "
        f"refusals: {counted['outside']} files outside of the root, {counted['tracebacks']} tracebacks"
    )
    return int(counted["outside"] + counted["tracebacks"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
