from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from specnet.builtins.activations import Relu
from specnet.component import KINDS
from specnet.errors import UsageError
from specnet.registry import Plugin
from specnet.testing import check_plugin, contract_tests, failures, imports, summary
from specnet.testing.plugins import CONTRACTS, contract_of, plugin_contracts

pytest_plugins = ["pytester"]

SOURCE = '''
from typing import Any, Literal

from pydantic import Field

from specnet.api import Activation, hookimpl
from specnet.builtins.datasets.csv import Csv

SPECNET_API = 1


class Leaky(Activation):
    """y = max(x, rate x)."""

    type: Literal["leaky"] = "leaky"
    rate: float = Field(ge=0, lt=1)
    """The slope below 0."""

    def value(self, x, xp):
        return xp.maximum(x, self.rate * x)

    def slope(self, x, y, xp):
        return xp.where(x > 0, xp.ones_like(x), self.rate * xp.ones_like(x))


class Growth(Leaky):
    """y = exp(x), which is not finite at 1e3."""

    type: Literal["growth"] = "growth"

    def value(self, x, xp):
        return xp.exp(x)

    def slope(self, x, y, xp):
        return y


class File(Csv):
    """A file that only its author knows."""

    type: Literal["leaky"] = "leaky"


@hookimpl
def specnet_components():
    return [Leaky, Growth, File]
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A plugin with what a plugin may have: a required field, a failure that is meant, and one name for two kinds."""
    (tmp_path / "own_plugin.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_plugin", raising=False)
    return import_module("own_plugin")


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No processes of their own, for tests that ask for something else."""
    monkeypatch.setattr(imports, "imported", lambda module: imports.Imported({module: 1}, 1, frozenset()))


quickly = pytest.mark.usefixtures("_quick")


@pytest.fixture
def plugin(module: ModuleType) -> Plugin:
    return Plugin("own", "specnet-own", "1.0", EntryPoint("own", "own_plugin", "specnet"))


OVERFLOWS = {"own.growth-finite at 1e3": "exp overflows, and is meant to"}


# Refusals


def test_a_plugin_that_is_not_installed() -> None:
    with pytest.raises(UsageError, match="SN206 no installed plugin is called 'nowhere'"):
        check_plugin("nowhere")


def test_an_example_of_another_plugin(plugin: Plugin) -> None:
    with pytest.raises(ValueError, match=r"^Relu is no component of own$"):
        check_plugin(plugin, examples=[Relu()])


@quickly
def test_an_expected_failure_of_no_check(plugin: Plugin) -> None:
    reasons = {"own.growth-finite": "why"}
    wanted = (
        r"^a failure is expected of 'own\.growth-finite', which is no check; did you mean 'own\.growth-finite at 1e3'"
    )
    with pytest.raises(ValueError, match=wanted):
        check_plugin(plugin, expected_failures=reasons)
    with pytest.raises(ValueError, match=wanted):
        contract_tests(plugin, expected_failures=reasons)


def test_a_plugin_that_does_not_load() -> None:
    plugin = Plugin("bad", "specnet-bad", "1.0", EntryPoint("bad", "no_such_module", "specnet"))
    loads, *rest = check_plugin(plugin)
    assert (loads.check, loads.status) == ("bad-loads", "failed")
    assert loads.detail == "ModuleNotFoundError: No module named 'no_such_module'"
    assert [(check.check, check.status) for check in rest] == [
        ("bad-import time", "skipped"),
        ("bad-light import", "skipped"),
    ]


# What is checked


def test_every_component_by_the_contract_of_its_kind(plugin: Plugin) -> None:
    checks = check_plugin(plugin, expected_failures=OVERFLOWS)
    assert failures(checks) == []
    assert summary(checks) == "ran 47: 46 passed, 1 expected failure; 1 skipped"
    named = {check.check: check for check in checks}
    assert len(named) == len(checks)
    assert {"own-loads", "own-import time", "own.leaky (activation)-slope", "own.growth-name"} <= named.keys()
    assert named["own.growth-finite at 1e3"].status == "xfailed"
    skipped = named["own.leaky (dataset)-example"]
    assert skipped.status == "skipped"
    assert skipped.detail.startswith("no example for the field 'path': write Field(examples=[...])")


@quickly
def test_an_expected_failure_that_passes_is_reported(plugin: Plugin) -> None:
    seen = failures(check_plugin(plugin, expected_failures={**OVERFLOWS, "own.growth-slope": "?"}))
    assert [(check.check, check.status) for check in seen] == [("own.growth-slope", "xpassed")]


@quickly
def test_examples_stand_for_their_class(plugin: Plugin, module: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,y\n1,2\n")
    file = module.File(path="rows.csv", inputs=("a",), targets=("y",))
    examples = [module.Leaky(rate=0.0), module.Leaky(rate=0.25), file]
    checks = check_plugin(plugin, examples=examples, expected_failures=OVERFLOWS, folder=tmp_path)
    assert failures(checks) == []
    labels = list(dict.fromkeys(check.check.rpartition("-")[0] for check in checks))
    assert labels == [
        "own",
        "own.leaky (activation)(rate=0.0)",
        "own.leaky (activation)(rate=0.25)",
        "own.growth",
        "own.leaky (dataset)(inputs=('a',), path='rows.csv', targets=('y',))",
    ]


def test_a_module_is_a_plugin_under_its_own_name(module: ModuleType) -> None:
    assert list(plugin_contracts(module, [], None))[:2] == ["own_plugin", "own_plugin.leaky (activation)"]


def test_every_kind_has_a_contract() -> None:
    assert CONTRACTS.keys() == KINDS.keys()


def test_a_kind_without_a_contract_has_what_all_kinds_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(CONTRACTS, "activation")
    assert [check.check for check in contract_of(Relu()).run()][-2:] == ["json schema", "global random state"]


# Under pytest

TESTS = """
import sys
from importlib.metadata import EntryPoint
from specnet.registry import Plugin
from specnet.testing import contract_tests

plugin = Plugin("own", "specnet-own", "1.0", EntryPoint("own", "own_plugin", "specnet"))
test_contract = contract_tests(plugin, expected_failures={reasons!r})
"""


@pytest.mark.parametrize(
    ("reasons", "outcomes"),
    [
        (OVERFLOWS, {"passed": 46, "skipped": 1, "xfailed": 1}),
        ({}, {"passed": 46, "skipped": 1, "failed": 1}),
        ({**OVERFLOWS, "own.growth-slope": "?"}, {"passed": 45, "skipped": 1, "xfailed": 1, "failed": 1}),
    ],
    ids=["expected", "not expected", "expected in vain"],
)
@quickly
def test_each_check_is_a_test_of_its_own(
    pytester: pytest.Pytester, reasons: dict[str, str], outcomes: dict[str, int]
) -> None:
    pytester.makepyfile(own_plugin=SOURCE, test_own=TESTS.format(reasons=reasons))
    pytester.syspathinsert()
    result = pytester.runpytest("-v", "-p", "no:cacheprovider", "test_own.py")
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(["*test_own.py::test_contract[[]own.growth-slope[]] *"])
    if "failed" in outcomes:
        result.stdout.fnmatch_lines(["*own.growth-*: *"])
