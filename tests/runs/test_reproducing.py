from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet import load_run, reproduce, resume, run
from specnet.artifacts import RunDirectory
from specnet.builtins.datasets.arithmetic import Arithmetic
from specnet.cli import main
from specnet.component import Activation, Data, LoadContext, Table
from specnet.errors import ArtifactError, DivergenceError, Interrupted, SpecnetError
from specnet.registry import Registry
from specnet.runs import Watcher
from specnet.runs.causes import causes

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.arrays import Array
    from specnet.component.task import Epoch

REGISTRY = Registry([])
ROWS = "a,b,y\n" + "".join(f"{i},{i * i % 7},{3 * i % 11}\n" for i in range(20))
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 3, "activation": "tanh"}, {"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.05},
    "training": {"epochs": 6, "log_every": 2, "batch_size": 5},
    "checkpoint": {"every_epochs": 1},
    "checks": {"parameters_vs_rows": "off"},
}


class Snake(Activation):
    """x times what the environment says."""

    type: Literal["snake"] = "snake"

    def value(self, x: Array, xp: Any) -> Array:
        return x * float(os.environ.get("MOOD", "1"))

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.ones_like(x)  # type: ignore[no-any-return]


class Moody(Arithmetic):
    """Rows that depend on what the environment says."""

    type: Literal["moody"] = "moody"  # type: ignore[assignment]

    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        return Data(Table(data.inputs.names, data.inputs.values * float(os.environ.get("MOOD", "1"))), data.targets)


class Ending(Watcher):
    """Ends training in an epoch, by a signal or as a kill does."""

    def __init__(self, epoch: int, kill: bool = False) -> None:
        self.at = epoch
        self.kill = kill

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == self.at:
            if self.kill:
                raise InterruptedError
            signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def _rows() -> None:
    Path("d.csv").write_text(ROWS)


def trained(**changes: Any) -> Path:
    return run({**SPEC, **changes}, out="out", registry=REGISTRY).path


def with_history(path: Path, change: Callable[[list[str], list[list[str]]], list[list[str]]]) -> None:
    """The run as if its history had been another."""
    directory = RunDirectory.open(path)
    header, rows = directory.read_csv("history.csv")
    changed = change(header, rows)
    directory.write_csv("history.csv", header, [[int(row[0]), *map(float, row[1:])] for row in changed])
    directory.seal({key: value for key, value in directory.manifest.items() if key not in ("artifacts", "sha256")})


def put(row: int, column: str, value: str) -> Callable[[list[str], list[list[str]]], list[list[str]]]:
    def change(header: list[str], rows: list[list[str]]) -> list[list[str]]:
        rows[row][header.index(column)] = value
        return rows

    return change


def contents(path: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


# What is refused


def test_what_is_no_run_or_is_there_already_is_refused() -> None:
    path = trained()
    for asked, out, code in (("nowhere", None, "SN605"), (path, path, "SN604"), (path, "d.csv", "SN604")):
        with pytest.raises(SpecnetError) as caught:
            reproduce(asked, out=out, registry=REGISTRY)
        assert [finding.code for finding in caught.value.findings] == [code]
    (path / "history.csv").write_text("epoch\n1\n")
    with pytest.raises(ArtifactError, match="SN607"):
        reproduce(path, registry=REGISTRY)


def test_a_run_without_an_end_is_refused() -> None:
    with pytest.raises(Interrupted):
        run(SPEC, out="out", registry=REGISTRY, watcher=Ending(2))
    with pytest.raises(ArtifactError) as caught:
        reproduce("out", registry=REGISTRY)
    assert str(caught.value) == (
        "SN616 the run was interrupted after epoch 2, and has no end that could be compared\n --> out\n"
        "  = help: specnet resume out first"
    )
    with pytest.raises(InterruptedError):
        run(SPEC, out="killed", registry=REGISTRY, watcher=Ending(2, kill=True))
    with pytest.raises(ArtifactError, match="SN610"):
        reproduce("killed", registry=REGISTRY)


def test_data_that_is_gone_is_refused() -> None:
    path = trained()
    Path("d.csv").unlink()
    with pytest.raises(SpecnetError, match=r"d\.csv"):
        reproduce(path, registry=REGISTRY)


# What is identical


def plain() -> None:
    trained()


def resumed() -> None:
    with pytest.raises(Interrupted):
        run(SPEC, out="out", registry=REGISTRY, watcher=Ending(2))
    resume("out", registry=REGISTRY)


def killed() -> None:
    with pytest.raises(InterruptedError):
        run(SPEC, out="out", registry=REGISTRY, watcher=Ending(4, kill=True))
    resume("out", registry=REGISTRY)


def longer() -> None:
    trained()
    resume("out", epochs=11, registry=REGISTRY)


def early() -> None:
    trained(early_stopping={"patience": 1, "min_delta": 1e9})


def diverged() -> None:
    with pytest.raises(DivergenceError):
        trained(optimizer={"type": "gradient_descent", "learning_rate": 1e6}, training={"epochs": 500})


def diverged_after_a_break() -> None:
    spec = {**SPEC, "optimizer": {"type": "gradient_descent", "learning_rate": 1e6}}
    with pytest.raises(Interrupted):
        run({**spec, "training": {"epochs": 500, "log_every": 1}}, out="out", registry=REGISTRY, watcher=Ending(2))
    with pytest.raises(DivergenceError):
        resume("out", registry=REGISTRY)


def overridden() -> None:
    Path("s.json").write_text(json.dumps(SPEC))
    run("s.json", set={"training.epochs": "4", "seed": 7}, out="out", registry=REGISTRY)
    Path("s.json").unlink()


def legacy() -> None:
    trained(rng="mt19937", training={"epochs": 4, "batch_size": 5, "shuffle": True})


@pytest.mark.parametrize(
    "make", [plain, resumed, killed, longer, early, diverged, diverged_after_a_break, overridden, legacy]
)
def test_a_run_is_made_again_to_the_bit_from_any_folder(
    make: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    before = contents(Path("out"))
    path = Path("out").absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = reproduce(path, registry=REGISTRY)
    assert (found.is_identical, found.first, found.causes, found.path) == (True, None, {}, None)
    assert found.results[0] == found.results[1] == load_run(path, REGISTRY).manifest["result"]["sha256"]
    assert found.statuses[0] == found.statuses[1] == ("diverged" if "diverged" in make.__name__ else "finished")
    os.chdir(tmp_path)
    assert contents(Path("out")) == before
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_new_run_is_kept_where_it_is_wanted_and_else_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    path = trained()
    assert reproduce(path, registry=REGISTRY).path is None
    found = reproduce(path, out="again", registry=REGISTRY)
    assert found.path == Path("again")
    assert load_run("again", REGISTRY).status == "finished"
    for name in ("model.safetensors", "history.csv", "metrics.json", "resolved.json"):
        assert Path("again", name).read_bytes() == (path / name).read_bytes()
    assert not list((tmp_path / "temporary").iterdir())


def test_a_tracker_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = trained()
    monkeypatch.setenv("SPECNET_TRACK", "nobody")
    assert reproduce(path, registry=REGISTRY).is_identical


# What is different


def test_the_first_epoch_and_the_changed_data_are_named() -> None:
    path = trained()
    lines = ROWS.splitlines(keepends=True)
    Path("d.csv").write_text("".join(lines[:-1]) + "19,4,3.0000001\n")
    found = reproduce(path, out="again", registry=REGISTRY)
    assert not found.is_identical
    assert found.causes == {"data": f"{Path('d.csv').absolute()} has changed"}
    old, new = (load_run(place, REGISTRY).history for place in (path, "again"))
    rows = [i for i in range(len(old["epoch"])) if any(old[name][i] != new[name][i] for name in old)]
    assert found.first is not None
    assert found.first.epoch == int(old["epoch"][rows[0]])
    assert found.first.was == old[found.first.column][rows[0]]
    assert found.first.now == new[found.first.column][rows[0]]
    assert found.first.was != found.first.now


def test_a_difference_that_comes_late_is_found_where_it_comes() -> None:
    path = trained(training={"epochs": 6, "log_every": 1})
    with_history(path, put(3, "validation.loss", "0.5"))
    first = reproduce(path, registry=REGISTRY).first
    assert first is not None
    assert (first.epoch, first.column, first.was) == (4, "validation.loss", 0.5)


def test_weights_that_differ_alone_are_a_difference(capsys: pytest.CaptureFixture[str]) -> None:
    path = trained()
    stored = load_run(path, REGISTRY)
    stored.weights.flat[0] = np.nextafter(stored.weights.flat[0], 9)
    from specnet.runs.stored import save

    save(RunDirectory.open(path), stored)
    found = reproduce(path, registry=REGISTRY)
    assert (found.is_identical, found.first) == (False, None)
    assert cli("reproduce", "out") == 1
    assert "different   the history is the same, and the weights at the end are not\n" in capsys.readouterr().out


def test_more_or_fewer_epochs_than_there_were() -> None:
    path = trained(early_stopping={"patience": 1, "min_delta": 1e9}, training={"epochs": 6, "log_every": 1})
    with_history(path, lambda header, rows: rows[:1])
    first = reproduce(path, registry=REGISTRY).first
    assert first is not None
    assert (first.epoch, first.was) == (2, None)
    whole = run({**SPEC, "training": {"epochs": 2, "log_every": 1}}, out="whole", registry=REGISTRY)
    with_history(whole.path, lambda header, rows: [*rows, ["3", *rows[1][1:]]])
    first = reproduce(whole.path, registry=REGISTRY).first
    assert first is not None
    assert (first.epoch, first.now) == (3, None)


def test_what_a_plugin_does_otherwise_is_found_without_a_cause(
    offering: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = offering(Snake)
    layers = [{"type": "dense", "units": 3, "activation": "test.snake"}, {"type": "dense", "units": 1}]
    run({**SPEC, "layers": layers}, out="out", registry=registry)
    assert reproduce("out", registry=registry).is_identical
    monkeypatch.setenv("MOOD", "1.5")
    found = reproduce("out", registry=registry)
    assert (found.is_identical, found.causes) == (False, {})
    assert found.first is not None
    assert found.first.epoch == 1


def test_rows_that_come_from_no_file(offering: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    registry = offering(Moody)
    spec = {**SPEC, "dataset": {"type": "test.moody", "samples": 20}, "layers": [{"type": "dense", "units": 3}]}
    run(spec, out="out", registry=registry)
    monkeypatch.setenv("MOOD", "1.5")
    found = reproduce("out", registry=registry)
    # inputs that are standardized forget their scale, up to the last digits
    assert found.causes == {"data": "the dataset gives other rows"}


def test_each_thing_of_the_manifest_is_a_cause() -> None:
    path = trained()
    manifest = RunDirectory.open(path).manifest
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "numpy": ({"numpy": "1.0"}, f"NumPy was 1.0, is {np.__version__}"),
        "specnet": ({"specnet": "0.0.1"}, f"specnet was 0.0.1, is {manifest['specnet']}"),
        "python": ({"python": "3.0"}, f"Python was 3.0, is {manifest['python']}"),
        "machine": (
            {"threads": {"OMP_NUM_THREADS": "64"}},
            f"threads was {{'OMP_NUM_THREADS': '64'}}, is {manifest['threads']}",
        ),
        "plugins": ({"plugins": {"specnet-acme": "1.0"}}, "specnet-acme was 1.0, none is used"),
        "resumed": (
            {"resumed": [{"epoch": 1200, "changed": ["data", "numpy"]}]},
            "the run went on after epoch 1,200 although changed: data, numpy",
        ),
    }
    for name, (change, what) in changes.items():
        assert causes({**manifest, **change}, manifest) == {name: what}
    for name in ("blas", "cpu", "cpus", "platform"):
        assert causes({**manifest, name: "other"}, manifest)["machine"].startswith(f"{name} was other, is ")
        assert causes({key: value for key, value in manifest.items() if key != name}, manifest) == {}
    files = {"plugins": {"p": "1"}, "plugin_files": {"p": {"sha256": "a", "count": 1}}}
    other = {"plugins": {"p": "1"}, "plugin_files": {"p": {"sha256": "b", "count": 1}}}
    assert causes({**manifest, **files}, {**manifest, **other}) == {"plugins": "p 1 has other files"}
    artifacts = {**manifest["artifacts"], "resolved.json": {"sha256": "0", "bytes": 1}}
    assert list(causes({**manifest, "artifacts": artifacts}, manifest)) == ["spec"]
    gone = {**manifest, "data": {"/x.csv": {"sha256": "0", "bytes": 1}}}
    assert (
        causes(gone, manifest)["data"]
        == f"{', '.join(sorted(['/x.csv', *manifest['data']]))} was read by one of the two alone"
    )


def test_a_run_that_went_on_with_other_data_says_so() -> None:
    with pytest.raises(Interrupted):
        run(SPEC, out="out", registry=REGISTRY, watcher=Ending(2))
    Path("d.csv").write_text(ROWS + "5,5,5\n")
    resume("out", registry=REGISTRY, allow_change=["data"])
    found = reproduce("out", registry=REGISTRY)
    assert not found.is_identical
    assert found.causes == {"resumed": "the run went on after epoch 2 although changed: data"}


# The command line


def cli(*args: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["--no-plugins", *args])
    return caught.value.code


def test_the_command_line_says_identical_and_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    path = trained()
    capsys.readouterr()
    assert cli("reproduce", "out", "--out", "again") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    result = load_run(path, REGISTRY).manifest["result"]["sha256"]
    assert lines[0] == "specnet reproduce out"
    assert lines[1].split()[0] == "epoch"
    assert lines[-2:] == [f"identical   finished after epoch 6, result {result[:16]}", "kept in     again"]
    assert err == ""


def test_the_command_line_says_what_differs_and_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    trained()
    Path("d.csv").write_text(ROWS.replace("0,0,0", "0,0,1"))
    assert cli("reproduce", "out", "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["identical"], told["status"], told["path"]) == (False, ["finished", "finished"], None)
    assert list(told["changed"]) == ["data"]
    first = told["first"]
    assert cli("reproduce", "out") == 1
    words = " ".join(capsys.readouterr().out.split())
    assert (
        f"different from epoch 1 on: {first['column']} was {first['was']!r}, is {first['now']!r} changed data:" in words
    )


def test_other_weights_without_a_cause_are_said_to_have_none(capsys: pytest.CaptureFixture[str]) -> None:
    path = trained()
    with_history(path, put(0, "train.loss", "0.25"))
    assert cli("reproduce", "out") == 1
    out = capsys.readouterr().out
    assert "different   from epoch 1 on: train.loss was 0.25, is " in out
    assert out.endswith("changed     nothing that the manifest records\n")


def test_refusals_exit_2_and_signals_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("reproduce", "nowhere") == 2
    trained()
    from specnet.cli import reproduce as verb

    def stopped(*args: Any, **options: Any) -> None:
        raise Interrupted("out", signal.SIGINT)

    capsys.readouterr()
    monkeypatch.setattr(verb, "reproduce", stopped)
    assert cli("reproduce", "out") == 130
    assert capsys.readouterr().err == "interrupted: nothing was compared\n"
