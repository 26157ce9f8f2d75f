"""Rounds that alternate between programs, and ratios of their times: noise of the machine hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """ours / theirs in the same round: the least, the median and the greatest."""

    workload: str
    ours: str
    theirs: str
    least: float
    median: float
    greatest: float
    ours_seconds: float
    theirs_seconds: float
    """The median of a whole call."""

    def record(self) -> dict[str, Any]:
        """For a JSON file."""
        return asdict(self)


@dataclass(frozen=True)
class Workload:
    """What each program does, in the same amount; `ours` are compared with all others."""

    name: str
    programs: Mapping[str, Callable[[], object]]
    ours: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """What was left out, and why."""
    clock: Callable[[], float] = time.process_time
    """That of the processor, which does not count what others do on the machine; whole processes take the other."""

    def measure(self, rounds: int) -> list[Ratio]:
        """One call of each to warm up, then rounds in which each is called once."""
        for program in self.programs.values():
            program()
        times: dict[str, list[float]] = {name: [] for name in self.programs}
        for _ in range(rounds):
            for name, program in self.programs.items():
                start = self.clock()
                program()
                times[name].append(self.clock() - start)
        return [
            self._ratio(own, other, times[own], times[other])
            for own in self.ours
            if own in times
            for other in times
            if other != own
        ]

    def _ratio(self, own: str, other: str, ours: list[float], theirs: list[float]) -> Ratio:
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        middle = statistics.median(ratios)
        medians = statistics.median(ours), statistics.median(theirs)
        return Ratio(self.name, own, other, min(ratios), middle, max(ratios), *medians)
