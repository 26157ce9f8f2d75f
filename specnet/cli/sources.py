"""Which specs the arguments of `validate` mean: files, those below folders, and standard input."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from specnet.errors import Finding, SpecError, UsageError
from specnet.spec.document import SIZE_LIMIT, SpecText, text_of

STDIN = "<stdin>"

# The sections that tell a spec from other files; a table `format` is a setting of formatters.
_SECTIONS = ("format", "layers", "dataset")
_BROKEN = {
    ".toml": re.compile(r"^\s*(?:format\s*[=:]|\[+\s*(?:layers|dataset)\b|(?:layers|dataset)\s*[=:.])", re.MULTILINE),
    ".json": re.compile(r'\A\s*\{.*"(?:layers|dataset)"\s*:', re.DOTALL),
}


def sources(paths: Sequence[str], stdin_name: str | None) -> list[Path | SpecText]:
    """What is to be checked, each thing once, in the order of the arguments; `-` is standard input.

    Raises SpecError SN001 for a folder without specs, and UsageError for a name of nothing.
    """
    if stdin_name is not None and "-" not in paths:
        raise UsageError(Finding("SN112", "--stdin-filename names standard input, which is read for the path -"))
    found = [source for path in dict.fromkeys(paths) for source in _meant(path, stdin_name)]
    return list(dict.fromkeys(found))


def _meant(path: str, stdin_name: str | None) -> list[Path | SpecText]:
    if path == "-":
        content = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        return [text_of(content, STDIN, "toml") if stdin_name is None else text_of(content, stdin_name)]
    if path == "" or not Path(path).is_dir():
        return [Path(path)]
    inside: list[Path | SpecText] = [file for file in _files(Path(path)) if is_spec(file)]
    if not inside:
        help = "a spec is a .toml or .json file with `format = 1`, a dataset and layers"
        raise SpecError(Finding("SN001", "there is no spec in this folder", help=help, file=path))
    return inside


def _files(folder: Path) -> Iterator[Path]:
    """The .toml and .json files below a folder by name, those of hidden folders and of links left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if Path(name).suffix.lower() in _BROKEN)


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
    return _BROKEN[suffix].search(text) is not None


def _looks_like_one(data: dict[str, Any], suffix: str) -> bool:
    said = [name for name in _SECTIONS if name in data]
    # much JSON has a format; the manifest of a run is such a file
    return len(said) > 1 or (suffix == ".toml" and isinstance(data.get("format"), int))
