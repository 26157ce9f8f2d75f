from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.plugins.conftest import Call, Install

ROOT = Path(__file__).parents[3]
SOURCE = '''
from typing import Literal
from specnet.api import Activation, hookimpl

SPECNET_API = 1
print("imported")


class Snake(Activation):
    """x + sin(x)**2."""

    type: Literal["snake"] = "snake"

    def value(self, x, xp):
        return x + xp.sin(x) ** 2

    def slope(self, x, y, xp):
        return 1 + xp.sin(2 * x)


@hookimpl
def specnet_components():
    return [Snake]
'''
WRONG = SOURCE.replace("1 + xp.sin(2 * x)", "1 + xp.sin(x)")
OFFERS_NOTHING = "SPECNET_API = 1\n"


@pytest.fixture(autouse=True)
def _quick(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No processes of their own but where a test is about them."""
    monkeypatch.setattr("specnet.testing.plugins.import_checks", lambda module: {})


def test_nothing_to_check(call: Call, install: Install) -> None:
    assert call("check") == (1, "no plugins are installed or allowed: nothing was checked\n", "")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("acmee", "SN206 no installed plugin and no path is called 'acmee'\n  = help: did you mean 'acme'?\n"),
        ("zzz.py", "SN208 no plugin in zzz.py: there is no such file\n"),
        ("my-plugin.py", "SN208 no plugin in my-plugin.py: 'my-plugin' is no name that Python can import\n"),
        ("json.py", "SN209 the module name 'json' is taken\n"),
        ("numpy.py", "SN209 the module name 'numpy' is taken\n"),
        (".", "SN208 no plugin in .: a plugin is a .py file, or a folder with a pyproject.toml\n"),
        ("empty", "SN208 no plugin in empty/pyproject.toml: it has no entry point in the group 'specnet'\n"),
        ("torn", "SN208 no plugin in torn/pyproject.toml: it cannot be read: "),
        ("odd", "SN208 no plugin in odd/pyproject.toml: it cannot be read: "),
    ],
)
def test_what_is_no_plugin(call: Call, install: Install, what: str, message: str) -> None:
    install("acme", SOURCE)
    for name in ("my-plugin.py", "json.py", "numpy.py"):
        Path(name).write_text(SOURCE)
    for name, text in (("empty", "[project]\nname = 'x'\n"), ("torn", "["), ("odd", "project = 3\n")):
        Path(name).mkdir()
        Path(name, "pyproject.toml").write_text(text)
    code, out, err = call("check", what)
    assert (code, out) == (2, "")
    assert err.replace("\\", "/").startswith(message)


def test_a_component_that_breaks_a_promise(call: Call) -> None:
    Path("acme.py").write_text(WRONG)
    code, out, err = call("check", "acme.py")
    assert code == 1
    assert err == "imported\n"
    lines = out.splitlines()
    assert lines[0] == "acme (acme.py 0)"
    assert lines[1] == "  acme        1 passed"
    assert lines[2].startswith("  acme.snake  ")
    assert lines[2].endswith(" failed")
    assert any(line.startswith("    FAILED slope: ") for line in lines[3:])
    assert lines[-1].startswith("ran ")
    assert " checks of 1 component: " in lines[-1]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere", "    FAILED loads: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise SystemExit(0)", "    FAILED loads: SystemExit: 0"),
        ("def f(:", "    FAILED loads: SyntaxError: "),
        (OFFERS_NOTHING, "    FAILED offers: it has no component and no run hook"),
        (SOURCE.replace("return x + xp.sin(x) ** 2", "raise SystemExit"), "    FAILED checks: SystemExit: "),
    ],
)
def test_a_plugin_that_does_not_work_is_told_and_not_shown_as_a_traceback(call: Call, source: str, said: str) -> None:
    Path("acme.py").write_text(source)
    code, out, _ = call("check", "acme.py")
    assert code == 1
    assert [line for line in out.splitlines() if line.startswith(said)]


def test_a_blocked_plugin_is_not_checked(
    call: Call, install: Install, monkeypatch: pytest.MonkeyPatch, site: Path
) -> None:
    install("acme", SOURCE)
    monkeypatch.setenv("SPECNET_PLUGINS", "")
    assert call("check").code == 1
    assert call("check", "acme").code == 1


def test_all_that_is_installed_or_one_by_either_name(call: Call, install: Install) -> None:
    install("acme", SOURCE)
    install("zoo", SOURCE)
    everything = call("check")
    assert everything.code == 0
    assert [line.split(" ")[0] for line in everything.out.splitlines() if " (" in line] == ["acme", "zoo"]
    assert " checks of 2 components: " in everything.out
    for name in ("acme", "specnet-acme"):
        code, out, _ = call("check", name)
        assert code == 0
        assert out.splitlines()[0] == "acme (specnet-acme 0.1.0)"
        assert " checks of 1 component: " in out


def test_json_is_alone_on_standard_output(call: Call) -> None:
    Path("acme.py").write_text(SOURCE)
    code, out, err = call("check", "acme.py", "--json")
    record = json.loads(out)
    (plugin,) = record["plugins"]
    assert (code, err, plugin["namespace"]) == (0, "imported\n", "acme")
    assert list(plugin["checked"]) == ["acme", "acme.snake"]
    checks = [check for part in plugin["checked"].values() for check in part]
    assert record["summary"].startswith(f"ran {sum(check['status'] == 'passed' for check in checks)} checks of 1 comp")
    assert {"check": "loads", "status": "passed", "detail": "1 components"} in checks


def test_skipped_checks_are_told_on_request(call: Call) -> None:
    Path("acme.py").write_text(SOURCE.replace("return x + xp.sin(x) ** 2", "return xp.sum(x)"))
    said = "    skipped slope: it needs: shape"
    assert said not in call("check", "acme.py").out
    assert said in call("check", "acme.py", "-v").out


def test_a_component_of_which_nothing_could_be_checked_is_not_green(call: Call) -> None:
    Path("acme.py").write_text(SOURCE.replace('"snake"\n', '"snake"\n    key: str\n    """A key."""\n', 1))
    code, out, _ = call("check", "acme.py")
    assert code == 1
    lines = out.splitlines()
    assert lines[2] == "  acme.snake  nothing was checked"
    assert lines[3].startswith("    skipped example: no example for the field 'key'")
    assert lines[4] == "ran 1 check of 1 component: 1 passed, 1 skipped"


@pytest.mark.parametrize("layout", ["src", "."])
def test_a_folder_is_imported_from_where_it_stands_and_leaves_no_trace(call: Call, layout: str) -> None:
    folder = Path("dist", layout)
    folder.mkdir(parents=True)
    (folder / "own_snake.py").write_text(SOURCE)
    Path("dist", "pyproject.toml").write_text(
        '[project]\nname = "d"\nversion = "3"\n[project.entry-points.specnet]\nacme = "own_snake"\n'
    )
    path, modules = list(sys.path), set(sys.modules)
    for _ in range(2):
        code, out, err = call("check", "dist")
        assert (code, err) == (0, "imported\n")
        assert out.splitlines()[0] == "acme (d 3)"
    assert sys.path == path
    assert "own_snake" not in sys.modules
    assert not [name for name in set(sys.modules) - modules if "snake" in name]


def test_a_module_of_that_name_that_was_there_before_is_there_again(call: Call, site: Path) -> None:
    Path("own_snake.py").write_text(SOURCE)
    sys.path.insert(0, str(Path.cwd()))
    try:
        import own_snake  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    assert call("check", "own_snake.py").code == 0
    assert sys.modules["own_snake"] is own_snake


def test_the_import_is_checked_in_a_process_of_its_own(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    code, out, _ = call("check", ROOT / "plugins" / "specnet-swish")
    assert code == 0
    assert out.splitlines()[:2] == ["swish (specnet-swish 0.1.0)", "  swish        3 passed"]
