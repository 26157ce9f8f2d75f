"""What a code means, and the spec that its examples change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Literal

BASE = """\
format = 1
name = "small"

[dataset]
type = "arithmetic"
samples = 100

[scaling]
inputs = "standardize"
targets = "standardize"

[[layers]]
type = "dense"
units = 4
activation = "relu"

[[layers]]
type = "dense"
units = 3

[loss]
type = "mse"

[optimizer]
type = "gradient_descent"
learning_rate = 0.01

[training]
epochs = 20
"""
"""A spec without a finding. An example stands for this one with the keys and sections replaced that it names."""

_HEAD = re.compile(r"\[*([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Code:
    """Why something is found, and where it can be shown, the spec that is refused and the same mended."""

    title: str
    """What is wrong, in one short line."""
    text: str
    """Why it is refused or warned of, and what would do: one paragraph."""
    example: str
    """TOML: the lines of `BASE` that are otherwise, with the fault."""
    better: str
    """The same without the fault."""
    situation: str
    """What leads to it, in words, where no spec alone does."""
    severity: Literal["error", "warning"]
    ignorable: bool
    """Whether `[[lint.ignore]]` may name it."""


def code(
    title: str,
    text: str,
    *,
    example: str = "",
    better: str = "",
    situation: str = "",
    severity: Literal["error", "warning"] = "error",
    ignorable: bool = False,
) -> Code:
    """A Code from text as it stands in a program: prose is joined, examples lose their indentation."""
    prose, said = (" ".join(words.split()) for words in (text, situation))
    shown, mended = (dedent(toml).strip() for toml in (example, better))
    return Code(title, prose, shown, mended, said, severity, ignorable)


def whole(example: str) -> str:
    """The complete spec that an example stands for."""
    blocks = _blocks(BASE) | _blocks(example)
    plain = [text for text in blocks.values() if not text.startswith("[")]
    tables = [text for text in blocks.values() if text.startswith("[")]
    return "\n".join([*plain, *(f"\n{text}" for text in tables)]) + "\n"


def _blocks(toml: str) -> dict[str, str]:
    """The lines of each key and section at the top, without a parser: an example may be broken."""
    blocks: dict[str, list[str]] = {}
    name, inside = "", False
    for line in toml.splitlines():
        head = _HEAD.match(line)
        if head and (line.startswith("[") or not inside):
            name, inside = head[1], line.startswith("[")
        blocks.setdefault(name, []).append(line)
    return {name: "\n".join(lines).strip() for name, lines in blocks.items()}
