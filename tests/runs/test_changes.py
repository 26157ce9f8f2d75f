from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

import specnet
from specnet import load_run, resume, run
from specnet.artifacts import RunDirectory
from specnet.builtins.activations import Relu
from specnet.builtins.datasets.arithmetic import Arithmetic
from specnet.cli import main
from specnet.component import Data, LoadContext, Table
from specnet.errors import ArtifactError, PluginError, SpecError
from specnet.registry import Registry
from specnet.runs import Watcher
from specnet.runs.changes import CHANGES, looked_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.component.task import Epoch

ROWS = "a,b,y\n" + "".join(f"{i},{i * i % 7},{3 * i % 11}\n" for i in range(20))
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 2, "activation": "relu"}, {"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
    "training": {"epochs": 4, "log_every": 1},
    "checkpoint": {"every_epochs": 1},
    "checks": {"parameters_vs_rows": "off"},
}
FILES = ("model.safetensors", "history.csv", "metrics.json")


class Snake(Relu):
    """max(x, 0), under another name."""

    type: Literal["snake"] = "snake"  # type: ignore[assignment]


class Moody(Arithmetic):
    """Rows that depend on what the environment says."""

    type: Literal["moody"] = "moody"  # type: ignore[assignment]

    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        shift = float(os.environ.get("MOOD", "0"))
        return Data(Table(data.inputs.names, data.inputs.values + shift), data.targets)


class Killed(Watcher):
    """Ends the process, as far as the run can tell, in its third epoch."""

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 3:
            raise InterruptedError


def killed(spec: Any = SPEC, registry: Registry | None = None, out: str = "out") -> Path:
    Path("d.csv").write_text(ROWS)
    with pytest.raises(InterruptedError):
        run(spec, out=out, watcher=Killed(), registry=registry)
    return Path(out)


def refusal(path: Path, **options: Any) -> str:
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with pytest.raises(ArtifactError) as caught:
        resume(path, **options)
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before
    return str(caught.value)


def told(name: str, what: str) -> str:
    return f"SN612 {name}: {what}\n --> out\n  = help: --allow-change {name} goes on all the same"


def changed_in(path: Path) -> list[str]:
    names: list[str] = json.loads((path / "manifest.json").read_text())["resumed"][-1]["changed"]
    return names


def contents(path: Path) -> list[bytes]:
    return [(path / name).read_bytes() for name in FILES]


# Data


def test_changed_data_is_named_and_refused() -> None:
    path = killed()
    Path("d.csv").write_text(ROWS.replace("3,2,9", "3,2,8"))
    wanted = told("data", f"{Path('d.csv').absolute()} is not what the run was trained on")
    assert refusal(path) == wanted
    assert refusal(path, allow_change=["numpy", "spec"]) == wanted
    Path("d.csv").write_text(ROWS)
    whole = run(SPEC, out="whole").path
    assert resume(path).status == "finished"
    assert contents(path) == contents(whole)
    assert changed_in(path) == []


def test_rows_that_come_from_no_file_are_compared_too(
    offering: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = offering(Moody)
    dataset = {"type": "test.moody", "samples": 20}
    path = killed({**SPEC, "dataset": dataset, "layers": [{"type": "dense", "units": 3}]}, registry)
    monkeypatch.setenv("MOOD", "0.5")
    wanted = told("data", "the dataset gives other rows than those that the run was trained on")
    assert refusal(path, registry=registry) == wanted
    monkeypatch.delenv("MOOD")
    assert resume(path, registry=registry).status == "finished"


def test_what_a_plugin_does_wrong_is_told_of_the_plugin(
    offering: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = offering(Moody)
    dataset = {"type": "test.moody", "samples": 20}
    path = killed({**SPEC, "dataset": dataset, "layers": [{"type": "dense", "units": 3}]}, registry)
    monkeypatch.setenv("MOOD", "bad")
    with pytest.raises(PluginError, match="specnet-test"):
        resume(path, registry=registry)
    monkeypatch.delenv("MOOD")
    assert resume(path, registry=registry).status == "finished"


def test_allowed_data_is_scaled_as_the_run_has_learned() -> None:
    path = killed()
    Path("d.csv").write_text(ROWS + "1000,1000,1000\n" * 5)
    result = resume(path, allow_change=["data"])
    assert changed_in(path) == ["data"]
    x = np.array([[0.0, 0.0], [10.0, 3.0]])
    shutil.rmtree("out")
    first = killed()
    unchanged = resume(first)
    np.testing.assert_array_equal(result.inputs.transform(x), unchanged.inputs.transform(x))
    assert not np.array_equal(result.weights.flat, unchanged.weights.flat)
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["resumed"][0]["before"]["data"].keys() == manifest["data"].keys()


def test_what_was_allowed_once_is_what_the_run_is_made_with_from_then_on() -> None:
    path = killed()
    Path("d.csv").write_text(ROWS + "5,5,5\n")
    with pytest.raises(InterruptedError):
        resume(path, allow_change=["data"], watcher=Killed())
    resume(path)
    assert changed_in(path) == []
    assert load_run(path).status == "finished"


# Spec


def test_a_changed_spec_file_is_named_and_the_run_keeps_its_own() -> None:
    Path("s.json").write_text(json.dumps(SPEC))
    path = killed("s.json")
    whole = run("s.json", out="whole").path
    Path("s.json").write_text(json.dumps({**SPEC, "seed": 9}))
    source = Path("s.json").absolute()
    assert refusal(path) == told("spec", f"{source} has changed, and the run goes on with what it began with")
    resume(path, allow_change=["spec"])
    assert contents(path) == contents(whole)
    assert changed_in(path) == ["spec"]


def test_a_spec_file_that_is_gone_is_no_change() -> None:
    Path("s.json").write_text(json.dumps(SPEC))
    path = killed("s.json")
    Path("s.json").unlink()
    assert resume(path).status == "finished"


def test_a_default_that_has_changed_is_named() -> None:
    path = killed()
    directory = RunDirectory.open(path)
    said = directory.read_json("resolved.json")
    del said["training"]["shuffle"]  # as if an older version had not had that key
    directory.write_json("resolved.json", said)
    rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    directory.seal(rest)
    meaning = "resolved.json means something else now: a default or a name of this version is another"
    assert refusal(path) == told("spec", meaning)
    assert resume(path, allow_change=["spec"]).status == "finished"


# Versions


@pytest.mark.parametrize(
    ("name", "module", "words"), [("numpy", np, "NumPy"), ("specnet", specnet, "specnet")], ids=["numpy", "specnet"]
)
def test_another_version_is_named(name: str, module: Any, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, here = killed(), module.__version__
    monkeypatch.setattr(module, "__version__", "9.9")
    assert refusal(path) == told(name, f"the run was made with {words} {here}, this is 9.9")
    assert resume(path, allow_change=[name]).status == "finished"
    assert changed_in(path) == [name]
    manifest = json.loads((path / "manifest.json").read_text())
    assert (manifest[name], manifest["resumed"][0]["before"][name]) == ("9.9", here)


def test_another_version_of_a_plugin_is_named(offering: Callable[..., Registry]) -> None:
    registry = offering(Snake)
    layers = [{"type": "dense", "units": 2, "activation": "test.snake"}, {"type": "dense", "units": 1}]
    path = killed({**SPEC, "layers": layers}, registry)
    registry.plugins()[0].version = "2.0"
    wanted = told("plugins", "the run was made with specnet-test 1.0, 2.0 is installed")
    assert refusal(path, registry=registry) == wanted
    assert resume(path, registry=registry, allow_change=["plugins"]).status == "finished"


def test_a_plugin_that_is_gone_cannot_be_allowed(offering: Callable[..., Registry]) -> None:
    layers = [{"type": "dense", "units": 2, "activation": "test.snake"}, {"type": "dense", "units": 1}]
    path = killed({**SPEC, "layers": layers}, offering(Snake))
    with pytest.raises(SpecError) as caught:
        resume(path, registry=Registry([]), allow_change=CHANGES)
    assert "SN211 the run was made with specnet-test 1.0, which is not installed" in str(caught.value)


def test_every_change_is_told_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = killed()
    Path("d.csv").write_text(ROWS + "5,5,5\n")
    monkeypatch.setattr(np, "__version__", "9.9")
    with pytest.raises(ArtifactError) as caught:
        resume(path)
    assert [finding.message.partition(":")[0] for finding in caught.value.findings] == ["data", "numpy"]
    for args, code in [(["--allow-change", "data"], 2), (["--allow-change", "data", "--allow-change", "numpy"], 0)]:
        with pytest.raises(SystemExit) as ended:
            main(["resume", str(path), *args])
        assert int(ended.value.code or 0) == code
    assert changed_in(path) == ["data", "numpy"]


# The machine


def test_p51_another_number_of_threads_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    path = killed()
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    resume(path)
    (record,) = caplog.records
    assert record.getMessage() == (
        "SN615 the machine is not set up as it was, so that the last digits may differ: "
        "threads was {'OPENBLAS_NUM_THREADS': '1'}, is {'OPENBLAS_NUM_THREADS': '2'}\n --> out"
    )


def test_the_same_machine_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    resume(killed())
    assert caplog.records == []


# Moments at which a schedule is looked at


def test_a_schedule_is_looked_at_from_the_first_to_the_last_step() -> None:
    assert [looked_at(steps) for steps in (0, 1, 2, 5)] == [[], [1], [1, 2], [1, 2, 3, 4, 5]]
    many = looked_at(123_456_789)
    assert (many[0], many[-1], len(many)) == (1, 123_456_789, 1000)
