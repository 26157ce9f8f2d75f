"""Writes docs/codes.md from the code: what every code of a finding means.

python docs/codes.py            writes the file
python docs/codes.py --check    exits 1 when it is not what the code says
"""

from __future__ import annotations

import sys
from pathlib import Path

from specnet.codes.page import markdown

PAGE = Path(__file__).with_name("codes.md")

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != markdown())
    PAGE.write_text(markdown(), encoding="utf-8")
