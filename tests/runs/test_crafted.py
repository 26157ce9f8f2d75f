"""Run directories that a stranger has made to run something: sealed with right digests, and nothing fires."""

from __future__ import annotations

import io
import json
import pickle
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from specnet import load_run, reproduce, resume, run
from specnet.artifacts import RunDirectory, encode_tensors
from specnet.cli import main
from specnet.errors import SpecnetError
from specnet.registry import Registry
from specnet.runs.changes import CHANGES
from specnet.runs.listing import summary
from specnet.runs.verification import verify

REGISTRY = Registry([])
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 40},
    "layers": [{"type": "dense", "units": 3, "activation": "relu"}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
    "training": {"epochs": 3},
    "checkpoint": {"every_epochs": 1},
}
CODE = "__import__('pathlib').Path('fired').touch()"
PICKLE = f'cbuiltins\nexec\n(S"{CODE}"\ntR.'.encode()
"""What touches the file `fired` when it is unpickled."""
CHECKPOINT = "checkpoints/00009-epoch-9-step-9.safetensors"


def archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, content)
    return file.getvalue()


NPY = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(127) + b"\n" + PICKLE
BLOBS = {
    "a pickle": PICKLE,
    "an array of objects": NPY,
    "an archive of arrays": archive("W.npy", NPY),
    "an archive that leaves its folder": archive("../fired", b"x"),
    "an archive of PyTorch": archive("archive/data.pkl", PICKLE),
    "tensors with code beside them": encode_tensors({}, {"__reduce__": CODE, "py/object": "os.system"}),
    "code": f"{CODE}\n".encode(),
    "YAML that makes objects": f"!!python/object/apply:builtins.exec ['{CODE}']\n".encode(),
}
NAMES = (
    "os.system",
    "builtins:eval",
    "pathlib.Path",
    "specnet.cli.main",
    "../fired",
    "fired.touch",
    "__import__('os')",
    "acme.fired",
)


def put(name: str, content: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        (path / name).write_bytes(content)

    return change


def named(place: tuple[Any, ...], value: Any) -> Callable[[Path], None]:
    """Another value in the resolved spec."""

    def change(path: Path) -> None:
        spec = json.loads((path / "resolved.json").read_text())
        inner = spec
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        (path / "resolved.json").write_text(json.dumps(spec))

    return change


def corpus() -> Iterator[tuple[str, Callable[[Path], None], dict[str, Any]]]:
    """(what, a change of the files, a change of the manifest)."""
    for what, blob in BLOBS.items():
        for name in ("model.safetensors", "metrics.json", "history.csv", "resolved.json", "spec.json", CHECKPOINT):
            yield f"{what} as {name}", put(name, blob), {}
    for name in NAMES:
        yield f"activation {name}", named(("layers", 0, "activation"), {"type": name}), {}
        yield f"layer {name}", named(("layers", 0, "type"), name), {}
        yield f"engine {name}", named(("engine",), {"type": name}), {}
        yield f"dataset {name}", named(("dataset", "type"), name), {}
        yield f"plugin {name}", put("notes", b""), {"plugins": {name: "1.0"}, "trackers": {name: "1.0"}}
        yield f"requires {name}", named(("requires",), [name]), {}

    reports: tuple[Any, ...] = (
        {},
        [],
        3,
        {"metrics": {}},
        {"metrics": [], "epochs": "x"},
        {"epochs": 1, "silent_units": {"a": 1}},
    )
    for report in reports:
        yield f"metrics.json {report}", put("metrics.json", json.dumps(report).encode()), {}
    for table in ("", "epoch\n", "epoch,train.loss\n1,x\n", "a,b\n1,2\n", "epoch\nnan\n"):
        yield f"history.csv {table!r}", put("history.csv", table.encode()), {}
    odds: tuple[dict[str, Any], ...] = (
        *({name: 3} for name in ("divergence", "data", "spec", "resumed", "plugins", "rows", "plugin_files", "seed")),
        *({name: {}} for name in ("divergence", "spec", "resumed", "rows", "result", "threads")),
        {"spec": {"file": 1, "folder": 2, "overrides": 3}},
        {"data": {"x": 3}},
        {"resumed": [{"at": 1}]},
        {"result": 3},
    )
    for odd in odds:
        yield f"manifest {odd}", put("notes", b""), odd


CORPUS = list(corpus())


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CORPUS], ids=[case[0] for case in CORPUS])
def test_nothing_that_a_stranger_has_put_there_is_run(
    change: Callable[[Path], None], said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    path = run(SPEC, out="out", registry=REGISTRY).path
    directory, loaded = RunDirectory.open(path), set(sys.modules)
    kept = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    change(path)
    directory.seal({**kept, **said, "status": "interrupted"})
    acts: tuple[Callable[[], object], ...] = (
        lambda: load_run(path, REGISTRY).predict([[1, 2]]),
        lambda: verify(path, data=True),
        lambda: summary(path),
        lambda: reproduce(path, registry=REGISTRY),
        lambda: resume(path, registry=REGISTRY, allow_change=CHANGES),
    )
    for act in acts:
        try:
            act()
        except SpecnetError:
            continue
    with pytest.raises(SystemExit) as caught:
        main(["--no-plugins", "show", "out"])
    assert caught.value.code in (0, 2), capsys.readouterr().err
    assert not Path("fired").exists()
    assert not Path("..", "fired").exists()
    assert not any(name.partition(".")[0] in ("acme", "fired") for name in set(sys.modules) - loaded)


def test_the_corpus_is_armed() -> None:
    assert len(CORPUS) == 125
    pickle.loads(PICKLE)  # noqa: S301
    assert Path("fired").exists()
