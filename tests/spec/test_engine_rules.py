from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, Literal

import pytest

from specnet.builtins.engines import NumpyEngine
from specnet.component import Component, Refusal
from specnet.errors import SpecError
from specnet.hookspecs import hookimpl
from specnet.registry import Plugin, Registry
from specnet.spec import load_spec

if TYPE_CHECKING:
    from specnet.component import Loss, Optimizer
    from specnet.errors import Finding
    from specnet.plan import Plan

HELP = "another engine runs it: leave [engine] out for the one that runs everything"


class Narrow(NumpyEngine):
    """Runs dense layers of relus, two at most."""

    type: Literal["narrow"] = "narrow"  # type: ignore[assignment]

    def refusals(self, plan: Plan, loss: Loss, optimizer: Optimizer) -> Iterator[Refusal]:
        if len(plan.steps) > 2:
            yield Refusal(self, f"it has {len(plan.steps)} layers")
        for step in plan.steps:
            activation = getattr(step.layer, "activation", None)
            if activation is not None and activation.type == "tanh":
                yield Refusal(activation, "it is curved")
        if loss.type != "mse":
            yield Refusal(loss, "it is no square")
        if optimizer.type != "gradient_descent":
            yield Refusal(optimizer, "it does not descend")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    @hookimpl
    def specnet_components() -> list[type[Component]]:
        return [Narrow]

    module = types.ModuleType("specnet_narrow_of_tests")
    vars(module).update(SPECNET_API=1, specnet_components=specnet_components)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return Registry([Plugin("test", "specnet-narrow", "1.0", EntryPoint("test", module.__name__, "specnet"))])


def spec(**changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "small",
        "dataset": {"type": "arithmetic", "samples": 100},
        "layers": [{"type": "dense", "units": 4, "activation": "relu"}, {"type": "dense", "units": 3}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2},
        "engine": "test.narrow",
        **changes,
    }


def found(document: dict[str, Any], registry: Registry) -> list[Finding]:
    try:
        load_spec(document, registry=registry)
    except SpecError as error:
        return list(error.findings)
    return []


TANH = [{"type": "dense", "units": 4, "activation": "tanh"}, {"type": "dense", "units": 3}]
DEEP = [{"type": "dense", "units": 4}, *TANH[1:], *TANH[1:]]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"layers": TANH}, "layers.0.activation", "cannot run activation 'tanh': it is curved"),
        ({"layers": DEEP}, "engine", "cannot run this net: it has 3 layers"),
        ({"loss": "mae"}, "loss", "cannot run loss 'mae': it is no square"),
        (
            {"optimizer": {"type": "adam", "learning_rate": 0.1}},
            "optimizer",
            "cannot run optimizer 'adam': it does not descend",
        ),
    ],
)
def test_what_the_engine_refuses_is_found_where_it_stands(
    registry: Registry, changes: dict[str, Any], path: str, message: str
) -> None:
    (finding,) = found(spec(**changes), registry)
    assert (finding.code, finding.dotted, finding.severity) == ("SN428", path, "error")
    assert (finding.message, finding.help) == (f"engine 'test.narrow' {message}", HELP)


def test_each_refusal_is_a_finding(registry: Registry) -> None:
    assert [finding.dotted for finding in found(spec(layers=TANH, loss="mae"), registry)] == [
        "layers.0.activation",
        "loss",
    ]


def test_a_net_that_cannot_be_planned_is_not_put_to_the_engine(registry: Registry) -> None:
    wide = [*TANH[:1], {"type": "dense", "units": 4}]
    assert [finding.code for finding in found(spec(layers=wide), registry)] == ["SN406"]


def test_what_is_not_refused_passes(registry: Registry) -> None:
    assert found(spec(), registry) == []
    assert found(spec(layers=DEEP, engine="numpy"), registry) == []


def test_who_writes_an_engine_imports_no_arrays_for_it() -> None:
    code = "import sys, specnet.api; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
