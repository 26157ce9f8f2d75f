"""SN423: a schedule that has too little time in the training of its spec."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from specnet.component import Moment, ScheduleError
from specnet.errors import Finding
from specnet.spec.subject import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.spec.subject import Subject


def faults(subject: Subject) -> Iterator[Finding]:
    """SN423: the training is too short for a schedule of the optimizer."""
    steps = _steps_per_epoch(subject)
    first = Moment(1, subject.spec.training.epochs * steps, steps)
    for field, schedule in subject.spec.optimizer.schedules.items():
        try:
            schedule.check(first)
        except ScheduleError as error:
            yield Finding("SN423", str(error), ("optimizer", field, *error.key.split(".")))


def _steps_per_epoch(subject: Subject) -> int:
    """Before the rows are known they are taken for so many that what is counted in steps has time."""
    training = subject.spec.training
    if training.batch_size == "full":
        return 1
    try:
        rows = subject.training_rows
    except UndecidedError:
        rows = sys.maxsize
    return -(-rows // training.batch_rows(rows))
