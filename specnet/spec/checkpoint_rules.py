"""SN415: what a `[checkpoint]` says without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.spec.subject import Subject


def without_effect(subject: Subject) -> Iterator[Finding]:
    """SN415: checkpoints that are never due, never kept, or of no best."""
    section, epochs = subject.spec.checkpoint, subject.spec.training.epochs
    if section is None:
        return
    every = section.every_epochs
    if every is not None and every >= epochs:
        message = (
            f"every_epochs = {every:,} has no effect: there are {epochs:,} epochs, and the end is saved in any case"
        )
        yield _finding("every_epochs", message, "fewer epochs between two checkpoints, or none")
    if section.keep_best and subject.spec.early_stopping is None:
        message = "keep_best = true has no effect: without an [early_stopping] nothing says what is best"
        yield _finding("keep_best", message, "an [early_stopping], or no keep_best")
    saved = 1 if every is None else -(-epochs // every)
    if section.keep_last > saved and section.every_seconds is None and not section.keep_best:
        message = (
            f"keep_last = {section.keep_last:,} has no effect: there will be {saved:,} checkpoint{'s' * (saved > 1)}"
        )
        yield _finding("keep_last", message, "checkpoints that come more often, or fewer of them")


def _finding(key: str, message: str, help: str) -> Finding:
    return Finding("SN415", message, ("checkpoint", key), help, "warning")
