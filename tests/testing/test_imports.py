from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from specnet.registry import ROOMS
from specnet.testing import imports
from specnet.testing.checks import Broken, Check, Contract
from specnet.testing.imports import LIMIT, Imported, import_checks, imported

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Imported({"acme": LIMIT - 1}, 2 * LIMIT, frozenset({"acme"}))
SLOW = Imported({"acme": 7, "acme.big": LIMIT}, LIMIT, frozenset())


def checks(module: str) -> dict[str, Check]:
    return {check.check: check for check in Contract(import_checks(module), draws=False).run()}


def runs(monkeypatch: pytest.MonkeyPatch, *results: Imported) -> list[Imported]:
    """Imports that take what they are said to take; gives those that nobody has asked for."""
    left = list(results)
    monkeypatch.setattr(imports, "imported", lambda module: left.pop(0))
    return left


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that can be imported, and a library beside it that is called like a heavy one."""
    (tmp_path / "polars.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "acme_plugin.py"


def test_a_module_that_fails_in_a_process_of_its_own(plugin: Path) -> None:
    plugin.write_text("import json\n1 / 0\n")
    with pytest.raises(Broken, match=r"^in a process of its own: ZeroDivisionError: division by zero$"):
        imported("acme_plugin")


def test_a_heavy_library_is_seen_and_named(plugin: Path) -> None:
    plugin.write_text("import polars\n")
    found = checks("acme_plugin")
    assert found["import time"].status == "passed"
    wanted = "it imports polars: import it in the method that needs it"
    assert found["light import"] == Check("light import", "failed", wanted)


def test_a_slow_import_says_which_modules_took_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, SLOW, SLOW, SLOW)
    (time, light) = checks("acme").values()
    said = "50.0 ms, most of it acme.big 50.0 ms, acme 0.0 ms; the limit is 50 ms beyond NumPy, pydantic and specnet"
    assert time == Check("import time", "failed", said)
    assert light.status == "passed"


def test_the_best_of_three_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    left = runs(monkeypatch, SLOW, SLOW, QUICK)
    assert checks("acme")["import time"].status == "passed"
    assert left == []
    left = runs(monkeypatch, QUICK, SLOW, SLOW)
    assert checks("acme")["import time"].status == "passed"
    assert left == [SLOW, SLOW]


def test_only_what_the_module_adds_is_counted(plugin: Path) -> None:
    plugin.write_text("import numpy, pydantic, specnet.api\nimport polars\n")
    found = imported("acme_plugin")
    assert found.times.keys() == {"acme_plugin", "polars"}
    assert found.packages == {"acme_plugin", "polars"}
    assert 0 < found.total <= sum(found.times.values())


def test_on_a_busy_machine_the_time_of_the_processor_counts() -> None:
    assert (QUICK.total, Imported({"acme": LIMIT}, 7, frozenset()).total) == (LIMIT - 1, 7)


def test_the_rooms_of_built_ins_import_nothing_heavy(plugin: Path) -> None:
    plugin.write_text("\n".join(f"import {room}" for room in chain(*ROOMS.values())))
    assert checks("acme_plugin")["light import"].status == "passed"
    assert "acme_plugin" not in sys.modules
