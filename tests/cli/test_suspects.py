"""What a plugin gives back wrongly fails in the code that uses it; it is told of the plugin all the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from specnet.cli import main

SOURCE = '''
from typing import Any, Callable, Literal
import numpy as np
from specnet.api import *

SPECNET_API = 1

class Given(Layer):
    """Gives what it is told to."""
    type: Literal["given"] = "given"
    wrong: str = ""
    """What is wrong."""

    def plan(self, in_shapes):
        if len(in_shapes) != 1:
            raise ShapeError("it reads one input")
        return {"plan": None, "half": LayerPlan((1.5,))}.get(self.wrong, LayerPlan(in_shapes[0]))

    def forward(self, ctx, params, *inputs):
        def pullback(dy):
            return {"dx": dy, "no dx": None}.get(self.wrong, (dy,))
        x = inputs[0]
        both = {"one": x, "nothing": None, "narrow": (x[:, :1], pullback), "no pullback": (x, None)}
        return both.get(self.wrong, (x, pullback))

class Bare(Activation):
    type: Literal["bare"] = "bare"
    wrong: str = ""

    def value(self, x, xp):
        if self.wrong == "stops":
            raise StopIteration
        return {"nothing": None, "short": x[:3, :]}.get(self.wrong, x * 1.0)

    def slope(self, x, y, xp):
        return xp.ones_like(x)

class Mute(Bare):
    type: Literal["mute"] = "mute"
    call: Callable[[float], float] = abs

class Rows(Dataset):
    """Rows of a file that is not there unless its folder is known."""
    type: Literal["rows"] = "rows"
    wrong: str = ""
    """What is wrong."""

    def plan(self):
        return None if self.wrong == "plan" else DatasetPlan(("a",), ("b", "c", "d"), 40)

    def load(self, ctx):
        (ctx.folder / "spec.json").read_bytes()
        return None

class Never(Schedule):
    """No number."""
    type: Literal["never"] = "never"

    def at(self, moment):
        return None

class Words(Metric):
    """No number."""
    type: Literal["words"] = "words"

    def start(self):
        return 0.0

    def add(self, state, prediction, target, xp):
        return state

    def result(self, state):
        return "good"

class Wide(Initializer):
    """Of another shape."""
    type: Literal["wide"] = "wide"

    def draw(self, shape, fan_in, fan_out, rng):
        return np.zeros((77,))

@hookimpl
def specnet_components():
    return [Given, Bare, Mute, Rows, Never, Words, Wide]
'''
HELP = "  = help: `specnet plugins check odd` tells more; SPECNET_DEBUG=1 shows the traceback\n"
BUG = "specnet: this is a bug in specnet; please report it with the lines above\n"


@pytest.fixture(autouse=True)
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "site"
    info = folder / "specnet_odd-1.2.dist-info"
    info.mkdir(parents=True)
    (folder / "specnet_odd.py").write_text(SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: specnet-odd\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[specnet]\nodd = specnet_odd\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delenv("SPECNET_PLUGINS", raising=False)
    monkeypatch.setattr("specnet.registry.distributions", lambda: distributions(path=[str(folder)]))
    yield
    sys.modules.pop("specnet_odd", None)


def told(folder: Path, capsys: pytest.CaptureFixture[str], verb: str, **changes: Any) -> tuple[object, str]:
    """The exit code of a verb and what it writes as an error, for a spec with that first layer and those changes."""
    first = {"type": "dense", "units": 2, **changes.pop("first", {})}
    spec = {
        "format": 1,
        "name": "tiny",
        "dataset": {"type": "arithmetic", "samples": 40},
        "layers": [first, *changes.pop("then", []), {"type": "dense", "units": 3}],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
        "training": {"epochs": 2},
        **changes,
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    out = ("--out", str(folder / "run")) if verb == "run" else ()
    with pytest.raises(SystemExit) as caught:
        main([verb, str(folder / "spec.json"), *out])
    return caught.value.code, capsys.readouterr().err


def given(wrong: str) -> dict[str, Any]:
    return {"then": [{"type": "odd.given", "wrong": wrong}]}


@pytest.mark.parametrize(
    ("verb", "changes", "message"),
    [
        ("validate", given("plan"), "layer 'odd.given': shape: it raised AttributeError: 'NoneType' object has no"),
        ("validate", {"dataset": {"type": "odd.rows", "wrong": "plan"}}, "dataset 'odd.rows': loads: "),
        ("run", given("half"), "layer 'odd.given': shape: it raised TypeError: 'float' object"),
        ("run", given("one"), "layer 'odd.given': shape: it raised ValueError: not enough values"),
        ("run", given("nothing"), "layer 'odd.given': shape: it raised TypeError: cannot unpack"),
        ("run", given("narrow"), "layer 'odd.given': shape: 1 row of ((2,),): it is (1, 1), not (1, 2) as planned"),
        ("run", given("no pullback"), "layer 'odd.given': one gradient an input: it raised TypeError: 'NoneType'"),
        ("run", given("dx"), "layer 'odd.given': one gradient an input: 1 row of ((1,),): their shapes are [(1,)]"),
        ("run", given("no dx"), "layer 'odd.given': one gradient an input: it raised TypeError: 'NoneType'"),
        (
            "run",
            {"first": {"activation": {"type": "odd.bare", "wrong": "nothing"}}},
            "activation 'odd.bare': shape: it raised AttributeError: 'NoneType' object",
        ),
        (
            "run",
            {"first": {"activation": {"type": "odd.bare", "wrong": "short"}}},
            "activation 'odd.bare': shape: the value of (7, 1) is (3, 1)",
        ),
        (
            "run",
            {"first": {"activation": {"type": "odd.bare", "wrong": "stops"}}},
            "activation 'odd.bare': shape: it raised StopIteration",
        ),
        ("plan", {"first": {"activation": "odd.mute"}}, "activation 'odd.mute': json round trip: it raised"),
        ("run", {"dataset": {"type": "odd.rows"}}, "dataset 'odd.rows': loads: it raised AttributeError: 'NoneType'"),
        ("run", {"optimizer": {"type": "gradient_descent", "learning_rate": "odd.never"}}, "schedule 'odd.never': "),
        ("run", {"metrics": ["odd.words"]}, "metric 'odd.words': a float: it is a str"),
        ("run", {"first": {"weight_initializer": "odd.wide"}}, "initializer 'odd.wide': shape: for (1, 1) it is (77,)"),
    ],
)
def test_p69_what_a_plugin_gives_back_wrongly_is_told_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str, changes: dict[str, Any], message: str
) -> None:
    whose, _, what = message.partition(": ")
    code, err = told(tmp_path, capsys, verb, **changes)
    assert err.startswith(f"SN213 {whose} of specnet-odd 1.2 breaks its contract: {what}")
    assert err.endswith(HELP)
    assert "Traceback" not in err
    assert code == 2


def test_a_run_that_cannot_predict_blames_the_plugin_that_was_updated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(tmp_path, capsys, "run", **given(""))[0] == 0
    given_class = sys.modules["specnet_odd"].Given
    monkeypatch.setattr(given_class, "forward", lambda self, ctx, params, *inputs: None)
    with pytest.raises(SystemExit) as caught:
        main(["predict", str(tmp_path / "run"), "--rows", "[[1, 2]]"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("SN213 layer 'odd.given' of specnet-odd 1.2 breaks its contract: shape")


def test_a_bug_in_specnet_is_not_told_of_a_plugin_that_keeps_its_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("specnet.runs.path.prepare", fail)
    # It has no words at all, of which the contract tells too; they make nothing fail.
    code, err = told(tmp_path, capsys, "run", first={"activation": "odd.bare"}, **given(""))
    assert code == 101
    assert "ZeroDivisionError: boom\n" in err
    assert err.endswith(BUG)
