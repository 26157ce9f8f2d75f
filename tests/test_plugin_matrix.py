"""Plugins that are broken in every way, really installed: wheels, put by pip into fresh environments."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sysconfig
import venv
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import specnet

HEAD = '''
from typing import Literal
from specnet.api import Activation, hookimpl

SPECNET_API = 1

class Snake(Activation):
    """x + sin(x)**2."""
    type: Literal["snake"] = "snake"

    def value(self, x, xp):
        return x + xp.sin(x) ** 2

    def slope(self, x, y, xp):
        return 1 + xp.sin(2 * x)
'''
HOOK = """
@hookimpl
def specnet_components():
    return [Snake]
"""
SNAKE = HEAD + HOOK
MODULES = "specnet_mx_"
"""How the modules of the plugins in this file begin; other plugins may be installed where the tests run."""

ASK = f"""
import contextlib, io, json, sys
from specnet.cli import main

told = []
for args in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(args)
        except SystemExit as ended:
            code = ended.code
    imported = sorted(name for name in sys.modules if name.startswith({MODULES!r}))
    told.append([code, out.getvalue(), err.getvalue(), imported])
print(json.dumps(told))
"""
"""Runs verbs one after the other in one process; what has been imported after each is what one of them has imported."""


class Told(NamedTuple):
    """What a verb has left."""

    code: int
    out: str
    err: str
    imported: list[str]


class Package(NamedTuple):
    """A distribution that can be built: `specnet-mx-one` has the module `specnet_mx_one`."""

    namespace: str
    source: str
    distribution: str = "specnet-mx-one"
    version: str = "1.2"
    claims: int = 1
    """How often the namespace stands in its metadata."""

    def wheel(self, folder: Path) -> Path:
        """A wheel in that folder, as https://packaging.python.org/specifications/binary-distribution-format/ has it."""
        module = self.distribution.replace("-", "_")
        info = f"{module}-{self.version}.dist-info"
        files = {
            f"{module}.py": self.source,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {self.distribution}\nVersion: {self.version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": "[specnet]\n" + f"{self.namespace} = {module}\n" * self.claims,
        }
        record = "".join(f"{name},sha256={_digest(text)},{len(text.encode())}\n" for name, text in files.items())
        path = folder / f"{module}-{self.version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(name, text)
        return path


def _digest(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Environment:
    """A virtual environment without pip, which sees the packages of the one that runs the tests."""

    folder: Path

    @classmethod
    def fresh(cls, folder: Path, *packages: Package) -> Environment:
        """A new one, with those packages."""
        venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(folder)
        own = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
        seen = dict.fromkeys([str(Path(specnet.__file__).parents[1]), *map(sysconfig.get_path, ("purelib", "platlib"))])
        (own / "tests.pth").write_text("\n".join(seen) + "\n")
        environment = cls(folder)
        if packages:
            environment.pip("install", *(str(package.wheel(folder)) for package in packages))
        return environment

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def pip(self, verb: str, *args: str) -> None:
        """pip, seen like the other packages of the one that runs the tests; nothing is downloaded."""
        options = {"install": ["--no-index", "--no-deps", "--no-compile"], "uninstall": ["--yes"]}[verb]
        self._run("-m", "pip", "--isolated", "--disable-pip-version-check", verb, "--quiet", *options, *args)

    def ask(self, *verbs: tuple[str, ...]) -> list[Told]:
        """Several verbs in one process."""
        return [Told(*told) for told in json.loads(self._run("-c", ASK, json.dumps(verbs)))]

    def _run(self, *command: str) -> str:
        hidden = ("PYTHONPATH", "PYTHONHOME")
        clean = {k: v for k, v in os.environ.items() if k not in hidden and not k.startswith("SPECNET_")}
        done = subprocess.run(
            [str(self.python), *command], cwd=self.folder, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def spec(activation: object) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "tiny",
        "dataset": {"type": "arithmetic", "samples": 40},
        "scaling": {"inputs": "standardize", "targets": "standardize"},
        "layers": [{"type": "dense", "units": 2, "activation": activation}, {"type": "dense", "units": 3}],
        "loss": {"type": "mse"},
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2},
    }


ROWS = ("--rows", "[[30, 70], [3, 5]]")
RELU = json.dumps(spec("relu"))
UNAFFECTED = (
    ("--help",),
    ("--version",),
    ("validate", "relu.json"),
    ("run", "relu.json", "--out", "run"),
)


class Bare(NamedTuple):
    """What is told where no plugin is installed, and a run that was trained there."""

    told: list[Told]
    run: Path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    environment = Environment.fresh(tmp_path_factory.mktemp("bare") / "env")
    (environment.folder / "relu.json").write_text(RELU)
    run = environment.folder / "run"
    told = environment.ask(*UNAFFECTED, ("predict", str(run), *ROWS))
    assert [one.code for one in told] == [0] * 5
    return Bare(told, run)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Case(NamedTuple):
    """What is installed, and what becomes of a spec that names `written`; without a reason it trains."""

    packages: tuple[Package, ...]
    reason: str = ""
    written: str = "acme.snake"


MISSING = "SN211 the run was made with specnet-mx-one 1.2, which is not installed"
UNUSABLE = "SN210 activation 'acme.snake' comes from specnet-mx-one 1.2, unusable: "
TWO = (Package("acme", SNAKE), Package("acme", SNAKE, "specnet-mx-two", "3.0"))
CASES = {
    "good": Case((Package("acme", SNAKE),)),
    "raises at import": Case(
        (Package("acme", "import no_such_module"),),
        UNUSABLE + "ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "exits at import": Case((Package("acme", "raise SystemExit(0)"),), UNUSABLE + "SystemExit: 0"),
    "raises in a class": Case(
        (Package("acme", HEAD + "    scale: float = 1 / 0\n" + HOOK),), UNUSABLE + "ZeroDivisionError: division by zero"
    ),
    "wrong signature of the hook": Case(
        (Package("acme", HEAD + HOOK.replace("()", "(registry)")),), UNUSABLE + "PluginValidationError: "
    ),
    "another API": Case(
        (Package("acme", SNAKE.replace("API = 1", "API = 2")),),
        UNUSABLE + "ImportError: its SPECNET_API is 2, this specnet speaks 1",
    ),
    "one namespace, two owners": Case(
        TWO,
        UNUSABLE + "the namespace 'acme' is claimed by specnet-mx-one 1.2 and specnet-mx-two 3.0; "
        "uninstall or block one",
    ),
    "one namespace, twice one owner": Case(
        (Package("acme", SNAKE, claims=2),),
        UNUSABLE + "the namespace 'acme' is claimed twice by specnet-mx-one 1.2, for specnet_mx_one and specnet_mx_one;"
        " its author must give one another name",
    ),
    "one bare name, two owners": Case(
        (Package("acme", SNAKE), Package("zoo", SNAKE, "specnet-mx-two", "3.0")),
        "SN204 activation 'snake' is offered by specnet-mx-one 1.2 and specnet-mx-two 3.0",
        "snake",
    ),
    "shadows relu": Case((Package("acme", SNAKE.replace('"snake"', '"relu"')),), written="acme.relu"),
    "slow to import": Case((Package("acme", f"import time\ntime.sleep(0.5)\n{SNAKE}"),)),
}


@pytest.mark.parametrize("name", CASES)
def test_p69_no_plugin_changes_what_others_do(name: str, bare: Bare, tmp_path: Path) -> None:
    case = CASES[name]
    environment = Environment.fresh(tmp_path / "env", *case.packages)
    (environment.folder / "relu.json").write_text(RELU)
    (environment.folder / "named.json").write_text(json.dumps(spec(case.written)))
    before = content(bare.run)

    *told, checked, named, listed = environment.ask(
        *UNAFFECTED,
        ("predict", str(bare.run), *ROWS),
        ("validate", "named.json"),
        ("run", "named.json", "--out", "named"),
        ("plugins", "list", "--json"),
    )
    assert [one.imported for one in told] == [[]] * 5
    assert told == bare.told
    trained = content(environment.folder / "run")
    alike = ("model.safetensors", "resolved.json", "history.csv", "metrics.json")
    assert {file: trained[file] for file in alike} == {file: before[file] for file in alike}
    assert content(bare.run) == before

    assert (listed.code, listed.err) == (0, "")
    found = {plugin["distribution"] for plugin in json.loads(listed.out)["plugins"]}
    assert {package.distribution for package in case.packages} <= found

    if case.reason:
        assert checked.code == 1
        assert f": {case.reason}" in checked.out
        assert named.code == 2
        assert named.err.startswith(case.reason)
        assert "Traceback" not in checked.out + checked.err + named.out + named.err
        assert not (environment.folder / "named").exists()
    else:
        assert [(one.code, one.err) for one in (checked, named)] == [(0, "")] * 2
        manifest = json.loads((environment.folder / "named" / "manifest.json").read_text())
        assert manifest["plugins"] == {"specnet-mx-one": "1.2"}


def test_p70_a_run_outlives_the_plugin_that_it_was_made_with(tmp_path: Path) -> None:
    first, second = Package("acme", SNAKE), Package("acme", SNAKE, version="1.3")
    other = Package("acme", SNAKE, "specnet-mx-two")
    environment = Environment.fresh(tmp_path / "env", first)
    (environment.folder / "named.json").write_text(json.dumps(spec("acme.snake")))
    asked = (("predict", "run", *ROWS), ("evaluate", "run"), ("show", "run"))
    trained, *with_it = environment.ask(("run", "named.json", "--out", "run"), *asked)
    before = content(environment.folder / "run")
    assert [(told.code, told.err) for told in (trained, *with_it)] == [(0, "")] * 4

    environment.pip("uninstall", first.distribution)
    for told in environment.ask(*asked):
        assert (told.code, told.out) == (2, "")
        said = told.err.splitlines()
        assert said[0] == MISSING
        assert '  = help: pip install "specnet-mx-one==1.2"' in said
        where = said.index("SN205 no installed plugin has the namespace 'acme'") + 1
        assert said[where] == f" --> {Path('run') / 'resolved.json'} (layers.0.activation.type)"
        assert str(environment.folder) in said[-1]  # where it has looked

    environment.pip("install", str(other.wheel(environment.folder)))  # its namespace is not what the run was made with
    assert [(t.code, t.out, t.err.splitlines()[0]) for t in environment.ask(*asked)] == [(2, "", MISSING)] * 3
    environment.pip("uninstall", other.distribution)

    environment.pip("install", str(second.wheel(environment.folder)))
    for told, was in zip(environment.ask(*asked), with_it, strict=True):
        assert (told.code, told.out) == (0, was.out)
        assert told.err.startswith("SN611 the run was made with specnet-mx-one 1.2, 1.3 is installed")
    environment.pip("install", str(first.wheel(environment.folder)))
    assert environment.ask(*asked) == with_it
    assert content(environment.folder / "run") == before
