"""Does what docs/write-a-plugin.md says, in a folder of its own, with the `specnet`, `pip` and `pytest` on the PATH.

python docs/walkthrough.py            runs the page; exits 1 where it goes otherwise than written
python docs/walkthrough.py --write    writes what is printed into the page
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).with_name("write-a-plugin.md")
_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>file|output)(?:: (?P<name>\S+))? -->\n)?```(?P<language>\w+)\n(?P<text>.*?)```\n", re.DOTALL
)


def shape(text: str) -> str:
    """The text without its numbers, which differ from machine to machine."""
    return re.sub(r"\s+", " ", re.sub(r"[-+]?\d[\d,.]*(e[-+]\d+)?", "#", text)).strip()


def walk(page: str, folder: str) -> str:
    """The page with every output as it is now. Raises CalledProcessError for a command that fails."""
    printed, parts, end = "", [], 0
    for block in _BLOCK.finditer(page):
        parts.append(page[end : block.start()])
        written = block[0]
        if block["mark"] == "file":
            target = Path(folder) / block["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["text"], encoding="utf-8")
        elif block["mark"] == "output":
            written = written.replace(block["text"], printed)
        elif block["language"] == "sh":
            printed = _run(block["text"], folder)
        parts.append(written)
        end = block.end()
    return "".join([*parts, page[end:]])


def _run(commands: str, folder: str) -> str:
    sys.stdout.write(commands)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],  # noqa: S607
        cwd=folder,
        env=os.environ | {"COLUMNS": "80"},
        stdout=subprocess.PIPE,
        text=True,
    )
    sys.stdout.write(done.stdout)
    done.check_returncode()
    return done.stdout


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        after = walk(before, folder)
    if "--write" in sys.argv:
        PAGE.write_text(after, encoding="utf-8")
    elif shape(before) != shape(after):
        sys.exit("docs/write-a-plugin.md shows other outputs: run python docs/walkthrough.py --write")
