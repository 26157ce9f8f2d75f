"""SN421: an `[early_stopping]` or a schedule that watches what the spec does not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding, did_you_mean, slip_of
from specnet.spec.splitting import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.errors import Path
    from specnet.spec.subject import Subject


def faults(subject: Subject) -> Iterator[Finding]:
    """SN421: the watched metric is no column of the history."""
    section = subject.spec.early_stopping
    if section is not None:
        yield from _unmeasured(subject, section.metric, ("early_stopping", "metric"))


def of_schedules(subject: Subject) -> Iterator[Finding]:
    """SN421: nor is that which a schedule watches."""
    for field, schedule in subject.spec.optimizer.schedules.items():
        if (column := schedule.watches()) is not None:
            yield from _unmeasured(subject, column, ("optimizer", field))


def _unmeasured(subject: Subject, metric: str, path: Path) -> Iterator[Finding]:
    known = subject.spec.columns()
    if metric in known:
        return
    part, _, name = metric.partition(".")
    absent = part in PARTS and part not in subject.spec.split.present() and f"train.{name}" in known
    add = f"set split.{part}" if subject.spec.split.column is None else f'add "{part}" to split.parts'
    help = add if absent else did_you_mean(metric, known) or f"known: {', '.join(known)}"
    fix = slip_of(metric, known) if path[-1] == "metric" else None
    yield Finding("SN421", f"no metric of this spec is called {metric!r}", path, help, fix=fix)
