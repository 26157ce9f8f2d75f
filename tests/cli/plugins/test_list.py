from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.cli.plugins.conftest import Call, Install

TRACKER = """
import time
from specnet.api import hookimpl

SPECNET_API = 1
time.sleep(0.02)
print("imported")

@hookimpl
def specnet_run_started(run):
    pass
"""


def test_the_old_spelling_is_refused(call: Call, install: Install) -> None:
    code, out, err = call("list", "--format", "json")
    assert (code, out) == (2, "")
    assert "No such option" in err


def test_every_state_is_told(call: Call, install: Install) -> None:
    install("acme", TRACKER)
    install("broken", "import nowhere")
    code, out, err = call("list", "--json")
    assert (code, err) == (0, "imported\n")
    acme, broken = json.loads(out)["plugins"]
    assert (acme["state"], acme["tracks"], acme["components"]) == ("loaded", True, {})
    assert acme["import_ms"] > 19  # it sleeps for 20
    assert (broken["state"], broken["import_ms"]) == ("failed", None)
    assert broken["error"] == "ModuleNotFoundError: No module named 'nowhere'"


def test_a_blocked_plugin_is_not_imported(call: Call, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("acme", TRACKER)
    monkeypatch.setenv("SPECNET_PLUGINS", "")
    code, out, err = call("list")
    assert (code, err) == (0, "")
    assert "\nacme        specnet-acme 0.1.0, blocked\n" in out
