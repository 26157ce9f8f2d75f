"""Metrics of classes: one output for each, or outputs that are yes or no by a threshold."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from specnet.builtins.classification_losses import BinaryCrossEntropy, CategoricalCrossEntropy
from specnet.component import Component, MeanMetric, Metric, ShapeError, Undefined
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Wanted

Threshold = float | None
"""Without one, the class of a row is that of its greatest output, the first of several."""


class Accuracy(MeanMetric):
    """The part of the rows whose greatest output is that of the target; by threshold, the part of right outputs."""

    synonyms = ("binary_accuracy", "categorical_accuracy")
    type: Literal["accuracy"] = "accuracy"
    threshold: Threshold = None
    """Each output by itself says yes above it, and targets above 0.5 are yes; 0 is that of logits."""

    def check(self, outputs: int) -> None:
        _check(self.threshold, outputs)

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        predicted, actual = _decided(self.threshold, prediction, target, xp)
        right = predicted == actual
        shares: Array = xp.mean(1.0 * right, axis=1) if self.threshold is not None else 1.0 * xp.all(right, axis=1)
        return shares


class Counted(Metric):
    """A quotient of counts of each output: right yes, wrong yes and wrong no."""

    never: ClassVar[str]
    """What is true of an output that has no quotient."""

    threshold: Threshold = None
    """Each output by itself says yes above it, and targets above 0.5 are yes; 0 is that of logits. Without a threshold
    the greatest output of a row says yes."""
    average: Literal["macro", "micro"] = "macro"
    """macro: the mean of the quotients of all outputs; micro: the quotient of their counts together."""

    def check(self, outputs: int) -> None:
        _check(self.threshold, outputs)

    def start(self) -> tuple[Any, Any, Any]:
        return 0, 0, 0

    def add(self, state: tuple[Any, Any, Any], prediction: Array, target: Array, xp: Any) -> tuple[Any, Any, Any]:
        predicted, actual = _decided(self.threshold, prediction, target, xp)
        right, wrong_yes, wrong_no = state
        return (
            right + xp.sum(predicted & actual, axis=0),
            wrong_yes + xp.sum(predicted & ~actual, axis=0),
            wrong_no + xp.sum(~predicted & actual, axis=0),
        )

    def result(self, state: tuple[Any, Any, Any]) -> float:
        counts = list(zip(*(part.tolist() for part in state), strict=True))
        if self.average == "micro":
            counts = [tuple(map(sum, zip(*counts, strict=True)))]
        quotients = [self.quotient(*count) for count in counts]
        if empty := [i for i, (_, below) in enumerate(quotients, start=1) if below == 0]:
            which = "every output" if self.average == "micro" else f"output {empty[0]}"
            return Undefined(f"{which} is {self.never}")
        return float(sum(above / below for above, below in quotients) / len(quotients))

    @abstractmethod
    def quotient(self, right: int, wrong_yes: int, wrong_no: int) -> tuple[int, int]:
        """What is divided by what."""


class Precision(Counted):
    """The part of the rows predicted as a class that are of it; undefined for one that is never predicted."""

    type: Literal["precision"] = "precision"
    never = "never predicted"

    def quotient(self, right: int, wrong_yes: int, wrong_no: int) -> tuple[int, int]:
        return right, right + wrong_yes


class Recall(Counted):
    """The part of the rows of a class that are predicted as it; undefined for one that is never the target."""

    synonyms = ("sensitivity",)
    type: Literal["recall"] = "recall"
    never = "never the target"

    def quotient(self, right: int, wrong_yes: int, wrong_no: int) -> tuple[int, int]:
        return right, right + wrong_no


class F1(Counted):
    """The harmonic mean of precision and recall, 2 right / (2 right + wrong); undefined where both are."""

    synonyms = ("f1_score",)
    type: Literal["f1"] = "f1"
    never = "neither predicted nor the target"

    def quotient(self, right: int, wrong_yes: int, wrong_no: int) -> tuple[int, int]:
        return 2 * right, 2 * right + wrong_yes + wrong_no


class TopK(MeanMetric):
    """The part of the rows whose class is among their k greatest outputs; of equal outputs the first is the greater."""

    synonyms = ("top_k_accuracy", "top_k_categorical_accuracy")
    type: Literal["top_k"] = "top_k"
    k: Annotated[int, Field(gt=0)]
    """How many outputs may be greater than or as great as that of the class, with it."""

    def check(self, outputs: int) -> None:
        if outputs <= self.k:
            raise ShapeError(f"with k = {self.k} is always 1 for {outputs} output{'s' * (outputs > 1)}")

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        columns, own = xp.arange(target.shape[1]), xp.argmax(target, axis=1)[:, None]
        score = xp.sum(xp.where(columns == own, prediction, 0.0), axis=1, keepdims=True)
        before = (prediction > score) | ((prediction == score) & (columns < own))
        hits: Array = 1.0 * (xp.sum(before, axis=1) < self.k)
        return hits


class LogLoss(MeanMetric):
    """The cross-entropy of the targets, mean over rows: with one output that of yes and no, else that of classes."""

    synonyms = ("cross_entropy",)
    type: Literal["log_loss"] = "log_loss"
    from_logits: bool
    """Whether the metric applies the sigmoid or softmax, or the net has."""

    def wants(self, outputs: int) -> Wanted:
        return self._loss(outputs).wants()

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        p, t = (xp.asarray(array, dtype=xp.float64) for array in (prediction, target))
        return self._loss(target.shape[1]).error(p, t, xp).reshape(len(target))

    def _loss(self, outputs: int) -> BinaryCrossEntropy | CategoricalCrossEntropy:
        kind = BinaryCrossEntropy if outputs == 1 else CategoricalCrossEntropy
        return kind(from_logits=self.from_logits)


class RocAuc(Metric):
    """The part of all pairs of a yes and a no in which the yes has the greater output, ties by half; mean over outputs.

    It is exact, and so it keeps the outputs of all rows. Undefined for an output whose targets are all yes or all no.
    """

    synonyms = ("auc", "auroc")
    type: Literal["roc_auc"] = "roc_auc"

    def start(self) -> tuple[Any, ...]:
        return ()

    def add(self, state: tuple[Any, ...], prediction: Array, target: Array, xp: Any) -> tuple[Any, ...]:
        return (*state, (xp.array(prediction), target > 0.5))

    def result(self, state: tuple[Any, ...]) -> float:
        import numpy as np  # here, so that a spec can be checked without it

        scores, yes = (np.concatenate(part) for part in zip(*state, strict=True))
        areas = []
        for i, (column, is_yes) in enumerate(zip(scores.T, yes.T, strict=True), start=1):
            count = int(is_yes.sum())
            if count in (0, len(is_yes)):
                return Undefined(f"the targets of output {i} are all {'yes' if count else 'no'}")
            _, place, ties = np.unique(column, return_inverse=True, return_counts=True)
            ranks = (np.cumsum(ties) - 0.5 * (ties - 1))[place]  # the mean rank of equal outputs
            areas.append((ranks[is_yes].sum() - count * (count + 1) / 2) / (count * (len(is_yes) - count)))
        return float(np.mean(areas))


def _check(threshold: Threshold, outputs: int) -> None:
    if threshold is None and outputs == 1:
        raise ShapeError("of one output needs a threshold: 0.5 for probabilities, 0 for logits")


def _decided(threshold: Threshold, prediction: Array, target: Array, xp: Any) -> tuple[Any, Any]:
    """Yes or no of each output, predicted and true."""
    if threshold is not None:
        return prediction > threshold, target > 0.5
    columns = xp.arange(target.shape[1])
    return tuple(columns == xp.argmax(array, axis=1)[:, None] for array in (prediction, target))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The metrics of this room."""
    return [Accuracy, F1, LogLoss, Precision, Recall, RocAuc, TopK]
