"""Losses of classes: targets are probabilities, and the first line of each says what is averaged over what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat

from specnet.builtins.logits import floored, log_softmax, sigmoid, softmax, softplus
from specnet.component import Component, ElementwiseLoss, Many, RowwiseLoss, ShapeError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Wanted

_SUM = 1e-6
"""By how much the sum of a row of targets may differ from 1: float32 and decimals in a file are not exact."""
Smoothing = Annotated[float, Field(ge=0, lt=1)]
ClassWeights = Annotated[Many[NonNegativeFloat], Field(min_length=2), AfterValidator(lambda weights: _some(weights))]
"""How much each class counts; the mean stays one over rows, as in Keras, whatever the weights sum to."""


def _some(weights: tuple[float, ...]) -> tuple[float, ...]:
    if not any(weights):
        raise ValueError("one of the weights must be greater than 0")
    return weights


class BinaryCrossEntropy(ElementwiseLoss):
    """-w1 t log(p) - w0 (1 - t) log(1 - p), mean over rows and outputs; each output is a question of its own.

    With from_logits = true p is the sigmoid of the prediction, and every finite logit has its exact loss and gradient.
    Otherwise p is the prediction, and logarithms are those of at least the smallest normal number of the dtype: in
    float64 no mistake costs more than 708.
    """

    synonyms = ("bce", "bce_with_logits", "binary_crossentropy")
    type: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    from_logits: bool
    """Whether the loss applies the sigmoid, or the net has."""
    label_smoothing: Smoothing = 0.0
    """The part of each target that is replaced by 1/2."""
    class_weights: ClassWeights | None = Field(default=None, max_length=2)
    """w0 and w1, how much no and yes count in the mean; 1 and 1 when they are left out."""

    def wants(self) -> Wanted:
        return "logits" if self.from_logits else "probabilities"

    def target_bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        no, yes = self._parts(target)
        if self.from_logits and self.class_weights is None:
            return softplus(prediction, xp) - prediction * yes
        if self.from_logits:
            return yes * softplus(-prediction, xp) + no * softplus(prediction, xp)
        errors: Array = -yes * xp.log(floored(prediction, xp)) - no * xp.log(floored(1 - prediction, xp))
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        no, yes = self._parts(target)
        if self.from_logits and self.class_weights is None:
            return sigmoid(prediction, xp) - yes
        if self.from_logits:
            return no * sigmoid(prediction, xp) - yes * sigmoid(-prediction, xp)
        return no / floored(1 - prediction, xp) - yes / floored(prediction, xp)

    def _parts(self, target: Array) -> tuple[Array, Array]:
        """How much no and yes count."""
        t = target * (1 - self.label_smoothing) + 0.5 * self.label_smoothing
        if self.class_weights is None:
            return 1 - t, t
        of_no, of_yes = self.class_weights
        return of_no * (1 - t), of_yes * t


class Focal(ElementwiseLoss):
    """-a (1 - q)**gamma log(q), mean over rows and outputs; q, a = p, alpha for targets 1, else 1 - p, 1 - alpha.

    p is the sigmoid of the prediction (Lin et al. 2017, arXiv:1708.02002); for a target between 0 and 1 log(q) is
    that of binary_cross_entropy, and 1 - q and a are means of both.
    """

    synonyms = ("focal_loss", "sigmoid_focal_loss")
    type: Literal["focal"] = "focal"
    gamma: Annotated[float, Field(ge=0, le=100)] = 2.0
    """How much less an answer counts that is right already; 0 is the cross-entropy."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.25
    """The weight of targets 1; 0.5 weighs both the same."""

    def wants(self) -> Wanted:
        return "logits"

    def target_bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        _, _, wrong, entropy, weight = self._parts(prediction, target, xp)
        return weight * entropy * wrong**self.gamma

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        p, not_p, wrong, entropy, weight = self._parts(prediction, target, xp)
        change = (1 - 2 * target) * (p * not_p / floored(wrong, xp))  # d wrong / d prediction / wrong; not above 1
        return weight * wrong**self.gamma * (p - target + self.gamma * change * entropy)

    def _parts(self, z: Array, t: Array, xp: Any) -> tuple[Array, Array, Array, Array, Array]:
        p, not_p = sigmoid(z, xp), sigmoid(-z, xp)
        wrong = p * (1 - t) + not_p * t
        return p, not_p, wrong, softplus(z, xp) - z * t, self.alpha * t + (1 - self.alpha) * (1 - t)


class Hinge(ElementwiseLoss):
    """max(0, 1 - s prediction), mean over rows and outputs; s is 1 for targets above 0, else -1."""

    type: Literal["hinge"] = "hinge"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        errors: Array = xp.maximum(1 - _side(target, xp) * prediction, 0.0)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        side = _side(target, xp)
        slopes: Array = xp.where(side * prediction < 1, -side, 0.0)
        return slopes


def smoothed(t: Array, part: float, weights: tuple[float, ...] | None, xp: Any) -> Array:
    """Targets of which a part is spread evenly over the classes, the last axis, times the weights of the classes."""
    spread: Array = t * (1 - part) + part / t.shape[-1]
    return spread if weights is None else spread * xp.asarray(weights, dtype=t.dtype)


class _Distributions(RowwiseLoss):
    """Targets are rows that sum to 1: one class, or several with their parts."""

    from_logits: bool
    """Whether the loss applies the softmax, or the net has."""

    def wants(self) -> Wanted:
        return "class_logits" if self.from_logits else "distributions"

    def target_bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def check(self, outputs: int) -> None:
        if outputs == 1:
            raise ShapeError("needs an output for each class: of one class there is nothing to learn")

    def wrong_target(self, target: Array, xp: Any) -> tuple[int, str] | None:
        sums = xp.sum(target, axis=1)
        wrong = xp.abs(sums - 1) > _SUM
        outside = super().wrong_target(target, xp)
        if outside is not None or not wrong.any():
            return outside
        row = int(wrong.argmax())
        return row, f"the sum {float(sums[row]):g} of its targets is not 1"

    def _log(self, prediction: Array, xp: Any) -> Array:
        logarithms: Array = log_softmax(prediction, xp) if self.from_logits else xp.log(floored(prediction, xp))
        return logarithms

    def _slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        """That of -sum of target log(p)."""
        if self.from_logits:
            slopes: Array = softmax(prediction, xp) * xp.sum(target, axis=1, keepdims=True) - target
            return slopes
        quotients: Array = -target / floored(prediction, xp)
        return quotients


class CategoricalCrossEntropy(_Distributions):
    """-sum over classes of w t log(p), mean over rows; targets are one column a class, 1 for the right one.

    With from_logits = true p is the softmax of the prediction, and every finite logit has its exact loss and gradient;
    what a log_softmax gives are logits too. Otherwise p is the prediction, and logarithms are those of at least the
    smallest normal number of the dtype: in float64 no mistake costs more than 708.
    """

    synonyms = ("cross_entropy", "categorical_crossentropy", "softmax_cross_entropy", "nll")
    type: Literal["categorical_cross_entropy"] = "categorical_cross_entropy"
    label_smoothing: Smoothing = 0.0
    """The part of each target that is spread evenly over all classes."""
    class_weights: ClassWeights | None = None
    """w, how much each class counts in the mean, a number for each; 1 when they are left out."""

    def check(self, outputs: int) -> None:
        super().check(outputs)
        if self.class_weights is not None and len(self.class_weights) != outputs:
            raise ShapeError(f"has {len(self.class_weights)} class_weights, and there are {outputs} classes")

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        t = smoothed(target, self.label_smoothing, self.class_weights, xp)
        errors: Array = -xp.sum(t * self._log(prediction, xp), axis=1)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return self._slope(prediction, smoothed(target, self.label_smoothing, self.class_weights, xp), xp)


class KullbackLeiblerDivergence(_Distributions):
    """sum over classes of t log(t / p), mean over rows; 0 log(0) is 0. p is as in categorical_cross_entropy."""

    synonyms = ("kl", "kld", "kl_div", "kullback_leibler")
    type: Literal["kl_divergence"] = "kl_divergence"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        distance = xp.log(floored(target, xp)) - self._log(prediction, xp)
        errors: Array = xp.sum(target * distance, axis=1)
        return errors

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return self._slope(prediction, target, xp)


def _side(target: Array, xp: Any) -> Array:
    sides: Array = 2 * xp.sign(xp.maximum(target, 0.0)) - 1
    return sides


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The losses of this room."""
    return [BinaryCrossEntropy, CategoricalCrossEntropy, Focal, Hinge, KullbackLeiblerDivergence]
