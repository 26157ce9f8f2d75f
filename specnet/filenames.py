"""A plain file name is one word that Linux, macOS and Windows all take for a file of that name."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
# What Windows takes for a device, whatever follows the first dot.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def is_plain(name: str) -> bool:
    """True for at most 80 of A-Z a-z 0-9 . _ -, a letter or digit first, no dot at the end, no device of Windows."""
    plain = _PLAIN.fullmatch(name) and not name.endswith(".")  # Windows drops a dot at the end
    return bool(plain) and name.split(".")[0].lower() not in _DEVICES
