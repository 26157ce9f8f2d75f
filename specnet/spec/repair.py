"""A spec with its slips of the finger mended, so that what lies behind them is checked in the same report."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from specnet.errors import Finding, Path


@dataclass
class Mended:
    """The data as it was certainly meant, and the faults that are mended in it."""

    data: dict[str, Any]
    mended: list[Finding] = field(default_factory=list)
    doubtful: set[Path] = field(default_factory=set)
    """What stands in the file twice, once misspelt, so that neither is whole; or under a key that is only a guess."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Mended:
        """A copy in which nothing is mended yet."""
        return cls(deepcopy(dict(data)))

    def mend(self, findings: Iterable[Finding]) -> bool:
        """Replaces misspelt keys and names, leaves other unknown keys out; False when there is nothing to do."""
        slips = [finding for finding in findings if finding.path and (finding.code == "SN102" or finding.fix)]
        # The innermost first: a path must still lead to its place when its turn comes.
        for finding in sorted(slips, key=lambda finding: -len(finding.path)):
            self._mend(finding)
        return bool(slips)

    def _mend(self, finding: Finding) -> None:
        *way, last = finding.path
        holder: Any = self.data
        for part in way:
            holder = holder[part]
        meant = _meant(finding)
        if finding.code != "SN102":
            holder[last] = meant
        else:
            value = holder.pop(last)
            if meant in holder:
                self.doubtful.add((*way, str(meant)))
            elif meant is not None:
                holder[meant] = value
                if finding.fix is None:
                    self.doubtful.add((*way, meant))
        self.mended.append(finding)

    def is_doubtful(self, fault: Finding) -> bool:
        """True for a fault that may only be there because a part stands elsewhere under a misspelt name."""
        return any(fault.path[: len(path)] == path for path in self.doubtful)

    def is_beside(self, fault: Finding) -> bool:
        """True for a fault of a table that has lost an unknown key: it may be what that key was meant to prevent."""
        return any(slip.code == "SN102" and slip.path[:-1] == fault.path for slip in self.mended)

    def in_file(self, finding: Finding) -> Finding:
        """The finding with its path as the file has it."""
        path = finding.path
        for slip in reversed(self.mended):
            mended = (*slip.path[:-1], _meant(slip) or "")
            if slip.code == "SN102" and path[: len(slip.path)] == mended:
                path = (*slip.path, *path[len(slip.path) :])
        return replace(finding, path=path)


def _meant(slip: Finding) -> str | None:
    return slip.fix or (slip.guess if slip.code == "SN102" else None)
