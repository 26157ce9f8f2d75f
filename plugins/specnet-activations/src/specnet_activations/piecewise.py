"""Activations that are put together from pieces; what happens where they meet stands with each."""

from __future__ import annotations

from math import inf, sqrt
from typing import Annotated, Any, Literal

from pydantic import Field

from specnet.api import Activation
from specnet_activations.parameters import NonNegative, Positive


class Celu(Activation):
    """max(0, x) + alpha (exp(min(0, x) / alpha) - 1); no kink.

    Barron 2017, "Continuously Differentiable Exponential Linear Units", arXiv:1704.07483, eq. 2.
    """

    type: Literal["celu"] = "celu"
    alpha: Positive = 1.0
    """How far below 0 the values go."""

    def value(self, x: Any, xp: Any) -> Any:
        return xp.maximum(x, 0.0) + self.alpha * xp.expm1(xp.minimum(x, 0.0) / self.alpha)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return xp.exp(xp.minimum(x, 0.0) / self.alpha)

    def bounds(self) -> tuple[float, float]:
        return -self.alpha, inf


class HardShrink(Activation):
    """x if |x| > threshold, else 0; it jumps at both thresholds, where the slope is taken as 0.

    Donoho and Johnstone 1994, "Ideal Spatial Adaptation by Wavelet Shrinkage", Biometrika 81(3), eq. 8;
    torch.nn.Hardshrink.
    """

    synonyms = ("hardshrink", "hard_threshold")
    type: Literal["hard_shrink"] = "hard_shrink"
    threshold: NonNegative = 0.5
    """What lies no farther from 0 becomes 0."""

    def value(self, x: Any, xp: Any) -> Any:
        return xp.where(xp.abs(x) <= self.threshold, 0.0, x)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return xp.abs(xp.sign(y))


class SoftShrink(Activation):
    """sign(x) max(0, |x| - threshold); kinks at both thresholds, where the slope is taken as 0.

    Donoho 1995, "De-Noising by Soft-Thresholding", IEEE Transactions on Information Theory 41(3);
    torch.nn.Softshrink.
    """

    synonyms = ("softshrink", "soft_threshold")
    type: Literal["soft_shrink"] = "soft_shrink"
    threshold: NonNegative = 0.5
    """By how much values come nearer to 0."""

    def value(self, x: Any, xp: Any) -> Any:
        return x - xp.clip(x, -self.threshold, self.threshold)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return xp.abs(xp.sign(y))


class Relu6(Activation):
    """min(max(0, x), 6); kinks at 0 and 6, where the slope is taken as 0.

    Krizhevsky 2010, "Convolutional Deep Belief Networks on CIFAR-10"; torch.nn.ReLU6.
    """

    type: Literal["relu6"] = "relu6"

    def value(self, x: Any, xp: Any) -> Any:
        return xp.clip(x, 0.0, 6.0)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return xp.sign(y) * xp.sign(6.0 - y)

    def bounds(self) -> tuple[float, float]:
        return 0.0, 6.0


class SquaredRelu(Activation):
    """max(0, x)^2; no kink.

    So, Manke, Liu, Dai, Shazeer and Le 2021, "Primer: Searching for Efficient Transformers for Language Modeling",
    arXiv:2109.08668.
    """

    synonyms = ("relu2", "relu_squared")
    type: Literal["squared_relu"] = "squared_relu"

    def value(self, x: Any, xp: Any) -> Any:
        return xp.square(xp.maximum(x, 0.0))

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return 2.0 * xp.maximum(x, 0.0)

    def bounds(self) -> tuple[float, float]:
        return 0.0, inf


class InverseSquareRootLinearUnit(Activation):
    """x if x >= 0, else x / sqrt(1 + alpha x^2); no kink.

    Carlile, Delamarter, Kinney, Marti and Whitney 2017, "Improving Deep Learning by Inverse Square Root Linear Units
    (ISRLUs)", arXiv:1710.09967, eq. 1.
    """

    type: Literal["isrlu"] = "isrlu"
    alpha: Positive = 1.0
    """The values stay above -1 / sqrt(alpha)."""

    def value(self, x: Any, xp: Any) -> Any:
        return x / self._root(x, xp)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return self._root(x, xp) ** -3

    def bounds(self) -> tuple[float, float]:
        return -1.0 / sqrt(self.alpha), inf

    def _root(self, x: Any, xp: Any) -> Any:
        return xp.sqrt(1.0 + self.alpha * xp.square(xp.minimum(x, 0.0)))


class PenalizedTanh(Activation):
    """tanh(x) if x > 0, else a tanh(x); a kink at 0, where the slope is taken as a.

    Xu, Huang and Li 2016, "Revise Saturated Activation Functions", arXiv:1602.05980, section 4.
    """

    type: Literal["penalized_tanh"] = "penalized_tanh"
    a: Annotated[float, Field(ge=0, le=1)] = 0.25
    """What is left of the negative side."""

    def value(self, x: Any, xp: Any) -> Any:
        return self._penalize(xp.tanh(x), x, xp)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return self._penalize(1.0 - xp.square(xp.tanh(x)), x, xp)

    def bounds(self) -> tuple[float, float]:
        return -self.a, 1.0

    def _penalize(self, values: Any, x: Any, xp: Any) -> Any:
        return xp.where(x > 0, values, self.a * values)
