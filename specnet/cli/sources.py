"""Which specs the arguments of `validate` mean: files, those below folders, and standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from specnet.errors import Finding, SpecError, UsageError
from specnet.spec.document import SIZE_LIMIT, SpecText, text_of

STDIN = "<stdin>"


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
    from specnet.spec.folders import specs_below  # one file does not pay for it

    inside: list[Path | SpecText] = list(specs_below(Path(path)))
    if not inside:
        help = "a spec is a .toml or .json file with `format = 1`, a dataset and layers"
        raise SpecError(Finding("SN001", "there is no spec in this folder", help=help, file=path))
    return inside
