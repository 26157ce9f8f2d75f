"""What docs/data.md says of splits is so: its sections are read, its program runs, its table is whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from specnet.registry import Registry
from specnet.spec import load_spec
from specnet.spec.splitting import SplitSection

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8").split("\n## Splits\n", 1)[1].split("\n## ", 1)[0]
REST = """
format = 1
name = "page"
layers = [{ type = "dense", units = 1 }]
loss = "mse"
optimizer = { type = "adam", learning_rate = 0.01 }
training = { epochs = 1 }
dataset = { type = "csv", path = "d.csv", inputs = ["x"], targets = ["y"], columns = [
  { type = "text", name = "part" }, { type = "text", name = "species" }, { type = "text", name = "day" } ] }
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", [*blocks("toml"), *re.findall(r"^\| `((?:stratify|time|column|test_path) = [^`]+)`",
                                                              PAGE, re.MULTILINE)])  # fmt: skip
def test_each_section_of_the_page_is_one(text: str) -> None:
    section = text if text.startswith("[split]") else f"[split]\n{text}"
    load_spec(tomllib.loads(REST) | tomllib.loads(section), None, Registry([]))


def test_the_page_names_every_key() -> None:
    assert [key for key in SplitSection.model_fields if f"`{key}" not in PAGE and f"{key} = " not in PAGE] == []


def test_the_program_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "arith.toml").write_bytes((ROOT / "specs" / "arith.toml").read_bytes())
    monkeypatch.chdir(tmp_path)
    (program,) = blocks("python")
    exec(program, {})  # noqa: S102 - it is ours
