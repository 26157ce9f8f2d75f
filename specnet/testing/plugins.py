"""The contract of a plugin: it loads quickly, and each of its components keeps the promises of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from specnet.errors import Finding, UsageError
from specnet.registry import GROUP, Plugin, Registry, Selection, load_registry
from specnet.testing import (
    activations,
    columns,
    datasets,
    engines,
    exporters,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    scalers,
    schedules,
)
from specnet.testing.checks import Broken, Check, Contract, Unchecked, expected, known_names, require
from specnet.testing.component import shared
from specnet.testing.examples import example
from specnet.testing.imports import import_checks

if TYPE_CHECKING:
    from specnet.component import Component

CONTRACTS: dict[str, Callable[[Any], Contract]] = {
    "dataset": datasets.contract,
    "column": columns.contract,
    "scaler": scalers.contract,
    "layer": layers.contract,
    "activation": activations.contract,
    "initializer": initializers.contract,
    "loss": losses.contract,
    "metric": metrics.contract,
    "optimizer": optimizers.contract,
    "schedule": schedules.contract,
    "engine": engines.contract,
    "exporter": exporters.contract,
}
"""What each kind promises; one that is not here has only what all kinds share."""


def check_plugin(
    plugin: str | ModuleType | Plugin,
    *,
    examples: Sequence[Component] = (),
    expected_failures: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> list[Check]:
    """Every component of a plugin by the contract of its kind, and what importing the plugin costs.

    `plugin` is the namespace or the distribution of one that is installed, or its module. A component is checked by
    the `examples` of its class, or else by its defaults; a field without one is described in `Field(examples=[...])`.
    Checks are named `acme.snake-slope`, and so are they in `expected_failures`, which gives the reasons. The paths of
    datasets start at `folder`. Raises UsageError for a plugin that is not installed, ValueError for an example of
    another plugin and for an expected failure of no check.
    """
    contracts = plugin_contracts(plugin, examples, folder)
    checks = [check for label, contract in contracts.items() for check in _labelled(label, contract.run())]
    return expected(checks, expected_failures or {})


def contract_tests(
    plugin: str | ModuleType | Plugin,
    *,
    examples: Sequence[Component] = (),
    expected_failures: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Callable[[str, str], None]:
    """A test function for pytest with one case a check: `test_contract = contract_tests("acme")`.

    Each case stands by its own name, as in `test_contract[acme.snake-slope]`; the arguments are those of check_plugin.
    """
    import pytest

    contracts, reasons = plugin_contracts(plugin, examples, folder), expected_failures or {}
    cases = {f"{label}-{name}": (label, name) for label, contract in contracts.items() for name in contract.names}
    known_names(list(cases), reasons)

    @cache
    def checks(label: str) -> dict[str, Check]:
        """All checks of one component, run when the first of them is asked for."""
        return {check.check: check for check in _labelled(label, contracts[label].run())}

    @pytest.mark.parametrize(("label", "name"), cases.values(), ids=cases)
    def test_contract(label: str, name: str) -> None:
        check = checks(label)[f"{label}-{name}"]
        (check,) = expected([check], {key: why for key, why in reasons.items() if key == check.check})
        if check.status == "skipped":
            pytest.skip(check.detail)
        if check.status == "xfailed":
            pytest.xfail(check.detail)
        if check.status != "passed":
            pytest.fail(str(check), pytrace=False)

    return test_contract


def contract_of(component: Component, folder: Path | None = None) -> Contract:
    """The contract of a component of any kind."""
    if component.kind == "dataset":
        return datasets.contract(component, folder)  # type: ignore[arg-type]  # its kind says what it is
    make = CONTRACTS.get(component.kind)
    return Contract(shared(component)) if make is None else make(component)


def plugin_contracts(
    plugin: str | ModuleType | Plugin, examples: Sequence[Component], folder: Path | None
) -> dict[str, Contract]:
    """The contracts of the plugin and of its components, by the names that checks carry in front."""
    registry, plugins = _found(plugin)
    classes = {cls for one in plugins for cls in one.components.values()}
    for given in examples:
        if type(given) not in classes:
            raise ValueError(f"{type(given).__name__} is no component of {', '.join(p.namespace for p in plugins)}")
    contracts: dict[str, Contract] = {}
    for one in plugins:
        contracts[one.namespace] = _own(one)
        names = [name for _, name in one.components]
        for (kind, name), cls in one.components.items():
            label = f"{one.namespace}.{name}" + (f" ({kind})" if names.count(name) > 1 else "")
            instances = [given for given in examples if type(given) is cls]
            contracts |= dict(_contracts(label, cls, instances, registry, folder))
    return contracts


def _contracts(
    label: str, cls: type[Component], instances: Sequence[Component], registry: Registry, folder: Path | None
) -> Iterator[tuple[str, Contract]]:
    for instance in instances:
        said = ", ".join(f"{name}={getattr(instance, name)!r}" for name in sorted(instance.model_fields_set - {"type"}))
        yield f"{label}({said})" if said else label, contract_of(instance, folder)
    if not instances:
        try:
            yield label, contract_of(example(cls, registry), folder)
        except (Broken, Unchecked) as why:
            yield label, Contract({"example": _raiser(why)}, draws=False)


def _raiser(error: Exception) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


def _own(plugin: Plugin) -> Contract:
    """What the plugin itself promises."""

    def loads() -> str:
        require(plugin.state == "loaded", plugin.error)
        return f"{len(plugin.components)} components"

    return Contract({}, ({"loads": loads}, import_checks(plugin.entry.module)), draws=False)


def _found(plugin: str | ModuleType | Plugin) -> tuple[Registry, list[Plugin]]:
    """The plugins that are meant, imported, in a registry that knows no others."""
    if isinstance(plugin, str):
        registry = load_registry(Selection(frozenset({plugin})))
        plugins = [found for found in registry.plugins() if plugin in (found.namespace, found.distribution)]
        if not plugins:
            raise UsageError(Finding("SN206", f"no installed plugin is called {plugin!r}"))
        return registry, plugins
    if isinstance(plugin, ModuleType):
        name = plugin.__name__
        plugin = Plugin(name.rpartition(".")[2], name, "0", EntryPoint(name, name, GROUP))
    registry = Registry([plugin])
    return registry, registry.plugins()


def _labelled(label: str, checks: Sequence[Check]) -> list[Check]:
    return [Check(f"{label}-{check.check}", check.status, check.detail) for check in checks]
