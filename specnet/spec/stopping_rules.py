"""SN421: an `[early_stopping]` that watches what the spec does not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding, did_you_mean, slip_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.spec.subject import Subject


def faults(subject: Subject) -> Iterator[Finding]:
    """SN421: the watched metric is no column of the history."""
    section, known = subject.spec.early_stopping, subject.spec.columns()
    if section is None or section.metric in known:
        return
    part, _, name = section.metric.partition(".")
    absent = subject.spec.split.fractions().get(part) == 0 and f"train.{name}" in known
    help = f"set split.{part}" if absent else did_you_mean(section.metric, known) or f"known: {', '.join(known)}"
    message = f"no metric of this spec is called {section.metric!r}"
    yield Finding("SN421", message, ("early_stopping", "metric"), help, fix=slip_of(section.metric, known))
