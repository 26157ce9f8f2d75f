from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import specnet
from specnet.cli import VERBS
from specnet.cli.plugins import PLUGIN_VERBS
from specnet.cli.plugins.new import write_all
from specnet.component import KINDS
from specnet.errors import ArtifactError
from specnet.templates import kinds, plugin_files

if TYPE_CHECKING:
    from tests.cli.plugins.conftest import Call, Install

ROOT = Path(specnet.__file__).parents[1]
BEGUN = [kind for kind in [*KINDS, "tracker"] if kind not in ("column", "engine", "exporter")]
"""An engine or an exporter is no afternoon's work, and a column needs a file of rows: they have no template."""


@pytest.fixture(autouse=True)
def _site(site: Path) -> None:
    """Nothing is installed."""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["Acme"], "SN209 'Acme' is no namespace\n"),
        (["a.b"], "SN209 'a.b' is no namespace\n"),
        (["a__b"], "SN209 'a__b' is no namespace\n"),
        (["class"], "SN209 'class' is no namespace\n"),
        (["../x"], "SN209 '../x' is no namespace\n"),
        (["acme\n"], "SN209 'acme\\n' is no namespace\n"),
        (["layer"], "SN209 the namespace 'layer' would be taken for what is built in\n"),
        (["optimizers"], "SN209 the namespace 'optimizers' would be taken for what is built in\n"),
        (["zoo"], "SN209 the namespace 'zoo' is that of specnet-zoo 0.1.0, which is installed\n"),
        (["acme", "--component", "My"], "SN209 'My' is no component\n"),
        (["acme", "--dir", "full"], "SN209 full is there already, and not an empty folder\n"),
        (["acme", "--dir", "file"], "SN209 file is there already, and not an empty folder\n"),
    ],
)
def test_what_is_refused_leaves_nothing(call: Call, install: Install, args: list[str], message: str) -> None:
    install("zoo", "raise KeyboardInterrupt")
    Path("full").mkdir()
    Path("full", "mine").touch()
    Path("file").touch()
    code, out, err = call("new", *args, "--kind", "activation")
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert sorted(str(path) for path in Path().rglob("*")) == ["file", "full", str(Path("full", "mine"))]


def test_a_tracker_has_no_component(call: Call) -> None:
    code, _, err = call("new", "acme", "--kind", "tracker", "--component", "x")
    assert code == 2
    assert err == "SN209 a tracker has no component that could be called 'x'\n  = help: leave out --component\n"


def test_all_or_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="SN601"):
        write_all(tmp_path / "new", {"a": "1", "b": "\ud800"})
    assert list(tmp_path.glob("new*")) == []
    assert list(tmp_path.glob(".*.tmp")) == []


def test_what_is_written_is_told_with_what_to_do_next(call: Call) -> None:
    Path("my own").mkdir()
    code, out, err = call("new", "acme", "--kind", "activation", "--dir", "my own", "--component", "soft_bend")
    assert (code, err) == (0, "")
    written = {path.relative_to("my own").as_posix() for path in Path("my own").rglob("*") if path.is_file()}
    lines = out.splitlines()
    assert lines[0] == "my own: 9 files"
    assert {line.strip() for line in lines[1:10]} == written
    assert lines[10:] == [
        "next:",
        "  specnet plugins check 'my own'",
        "  pip install -e './my own[test]'",
        "  pytest 'my own'",
    ]
    module = Path("my own", "src", "specnet_acme", "__init__.py").read_text()
    assert "class SoftBend(Activation):" in module
    assert 'type: Literal["soft_bend"] = "soft_bend"' in module
    assert 'type = "acme.soft_bend"' in Path("my own", "specs", "acme.toml").read_text()


def test_the_verbs_have_the_help_of_their_table() -> None:
    for verb, text in PLUGIN_VERBS.items():
        assert import_module(f"specnet.cli.plugins.{verb}").command.short_help == text


def test_the_readme_has_every_verb_with_its_help() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb, text in {**PLUGIN_VERBS, "list": VERBS["plugins"]}.items():
        assert re.search(rf"^\| `specnet plugins {verb}[^`]*` \| {re.escape(text)} \|$", readme, re.MULTILINE), verb


def test_there_is_a_template_for_every_kind() -> None:
    assert sorted(kinds()) == sorted(BEGUN)
    stored = {path.name.removesuffix(".py.in") for path in (ROOT / "specnet" / "templates" / "kinds").iterdir()}
    assert stored == set(BEGUN)


def test_the_texts_are_filled() -> None:
    for kind, own in kinds().items():
        files = plugin_files("acme", kind, own.get("component"))
        for path, text in files.items():
            assert not re.search(r"\$(?!\{\{ matrix\.python \}\}$)", text, re.MULTILINE), (kind, path)
            assert text.endswith("\n") or not text
            assert max(map(len, text.splitlines()), default=0) <= 120
            if path.endswith(".toml"):
                tomllib.loads(text)
            if path.endswith(".py"):
                ast.parse(text)


def test_all_kinds_pass_their_checks_and_their_own_tests(call: Call, install: Install, site: Path) -> None:
    """One run of pytest for all, as if each had been installed: its contract, and a spec that meets what it expects."""
    for kind in BEGUN:
        assert call("new", f"own_{kind}", "--kind", kind).code == 0
        folder = Path(f"specnet-own-{kind}")
        install(f"own_{kind}", folder)
    checked = call("check")
    assert (checked.code, checked.err) == (0, ""), checked.out
    assert f" checks of {len(BEGUN) - 1} components: " in checked.out
    assert "skipped" not in checked.out
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "--import-mode=importlib", "-p", "no:cacheprovider"]
        + [f"specnet-own-{kind}/tests/test_own_{kind}.py" for kind in BEGUN],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    ran = int(re.findall(r"^ran (\d+)", checked.out, re.MULTILINE)[0])
    assert f"\n{ran + len(BEGUN)} passed" in done.stdout


def test_a_folder_that_is_not_installed_passes(call: Call) -> None:
    assert call("new", "acme", "--kind", "loss").code == 0
    code, out, _ = call("check", "specnet-acme")
    assert code == 0, out
    assert out.splitlines()[0] == "acme (specnet-acme 0.1.0)"
