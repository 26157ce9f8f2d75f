"""What other people's CI reads of this repository: the hook, the action, and the examples in docs/validate.md."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

import specnet
from specnet.cli import VERBS, cli
from specnet.cli.validate import command
from specnet.reports import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "validate.md").read_text(encoding="utf-8")
WORKFLOW, GITLAB, PRE_COMMIT = map(yaml.safe_load, re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "run" in step}
bash = pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="this system has no bash")
HOSTILE = "$(touch pwned) `touch pwned`; touch pwned #"


class Outcome(NamedTuple):
    code: int
    out: str


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Runs the script of a step as the runner does, with `specnet` from here and a `python` that says its arguments."""
    programs = tmp_path / "bin"
    programs.mkdir()
    specnet_here = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m specnet "$@"\n'
    for name, script in (("specnet", specnet_here), ("python", "#!/bin/sh\nprintf '[%s]\\n' \"$@\"\n")):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    shutil.copytree(ROOT / "specs", "specs")

    def run(name: str, **inputs: str) -> Outcome:
        given = {key: entry["default"] for key, entry in ACTION["inputs"].items()} | inputs
        values = {f"inputs.{key}": value for key, value in given.items()} | {"github.action_path": "/the action"}
        env = {key: values[text.removeprefix("${{ ").removesuffix(" }}")] for key, text in STEPS[name]["env"].items()}
        base = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path(specnet.__file__).parents[1]),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]],  # noqa: S607
            env={**base, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not list(tmp_path.rglob("pwned"))
        return Outcome(done.returncode, done.stdout + done.stderr)

    return run


# The action


def test_no_script_holds_an_expression() -> None:
    assert set(STEPS) == {"install", "validate"}
    for name, script in STEPS.items():
        assert "${{" not in script["run"], name
        assert script["shell"] == "bash"


def test_every_input_is_described_and_used() -> None:
    uses = json.dumps(ACTION["runs"])
    for name, entry in ACTION["inputs"].items():
        assert entry["description"].endswith(".")
        assert uses.count(f"inputs.{name} ") == 1, name


@bash
def test_inputs_are_words_and_never_run(step: Callable[..., Outcome]) -> None:
    assert step("validate", paths=HOSTILE).code == 2
    assert step("validate", args=HOSTILE, paths="specs").code == 2
    assert step("validate", sarif=HOSTILE, paths="specs").code == 0
    assert step("install", plugins=HOSTILE, version=HOSTILE).code == 0


@bash
def test_the_step_that_installs(step: Callable[..., Outcome]) -> None:
    start = "[-m]\n[pip]\n[install]\n[--quiet]\n[--]\n"
    assert step("install") == Outcome(0, f"{start}[/the action]\n")
    assert step("install", version="1.2", plugins="a>=1\nb") == Outcome(0, f"{start}[specnet==1.2]\n[a>=1]\n[b]\n")


@bash
def test_the_step_that_validates(step: Callable[..., Outcome]) -> None:
    code, out = step("validate", paths="specs/arith.toml\nspecs/arith.json", sarif="new/a.sarif", args="--strict")
    assert (code, out) == (0, "2 files valid\n")
    assert json.loads(Path("new/a.sarif").read_text())["runs"][0]["results"] == []
    Path("specs/arith.toml").write_text("format = 2\n")
    code, out = step("validate")
    assert code == 1
    assert "::error file=specs/arith.toml," in out


# The hook


def test_the_hook_runs_a_verb_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    program, verb = HOOK["entry"].split()
    assert project["project"]["scripts"] == {program: "specnet.cli:main"}
    assert verb in VERBS
    assert cli.get_command(cli.make_context("specnet", ["validate"]), verb) is command
    assert (HOOK["id"], HOOK["language"], HOOK["types_or"]) == ("specnet-validate", "python", ["toml", "json"])


@pytest.mark.parametrize(
    ("file", "taken"),
    [
        ("specs/a.toml", True),
        ("specs/specnet.schema.json", False),
        ("models/specs/deep/a.json", True),
        ("a.specnet.toml", True),
        ("x/a.specnet.json", True),
        ("a.toml", False),
        ("myspecs/a.toml", False),
        ("specs/a.yaml", False),
        ("specs/data/a.csv", False),
    ],
)
def test_the_files_of_the_hook(file: str, taken: bool) -> None:
    assert (bool(re.search(HOOK["files"], file)) and not re.search(HOOK["exclude"], file)) == taken


def test_the_hook_takes_the_specs_of_the_gallery() -> None:
    files = [f"specs/{path.name}" for path in (ROOT / "specs").iterdir() if path.suffix in (".toml", ".json")]
    assert files
    assert all(re.search(HOOK["files"], file) for file in files)
    done = subprocess.run([sys.executable, "-m", *HOOK["entry"].split(), *files], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_pre_commit_can_read_the_hook() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib", reason="pre-commit is not installed")
    (read,) = clientlib.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert read["id"] == HOOK["id"]


# The examples


def options(words: list[str]) -> dict[str, Any]:
    """What `specnet validate` understands of these words."""
    assert words[:2] == ["specnet", "validate"]
    return dict(command.make_context("validate", words[2:]).params)


def test_the_examples_use_what_there_is() -> None:
    uses = {step["uses"].split("@")[0]: step.get("with", {}) for step in WORKFLOW["jobs"]["validate"]["steps"]}
    given = uses["OWNER/specnet"]
    assert given.keys() <= ACTION["inputs"].keys()
    assert uses["github/codeql-action/upload-sarif"]["sarif_file"] == given["sarif"]
    assert options(["specnet", "validate", *given["args"].split(), given["paths"]])["strict"]
    told = options(shlex.split(GITLAB["specs"]["script"][1]))["outputs"]
    reports = GITLAB["specs"]["artifacts"]["reports"]
    assert {output.format: str(output.file) for output in told if output.file} == {
        "gitlab": reports["codequality"],
        "junit": reports["junit"],
    }
    (hook,) = PRE_COMMIT["repos"][0]["hooks"]
    assert hook["id"] == HOOK["id"]
    assert options([*HOOK["entry"].split(), *hook["args"], "a.toml"])["strict"]


def test_the_page_names_every_format_and_option() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(FORMATS)
    named = {param.opts[0] for param in command.params if param.opts[0].startswith("--")}
    assert set(re.findall(r"^\| `(--[\w-]+)", PAGE, re.MULTILINE)) == named
    for words in re.findall(r"^    (specnet validate .*--.*)$", PAGE, re.MULTILINE):
        assert options(shlex.split(words))["outputs"]
