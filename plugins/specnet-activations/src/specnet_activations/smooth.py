"""Activations that have every derivative everywhere."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any, Literal

from specnet.api import Activation
from specnet_activations.parameters import Positive

MISH_MINIMUM = -0.30884341301725043
"""At x = -1.192431215."""
TANH_EXP_MINIMUM = -0.35328577784821125
"""At x = -1.078860058."""


class Mish(Activation):
    """x tanh(softplus(x)); softplus(x) = log(1 + exp(x)).

    Misra 2019, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv:1908.08681, eq. 1. With
    t = exp(-|x|) the tanh is a quotient of polynomials, in which nothing overflows and nothing cancels.
    """

    type: Literal["mish"] = "mish"

    def value(self, x: Any, xp: Any) -> Any:
        return x * self._gate(x, xp)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        gate = self._gate(x, xp)
        return gate + x * (1.0 - xp.square(gate)) * _sigmoid(x, xp)

    def bounds(self) -> tuple[float, float]:
        return MISH_MINIMUM, inf

    def _gate(self, x: Any, xp: Any) -> Any:
        t = xp.exp(-xp.abs(x))
        part = xp.where(x > 0, 1.0 + 2.0 * t, t * (t + 2.0))
        return part / (part + 2.0 * xp.where(x > 0, xp.square(t), 1.0))


class TanhExp(Activation):
    """x tanh(exp(x)).

    Liu and Di 2020, "TanhExp: A Smooth Activation Function with High Convergence Speed for Lightweight Neural
    Networks", arXiv:2003.09855, eq. 1; again as TeLU by Fernandez and Mali 2024, arXiv:2412.20269.
    """

    synonyms = ("telu",)
    type: Literal["tanh_exp"] = "tanh_exp"

    def value(self, x: Any, xp: Any) -> Any:
        return x * xp.tanh(self._exp(x, xp))

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        power = self._exp(x, xp)
        gate = xp.tanh(power)
        return gate + x * power * (1.0 - xp.square(gate))

    def bounds(self) -> tuple[float, float]:
        return TANH_EXP_MINIMUM, inf

    def _exp(self, x: Any, xp: Any) -> Any:
        return xp.exp(xp.minimum(x, 4.0))  # tanh(exp(4)) is 1 to 47 digits


class Snake(Activation):
    """x + sin(a x)^2 / a.

    Ziyin, Hartwig and Ueda 2020, "Neural Networks Fail to Learn Periodic Functions and How to Fix It",
    arXiv:2006.08195, eq. 3.
    """

    type: Literal["snake"] = "snake"
    a: Positive = 1.0
    """The frequency: the period is pi / a."""

    def value(self, x: Any, xp: Any) -> Any:
        return x + xp.square(xp.sin(self.a * x)) / self.a

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return 1.0 + xp.sin(2.0 * self.a * x)


class Sine(Activation):
    """sin(omega x).

    Sitzmann, Martel, Bergman, Lindell and Wetzstein 2020, "Implicit Neural Representations with Periodic Activation
    Functions" (SIREN), arXiv:2006.09661, section 3.2, where omega is 30 and goes with an initialization of its own.
    """

    synonyms = ("sin", "siren")
    type: Literal["sine"] = "sine"
    omega: Positive = 1.0
    """The frequency: the period is 2 pi / omega."""

    def value(self, x: Any, xp: Any) -> Any:
        return xp.sin(self.omega * x)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return self.omega * xp.cos(self.omega * x)

    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0


class Gaussian(Activation):
    """exp(-x^2 / (2 sigma^2)).

    Ramasinghe and Lucey 2021, "Beyond Periodicity: Towards a Unifying Framework for Activations in Coordinate-MLPs",
    arXiv:2111.15135, table 1.
    """

    type: Literal["gaussian"] = "gaussian"
    sigma: Positive = 1.0
    """The distance of the inflections from the top, which is at 0."""

    def value(self, x: Any, xp: Any) -> Any:
        return xp.exp(-0.5 * xp.square(x / self.sigma))

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return -(x / self.sigma) * y / self.sigma

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


class InverseSquareRootUnit(Activation):
    """x / sqrt(1 + alpha x^2).

    Carlile, Delamarter, Kinney, Marti and Whitney 2017, "Improving Deep Learning by Inverse Square Root Linear Units
    (ISRLUs)", arXiv:1710.09967, section 4.
    """

    type: Literal["isru"] = "isru"
    alpha: Positive = 1.0
    """The values stay between -1 / sqrt(alpha) and 1 / sqrt(alpha)."""

    def value(self, x: Any, xp: Any) -> Any:
        return x / self._root(x, xp)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return self._root(x, xp) ** -3

    def bounds(self) -> tuple[float, float]:
        return -1.0 / sqrt(self.alpha), 1.0 / sqrt(self.alpha)

    def _root(self, x: Any, xp: Any) -> Any:
        return xp.sqrt(1.0 + self.alpha * xp.square(x))


class Squareplus(Activation):
    """(x + sqrt(x^2 + b)) / 2; computed as max(0, x) + b / (2 (|x| + sqrt(x^2 + b))), which does not cancel.

    Barron 2021, "Squareplus: A Softplus-Like Algebraic Rectifier", arXiv:2112.11687, eq. 1.
    """

    type: Literal["squareplus"] = "squareplus"
    b: Positive = 4.0
    """How wide the bend is: the value at 0 is sqrt(b) / 2."""

    def value(self, x: Any, xp: Any) -> Any:
        return xp.maximum(x, 0.0) + 0.5 * self.b / (xp.abs(x) + self._root(x, xp))

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return y / self._root(x, xp)

    def bounds(self) -> tuple[float, float]:
        return 0.0, inf

    def _root(self, x: Any, xp: Any) -> Any:
        return xp.sqrt(xp.square(x) + self.b)


class LogSigmoid(Activation):
    """log(1 / (1 + exp(-x))); computed as min(0, x) - log1p(exp(-|x|)); torch.nn.LogSigmoid."""

    synonyms = ("logsigmoid",)
    type: Literal["log_sigmoid"] = "log_sigmoid"

    def value(self, x: Any, xp: Any) -> Any:
        return xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x)))

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return _sigmoid(-x, xp)

    def bounds(self) -> tuple[float, float]:
        return -inf, 0.0


class TanhShrink(Activation):
    """x - tanh(x); torch.nn.Tanhshrink."""

    synonyms = ("tanhshrink",)
    type: Literal["tanh_shrink"] = "tanh_shrink"

    def value(self, x: Any, xp: Any) -> Any:
        return x - xp.tanh(x)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return xp.square(xp.tanh(x))


def _sigmoid(x: Any, xp: Any) -> Any:
    return xp.exp(xp.minimum(x, 0.0)) / (1.0 + xp.exp(-xp.abs(x)))
