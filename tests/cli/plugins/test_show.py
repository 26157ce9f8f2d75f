from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import specnet
from specnet.cli.curves import HEIGHT, WIDTH, columns, plot
from specnet.cli.plugins.examples import example_text
from specnet.component import KINDS
from specnet.registry import Registry
from specnet.spec import Spec

if TYPE_CHECKING:
    from tests.cli.plugins.conftest import Call, Install

BUILT_IN = [(kind, name) for kind in KINDS for name in Registry([]).names(kind)]
TWO = '''
from typing import Literal
from pydantic import Field
from specnet.api import Activation, ElementwiseLoss, hookimpl

SPECNET_API = 1


class Curve(Activation):
    """A line."""

    type: Literal["same"] = "same"
    gain: float = Field(gt=0, le=2)
    """How steep."""

    def value(self, x, xp):
        return x

    def slope(self, x, y, xp):
        {slope}


class Error(ElementwiseLoss):
    """An error."""

    type: Literal["same"] = "same"

    def error(self, prediction, target, xp):
        return xp.abs(prediction - target)

    def slope(self, prediction, target, xp):
        return xp.sign(prediction - target)


@hookimpl
def specnet_components():
    return [Curve, Error]
'''
SLOPE = "return self.gain * xp.ones_like(x)"


@pytest.fixture(autouse=True)
def _site(site: Path) -> None:
    """Nothing is installed."""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["rleu"], "SN203 there is no component or plugin 'rleu'\n  = help: did you mean 'relu'?\n"),
        (["logistic"], "SN203 there is no component or plugin 'logistic'\n  = help: here it is called 'sigmoid'\n"),
        (
            ["relu", "--kind", "loss"],
            "SN203 there is no loss 'relu'\n  = help: `specnet plugins list` shows what there is\n",
        ),
        (["acmee"], "SN203 there is no component or plugin 'acmee'\n  = help: did you mean 'acme'?\n"),
        (["acme.saem"], "SN203 there is no component or plugin 'acme.saem'\n  = help: did you mean 'acme.same'?\n"),
        (
            ["acme.same"],
            "SN204 'acme.same' is the name of several: activation acme.same, loss acme.same\n"
            "  = help: --kind activation or --kind loss\n",
        ),
        (
            ["broken.snake"],
            "SN210 dataset 'broken.snake' comes from specnet-broken 0.1.0, unusable: "
            "ModuleNotFoundError: No module named 'nowhere'\n",
        ),
    ],
)
def test_a_name_that_is_refused(call: Call, install: Install, args: list[str], message: str) -> None:
    install("acme", TWO.replace("{slope}", SLOPE))
    install("broken", "import nowhere")
    assert call("show", *args) == (2, "", message)


def test_formulas_that_raise_are_no_traceback(call: Call, install: Install) -> None:
    install("acme", TWO.replace("{slope}", "raise OSError('no')"))
    outcome = call("show", "acme.same", "--kind", "activation")
    assert outcome.code == 0
    assert outcome.out.endswith("\nit cannot be drawn: OSError: no\n")


def test_a_component_of_a_plugin(call: Call, install: Install) -> None:
    install("acme", TWO.replace("{slope}", SLOPE))
    code, out, err = call("show", "same", "--kind", "activation")
    assert (code, err) == (0, "")
    assert out.startswith(
        "acme.same  activation, specnet-acme 0.1.0\n\n  A line.\n\n"
        "  key   value              default   meaning\n"
        "  gain  number > 0, <= 2   required  How steep.\n".replace(
            "value              ", "value             "
        ).replace("2   req", "2  req")
    )
    assert '  activation.type = "acme.same"\n  activation.gain = 0.5\n' in out
    assert "bounds  -infinity to infinity\n" in out


def test_a_plugin(call: Call, install: Install) -> None:
    install("acme", TWO.replace("{slope}", SLOPE))
    install("broken", "import nowhere")
    for name in ("acme", "specnet-acme"):
        code, out, _ = call("show", name)
        assert code == 0
        assert out.splitlines()[-2:] == ["  activation  acme.same  A line.", "  loss        acme.same  An error."]
    code, out, _ = call("show", "broken")
    assert code == 0
    assert out.startswith("broken      specnet-broken 0.1.0, failed: ModuleNotFoundError")


def test_a_built_in_name_imports_no_plugin(call: Call, install: Install) -> None:
    install("slow", "raise KeyboardInterrupt")
    assert call("show", "relu").code == 0


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_every_built_in_is_shown_with_an_example_that_validates(call: Call, kind: str, name: str) -> None:
    code, out, err = call("show", name, "--kind", kind)
    assert (code, err) == (0, "")
    assert out.startswith(f"{name}  {kind}, built in\n\n")
    assert max(map(len, out.splitlines())) <= 80
    registry = Registry([])
    if kind == "exporter":
        assert out.rstrip().endswith(f"specnet export RUN --to {name}")
        return
    given = tomllib.loads(example_text(registry, registry.find(kind, name)))
    spec: dict[str, Any] = {
        "format": 1,
        "name": "shown",
        "dataset": {"type": "arithmetic", "samples": 10},
        "layers": [{"type": "dense", "units": 3}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "training": {"epochs": 10},
    }
    shown = Spec.model_validate(spec | given, context={"registry": registry})
    assert f'"{name}"' in shown.model_dump_json()


def test_an_encoding_without_braille_gets_ascii() -> None:
    command = [sys.executable, "-m", "specnet", "--no-plugins", "plugins", "show", "tanh"]
    environment = {"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(Path(specnet.__file__).parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert done.stdout.isascii()
    assert b"     -1 |*****" in done.stdout


# Curves, held against what a plot of them must be


@pytest.mark.parametrize("braille", [True, False])
def test_a_line_goes_from_corner_to_corner(braille: bool) -> None:
    x = np.linspace(-5, 5, columns(braille))
    lines = plot(x.tolist(), np.ones_like(x).tolist(), (-5.0, 5.0), braille).splitlines()
    assert len(lines) == HEIGHT + 2
    body = [line[9:].ljust(WIDTH) for line in lines[:HEIGHT]]
    assert (lines[0][:8].strip(), lines[HEIGHT - 1][:8].strip()) == ("5", "-5")
    assert body[0][-1] != " "
    assert body[-1][0] != " "
    assert (body[0][0], body[-1][-1]) == (" ", " ")
    assert all(line.strip() for line in body)
    assert lines[-1].split() == ["-5", "0", "5"]
    assert max(map(len, lines)) <= 79
    bar = lines[0].index("│" if braille else "|")
    assert lines[-1].rindex("5") == bar + WIDTH


@pytest.mark.parametrize("braille", [True, False])
def test_what_is_not_finite_or_far_away_is_left_out(braille: bool) -> None:
    count = columns(braille)
    for curve in ([float("nan")] * count, [float("inf")] * count, [1e300] * count, [-7.0] * count, [0.0] * count):
        assert len(plot(curve, curve, (-5.0, 5.0), braille).splitlines()) == HEIGHT + 2
    far = plot([1e3] * count, [0.0] * count, (-5.0, 5.0), braille)
    assert far.splitlines()[0].strip() == ("5 │" if braille else "5 |")


def test_a_slope_is_dotted_and_a_value_is_not() -> None:
    count = columns(False)
    body = plot([1.0] * count, [0.0] * count, (-5.0, 5.0), False).splitlines()
    assert body[0].endswith("|" + "*" * WIDTH)
    assert body[HEIGHT - 1].endswith("|" + ". " * (WIDTH // 2 - 1) + ".")
