"""Fills the outputs that the README shows, by running what it says.

python docs/examples.py            writes README.md
python docs/examples.py --check    exits 1 when an output has another shape; numbers and run names may differ
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_OUTPUT = re.compile(r"(<!-- output: (?P<name>.+?) -->\n```text\n)(?P<text>.*?)(```\n)", re.DOTALL)
_MISTAKES = re.compile(r"```toml\n(# three mistakes\n.*?)```\n", re.DOTALL)


def filled(text: str) -> str:
    """The text with every output as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "specs", Path(folder) / "specs")
        mistakes = _MISTAKES.search(text)
        if mistakes is not None:
            (Path(folder) / "slips.toml").write_text(mistakes[1])

        def output(match: re.Match[str]) -> str:
            return match[1] + _run(match["name"], folder) + match[4]

        return _OUTPUT.sub(output, text)


def _run(command: str, folder: str) -> str:
    """What a `specnet` command prints to a terminal of 80 columns that is no terminal."""
    program, *arguments = shlex.split(command)
    environment = os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments], cwd=folder, env=environment, text=True, capture_output=True
    )
    return done.stdout + done.stderr


def shape(text: str) -> str:
    """The text without what another machine or another second changes."""
    unnamed = re.sub(r"runs/\S+", "runs/#", text)
    return re.sub(r"\s+", " ", re.sub(r"[-+]?\d[\d,.]*(e[-+]\d+)?", "#", unnamed))


if __name__ == "__main__":
    before = README.read_text()
    after = filled(before)
    if "--check" in sys.argv:
        sys.exit(shape(before) != shape(after))
    README.write_text(after)
