from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = os.environ.get("SPECNET_KILLS", "6")
"""How many processes are killed at random moments; `python -m benchmarks.kills` does it 500 times."""

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no fork and no SIGKILL")


@posix
@pytest.mark.parametrize(("args", "least"), [([KILLS], int(KILLS)), (["--operations", "23"], 12)])
def test_p54_whatever_a_kill_leaves_goes_on_to_the_same_bytes(args: list[str], least: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", *args], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    match = re.fullmatch(
        r"(\d+) kills of \d+ runs: 0 unloadable, 0 ended with other bytes; \d+ had not begun\n", done.stdout
    )
    assert match is not None, done.stdout
    assert int(match[1]) >= least
    assert done.returncode == 0
