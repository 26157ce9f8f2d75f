"""SN424: a training batch with fewer rows than a layer can be trained with, found before there is one."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.errors import Path
    from specnet.plan import Step
    from specnet.spec.subject import Subject


def faults(subject: Subject) -> Iterator[Finding]:
    """SN424: the smallest batch of an epoch against the layer that needs the most rows."""
    step = max(subject.plan.steps, key=lambda step: step.least_rows)
    size, least = subject.spec.training.batch_size, step.least_rows
    if isinstance(size, int) and size < least:
        yield _fault(step, f"batch_size is {size}", f"a batch_size of {least} or more", ("training", "batch_size"))
        return
    rows = subject.training_rows
    if rows < least:
        yield _fault(
            step, f"there {'is' if rows == 1 else 'are'} {rows} in all", "more rows for training", ("dataset",)
        )
    elif isinstance(size, int) and not _fits(rows, size, least):
        has = f"of {rows:,} rows in batches of {size:,} the last has {rows % size}"
        help = f'batch_size = {_nearest(rows, size, least)} or "full", or another number of training rows'
        yield _fault(step, has, help, ("training", "batch_size"))


def _fault(step: Step, has: str, help: str, path: Path) -> Finding:
    needs = f"{step.layer.type} ({step.name}) needs {step.least_rows} rows in each training batch"
    return Finding("SN424", f"{needs}: {has}", path, help)


def _fits(rows: int, size: int, least: int) -> bool:
    """True when the last batch of an epoch is whole, or has enough rows."""
    return size >= rows or rows % size == 0 or rows % size >= least


def _nearest(rows: int, size: int, least: int) -> int:
    """The nearest size of a batch that would do; one batch of all rows always does."""
    near = (other for by in count(1) for other in (size + by, size - by))
    return next(other for other in near if least <= other and _fits(rows, other, least))
