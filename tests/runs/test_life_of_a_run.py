"""Whatever happens to a run, in whatever order: it goes on to the same bytes, or says what is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import types
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from specnet import load_run, reproduce, resume, run
from specnet.artifacts import Checkpoints, RunDirectory
from specnet.component import Activation
from specnet.errors import ArtifactError, Interrupted, SpecError
from specnet.hookspecs import hookimpl
from specnet.registry import Plugin, Registry
from specnet.runs import Watcher
from specnet.runs.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.arrays import Array
    from specnet.component import Component
    from specnet.component.task import Epoch

EPOCHS = 8
LIVES = int(os.environ.get("SPECNET_LIVES", "30"))
"""How many runs are lived through; each goes through up to eight events."""


class Double(Activation):
    """tanh, twice."""

    type: Literal["double"] = "double"

    def value(self, x: Array, xp: Any) -> Array:
        return 2 * xp.tanh(x)  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return 2 - y * y / 2


def installed(version: str | None) -> Registry:
    """The built-ins, and the plugin in that version where there is one."""
    if version is None:
        return Registry([])

    @hookimpl
    def specnet_components() -> list[type[Component]]:
        return [Double]

    module = types.ModuleType("specnet_of_a_life")
    vars(module).update(SPECNET_API=1, specnet_components=specnet_components)
    sys.modules[module.__name__] = module
    return Registry([Plugin("acme", "specnet-acme", version, EntryPoint("acme", module.__name__, "specnet"))])


REGISTRY = installed("1.0")
ROWS = "a,b,y\n" + "".join(f"{i},{i * i % 7},{3 * i % 11}\n" for i in range(20))
FILES = ("model.safetensors", "history.csv", "metrics.json", "predictions.csv")
epochs = st.integers(1, EPOCHS)


def spec(folder: Path) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "small",
        "dataset": {"type": "csv", "path": str(folder / "d.csv"), "inputs": ["a", "b"], "targets": ["y"]},
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": [{"type": "dense", "units": 3, "activation": "acme.double"}, {"type": "dense", "units": 1}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": {"type": "cosine", "start": 0.1}},
        "training": {"epochs": EPOCHS, "log_every": 1, "batch_size": 4},
        "early_stopping": {"patience": 4, "every": 2},
        "checkpoint": {"every_epochs": 1, "keep_last": 3, "keep_best": True},
        "checks": {"parameters_vs_rows": "off"},
        "predict": [{"inputs": [[3, 7]]}],
    }


class Ending(Watcher):
    """Ends training in an epoch, by a signal or as a kill does."""

    def __init__(self, epoch: int, kill: bool) -> None:
        self.at = epoch
        self.kill = kill

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == self.at:
            if self.kill:
                raise InterruptedError
            signal.raise_signal(signal.SIGTERM)


class Life(RuleBasedStateMachine):
    """A run, and what it should leave."""

    wanted: ClassVar[dict[str, bytes]] = {}
    """The files of a run, the same for all."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "run"
        self.data = self.folder / "d.csv"
        self.data.write_text(ROWS)
        self.is_finished = False
        self.damaged: set[str] = set()

    def teardown(self) -> None:
        self.data.write_text(ROWS)
        if self.path.exists():
            self.goes_on()
        shutil.rmtree(self.folder)

    def attempt(self, act: Callable[[], object]) -> None:
        """Trains until the end that the watcher makes, or to the end."""
        try:
            act()
        except (Interrupted, InterruptedError):
            return
        self.is_finished = True

    def refused(self, code: str, act: Callable[[], object]) -> None:
        with pytest.raises(ArtifactError) as caught:
            act()
        assert [finding.code for finding in caught.value.findings] == [code]

    def whole(self) -> list[str]:
        """The checkpoints that nobody has damaged."""
        return [name for name in Checkpoints(self.path).names() if name not in self.damaged]

    def goes_on(self) -> None:
        resume(self.path, registry=REGISTRY)
        found = {name: (self.path / name).read_bytes() for name in FILES}
        assert found == Life.wanted
        self.is_finished = True

    @initialize(epoch=epochs, kill=st.booleans())
    def begin(self, epoch: int, kill: bool) -> None:
        self.attempt(lambda: run(spec(self.folder), out=self.path, registry=REGISTRY, watcher=Ending(epoch, kill)))

    @rule(epoch=epochs, kill=st.booleans())
    def resume_for_a_while(self, epoch: int, kill: bool) -> None:
        self.attempt(lambda: resume(self.path, registry=REGISTRY, watcher=Ending(epoch, kill)))

    @rule(epoch=epochs, kill=st.booleans(), which=st.integers(0, 3))
    def resume_from_another_checkpoint(self, epoch: int, kill: bool, which: int) -> None:
        names = Checkpoints(self.path).names()
        if names and not self.is_finished:
            name, ending = names[which % len(names)], Ending(epoch, kill)
            if name in self.damaged:
                self.refused("SN603", lambda: resume(self.path, checkpoint=name, registry=REGISTRY))
            else:
                self.attempt(lambda: resume(self.path, checkpoint=name, registry=REGISTRY, watcher=ending))

    @rule()
    def resume_to_the_end(self) -> None:
        self.goes_on()

    @precondition(lambda self: not self.is_finished and len(self.whole()) > 1)
    @rule(place=st.integers(0, 10_000))
    def damage_the_newest_checkpoint(self, place: int) -> None:
        name = self.whole()[-1]
        self.damaged.add(name)
        path = self.path / "checkpoints" / name
        content = bytearray(path.read_bytes())
        content[place % len(content)] ^= 1 << place % 8
        path.write_bytes(content)

    @precondition(lambda self: not self.is_finished)
    @rule()
    def change_the_data(self) -> None:
        self.data.write_text(ROWS + "1,2,3\n")
        self.refused("SN612", lambda: resume(self.path, registry=REGISTRY))
        self.data.write_text(ROWS)

    @rule()
    def remove_the_plugin(self) -> None:
        """Nothing of a run can be used without it, and nothing is harmed."""
        acts: tuple[Callable[[], object], ...] = (
            lambda: resume(self.path, registry=installed(None)),
            lambda: load_run(self.path, installed(None)),
            lambda: reproduce(self.path, registry=installed(None)),
        )
        for act in acts:
            with pytest.raises((SpecError, ArtifactError)) as caught:
                act()
            assert caught.value.findings[0].code in ("SN211", "SN610", "SN616")

    @rule()
    def install_another_version_of_the_plugin(self) -> None:
        if self.is_finished:
            assert resume(self.path, registry=installed("2.0")).status == "finished"
        else:
            self.refused("SN612", lambda: resume(self.path, registry=installed("2.0")))

    @precondition(lambda self: self.is_finished)
    @rule()
    def make_it_again(self) -> None:
        assert reproduce(self.path, registry=REGISTRY).is_identical

    @precondition(lambda self: not self.is_finished)
    @rule(place=st.integers(0, 10_000), name=st.sampled_from(["manifest.json", "resolved.json", "spec.json"]))
    def damage_a_file_and_bring_it_back(self, place: int, name: str) -> None:
        path = self.path / name
        before = path.read_bytes()
        content = bytearray(before)
        content[place % len(content)] ^= 1 << place % 8
        path.write_bytes(content)
        acts: tuple[Callable[[], object], ...] = (
            lambda: resume(self.path, registry=REGISTRY),
            lambda: load_run(self.path, REGISTRY),
        )
        for act in acts:
            with pytest.raises(ArtifactError):
                act()
        assert verify(self.path).findings
        path.write_bytes(before)

    @rule()
    def move_the_directory(self) -> None:
        moved = self.folder / f"moved-{len(os.listdir(self.folder))}"  # noqa: PTH208  # how many there are
        self.path = self.path.rename(moved)

    @rule()
    def leave_something_half_written(self) -> None:
        (self.path / ".0123456789abcdef.tmp").write_bytes(b"half")

    @rule()
    def predict(self) -> None:
        if RunDirectory.open(self.path).manifest["status"] == "running":
            assert not self.is_finished
            self.refused("SN610", lambda: load_run(self.path, REGISTRY))
        else:
            assert np.isfinite(load_run(self.path, REGISTRY).predict([[3, 7]])).all()

    @invariant()
    def can_be_opened(self) -> None:
        if self.path.exists():
            RunDirectory.open(self.path)


def test_whatever_happens_to_a_run_it_ends_as_it_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    Path("d.csv").write_text(ROWS)
    path = run(spec(Path.cwd()), out="whole", registry=REGISTRY).path
    Life.wanted |= {name: (path / name).read_bytes() for name in FILES}
    # without shrinking, which would train for minutes
    phases = [Phase.generate]
    limits = settings(max_examples=LIVES, stateful_step_count=8, derandomize=True, deadline=None, phases=phases)
    run_state_machine_as_test(Life, settings=limits)
