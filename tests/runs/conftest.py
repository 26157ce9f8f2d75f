from __future__ import annotations

import sys
import types
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from specnet.hookspecs import hookimpl
from specnet.registry import Plugin, Registry

if TYPE_CHECKING:
    from pathlib import Path

    from specnet.component import Component

Offering = Callable[..., Registry]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def offering(monkeypatch: pytest.MonkeyPatch) -> Offering:
    """A registry of the built-ins and of a plugin with the namespace `test` that offers the given classes."""

    def registry(*classes: type[Component]) -> Registry:
        @hookimpl
        def specnet_components() -> list[type[Component]]:
            return list(classes)

        module = types.ModuleType("test_plugin")
        vars(module).update(SPECNET_API=1, specnet_components=specnet_components)
        monkeypatch.setitem(sys.modules, "test_plugin", module)
        return Registry([Plugin("test", "specnet-test", "1.0", EntryPoint("test", "test_plugin", "specnet"))])

    return registry
