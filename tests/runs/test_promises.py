"""The promises that take many processes or runs, each with a few of them; docs/runs.md has the commands with all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.threads import apart

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no fork, and links need a privilege")


def told(module: str, *args: str) -> str:
    command = [sys.executable, "-m", f"benchmarks.{module}", *args]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    return done.stdout


def test_p51_hash_seeds_folders_and_locales_change_nothing() -> None:
    said = r"6 runs, 1 hash seeds x 3 folders x 2 locales \(C and \S+\): 1 result digest, 1 content of files\n"
    assert re.fullmatch(said, told("repeatability", "1"))


def test_p51_another_number_of_threads_is_within_the_promise() -> None:
    lines = told("threads", str(ROOT / "specs" / "digits.toml"), str(ROOT / "specs" / "sine.toml")).splitlines()
    assert lines[-1] == "2 specs, 1 thread against 2: 0 apart by more than 1e-09 relative"
    assert [line.partition(":")[0] for line in lines[:-1]] == ["digits.toml", "sine.toml"]


def test_a_difference_between_threads_would_be_seen() -> None:
    difference, name = apart({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0 + 4e-9})
    assert difference == pytest.approx(2e-9, rel=1e-6)
    assert name == "b"
    assert apart({"a": 0.0, "b": {"reason": "nan"}}, {"a": 1.0, "b": {"reason": "nan"}}) == (1.0, "a")


@posix
def test_p55_runs_that_start_together_have_directories_of_their_own() -> None:
    wanted = "20 runs, 10 at once: 20 directories, 0 incomplete, 0 failed, 1 result\n"
    assert told("starts", "2", "10") == wanted


@posix
def test_p57_no_name_and_no_link_leads_out_of_the_root() -> None:
    said = r"24 names and links, 156 answers, \d+ of them refusals: 0 files outside of the root, 0 tracebacks\n"
    assert re.fullmatch(said, told("names", "24"))
