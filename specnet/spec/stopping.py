"""The section `[early_stopping]`: when training may end before its last epoch."""

from typing import Literal

from pydantic import Field

from specnet.component import Declaration


class EarlyStopping(Declaration):
    """Training ends when a metric gets no better, and the weights of its best epoch are kept."""

    metric: str = "validation.loss"
    """What is watched: a part of the split and the loss or a metric."""
    mode: Literal["min", "max"] = "min"
    """Whether less of it is better, or more."""
    patience: int = Field(ge=0)
    """Training ends at the look that is the patience-th in a row without a new best; 0 is as 1, the first such look.

    Of the losses 1, 0.9, 0.95, 0.96 patience 1 ends at 0.95, patience 2 at 0.96, and patience 3 goes on.
    """
    every: int = Field(default=1, gt=0)
    """The epochs between two looks; the last epoch is looked at too."""
    min_delta: float = Field(default=0.0, ge=0)
    """A new best is better than the one before by more than this."""
    restore_best: bool = True
    """Whether the run keeps the weights of the best look, or those at the end."""
