from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet.artifacts import Checkpoints, RunDirectory, decode_tensors, encode_tensors

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = ("history.csv", "manifest.json", "metrics.json", "model.safetensors", "resolved.json", "spec.json")


def resealed(path: Path, **said: Any) -> None:
    directory = RunDirectory.open(path)
    rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    directory.seal(rest | said)


# What has changed


@pytest.mark.parametrize("name", FILES)
def test_one_bit_of_any_file_is_found(make: Callable[..., Path], runs: Callable[..., Any], name: str) -> None:
    make("all/a")
    path = make("all/b")
    content = bytearray((path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (path / name).write_bytes(content)
    code, out, err = runs("verify", "all")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[:2] == ["all/a: 7 files", "all/b:"]
    assert lines[2].startswith(("SN607", "SN605"))
    assert lines[-1] == "2 runs, 7 files: 1 run not as written"


def test_every_checkpoint_is_looked_through(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    path = make("a", checkpoint={"every_epochs": 2, "keep_last": 2})
    name = Checkpoints(path).names()[0]
    file = path / "checkpoints" / name
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    code, out, _ = runs("verify", "a")
    assert code == 1
    assert out == (
        "a:\nSN603 not a checkpoint of this version of specnet, or it has changed\n"
        f" --> {file}\n1 run, 9 files: 1 run not as written\n"
    )


@pytest.mark.parametrize("key", ["sha256", "resolved"])
def test_a_digest_of_the_spec_that_is_not_the_file_s(
    make: Callable[..., Path], runs: Callable[..., Any], key: str
) -> None:
    path = make("a")
    manifest = RunDirectory.open(path).manifest
    resealed(path, spec={**manifest["spec"], key: "0" * 64})
    name = "spec.json" if key == "sha256" else "resolved.json"
    code, out, _ = runs("verify", "a")
    assert code == 1
    assert f"it says another digest of {name} than the file has" in out


@pytest.mark.parametrize("what", ["digest", "weights", "history"])
def test_a_result_that_is_not_that_of_the_files(make: Callable[..., Path], runs: Callable[..., Any], what: str) -> None:
    path = make("a")
    directory = RunDirectory.open(path)
    if what == "digest":
        resealed(path, result={"sha256": "0" * 64})
    elif what == "weights":
        tensors, meta = decode_tensors(directory.read_bytes("model.safetensors"))
        tensors["layers.0.b"] = tensors["layers.0.b"] + 1
        directory.write_bytes("model.safetensors", encode_tensors(tensors, meta))
    else:
        text = (path / "history.csv").read_text()
        directory.write_text("history.csv", text.replace("\n2,", "\n9,"))
    directory.seal({k: v for k, v in manifest_of(path).items() if k not in ("artifacts", "sha256")})
    code, out, _ = runs("verify", "a")
    assert code == 1
    assert "its result is not that of the weights and the history" in out


def manifest_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "manifest.json").read_text())
    return found


def test_data_is_looked_at_when_it_is_asked_for(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    Path("d.csv").write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{3 * i % 11}\n" for i in range(40)))
    dataset = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]}
    make("a", dataset=dataset, layers=[{"type": "dense", "units": 1}])
    data = Path("d.csv").absolute()
    assert runs("verify", "a", "--data").out == "a: 8 files\n1 run, 8 files: every digest is right\n"
    data.write_text(data.read_text() + "1,2,3\n")
    assert runs("verify", "a").code == 0
    code, out, _ = runs("verify", "a", "--data")
    assert code == 1
    assert out.splitlines()[1:3] == ["SN513 the file has changed since the run", f" --> {data}"]
    data.unlink()
    assert f"SN602 cannot read {data}" in runs("verify", "a", "--data").out


def test_where_there_is_no_run_nothing_is_right(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    Path("empty").mkdir()
    assert runs("verify", "empty") == (2, "", "SN554 no run is there\n --> empty\n")
    assert runs("verify", "nowhere").err == "SN554 there is no such folder\n --> nowhere\n"


# What has not


def test_every_digest_is_right(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    make("all/a")
    make("all/b", checkpoint={"every_epochs": 2, "keep_last": 2}, predict=[{"inputs": [[1, 2]]}])
    assert runs("verify", "all") == (
        0,
        "all/a: 7 files\nall/b: 10 files\n2 runs, 17 files: every digest is right\n",
        "",
    )
    found = json.loads(runs("verify", "all/b", "--json").out)
    assert found == [{"path": "all/b", "files": 10, "findings": []}]


def test_a_run_without_the_newer_digests_is_right_too(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    path = make("a")
    directory = RunDirectory.open(path)
    rest = {k: v for k, v in directory.manifest.items() if k not in ("artifacts", "sha256", "result")}
    rest["spec"] = {k: v for k, v in rest["spec"].items() if k not in ("sha256", "resolved")}
    directory.seal(rest)
    assert runs("verify", "a").code == 0
