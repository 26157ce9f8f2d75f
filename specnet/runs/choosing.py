"""Choosing: the checkpoint from which a run goes on, read and held against its spec before it is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from specnet.artifacts import Checkpoints
from specnet.errors import ArtifactError, Finding, SpecnetError
from specnet.runs.checkpoint import Checkpoint
from specnet.runs.receipt import digest_of_spec
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.artifacts import RunDirectory
    from specnet.component.task import TrainingTask
    from specnet.plan import Plan
    from specnet.spec import Spec


@dataclass(frozen=True)
class Choice:
    """Where a run goes on; without a checkpoint that is its beginning."""

    name: str | None = None
    checkpoint: Checkpoint | None = None
    passed: tuple[str, ...] = ()
    """Newer ones that cannot be used, each with the reason."""

    @property
    def epoch(self) -> int:
        """The last that has ended."""
        return 0 if self.checkpoint is None else self.checkpoint.epoch


def choose(directory: RunDirectory, wanted: str | None) -> Choice:
    """The checkpoint of that name, or the newest that is whole. Raises ArtifactError SN613 when there is none."""
    folder = Checkpoints(directory.path)
    names = folder.names()
    if wanted is not None:
        name = Path(wanted).name
        if name not in names:
            message = f"there is no checkpoint {wanted!r}; there are: {', '.join(names) or 'none'}"
            raise ArtifactError(Finding("SN613", message, file=str(directory.path)))
        try:
            return Choice(name, Checkpoint.decode(folder.read(name)))
        except SpecnetError as error:
            raise error.in_file(str(folder.folder / name)) from None
    passed: list[str] = []
    for name in reversed(names):
        try:
            return Choice(name, Checkpoint.decode(folder.read(name)), tuple(passed))
        except SpecnetError as error:
            passed.append(f"{name}: {error.findings[0].message}")
    if passed:
        raise _none(directory, f"none of its checkpoints can be used: {'; '.join(passed)}")
    if directory.manifest["status"] == "finished":
        raise _none(directory, "the run has finished and kept no checkpoint: its spec has no [checkpoint]")
    return Choice()


def check(choice: Choice, spec: Spec, plan: Plan, task: TrainingTask, same_spec: bool) -> None:
    """Raises ArtifactError SN609 unless it is a moment of this training; `same_spec` when the digest must agree too."""
    checkpoint = choice.checkpoint
    if checkpoint is None:
        return
    spare = Weights(plan, spec.engine.dtype)
    try:
        spare.restore(checkpoint.weights)
        if checkpoint.best:
            spare.restore(checkpoint.best)
    except ValueError as error:
        raise _other(choice, str(error)) from None
    if same_spec and checkpoint.spec != digest_of_spec(spec):
        raise _other(choice, "it was written for another spec")
    if checkpoint.history.keys() != {"epoch", *spec.history_columns()}:
        raise _other(choice, "its history has other columns")
    if not _counts_up(checkpoint.history["epoch"], checkpoint.epoch):
        raise _other(choice, "its history is not in the order of its epochs")
    if (checkpoint.looks is None) != (spec.early_stopping is None):
        raise _other(choice, "one of the two has no [early_stopping]")
    if _wants_best(checkpoint, spec) != bool(checkpoint.best):
        raise _other(choice, "the weights of the best epoch are missing or too many")
    if checkpoint.position.step // task.steps_per_epoch != checkpoint.epoch or checkpoint.epoch > task.epochs:
        raise _other(choice, f"step {checkpoint.position.step:,} is not in epoch {checkpoint.epoch + 1:,}")


def _counts_up(epochs: Array, last: int) -> bool:
    """True for whole numbers from 1 to the last, each greater than the one before."""
    return bool(np.isin(epochs, np.arange(1, last + 1)).all() and (np.diff(epochs) > 0).all())


def _wants_best(checkpoint: Checkpoint, spec: Spec) -> bool:
    section, looks = spec.early_stopping, checkpoint.looks
    return section is not None and section.restore_best and looks is not None and looks["best"] is not None


def _none(directory: RunDirectory, message: str) -> ArtifactError:
    help = f"specnet resolve {directory.path} -o FILE writes its spec, to be run from the beginning"
    return ArtifactError(Finding("SN613", message, (), help, file=str(directory.path)))


def _other(choice: Choice, reason: str) -> ArtifactError:
    return ArtifactError(Finding("SN609", f"{choice.name} does not fit the spec: {reason}"))
