"""The section `[checkpoint]`: when the state of training is saved, and how much of it is kept."""

from pydantic import Field

from specnet.component import Declaration


class Checkpointing(Declaration):
    """The state of training is saved now and then and at its end; `specnet resume` goes on from there."""

    every_epochs: int | None = Field(default=None, gt=0)
    """The epochs between two checkpoints."""
    every_seconds: float | None = Field(default=None, gt=0)
    """The seconds after which the end of an epoch is saved."""
    keep_last: int = Field(default=1, gt=0)
    """How many are kept, the newest ones."""
    keep_best: bool = False
    """Whether each new best of `[early_stopping]` is saved, and the last of those kept besides."""
