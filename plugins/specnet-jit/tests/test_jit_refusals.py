from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from specnet_jit import cache
from specnet_jit.engine import Jit
from specnet_jit.program import prediction_program, training_program

import specnet
from specnet.api import Activation, Plan, Refusal
from specnet.builtins.activations import Relu
from specnet.builtins.layers.dense import Dense
from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.optimizers import GradientDescent
from specnet.component import DatasetPlan
from specnet.errors import SpecError
from specnet.plan import make_plan

SPEC = Path(__file__).parents[1] / "specs" / "differences.toml"


class Branching(Activation):
    """Asks Python which side of 0 it is on."""

    type: Literal["branching"] = "branching"

    def value(self, x: Any, xp: Any) -> Any:
        return x if x > 0 else -x

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return xp.sign(x)


class Outside(Branching):
    """Calls NumPy itself."""

    type: Literal["outside"] = "outside"  # type: ignore[assignment]

    def value(self, x: Any, xp: Any) -> Any:
        return np.cbrt(x)


class Exotic(Branching):
    """Calls what is not compiled."""

    type: Literal["exotic"] = "exotic"  # type: ignore[assignment]

    def value(self, x: Any, xp: Any) -> Any:
        return xp.i0(x)


class Counting(Branching):
    """Divides by the rows, as Python counts them."""

    type: Literal["counting"] = "counting"  # type: ignore[assignment]

    def value(self, x: Any, xp: Any) -> Any:
        return x * (1 / len(x))


def plan_of(*layers: Any) -> Plan:
    return make_plan([*layers], DatasetPlan(("a", "b"), ("y",)))


def refusals(*layers: Any) -> list[Refusal]:
    return list(Jit().refusals(plan_of(*layers), MeanSquaredError(), GradientDescent(learning_rate=0.1)))


def line_of(activation: Activation) -> str:
    lines, first = inspect.getsourcelines(type(activation).value)
    return f" ({__name__}, line {first + 1}: {lines[1].strip()})"


@pytest.mark.parametrize(
    ("activation", "why"),
    [
        (Branching(), "it decides by a value that is not known when it is compiled: use xp.where"),
        (Exotic(), "it calls xp.i0, which is not among what can be compiled"),
    ],
)
def test_a_formula_that_cannot_be_compiled_is_refused_with_its_line(activation: Activation, why: str) -> None:
    (refusal,) = refusals(Dense(units=1, activation=activation))
    assert refusal == (activation, why + line_of(activation))


def test_a_formula_that_takes_the_number_of_rows_for_a_constant_is_refused() -> None:
    (refusal,) = refusals(Dense(units=1, activation=Counting()))
    assert refusal.why == "it computes with the number of rows in Python"


def test_what_numpy_says_of_its_own_functions_comes_with_the_line() -> None:
    (refusal,) = refusals(Dense(units=1, activation=Outside()))
    assert refusal.component.type == "outside"
    assert refusal.why.endswith(line_of(Outside()))


def test_a_net_that_is_too_large_is_refused_as_a_whole() -> None:
    engine = Jit()
    plan = plan_of(Dense(units=200), Dense(units=200), Dense(units=1))
    (refusal,) = engine.refusals(plan, MeanSquaredError(), GradientDescent(learning_rate=0.1))
    assert refusal == (engine, "the net has 41,001 parameters, and more than 20,000 are not compiled")


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        ({"type": "dropout", "rate": 0.5}, "it draws random numbers"),
        ({"type": "batch_norm"}, "it needs all rows of a batch before it can go on with one of them"),
    ],
)
def test_validation_says_it_at_the_layer(layer: dict[str, Any], why: str) -> None:
    with pytest.raises(SpecError) as caught:
        specnet.load_spec(SPEC, {"layers": [{"type": "dense", "units": 4}, layer, {"type": "dense", "units": 3}]})
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN428", "layers.1")
    assert finding.message.startswith(f"engine 'jit.jit' cannot run layer {layer['type']!r}: {why} (specnet.builtins.")


def test_validation_imports_no_compiler() -> None:
    code = f"import sys, specnet; specnet.load_spec({str(SPEC)!r}); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


HOSTILE = ['"""', "'; import os", "\n@njit", "__import__('os')", "}{compiled}", "\\"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_spec_reaches_what_is_compiled(text: str) -> None:
    """Names of layers and columns, and the type of a component, are never asked for."""

    def sources(name: str) -> tuple[str, str]:
        first = Dense(units=4, activation=Relu()).model_copy(update={"name": name, "type": name})
        plan = make_plan([first, Dense(units=1)], DatasetPlan((f"a{name}", "b"), (f"y{name}",)))
        loss = MeanSquaredError().model_copy(update={"type": name})
        training = training_program(plan, loss, GradientDescent(learning_rate=0.1), "float64")
        return training.source, prediction_program(plan, "float64").source

    assert sources(text) == sources("plain")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folders of users apart by other means")
def test_a_folder_that_others_can_write_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    monkeypatch.setenv("SPECNET_JIT_CACHE", str(tmp_path))
    module = cache.module_of("X = 1\n")
    assert (module.X, list(tmp_path.iterdir())) == (1, [])


def test_what_was_changed_in_the_folder_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECNET_JIT_CACHE", str(tmp_path / "jit"))
    source = "X = 2\n"
    path = tmp_path / "jit" / f"specnet_jit_{cache.key_of(source)}.py"
    path.parent.mkdir(mode=0o700)
    path.write_text("X = 3\n")
    assert cache.module_of(source).X == 2
    assert path.read_text() == source


@pytest.mark.parametrize("what", ["numba.__version__", "llvmlite.binding.get_host_cpu_name"])
def test_another_compiler_or_processor_has_other_modules(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.key_of("X = 1\n")
    monkeypatch.setattr(what, "0.0" if what.endswith("version__") else lambda: "i386")
    assert cache.key_of("X = 1\n") != before
