"""What a plugin's own code raises: a finding that names the plugin, never a traceback as of a bug in specnet."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import specnet
from specnet import load_run, load_spec
from specnet.builtins.layers.dense import Dense
from specnet.cli import main
from specnet.errors import Finding, SpecError, SpecnetError
from specnet.failures import blamed, failure_of
from specnet.registry import Plugin, Registry
from specnet.runs.suite import train_all
from specnet.spec import check

TORN = '''
from typing import Literal
from pydantic import model_validator
from specnet.api import *

SPECNET_API = 1

def helper():
    raise KeyError("no such thing")

class Torn(Layer):
    """Passes x on, and fails where it is told to."""
    type: Literal["torn"] = "torn"
    where: str = ""
    """Where it fails."""

    @model_validator(mode="after")
    def _checked(self):
        if self.where == "validator":
            raise TypeError("no good")
        return self

    def plan(self, in_shapes):
        if self.where == "plan":
            height, width = in_shapes[0]
        return LayerPlan(in_shapes[0])

    def bounds(self):
        if self.where == "bounds":
            helper()
        return -1.0, 1.0

    def forward(self, ctx, params, *inputs):
        if self.where == "forward":
            raise RuntimeError("two\\nlines")
        if self.where == "exit":
            exit(0)
        def pullback(dy):
            if self.where == "pullback":
                raise ZeroDivisionError
            return (dy,)
        return inputs[0], pullback

class Blunt(Activation):
    """Its slope has another shape."""
    type: Literal["blunt"] = "blunt"

    def value(self, x, xp):
        return x * 1.0

    def slope(self, x, y, xp):
        return xp.ones((7, 7))

class Lost(Dataset):
    """Has no file."""
    type: Literal["lost"] = "lost"

    def plan(self):
        return DatasetPlan(("a",), ("b", "c", "d"), 40)

    def load(self, ctx):
        return open("/no/such/file")

class Jolt(Optimizer):
    """Moves nothing."""
    type: Literal["jolt"] = "jolt"

    def update(self, parameters, gradients, state, step, xp):
        raise OverflowError

@hookimpl
def specnet_components():
    return [Torn, Blunt, Lost, Jolt]
'''

NESTED = '''
from typing import Literal
from specnet.api import *
from specnet_torn import Blunt

SPECNET_API = 1

class Soft(Activation):
    """x."""
    type: Literal["soft"] = "soft"
    a: float = 1.0
    """A number."""

    def value(self, x, xp):
        return x * 1.0

    def slope(self, x, y, xp):
        return xp.ones_like(x)

class Slow(Schedule):
    """A constant."""
    type: Literal["slow"] = "slow"

    def at(self, moment):
        return 0.01

class Wrapped(Soft):
    """Holds components as defaults."""
    type: Literal["wrapped"] = "wrapped"
    one: AnyActivation = Soft(a=2.0)
    maybe: AnyActivation | None = Soft()
    many: Many[AnyActivation] = (Soft(), Blunt())
    named: dict[str, AnyActivation] = {"first": Soft(a=3.0)}

class Hidden(Soft):
    """Not offered."""
    type: Literal["hidden"] = "hidden"

class Hiding(Soft):
    """Holds one that nobody can name."""
    type: Literal["hiding"] = "hiding"
    inner: AnyActivation = Hidden()

class Holder(Soft):
    """Holds one that holds some."""
    type: Literal["holder"] = "holder"
    inner: AnyActivation = Wrapped()

class Paced(Optimizer):
    """Gradient descent with a schedule of its own."""
    type: Literal["paced"] = "paced"
    learning_rate: Scheduled = Slow()

    def update(self, parameters, gradients, state, step, xp):
        parameters -= self.learning_rate * gradients

@hookimpl
def specnet_components():
    return [Soft, Slow, Wrapped, Hiding, Holder, Paced]
'''
HELP = "the fault is the plugin's; SPECNET_DEBUG=1 shows the traceback"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Two installed plugins, of which the second has a component of the first for a default."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, source in {"torn": TORN, "nest": NESTED}.items():
        (folder / f"specnet_{name}.py").write_text(source)
        info = folder / f"specnet_{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: specnet-{name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[specnet]\n{name} = specnet_{name}\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delenv("SPECNET_PLUGINS", raising=False)
    entries = {name: EntryPoint(name, f"specnet_{name}", "specnet") for name in ("nest", "torn")}
    yield Registry([Plugin(name, f"specnet-{name}", "1.2", entry) for name, entry in entries.items()])
    for name in entries:
        sys.modules.pop(f"specnet_{name}", None)


def spec(*layers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "tiny",
        "dataset": {"type": "arithmetic", "samples": 40},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": [*layers, {"type": "dense", "units": 3}],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2},
        **changes,
    }


def torn(where: str) -> dict[str, Any]:
    return {"type": "torn.torn", "where": where}


# At validation


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("validator", "failed in validation: TypeError: no good"),
        ("plan", "failed in plan: ValueError: not enough values to unpack (expected 2, got 1)"),
    ],
)
def test_p69_what_a_layer_raises_while_it_is_checked_is_a_finding(
    registry: Registry, tmp_path: Path, where: str, message: str
) -> None:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(spec({"type": "dense", "units": 4}, torn(where)), indent=2))
    (finding,) = check(file, {}, registry).findings
    assert finding.message == f"layer 'torn.torn' of specnet-torn 1.2 {message}"
    assert (finding.code, finding.dotted, finding.help) == ("SN213", "layers.1", HELP)
    assert finding.line == file.read_text()[: file.read_text().index("torn.torn")].count("\n")


def test_p69_a_rule_that_cannot_be_asked_leaves_the_others(registry: Registry) -> None:
    last = {"type": "torn.torn", "where": "bounds"}
    faulty = spec({"type": "dense", "units": 3}, training={"epochs": 2, "log_every": 9})
    with pytest.raises(SpecError) as caught:
        load_spec({**faulty, "layers": [{"type": "dense", "units": 3}, last]}, registry=registry)
    (finding,) = caught.value.findings
    assert finding.message == "layer 'torn.torn' of specnet-torn 1.2 failed in bounds: KeyError: 'no such thing'"
    assert (finding.code, finding.dotted) == ("SN213", "layers.1")


def test_a_fault_of_the_shape_and_one_of_a_plugin_are_told_together(registry: Registry) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec({"type": "dense", "unitss": 3}, torn("plan")), {"layers.1.inputs": ["inputs"]}, registry)
    assert {finding.code for finding in caught.value.findings} >= {"SN102", "SN213"}


def test_a_bug_in_a_built_in_stays_one(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Dense, in_shapes: object) -> None:
        raise AttributeError("a bug")

    monkeypatch.setattr(Dense, "plan", broken)
    with pytest.raises(AttributeError, match="a bug"):
        load_spec(spec(torn("")), registry=registry)
    with pytest.raises(AttributeError, match="a bug"), blamed(registry):
        Dense(units=3).plan(((3,),))


def test_what_is_refused_or_lacks_memory_is_no_failure(registry: Registry) -> None:
    for error in (SpecnetError(Finding("SN530", "no")), MemoryError()):
        assert failure_of(error, registry) is None


# While it runs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers.1.where": "forward"}, "layer 'torn.torn' failed in forward: RuntimeError: two\nlines"),
        ({"layers.1.where": "pullback"}, "layer 'torn.torn' failed in pullback: ZeroDivisionError"),
        ({"layers.1.where": "exit"}, "layer 'torn.torn' failed in forward: SystemExit: 0"),
        (
            {"layers.2.activation": "torn.blunt"},
            "activation 'torn.blunt' failed in pullback: ValueError: operands could",
        ),
        ({"optimizer": {"type": "torn.jolt"}}, "optimizer 'torn.jolt' failed in update: OverflowError"),
        ({"dataset": {"type": "torn.lost"}}, "dataset 'torn.lost' failed in load: FileNotFoundError: [Errno 2]"),
    ],
)
def test_p69_what_a_component_raises_while_it_runs_is_told_of_its_plugin(
    registry: Registry, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecnetError) as caught:
        specnet.run(spec({"type": "dense", "units": 2}, torn("")), set=changes, out=tmp_path / "run", registry=registry)
    (finding,) = caught.value.findings
    assert finding.code == "SN213"
    assert finding.message.replace(" of specnet-torn 1.2", "").startswith(message)
    assert isinstance(caught.value.__cause__, Exception | SystemExit)
    assert caught.value.exit_code == 2
    if (tmp_path / "run").exists():  # it says of itself that it has no result
        with pytest.raises(SpecnetError, match="SN610"):
            load_run(tmp_path / "run", registry)


def test_a_suite_goes_on_after_a_plugin_that_fails(registry: Registry, tmp_path: Path) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, where in zip(files, ("forward", ""), strict=True):
        file.write_text(json.dumps(spec(torn(where))))
    assert [outcome.state for outcome in train_all(files, {}, registry)] == ["error", "passed"]


def commanded(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(specnet.__file__).parents[1]
    path = os.pathsep.join([str(Path(sys.modules["specnet_torn"].__file__ or "").parent), str(root)])
    command = [sys.executable, "-m", "specnet", *args]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path, **environment}, capture_output=True, text=True
    )


def test_p69_the_command_line_tells_it_without_a_traceback_unless_asked(registry: Registry, tmp_path: Path) -> None:
    run = specnet.run(spec(torn("")), out=tmp_path / "run", registry=registry)
    source = Path(sys.modules["specnet_torn"].__file__ or "")
    source.write_text(TORN.replace('if self.where == "forward":', "if True:"))  # an update that breaks it
    said = "SN213 layer 'torn.torn' of specnet-torn 1.2 failed in forward: RuntimeError: two\\nlines\n"
    rows = ("--rows", "[[1, 2]]")
    done = commanded("predict", str(run.path), *rows)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{said}  = help: {HELP}\n")
    done = commanded("predict", str(run.path), *rows, SPECNET_DEBUG="1")
    assert done.returncode == 2
    assert "Traceback (most recent call last)" in done.stderr
    assert "RuntimeError: two\nlines\n" in done.stderr
    (tmp_path / "spec.json").write_text(json.dumps(spec(torn(""))))
    done = commanded("run", str(tmp_path / "spec.json"), "--out", str(tmp_path / "again"))
    assert (done.returncode, done.stderr) == (2, f"{said}  = help: {HELP}\n")


def test_the_traceback_is_in_the_log(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "specnet"), pytest.raises(SpecError):
        load_spec(spec(torn("plan")), registry=registry)
    assert "layer 'torn.torn' of specnet-torn 1.2 failed in plan" in caplog.messages
    assert "height, width = in_shapes[0]" in caplog.text


def test_a_bug_on_the_command_line_still_shows_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise AttributeError("a bug")

    monkeypatch.setattr(Dense, "plan", broken)
    (tmp_path / "spec.json").write_text(json.dumps(spec()))
    with pytest.raises(SystemExit) as caught:
        main(["validate", str(tmp_path / "spec.json")])
    assert caught.value.code == 101
    assert "AttributeError: a bug" in capsys.readouterr().err


# Defaults of classes


def test_p70_a_default_that_no_spec_can_name_is_refused_before_anything_is_trained(registry: Registry) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec({"type": "dense", "units": 2, "activation": "nest.hiding"}), registry=registry)
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN213", "layers.0.activation")
    assert finding.message == (
        "activation 'nest.hiding' of specnet-nest 1.2 failed in validation: "
        "TypeError: Hidden is not among what specnet_components() gives"
    )


def test_p70_components_in_a_table_are_told_of_too(registry: Registry, tmp_path: Path) -> None:
    layer = {"type": "dense", "units": 2, "activation": {"type": "nest.wrapped", "named": {"first": "torn.blunt"}}}
    loaded = load_spec(spec(layer), registry=registry)
    assert [component.type for component in loaded.components()].count("torn.blunt") == 2


def test_p70_defaults_of_a_plugins_classes_have_full_names(registry: Registry) -> None:
    soft = {"type": "nest.soft", "a": 1.0}
    wrapped = {
        "type": "nest.wrapped",
        "a": 1.0,
        "one": {"type": "nest.soft", "a": 2.0},
        "maybe": soft,
        "many": [soft, {"type": "torn.blunt"}],
        "named": {"first": {"type": "nest.soft", "a": 3.0}},
    }
    written = spec(
        {"type": "dense", "units": 2, "activation": "nest.wrapped"},
        {"type": "dense", "units": 2, "activation": "nest.holder"},
        optimizer={"type": "nest.paced"},
    )
    loaded = load_spec(written, registry=registry)
    dumped = loaded.model_dump(mode="json")
    assert dumped["layers"][0]["activation"] == wrapped
    assert dumped["layers"][1]["activation"] == {"type": "nest.holder", "a": 1.0, "inner": wrapped}
    assert dumped["optimizer"]["learning_rate"] == {"type": "nest.slow"}
    assert load_spec(dumped, registry=registry) == loaded
    assert loaded.layers[0].activation.model_fields_set == {"type"}  # type: ignore[attr-defined]  # a dense layer
    assert check_codes(written, registry) == []


def check_codes(written: dict[str, Any], registry: Registry) -> list[str]:
    try:
        load_spec(written, registry=registry)
    except SpecError as error:
        return [finding.code for finding in error.findings]
    return []


def test_p70_a_run_names_the_plugins_of_defaults_too(registry: Registry, tmp_path: Path) -> None:
    layer = {"type": "dense", "units": 2, "activation": "nest.holder"}
    trained = specnet.run(spec(layer), out=tmp_path / "run", registry=registry)
    assert trained.manifest["plugins"] == {"specnet-nest": "1.2", "specnet-torn": "1.2"}
    assert load_run(trained.path, registry).spec == trained.spec


def test_defaults_of_built_ins_are_as_they_were(registry: Registry) -> None:
    dense = load_spec(spec(), registry=registry).layers[0]
    assert dense.model_dump()["activation"] == {"type": "linear"}
    assert "activation" not in dense.model_fields_set
