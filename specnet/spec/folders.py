"""Which files below a folder are specs: told by their top-level keys, because data and settings look alike outside."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from specnet.spec.document import SIZE_LIMIT

# The sections that tell a spec from other files; a table `format` is a setting of formatters.
_SECTIONS = ("format", "layers", "dataset")
_BROKEN = {
    ".toml": r"(?m)^\s*(?:format\s*[=:]|\[+\s*(?:layers|dataset)\b|(?:layers|dataset)\s*[=:.])",
    ".json": r'(?s)\A\s*\{.*"(?:layers|dataset)"\s*:',
}


def specs_below(folder: Path) -> list[Path]:
    """The specs below a folder by name, broken ones included; hidden folders and run directories are passed over."""
    return [path for path in _files(folder) if is_spec(path)]


def _files(folder: Path) -> Iterator[Path]:
    """The .toml and .json files below a folder by name, those that are hidden and those behind links left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if "manifest.json" in names:  # a run keeps the specs that it was made of
            folders.clear()
            continue
        seen = (name for name in sorted(names) if not name.startswith("."))
        yield from (Path(place, name) for name in seen if Path(name).suffix.lower() in _BROKEN)


def is_spec(path: Path) -> bool:
    """True for a spec, also for a broken one; data and the settings of other programs are none."""
    try:
        if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
            return False
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return True  # so that somebody is told
    suffix = path.suffix.lower()
    data: Any = None
    with suppress(ValueError, RecursionError):
        data = tomllib.loads(text) if suffix == ".toml" else json.loads(text)
        return isinstance(data, dict) and _looks_like_one(data, suffix)
    return re.search(_BROKEN[suffix], text) is not None


def _looks_like_one(data: dict[str, Any], suffix: str) -> bool:
    said = [name for name in _SECTIONS if name in data]
    # much JSON has a format; the manifest of a run is such a file
    return len(said) > 1 or (suffix == ".toml" and isinstance(data.get("format"), int))
