"""docs/predict.md from nothing to predictions, with the file as a spreadsheet would have written it."""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import specnet

ROOT = Path(specnet.__file__).parents[1]
PAGE = (ROOT / "docs" / "predict.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^<!-- (\w+)(?:: (\S+))? -->\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^    (specnet .+)$", PAGE, re.MULTILINE)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "80"}


def done(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *args]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished


def test_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {name: text for kind, name, text in BLOCKS if kind == "file"}
    assert list(files) == ["houses.csv", "houses.toml", "new.csv"]
    for name, text in files.items():
        spreadsheet = ("\ufeff" + text).replace("\n", "\r\n") if name.endswith(".csv") else text
        Path(name).write_bytes(spreadsheet.encode())
    outcomes = {command: done("-m", *shlex.split(command)) for command in COMMANDS}
    assert [command.split()[1] for command in outcomes] == ["run", "predict", "evaluate", "evaluate"]

    (said,) = [text for kind, _, text in BLOCKS if kind == "said"]
    predicted = next(outcome for command, outcome in outcomes.items() if " predict " in command)
    assert (predicted.stdout, predicted.stderr) == ("", said)

    ((name, shown),) = [(name, text) for kind, name, text in BLOCKS if kind == "result"]
    written = Path(name).read_bytes()
    assert written.startswith(b"\xef\xbb\xbfcolour;")
    header, *rows = csv.reader(written.decode("utf-8-sig").splitlines(), delimiter=";")
    wanted_header, *wanted = csv.reader(shown.splitlines(), delimiter=";")
    assert header == wanted_header
    assert [row[:-1] for row in rows] == [row[:-1] for row in wanted]
    for row, told in zip(rows, wanted, strict=True):
        assert float(row[-1].replace(",", ".")) == pytest.approx(float(told[-1].replace(",", ".")), abs=0.02)

    by = next(outcome.stdout for command, outcome in outcomes.items() if "--by" in command)
    assert [line.split()[:2] for line in by.splitlines()[-2:]] == [["blue", "8"], ["red", "8"]]
    assert done("-m", "specnet", "predict", "run", *shlex.split(re.findall(r"--rows '.+?'", PAGE)[0])).stdout
    ((_, _, program),) = [block for block in BLOCKS if block[0] == "python"]
    assert done("-c", program).stderr == ""
