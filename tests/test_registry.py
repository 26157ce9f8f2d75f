from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import specnet
from specnet import load_run, load_spec
from specnet.builtins.activations import Relu
from specnet.cli import main
from specnet.component import KINDS
from specnet.errors import Finding, SpecError, UsageError
from specnet.registry import ROOMS, Registry, Selection, load_registry
from specnet.spec import check
from specnet.spec.document import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """
from typing import Literal
from specnet.api import Activation, Component, hookimpl

SPECNET_API = 1

class Snake(Activation):
    "x + sin(a x)**2 / a."
    type: Literal["snake"] = "snake"
    a: float = 1.0

    def value(self, x, xp):
        return x + xp.sin(self.a * x) ** 2 / self.a

    def slope(self, x, y, xp):
        return 1 + xp.sin(2 * self.a * x)
"""
HOOK = """
@hookimpl
def specnet_components():
    return [Snake]
"""
SNAKE = HEAD + HOOK
SLOW = "import time\ntime.sleep(3600)\n"

ACTIVATIONS = ", ".join(Registry([]).names("activation"))
BLOCKED = "it is blocked by --no-plugins, --no-plugin or SPECNET_PLUGINS"


class Site:
    """A folder of fake installed distributions, on sys.path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, namespace: str, source: str, distribution: str = "", version: str = "1.2") -> None:
        name = distribution or f"specnet-{namespace}"
        module = name.replace("-", "_")
        (self.folder / f"{module}.py").write_text(dedent(source))
        self.describe(name, f"[specnet]\n{namespace} = {module}\n", f"Name: {name}\nVersion: {version}\n")

    def describe(self, name: str, entry_points: str | bytes, metadata: str) -> None:
        info = self.folder / f"{name.replace('-', '_')}-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\n{metadata}")
        (info / "entry_points.txt").write_bytes(
            entry_points if isinstance(entry_points, bytes) else entry_points.encode()
        )
        importlib.invalidate_caches()

    def uninstall(self, name: str) -> None:
        module = name.replace("-", "_")
        shutil.rmtree(self.folder / f"{module}-1.2.dist-info")
        (self.folder / f"{module}.py").unlink()
        sys.modules.pop(module, None)
        importlib.invalidate_caches()

    def imported(self) -> set[str]:
        files = ((name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()))
        return {name for name, file in files if file and Path(file).is_relative_to(self.folder)}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delenv("SPECNET_PLUGINS", raising=False)
    # What else is installed where the tests run is no business of theirs.
    monkeypatch.setattr("specnet.registry.distributions", lambda: distributions(path=[str(folder)]))
    site = Site(folder)
    yield site
    for name in site.imported():
        del sys.modules[name]


def spec(activation: object = "relu", **changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "tiny",
        "dataset": {"type": "arithmetic", "samples": 40},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": [{"type": "dense", "units": 4, "activation": activation}, {"type": "dense", "units": 3}],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2},
        **changes,
    }


def refusal(activation: object, registry: Registry | None = None) -> Finding:
    with pytest.raises(SpecError) as caught:
        load_spec(spec(activation), registry=registry or load_registry())
    (finding,) = caught.value.findings
    assert finding.path[:3] == ("layers", 0, "activation")
    return finding


def command(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(args)
    out, err = capsys.readouterr()
    return caught.value.code, out, err


# Broken plugins

TWO_HOOKS = """
@hookimpl
def specnet_component():
    return []
@hookimpl
def specnet_components(registry):
    return [Snake]
"""
BROKEN = {
    "raises at import": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    "exits at import": ("raise SystemExit('usage: snake')", "SystemExit: usage: snake"),
    "raises in a class body": (
        HEAD + "class Bad(Activation):\n    scale = 1 / 0",
        "ZeroDivisionError: division by zero",
    ),
    "a field without a type": (
        HEAD + "class Bad(Activation):\n    scale = 1.0",
        "PydanticUserError: A non-annotated attribute was detected: `scale = 1.0`",
    ),
    "raises in its hook": (
        HEAD + "@hookimpl\ndef specnet_components():\n    yield Snake\n    raise OSError('no GPU')",
        "OSError: no GPU",
    ),
    "wrong signature": (
        HEAD + HOOK.replace("()", "(registry)"),
        "PluginValidationError: Plugin 'aaa' for hook 'specnet_components'\n"
        "hookimpl definition: specnet_components(registry)",
    ),
    "misspelt hook": (
        HEAD + HOOK.replace("specnet_components", "specnet_component"),
        "PluginValidationError: unknown hook 'specnet_component' in plugin <module 'specnet_aaa'",
    ),
    "wrong signature after a misspelt hook": (HEAD + TWO_HOOKS, "PluginValidationError: "),
    "another API": (
        SNAKE.replace("API = 1", "API = 2"),
        "ImportError: its SPECNET_API is 2, this specnet speaks 1",
    ),
    "no API": (
        SNAKE.replace("SPECNET_API", "API"),
        "ImportError: its SPECNET_API is missing, this specnet speaks 1",
    ),
    "no component": (
        SNAKE.replace("[Snake]", "[Snake, int]"),
        "TypeError: specnet_components() offers <class 'int'>, which is no component class",
    ),
    "no class": (
        SNAKE.replace("[Snake]", "[Snake()]"),
        "TypeError: specnet_components() offers Snake(type='snake', a=1.0), which is no component class",
    ),
    "of no kind": (
        SNAKE.replace("(Activation)", "(Component)"),
        "TypeError: specnet_components() offers <class 'specnet_aaa.Snake'>, which is no component class",
    ),
    "of a kind that it is not": (
        SNAKE.replace("(Activation)", "(Component)").replace("    a:", "    kind = 'activation'\n    a:"),
        "TypeError: specnet_components() offers <class 'specnet_aaa.Snake'>, which is no component class",
    ),
    "no name": (
        SNAKE.replace('Literal["snake"] = "snake"', "str"),
        'TypeError: Snake has no name: write `type: Literal["..."] = "..."`',
    ),
    "the same name twice": (
        SNAKE.replace("[Snake]", "[Snake, type('Twin', (Snake,), {'__module__': __name__})]"),
        "TypeError: the activation 'snake' is offered twice",
    ),
    "a formula left out": (
        SNAKE.replace("def slope", "def slopes"),
        "TypeError: Snake is abstract: it lacks slope",
    ),
    "a field of an unknown type": (
        SNAKE.replace("a: float", "a: 'Flaot'"),
        "PydanticUndefinedAnnotation: name 'Flaot' is not defined",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_p69_a_broken_plugin_is_silent_until_it_is_named(site: Site, case: str) -> None:
    source, why = BROKEN[case]
    site.install("aaa", source)  # loaded before acme, which must not suffer
    site.install("acme", SNAKE.replace("snake", "python"))
    registry = load_registry()
    for good in ("relu", "python", "acme.python"):
        load_spec(spec(good), registry=registry)
    finding = refusal("aaa.snake", registry)
    assert finding.code == "SN210"
    assert finding.message.startswith(f"activation 'aaa.snake' comes from specnet-aaa 1.2, unusable: {why}")
    assert [(plugin.namespace, plugin.state) for plugin in registry.plugins()] == [
        ("aaa", "failed"),
        ("acme", "loaded"),
    ]
    assert refusal("snake", registry).code == "SN203"  # nothing of it is offered, not even what came before the fault


def test_p69_all_of_them_installed(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, (source, _) in enumerate(BROKEN.values()):
        site.install(f"broken{number}", source)
    site.install("acme", SNAKE)
    site.install("gone", "")
    (site.folder / "specnet_gone.py").unlink()
    specnet.run(spec(), out=tmp_path / "run")
    (tmp_path / "spec.json").write_text(json.dumps(spec()))
    code, out, err = command(capsys, "validate", str(tmp_path / "spec.json"))
    assert (code, err) == (0, "")
    assert site.imported() == set()
    code, out, err = command(capsys, "plugins", "list", "--json")
    assert (code, err) == (0, "")
    listed = {plugin["namespace"]: (plugin["state"], plugin["error"]) for plugin in json.loads(out)["plugins"]}
    assert listed.pop("acme") == ("loaded", None)
    assert listed["gone"] == ("failed", "ModuleNotFoundError: No module named 'specnet_gone'")
    assert len(listed) == len(BROKEN) + 1
    assert {state for state, _ in listed.values()} == {"failed"}
    code, out, err = command(capsys, "plugins", "list")
    assert (code, err) == (0, "")
    assert re.search(
        r"^acme        specnet-acme 1\.2, loaded in \d+\.\d ms: activation acme\.snake$", out, re.MULTILINE
    )
    assert "broken0     specnet-broken0 1.2, failed: ModuleNotFoundError: No module" in out


def test_a_failure_is_not_tried_again(site: Site) -> None:
    site.install("aaa", f"with open({str(site.folder / 'count')!r}, 'a') as f: f.write('x')\nraise OSError('once')")
    registry = load_registry()
    for _ in range(3):
        assert refusal("aaa.snake", registry).message.endswith("unusable: OSError: once")
    assert (site.folder / "count").read_text() == "x"


def test_an_interruption_is_no_failure_of_the_plugin(site: Site) -> None:
    site.install("aaa", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_registry().plugins()


@pytest.mark.parametrize(
    ("entry_points", "metadata"),
    [
        ("[specnet]\nno equals sign\n", "Name: specnet-torn\nVersion: 1\n"),
        (b"[specnet]\ntorn = \xff\xfe\n", "Name: specnet-torn\nVersion: 1\n"),
        ("[specnet]\ntorn = specnet_torn\n", ""),
        ("[specnet\ntorn = specnet_torn\n", "Name: specnet-torn\nVersion: 1\n"),
    ],
)
def test_p69_an_installation_that_cannot_be_read_offers_nothing(
    site: Site, entry_points: str | bytes, metadata: str
) -> None:
    site.describe("specnet-torn", entry_points, metadata)
    site.install("acme", SNAKE)
    assert [plugin.namespace for plugin in load_registry().plugins()] == ["acme"]
    with pytest.raises(UsageError, match="SN206"):
        load_registry(Selection(blocked=frozenset({"torn"})))


# Names that cannot be found


def test_an_unknown_name_of_a_plugin(site: Site) -> None:
    site.install("acme", SNAKE)
    assert refusal("acme.snaek") == Finding(
        "SN203",
        "specnet-acme 1.2 has no activation 'snaek'",
        ("layers", 0, "activation"),
        "did you mean 'snake'?",
        file="<mapping>",
    )
    assert refusal("acme.zzz").help == "it has: snake"
    with pytest.raises(SpecError) as caught:
        load_registry().find("loss", "acme.snake")
    assert caught.value.findings == (Finding("SN203", "specnet-acme 1.2 has no loss 'snake'", help="it has: none"),)


def test_an_unknown_bare_name_is_held_against_plugins_too(site: Site) -> None:
    site.install("acme", SNAKE)
    assert refusal("acme_snake").help == "did you mean 'acme.snake'?"
    assert refusal("zzz").help == f"known: {ACTIVATIONS}, acme.snake"
    assert refusal("identity").help == "here it is called 'linear'"


def test_an_unknown_bare_name_may_be_that_of_a_plugin_that_is_broken(site: Site) -> None:
    site.install("acme", "import nonexistent")
    assert refusal("rleu").help == "did you mean 'relu'?; not looked into: acme, see `specnet plugins list`"


def test_p70_a_plugin_that_is_not_installed(site: Site) -> None:
    finding = refusal({"type": "acme.snake", "a": 2.0})
    assert (finding.code, finding.message) == ("SN205", "no installed plugin has the namespace 'acme'")
    assert finding.path == ("layers", 0, "activation", "type")
    assert finding.help == f"plugins installed in {sys.prefix}: none"
    site.install("acne", SNAKE)
    site.install("zebra", SNAKE)
    assert refusal("acme.snake").help == f"did you mean 'acne'? plugins installed in {sys.prefix}: acne, zebra"
    assert site.imported() == set()


def test_two_plugins_claim_a_namespace(site: Site) -> None:
    site.install("acme", SNAKE, "specnet-one", "1.0")
    site.install("acme", SNAKE, "specnet-two", "2.0")
    registry = load_registry()
    finding = refusal("acme.snake", registry)
    assert finding.code == "SN210"
    assert finding.message == (
        "activation 'acme.snake' comes from specnet-one 1.0, unusable: "
        "the namespace 'acme' is claimed by specnet-one 1.0 and specnet-two 2.0; uninstall or block one"
    )
    assert refusal("snake", registry).code == "SN203"
    load_spec(spec("relu"), registry=registry)
    assert site.imported() == set()


def test_one_distribution_claims_a_namespace_twice(site: Site) -> None:
    listed = "[specnet]\nacme = specnet_one\nacme = specnet_one.inner\nzoo = specnet_one\n"
    site.install("acme", SNAKE, "specnet-one")
    site.describe("specnet-one", listed, "Name: specnet-one\nVersion: 1.2\n")
    registry = load_registry()
    assert refusal("acme.snake", registry).message == (
        "activation 'acme.snake' comes from specnet-one 1.2, unusable: the namespace 'acme' is claimed twice by "
        "specnet-one 1.2, for specnet_one and specnet_one.inner; its author must give one another name"
    )
    assert registry.find("activation", "zoo.snake").__module__ == "specnet_one"


@pytest.mark.parametrize(("blocked", "left"), [("specnet-one", "specnet_two"), ("specnet-two", "specnet_one")])
@pytest.mark.parametrize("name", ["acme.snake", "snake"])
def test_blocking_one_of_two_heals_the_namespace(site: Site, blocked: str, left: str, name: str) -> None:
    site.install("acme", SNAKE, "specnet-one")
    site.install("acme", SNAKE, "specnet-two")
    registry = load_registry(Selection(blocked=frozenset({blocked})))
    assert registry.find("activation", name).__module__ == left
    assert site.imported() == {left}


def test_two_plugins_offer_a_bare_name(site: Site) -> None:
    site.install("acme", SNAKE)
    site.install("zoo", SNAKE, version="3.0")
    registry = load_registry()
    finding = refusal("snake", registry)
    assert (finding.code, finding.message) == (
        "SN204",
        "activation 'snake' is offered by specnet-acme 1.2 and specnet-zoo 3.0",
    )
    assert finding.help == "write one of: acme.snake, zoo.snake"
    assert registry.find("activation", "acme.snake").__module__ == "specnet_acme"
    assert registry.find("activation", "zoo.snake").__module__ == "specnet_zoo"
    alone = load_registry(Selection(blocked=frozenset({"acme"})))
    assert alone.find("activation", "snake").__module__ == "specnet_zoo"


def test_a_built_in_is_never_shadowed(site: Site) -> None:
    site.install("acme", SNAKE.replace("snake", "relu"))
    registry = load_registry()
    registry.plugins()
    assert registry.find("activation", "relu") is Relu
    assert registry.find("activation", "acme.relu").__module__ == "specnet_acme"
    loaded = load_spec(spec("acme.relu"), registry=registry)
    assert loaded.model_dump()["layers"][0]["activation"] == {"type": "acme.relu", "a": 1.0}


def test_a_plugin_that_offers_a_built_in_does_not_become_its_owner(site: Site) -> None:
    source = "from specnet.builtins.activations import Relu as Snake\nfrom specnet.api import hookimpl\nSPECNET_API = 1"
    site.install("acme", source + HOOK)
    registry = load_registry()
    assert registry.find("activation", "acme.relu") is Relu
    assert registry.origin(Relu) is None
    assert load_spec(spec("acme.relu"), registry=registry) == load_spec(spec("relu"), registry=registry)


# Which plugins may be imported


@pytest.mark.parametrize("blocked", ["acme", "specnet-acme"])
def test_a_blocked_plugin_is_not_imported(site: Site, blocked: str) -> None:
    site.install("acme", SLOW)
    registry = load_registry(Selection(blocked=frozenset({blocked})))
    assert refusal("acme.snake", registry).message == (
        "activation 'acme.snake' comes from specnet-acme 1.2, unusable: " + BLOCKED
    )
    assert refusal("snake", registry).help == f"known: {ACTIVATIONS}"
    assert [plugin.state for plugin in registry.plugins()] == ["blocked"]


@pytest.mark.parametrize(
    ("options", "allowed", "usable"),
    [
        ([], None, "acme zoo"),
        (["--no-plugins"], None, ""),
        (["--no-plugins"], "acme", ""),
        (["--no-plugin", "acme"], None, "zoo"),
        (["--no-plugin", "specnet-acme"], None, "zoo"),
        (["--no-plugin", "acme", "--no-plugin", "zoo"], None, ""),
        (["--no-plugin", "acme"], "acme", ""),
        ([], "", ""),
        ([], " , ", ""),
        ([], "acme", "acme"),
        ([], "specnet-acme", "acme"),
        ([], " zoo , acme ,", "acme zoo"),
    ],
)
def test_options_and_environment_decide_before_any_import(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    allowed: str | None,
    usable: str,
) -> None:
    for namespace in ("acme", "zoo"):
        site.install(namespace, SNAKE)
    if allowed is not None:
        monkeypatch.setenv("SPECNET_PLUGINS", allowed)
    code, out, _ = command(capsys, *options, "plugins", "list", "--json")
    states = {plugin["namespace"]: plugin["state"] for plugin in json.loads(out)["plugins"]}
    assert code == 0
    assert states == {name: "loaded" if name in usable.split() else "blocked" for name in ("acme", "zoo")}
    assert site.imported() == {f"specnet_{name}" for name in usable.split()}


def test_an_unknown_name_is_blocked(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("acme", SLOW)
    code, out, err = command(capsys, "--no-plugin", "acmee", "plugins", "list")
    assert (code, out) == (2, "")
    assert err == "SN206 no installed plugin is called 'acmee'\n  = help: did you mean 'acme'?\n"
    with pytest.raises(UsageError) as caught:
        load_registry(Selection(blocked=frozenset({"acme", "zzz", "yyy"})))
    assert caught.value.findings == (Finding("SN206", "no installed plugin is called 'yyy'"),)


def test_two_registries_live_side_by_side(site: Site) -> None:
    for namespace in ("acme", "zoo"):
        site.install(namespace, SNAKE)
    first = load_registry(Selection(allowed=frozenset({"acme"})))
    second = load_registry(Selection(allowed=frozenset({"zoo"})))
    for _ in range(2):
        assert first.find("activation", "snake").__module__ == "specnet_acme"
        assert second.find("activation", "snake").__module__ == "specnet_zoo"
    assert first.find("activation", "relu") is second.find("activation", "relu")
    assert refusal("zoo.snake", first).message.endswith(BLOCKED)
    assert refusal("acme.snake", second).message.endswith(
        "it is blocked by --no-plugins, --no-plugin or SPECNET_PLUGINS"
    )


def test_a_new_registry_sees_what_was_installed_meanwhile(site: Site) -> None:
    before = load_registry()
    site.install("acme", SNAKE)
    assert before.plugins() == []
    assert [str(plugin) for plugin in load_registry().plugins()] == ["specnet-acme 1.2"]


# What is imported, and when


def test_discovery_imports_nothing(site: Site, tmp_path: Path) -> None:
    load_registry()
    for namespace in ("acme", "zoo"):
        site.install(namespace, SLOW)
    before = set(sys.modules)
    registry = load_registry()
    assert set(sys.modules) == before
    result = specnet.run(spec(), out=tmp_path / "run", registry=registry)
    load_run(result.path, registry)
    assert site.imported() == set()


def test_a_qualified_name_imports_only_its_plugin(site: Site) -> None:
    site.install("acme", SNAKE)
    site.install("slow", SLOW)
    load_spec(spec("acme.snake"), registry=load_registry())
    assert site.imported() == {"specnet_acme"}


@pytest.mark.parametrize(("wanted", "fired"), [(None, False), ("none.of.them", True)])
def test_plugins_of_pydantic_are_imported_only_by_who_asks_for_them(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str | None, fired: bool
) -> None:
    """What PYDANTIC_DISABLE_PLUGINS says is left as it is; without it a verb looks for none."""
    (tmp_path / "tiny.json").write_text(json.dumps(spec()))
    (site.folder / "pydantic_canary.py").write_text(f"plugin = open({str(tmp_path / 'fired')!r}, 'w')\n")
    site.describe("canary", "[pydantic]\ncanary = pydantic_canary:plugin\n", "Name: canary\nVersion: 1.2\n")
    root = Path(specnet.__file__).parents[1]
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    said = {} if wanted is None else {"PYDANTIC_DISABLE_PLUGINS": wanted}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "specnet", "validate", str(tmp_path / "tiny.json")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site.folder), str(root)]), **said},
        capture_output=True,
        check=False,
    )
    assert (tmp_path / "fired").exists() is fired


def test_a_distribution_seen_twice_is_one(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install("acme", SNAKE)
    copy = tmp_path / "copy"
    shutil.copytree(site.folder, copy)
    monkeypatch.setattr(
        "specnet.registry.distributions", lambda: distributions(path=[str(site.folder), str(copy), str(site.folder)])
    )
    assert [(str(plugin), plugin.state) for plugin in load_registry().plugins()] == [("specnet-acme 1.2", "loaded")]


def test_a_plugin_on_the_path_of_another_process(site: Site) -> None:
    site.install("acme", SNAKE)
    root = Path(specnet.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "specnet", "plugins", "list", "--json"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site.folder), str(root)])},
        capture_output=True,
        text=True,
        check=True,
    )
    (listed,) = [plugin for plugin in json.loads(done.stdout)["plugins"] if plugin["namespace"] == "acme"]
    assert 0 < listed.pop("import_ms") < 60_000
    assert listed == {
        "namespace": "acme",
        "distribution": "specnet-acme",
        "version": "1.2",
        "state": "loaded",
        "error": None,
        "components": {"activation": ["snake"]},
        "tracks": False,
    }


# Names that try to be code

CODE = ["os.system", "builtins:eval", "specnet.plugins.__import__", "antigravity.fly", "canary.fire", "canary:fire"]
CODE += ["canary", "__import__('canary')", "specnet.builtins.activations.Relu", "..canary", "canary.", ".", ""]
PLACES = ["dataset.type", "scaling.inputs", "layers.0.type", "layers.0.activation", "layers.0.weight_initializer"]
PLACES += ["loss", "metrics.0", "optimizer", "engine"]


def test_p71_a_spec_names_no_code(site: Site) -> None:
    (site.folder / "canary.py").write_text(f"with open({str(site.folder / 'fired')!r}, 'w'): pass")
    registry = load_registry()
    base = spec(metrics=["norm_half_square_error"], engine="numpy")
    with pytest.raises(SpecError):
        load_spec(base, {"loss": "no.such"}, registry)
    for kind in KINDS:
        registry.names(kind)
    before = set(sys.modules)
    for place in PLACES:
        for name in CODE:
            with pytest.raises(SpecError) as caught:
                load_spec(base, {place: json.dumps(name)}, registry)
            (finding,) = caught.value.findings
            assert finding.code == ("SN205" if "." in name else "SN203")
            assert finding.dotted == place
    assert set(sys.modules) == before
    assert not (site.folder / "fired").exists()


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.text(max_size=20) | st.from_regex(r"[a-z_]{1,8}([.:][a-z_]{1,8}){1,3}"))
def test_p71_any_name_is_known_or_refused(kind: str, name: str) -> None:
    registry = Registry([])
    if name in {known for of in KINDS for known in registry.names(of) if of == kind}:
        return
    before = set(sys.modules)
    with pytest.raises(SpecError):
        registry.find(kind, name)
    assert set(sys.modules) == before


# What a registry gives


def test_every_room_has_its_names() -> None:
    registry = Registry([])
    found = {registry.find(kind, name) for kind in KINDS for name in registry.names(kind)}
    assert {component.__module__ for component in found} == set(chain(*ROOMS.values()))
    for component in found:
        assert registry.origin(component) is None
        assert registry.find(component.kind, registry.full_name(component)) is component


@pytest.mark.parametrize(
    ("written", "a"),
    [
        ("acme.snake", 1.0),
        ("snake", 1.0),
        ({"type": "acme.snake"}, 1.0),
        ({"type": "snake", "a": 0.5}, 0.5),
        ({"type": "acme.snake", "a": 3}, 3.0),
    ],
)
def test_a_plugins_component_is_kept_by_its_full_name(site: Site, written: object, a: float) -> None:
    site.install("acme", SNAKE)
    registry = load_registry()
    loaded = load_spec(spec(written), registry=registry)
    dumped = loaded.model_dump(mode="json")
    assert dumped["layers"][0]["activation"] == {"type": "acme.snake", "a": a}
    assert json.loads(loaded.model_dump_json()) == dumped
    assert load_spec(dumped, registry=registry) == loaded
    site.install("zoo", SNAKE)  # the bare name now has two owners; what was resolved still means what it meant
    assert load_spec(dumped, registry=load_registry()) == loaded


def test_options_of_a_plugins_component_are_checked(site: Site) -> None:
    site.install("acme", SNAKE)
    finding = refusal({"type": "acme.snake", "b": 1.0})
    assert (finding.code, finding.dotted) == ("SN102", "layers.0.activation.b")
    finding = refusal({"type": "acme.snake", "a": "big"})
    assert (finding.code, finding.dotted) == ("SN104", "layers.0.activation.a")
    changed = load_spec(spec("acme.snake"), {"layers.0.activation.a": "2.5"}, load_registry())
    assert changed.model_dump()["layers"][0]["activation"] == {"type": "acme.snake", "a": 2.5}


# Runs


@pytest.mark.parametrize("written", ["acme.snake", "snake"])
def test_p70_a_run_names_its_plugin_and_is_refused_without_it(site: Site, tmp_path: Path, written: str) -> None:
    site.install("acme", SNAKE)
    rows = [[1.0, 2.0], [50.0, 3.0]]
    trained = specnet.run(spec(written), out=tmp_path / "run")
    assert trained.manifest["plugins"] == {"specnet-acme": "1.2"}
    assert json.loads((trained.path / "manifest.json").read_text())["plugins"] == {"specnet-acme": "1.2"}
    resolved = json.loads((trained.path / "resolved.json").read_text())
    assert resolved["layers"][0]["activation"] == {"type": "acme.snake", "a": 1.0}
    assert load_run(trained.path).predict(rows).tobytes() == trained.predict(rows).tobytes()

    with pytest.raises(SpecError) as caught:
        load_run(trained.path, load_registry(Selection(allowed=frozenset())))
    assert caught.value.findings[0].message.endswith("comes from specnet-acme 1.2, unusable: " + BLOCKED)

    site.uninstall("specnet-acme")
    with pytest.raises(SpecError) as caught:
        load_run(trained.path)
    missing, finding = caught.value.findings
    assert (missing.code, missing.help) == ("SN211", 'pip install "specnet-acme==1.2"')
    assert missing.message == "the run was made with specnet-acme 1.2, which is not installed"
    assert (finding.code, finding.message) == ("SN205", "no installed plugin has the namespace 'acme'")
    assert (finding.dotted, finding.help) == ("layers.0.activation.type", f"plugins installed in {sys.prefix}: none")


def test_p70_another_version_of_the_plugin_is_warned_of(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site.install("acme", SNAKE)
    trained = specnet.run(spec("acme.snake"), out=tmp_path / "run")
    load_run(trained.path)
    assert caplog.messages == []
    site.install("acme", SNAKE, version="1.3")
    assert load_run(trained.path).weights.flat.tobytes() == trained.weights.flat.tobytes()
    said = "SN611 the run was made with specnet-acme 1.2, 1.3 is installed and may compute otherwise"
    assert [message.splitlines()[0] for message in caplog.messages] == [said]
    assert 'pip install "specnet-acme==1.2"' in caplog.text


# SN301: names without a namespace


def test_a_bare_name_of_a_plugin_is_a_matter_of_style(site: Site) -> None:
    site.install("acme", SNAKE)
    registry = load_registry()
    document = text_of(b"".join([toml_spec('{ type = "snake", a = 2.0 }'), b"\n"]), "a.toml")
    checked = check(document, {}, registry)
    (finding,) = checked.findings
    assert (finding.code, finding.severity, finding.dotted) == ("SN301", "warning", "layers.0.activation.type")
    assert finding.message == ("'snake' is offered by a plugin, and another may offer it one day: write 'acme.snake'")
    assert (finding.line, finding.fix) == (6, "acme.snake")


@pytest.mark.parametrize(
    ("activation", "codes"),
    [('"snake"', ["SN301"]), ('"acme.snake"', []), ('{ type = "acme.snake" }', []), ('"relu"', [])],
)
def test_only_a_bare_name_of_a_plugin_is_told(site: Site, activation: str, codes: list[str]) -> None:
    site.install("acme", SNAKE)
    checked = check(text_of(toml_spec(activation), "a.toml"), {}, load_registry())
    assert [finding.code for finding in checked.findings] == codes


def test_a_bare_name_can_be_ignored_and_fixed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site.install("acme", SNAKE)
    monkeypatch.chdir(tmp_path)
    text = toml_spec('"snake"')
    Path("a.toml").write_bytes(text + b'[[lint.ignore]]\ncode = "SN301"\nreason = "one plugin is all we have"\n')
    assert command(capsys, "validate", "a.toml", "--strict")[:2] == (0, "1 file valid\n")
    Path("a.toml").write_bytes(text)
    assert command(capsys, "validate", "a.toml")[0] == 0
    assert command(capsys, "validate", "a.toml", "--strict")[0] == 1
    assert command(capsys, "validate", "a.toml", "--strict", "--fix")[0] == 0
    assert Path("a.toml").read_bytes() == toml_spec('"acme.snake"')


def toml_spec(activation: str) -> bytes:
    return f"""\
format = 1
name = "small"
dataset = {{ type = "arithmetic", samples = 40 }}
loss = "mse"
layers = [
  {{ type = "dense", units = 3, activation = {activation} }},
]
[optimizer]
type = "gradient_descent"
learning_rate = 0.1
[training]
epochs = 1
""".encode()


def test_an_allowed_name_that_nobody_has_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install("acme", SNAKE)
    monkeypatch.setenv("SPECNET_PLUGINS", "acme,acne")
    with pytest.raises(UsageError) as caught:
        load_registry()
    (finding,) = caught.value.findings
    assert finding.code == "SN206"
    assert finding.message == "no installed plugin is called 'acne', which SPECNET_PLUGINS names"
    assert finding.help == "did you mean 'acme'?"


WORKSHOP = """
import numpy as np
from typing import Literal
from specnet.api import (
    AnyInitializer, Data, Dataset, DatasetPlan, ElementwiseLoss, Initializer, Layer, LayerPlan, MeanMetric, Optimizer,
    Parameter, Scaler, Table, hookimpl,
)

SPECNET_API = 1

class Line(Dataset):
    "y = 3 x + 1 on [-2, 2]."
    type: Literal["line"] = "line"
    rows: int = 10

    def plan(self):
        return DatasetPlan(("x",), ("y",), self.rows)

    def load(self, ctx):
        x = np.linspace(-2, 2, self.rows)[:, None]
        return Data(Table(("x",), x), Table(("y",), 3 * x + 1))

class MinMax(Scaler):
    "z = (x - min) / (max - min)."
    type: Literal["min_max"] = "min_max"

    def fit(self, x):
        return {"low": x.min(axis=0), "width": x.max(axis=0) - x.min(axis=0)}

    def transform(self, state, x):
        return (x - state["low"]) / state["width"]

    def inverse(self, state, z):
        return z * state["width"] + state["low"]

class Constant(Initializer):
    "The same number everywhere."
    type: Literal["constant"] = "constant"
    number: float = 0.5

    def draw(self, shape, fan_in, fan_out, rng):
        return np.full(shape, self.number)

class Gain(Layer):
    "y = g x, a factor for each column."
    type: Literal["gain"] = "gain"
    start: AnyInitializer

    def plan(self, in_shapes):
        (shape,) = in_shapes
        return LayerPlan(shape, (Parameter("g", shape, self.start, 1, 1),))

    def forward(self, ctx, params, *inputs):
        (x,) = inputs

        def pullback(dy):
            ctx.gradients["g"][:] = (dy * x).sum(axis=0)
            return (dy * params["g"],)

        return params["g"] * x, pullback

class LogCosh(ElementwiseLoss):
    "The mean of log cosh(prediction - target) over rows and outputs."
    type: Literal["log_cosh"] = "log_cosh"

    def error(self, prediction, target, xp):
        return xp.log(xp.cosh(prediction - target))

    def slope(self, prediction, target, xp):
        return xp.tanh(prediction - target)

class AbsoluteError(MeanMetric):
    "The mean over rows of the sum of |prediction - target|."
    type: Literal["absolute_error"] = "absolute_error"

    def rows(self, prediction, target, xp):
        return xp.abs(prediction - target).sum(axis=1)

class Momentum(Optimizer):
    "v = beta v + dw; w -= learning_rate v."
    type: Literal["momentum"] = "momentum"
    learning_rate: float
    beta: float = 0.9

    def slots(self):
        return ("v",)

    def update(self, parameters, gradients, state, step, xp):
        v = state["v"]
        v *= self.beta
        v += gradients
        parameters -= self.learning_rate * v

@hookimpl
def specnet_components():
    return [Line, MinMax, Constant, Gain, LogCosh, AbsoluteError, Momentum]
"""


def test_a_plugins_components_train_together(site: Site, tmp_path: Path) -> None:
    site.install("shop", WORKSHOP, "specnet-workshop", "0.3")
    document = {
        "format": 1,
        "name": "line",
        "requires": ["specnet-workshop>=0.3"],
        "dataset": {"type": "shop.line"},
        "split": {"train": 0.8, "test": 0.2, "shuffle": False},
        "scaling": {"inputs": "shop.min_max", "targets": "min_max"},
        "layers": [{"type": "shop.gain", "start": {"type": "shop.constant", "number": 0.25}}],
        "loss": {"type": "log_cosh"},
        "metrics": ["shop.absolute_error"],
        "optimizer": {"type": "momentum", "learning_rate": 0.2},
        "training": {"epochs": 30},
        "expect": [{"metric": "test.shop.absolute_error", "max": 0.2}],
    }
    result = specnet.run(document, out=tmp_path / "run")

    x = np.arange(10) / 7  # both scalers are fitted on the first eight rows, whose ends become 0 and 1
    z, g, v = x[:8], 0.25, 0.0
    for _ in range(30):
        v = 0.9 * v + float(np.mean(np.tanh(g * z - z) * z))
        g -= 0.2 * v
    np.testing.assert_allclose(result.weights.flat, [g], rtol=1e-12)
    np.testing.assert_allclose(result.metrics["train.loss"], np.mean(np.log(np.cosh(g * z - z))), rtol=1e-9)
    np.testing.assert_allclose(result.metrics["test.shop.absolute_error"], np.mean(np.abs(g - 1) * x[8:]), rtol=1e-9)
    assert list(result.history) == [
        "epoch",
        *(f"{part}.{name}" for part in ("train", "test") for name in ("loss", "shop.absolute_error")),
    ]
    assert result.history["train.loss"][-1] < result.history["train.loss"][0] / 10
    assert result.manifest["plugins"] == {"specnet-workshop": "0.3"}
    assert all(verdict.passed for verdict in result.verdicts)
    again = load_run(result.path)
    assert again.spec == result.spec
    assert again.predict([[1.5], [-7.0]]).tobytes() == result.predict([[1.5], [-7.0]]).tobytes()
