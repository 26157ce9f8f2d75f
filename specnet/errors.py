"""What went wrong, where, and what would do: findings, and the exceptions that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one place; line and column count from 1 and are None where they are not known."""

    code: str
    message: str
    path: Path = ()
    help: str | None = None
    severity: Literal["error", "warning"] = "error"
    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    fix: str | None = field(default=None, compare=False)
    """The key or the name that is certainly meant: `validate --fix` writes it there."""
    guess: str | None = field(default=None, compare=False)
    """The key that is probably meant: the rest is checked as if it stood there."""

    @property
    def dotted(self) -> str:
        """`layers.0.units`: the path as `--set` takes it."""
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        where = " ".join(filter(None, [place, f"({self.dotted})" if self.path else ""]))
        lines = [f"{self.code} {self.message}"]
        lines += [f" --> {where}"] if where else []
        lines += [f"  = help: {self.help}"] if self.help else []
        return "\n".join(map(printable, lines))


def printable(text: str) -> str:
    """The text with escapes for what would move the cursor of a terminal: the keys and names of a file may hold it."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class SpecnetError(Exception):
    """Refused input; `findings` hold every fault that could be seen at once."""

    exit_code = 2

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))

    def in_file(self, file: str) -> SpecnetError:
        """The same error with `file` as the place of each finding that has none."""
        return type(self)(*(f if f.file else replace(f, file=file) for f in self.findings))


class UsageError(SpecnetError):
    """The command line or a call asks for something that cannot be done."""


class SpecError(SpecnetError):
    """The spec is wrong: its text, its shape, its names or its model."""


class DataError(SpecnetError):
    """The data is not what the spec says it is."""


class ArtifactError(SpecnetError):
    """A run directory cannot be written, or is not what a run has written."""


class PluginError(SpecnetError):
    """Code of a plugin has raised; `__cause__` is what it has raised."""


class DivergenceError(SpecnetError):
    """The loss, a gradient or a weight became NaN or infinite; the last finite weights were kept."""

    exit_code = 4


class Interrupted(KeyboardInterrupt):
    """Training was stopped by the user; the run directory `path` is valid and marked interrupted."""

    def __init__(self, path: object, signal: int) -> None:
        super().__init__(f"interrupted; the state so far is in {path}, and specnet resume {path} goes on")
        self.path = path
        self.exit_code = 128 + signal


def failure(whose: str, where: str, error: BaseException) -> Finding:
    """SN213: code of a plugin has raised; its traceback goes to the log, at the level DEBUG."""
    import logging  # nobody else pays for it

    logging.getLogger("specnet").debug("%s failed in %s", whose, where, exc_info=error)
    message = f"{whose} failed in {where}: {type(error).__name__}: {error}".removesuffix(": ")
    return Finding("SN213", message, help="the fault is the plugin's; SPECNET_DEBUG=1 shows the traceback")


def did_you_mean(name: object, known: Iterable[str]) -> str | None:
    """`did you mean 'dense'?` for the nearest of the known names, None when nothing is near."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near else None


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, None when nothing is near."""
    from difflib import get_close_matches  # only who is wrong needs it

    near = get_close_matches(str(name), sorted(known), n=1, cutoff=0.6)
    return near[0] if near else None


def slip_of(name: str, known: Iterable[str]) -> str | None:
    """The one known name that differs by a slip of the finger: a letter lost, doubled, wrong or swapped, or the case.

    A digit is never a slip: relu6 is not relu.
    """
    plain = name.lower().replace("-", "_").replace(" ", "_")
    meant = {other for other in known if other != name and (plain == other.lower() or _one_edit(plain, other))}
    return meant.pop() if len(meant) == 1 else None


def _one_edit(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 3:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    left, right = a[start:], b[start:]
    touched = left[: len(a) - len(b) + 1] + right[: len(b) - len(a) + 1]
    edits = (
        left[1:] == right,
        left == right[1:],
        left[1:] == right[1:],
        left[:2] == right[1::-1] and left[2:] == right[2:],
    )
    return any(edits) and not any(letter.isdigit() for letter in touched)


def listed(names: Sequence[str], most: int = 12) -> str:
    """`a, b, c`; a list that is longer than `most` says how long it is instead of going on."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown}, ... ({len(names):,} in all)"


def show(value: object) -> str:
    """A value as a spec would write it, cut to a length that fits a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if value is None:
        return "nothing"
    text = value.isoformat() if isinstance(value, date | time) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
