"""Losses of classes that are told by their numbers: one target column stands for as many outputs as classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from specnet.builtins.classification_losses import ClassWeights, Smoothing, smoothed
from specnet.builtins.logits import floored, log_softmax, softmax
from specnet.component import Component, RowwiseLoss
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Wanted


class SparseCategoricalCrossEntropy(RowwiseLoss):
    """-w log(p of the target's class), mean over rows and target columns; a target is the number of a class, from 0 on.

    The outputs are `classes` for the first target column, as many for the second, and so on; p is as in
    categorical_cross_entropy, and the softmax is that of each such group. A sequence that gives (time, classes) is
    flattened, for one target column a time.
    """

    synonyms = ("sparse_cross_entropy", "sparse_categorical_crossentropy")
    type: Literal["sparse_categorical_cross_entropy"] = "sparse_categorical_cross_entropy"
    classes: int = Field(ge=2)
    """How many classes there are: targets are whole numbers from 0 to one less."""
    from_logits: bool
    """Whether the loss applies the softmax, or the net has."""
    label_smoothing: Smoothing = 0.0
    """The part of each target that is spread evenly over all classes."""
    class_weights: ClassWeights | None = None
    """w, how much each class counts in the mean, a number for each; 1 when they are left out."""

    @model_validator(mode="after")
    def _weighs_each(self) -> Self:
        if self.class_weights is not None and len(self.class_weights) != self.classes:
            raise ValueError(f"there are {len(self.class_weights)} class_weights for {self.classes} classes")
        return self

    def outputs(self, targets: int) -> int:
        return targets * self.classes

    def whole_targets(self) -> int:
        return self.classes

    def wants(self) -> Wanted:
        return "class_logits" if self.from_logits else "distributions"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        scores, t = self._grouped(prediction, target, xp)
        logarithms = log_softmax(scores, xp) if self.from_logits else xp.log(floored(scores, xp))
        errors: Array = -xp.sum(t * logarithms, axis=(1, 2)) / target.shape[1]
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        scores, t = self._grouped(prediction, target, xp)
        if self.from_logits:
            slopes = softmax(scores, xp) * xp.sum(t, axis=2, keepdims=True) - t
        else:
            slopes = -t / floored(scores, xp)
        spread: Array = xp.reshape(slopes / target.shape[1], prediction.shape)
        return spread

    def _grouped(self, prediction: Array, target: Array, xp: Any) -> tuple[Array, Array]:
        """(rows, targets, classes): the predictions, and what each class counts of a target."""
        scores: Array = xp.reshape(prediction, (*target.shape, self.classes))
        is_own = target[:, :, None] == xp.arange(self.classes, dtype=target.dtype)
        t = xp.where(is_own, xp.ones_like(scores), xp.zeros_like(scores))
        return scores, smoothed(t, self.label_smoothing, self.class_weights, xp)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The losses of this room."""
    return [SparseCategoricalCrossEntropy]
