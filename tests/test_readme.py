from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import specnet
from specnet import load_spec
from specnet.errors import SpecError
from specnet.reports import full
from specnet.reports.report import Checked

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# (the comment that stands above, the language, the text)
BLOCKS = re.findall(r"(?:^<!-- (.+?) -->\n)?^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
MISTAKES = "# three mistakes\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(specnet.__file__).parents[1])}


def blocks(language: str) -> list[str]:
    return [text for _, kind, text in BLOCKS if kind == language]


@pytest.fixture
def _copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with nothing but the specs of the repository."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    monkeypatch.chdir(tmp_path)


def test_every_block_is_seen() -> None:
    assert 2 * len(BLOCKS) == len(re.findall(r"^```", README, re.MULTILINE))


@pytest.mark.parametrize("name", ["run", "test"])
def test_each_command_that_ci_takes_stands_there_once(name: str) -> None:
    (command,) = [(kind, text) for mark, kind, text in BLOCKS if mark == f"ci: {name}"]
    assert command[0] == "sh"
    assert len(command[1].splitlines()) == 1
    assert README.count(f"<!-- ci: {name} -->") == 1


def test_ci_takes_no_other_command() -> None:
    assert re.findall("<!-- ci: (.+?) -->", README) == ["run", "test"]


def test_what_ci_runs_is_there() -> None:
    paths = [path for mark, _, text in BLOCKS if mark.startswith("ci: ") for path in re.findall(r"specs/\S+", text)]
    assert paths
    for path in paths:
        load_spec(ROOT / path)


@pytest.mark.parametrize("text", [text for text in blocks("toml") if re.search(r"^format = 1$", text, re.MULTILINE)])
def test_a_whole_spec_is_valid_unless_it_shows_mistakes(text: str, tmp_path: Path) -> None:
    path = tmp_path / "slips.toml"
    path.write_text(text, encoding="utf-8")
    if not text.startswith(MISTAKES):
        load_spec(path)
        return
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    shown = next(block for mark, _, block in BLOCKS if mark == "output: specnet validate slips.toml --output full")
    told = full.render([Checked(str(path), text, caught.value.findings)]).replace(str(path), "slips.toml")
    assert shown == f"{told}\n\n3 errors in 1 of 1 file\n"


@pytest.mark.usefixtures("_copy")
@pytest.mark.parametrize("text", blocks("python"))
def test_a_python_block_runs(text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        capture_output=True,
        text=True,
        timeout=120,
        env=ENVIRONMENT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
