from __future__ import annotations

import ast
import inspect
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

import specnet
from specnet import api, hookspecs
from specnet.cli import VERBS
from specnet.component import KINDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "examples.py"))


@pytest.mark.parametrize("name", ["reference", "protocols"])
def test_a_page_is_what_the_code_says(name: str) -> None:
    page = runpy.run_path(str(ROOT / "docs" / f"{name}.py"))
    assert page["PAGE"].read_text(encoding="utf-8") == page["page"](), f"run python docs/{name}.py"


def test_the_protocols_tell_every_kind_every_hook_and_every_name_of_the_api() -> None:
    text = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### Kind: (\w+)$", text, re.MULTILINE)) == set(KINDS)
    hooks = {name for name in vars(hookspecs) if name.startswith("specnet_")}
    assert set(re.findall(r"^- `(specnet_\w+)\(", text, re.MULTILINE)) == hooks
    told = set(re.findall(r"^### `(\w+)`$|`class (\w+)\(", text, re.MULTILINE))
    classes = {name for name in api.__all__ if inspect.isclass(getattr(api, name))}
    assert {name for pair in told for name in pair if name} == classes | {cls.__name__ for cls in KINDS.values()}


def test_the_page_of_codes_is_what_the_code_says() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "codes.py"))
    assert page["PAGE"].read_text(encoding="utf-8") == page["markdown"](), "run python docs/codes.py"


def test_the_outputs_in_the_readme_have_the_shape_of_today(examples: dict[str, Any]) -> None:
    shape = examples["shape"]
    assert shape(README) == shape(examples["filled"](README)), "run python docs/examples.py"


def test_the_shape_of_an_output_is_its_words(examples: dict[str, Any]) -> None:
    shape = examples["shape"]
    assert shape("loss 1.2e-05\nrun: runs/a-1") == shape("loss  3.75\nrun: runs/b-2")
    assert shape("loss 1.2e-05") != shape("lost 1.2e-05")


def test_every_verb_is_in_the_readme_with_its_help() -> None:
    for verb, text in VERBS.items():
        assert re.search(rf"^\| `specnet {verb}[^|]*` \| {re.escape(text)} \|$", README, re.MULTILINE), verb


def test_the_readme_lists_the_files_of_a_run(tmp_path: Path) -> None:
    listed = set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", README.split("## The run directory")[1], re.MULTILINE))
    run = specnet.run(ROOT / "specs" / "arith.toml", set={"training.epochs": 1}, out=tmp_path / "run")
    assert {file.name for file in run.path.iterdir()} == listed


def test_the_changelog_has_a_section_for_what_is_not_released() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_readme_quotes_the_plugin_from_its_file() -> None:
    module = (ROOT / "plugins/specnet-swish/src/specnet_swish/__init__.py").read_text(encoding="utf-8")
    assert f"```python\n{module}```\n" in README
    assert len(module.splitlines()) <= 40


def test_a_plugin_takes_ten_lines_of_class_and_four_of_registration() -> None:
    page = (ROOT / "docs" / "write-a-plugin.md").read_text(encoding="utf-8")
    *_, module = re.findall(r"```python\n(.*?class Snake.*?)```", page, re.DOTALL)
    kind = next(node for node in ast.parse(module).body if isinstance(node, ast.ClassDef))
    lines = module.splitlines()
    of_class = [line for line in lines[kind.lineno - 1 : kind.end_lineno] if line.strip()]
    rest = lines[: kind.lineno - 1] + lines[kind.end_lineno or 0 :]
    code = [line for line in rest if line.strip() and not line.startswith(("import ", "from ", '"""'))]
    assert len(of_class) <= 10
    assert code == ["SPECNET_API = 1", "@hookimpl", "def specnet_components():", "    return [Snake]"]


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_what_is_promised_of_security_names_its_proof() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?: -k (\w+))?`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 8
    for file, keyword in named:
        assert keyword in (ROOT / file).read_text("utf-8"), f"no test in {file} is called {keyword}"
