"""Checks: a promise, what became of it, and what a list of them is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

from specnet.engine.network import quiet
from specnet.errors import did_you_mean
from specnet.testing.randomness import generators

T = TypeVar("T")
Status = Literal["passed", "failed", "skipped", "xfailed", "xpassed"]
Stage = Mapping[str, Callable[[], str]]
"""Promises by name; each function gives what it has seen, or raises Broken or Unchecked."""
RANDOM = "global random state"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise and what became of it; `detail` says what was seen, or why nobody looked."""

    check: str
    status: Status
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.check}: {self.status}{f', {self.detail}' if self.detail else ''}"


class Broken(Exception):  # noqa: N818  # a verdict, not a fault of the kit
    """Raised by a check; the message says what was seen."""


class Unchecked(Exception):  # noqa: N818
    """Raised by a check that cannot look; the message says why."""


def about(subject: T, looks: Mapping[str, Callable[[T], str]]) -> Stage:
    """The stage of functions that look at one subject."""
    return {name: partial(look, subject) for name, look in looks.items()}


def require(kept: object, detail: str) -> None:
    """Raises Broken unless `kept`."""
    if not kept:
        raise Broken(detail)


def ran(checks: Sequence[Check]) -> list[Check]:
    """Those that were not skipped. Raises ValueError when there are none: green must mean something."""
    looked = [check for check in checks if check.status != "skipped"]
    if not looked:
        raise ValueError("no check has run")
    return looked


def failures(checks: Sequence[Check]) -> list[Check]:
    """Those that failed, and those that were expected to and did not. Raises ValueError when none has run."""
    return [check for check in ran(checks) if check.status in ("failed", "xpassed")]


def summary(checks: Sequence[Check]) -> str:
    """`ran 24: 23 passed, 1 expected failure`, and the number skipped. Raises ValueError when none has run."""
    words: dict[Status, tuple[str, str]] = {
        "passed": ("passed", "passed"),
        "failed": ("failed", "failed"),
        "xfailed": ("expected failure", "expected failures"),
        "xpassed": ("passed unexpectedly", "passed unexpectedly"),
    }
    looked = ran(checks)
    counts = {status: sum(check.status == status for check in looked) for status in words}
    said = ", ".join(f"{count} {words[status][count != 1]}" for status, count in counts.items() if count)
    skipped = len(checks) - len(looked)
    return f"ran {len(looked)}: {said}" + (f"; {skipped} skipped" if skipped else "")


@dataclass(frozen=True)
class Contract:
    """The promises of one component: some that stand alone, and stages of which each needs those before it.

    Where a stage is broken, what follows is skipped: it would only say the same again in other words.
    """

    alone: Stage
    stages: tuple[Stage, ...] = ()
    draws: bool = True
    """False where nothing is called that could draw random numbers."""

    @property
    def names(self) -> list[str]:
        """The names of the checks, in their order; known without running any."""
        return [name for stage in (self.alone, *self.stages) for name in stage] + [RANDOM] * self.draws

    def run(self, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
        """Every check once; `expected_failures` are reasons by the name of the check.

        Raises ValueError for the name of no check.
        """
        return expected(self._run(), expected_failures or {})

    def _run(self) -> list[Check]:
        before = generators() if self.draws else {}
        checks = [_looked(name, look) for name, look in self.alone.items()]
        broken: list[str] = []
        for stage in self.stages:
            if broken:
                checks += [Check(name, "skipped", f"it needs: {', '.join(broken)}") for name in stage]
                continue
            done = [_looked(name, look) for name, look in stage.items()]
            broken = [check.check for check in done if check.status == "failed"]
            checks += done
        return [*checks, _looked(RANDOM, partial(_unmoved, before))] if self.draws else checks


def expected(checks: Sequence[Check], reasons: Mapping[str, str]) -> list[Check]:
    """The checks with failed as xfailed, and passed as xpassed, where a reason was given for failing.

    Raises ValueError for the name of no check.
    """
    known_names([check.check for check in checks], reasons)
    turned: dict[Status, Status] = {"failed": "xfailed", "passed": "xpassed"}
    result = []
    for check in checks:
        if check.check in reasons:
            said = " - ".join(filter(None, [reasons[check.check], check.detail]))
            check = replace(check, status=turned.get(check.status, check.status), detail=said)
        result.append(check)
    return result


def known_names(names: Sequence[str], reasons: Mapping[str, str]) -> None:
    """Raises ValueError for an expected failure of a check that there is not."""
    for name in reasons:
        if name not in names:
            help = did_you_mean(name, names) or f"there are: {', '.join(names)}"
            raise ValueError(f"a failure is expected of {name!r}, which is no check; {help}")


def _unmoved(before: Mapping[str, str]) -> str:
    moved = [name for name, state in generators().items() if state != before[name]]
    require(not moved, f"the stream of {' and '.join(moved)} has moved")
    return ""


def _looked(name: str, look: Callable[[], str]) -> Check:
    try:
        with quiet():
            return Check(name, "passed", look())
    except Broken as broken:
        return Check(name, "failed", str(broken))
    except Unchecked as reason:
        return Check(name, "skipped", str(reason))
    except Exception as error:
        return Check(name, "failed", f"it raised {type(error).__name__}: {error}")
