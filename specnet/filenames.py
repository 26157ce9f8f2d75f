"""A plain file name is one word that Linux, macOS and Windows all take for a file of that name."""

from __future__ import annotations

import re

PLAIN = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?"  # Windows drops a dot at the end
"""What `is_plain` asks of the characters, for those who can be told no more."""
_LONGEST = 80
# What Windows takes for a device, whatever follows the first dot.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def is_plain(name: str) -> bool:
    """True for at most 80 of A-Z a-z 0-9 . _ -, a letter or digit first, no dot at the end, no device of Windows."""
    plain = len(name) <= _LONGEST and re.fullmatch(PLAIN, name)
    return bool(plain) and name.split(".")[0].lower() not in _DEVICES
