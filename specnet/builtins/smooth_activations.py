"""Activations that are curved: made of exp, tanh and quotients."""

from __future__ import annotations

from math import floor, inf, log, pi, sqrt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.builtins.logits import sigmoid
from specnet.builtins.normal import cdf
from specnet.component import Activation, Component
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array

Factor = Annotated[float, Field(ge=0, le=1e12)]
"""So small that its product with any sensible x is a number in float32 too."""
SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
"""With these mean 0 and variance 1 reproduce themselves from layer to layer."""


class Elu(Activation):
    """y = x if x > 0, else alpha (exp(x) - 1); the slope at 0 is alpha (Clevert et al. 2015, arXiv:1511.07289)."""

    type: Literal["elu"] = "elu"
    alpha: Factor = 1.0
    """How far below 0 the values go; there is a kink at 0 unless it is 1."""

    def value(self, x: Array, xp: Any) -> Array:
        return _elu(x, self.alpha, xp)

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return _elu_slope(x, 1.0, self.alpha, xp)

    def bounds(self) -> tuple[float, float]:
        return -self.alpha, inf


class Selu(Activation):
    """y = 1.0507 elu(x) with alpha = 1.6733; the slope at 0 is 1.7581 (Klambauer et al. 2017, arXiv:1706.02515)."""

    type: Literal["selu"] = "selu"

    def value(self, x: Array, xp: Any) -> Array:
        return SELU_SCALE * _elu(x, SELU_ALPHA, xp)

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return _elu_slope(x, SELU_SCALE, SELU_SCALE * SELU_ALPHA, xp)

    def bounds(self) -> tuple[float, float]:
        return -SELU_SCALE * SELU_ALPHA, inf


class Gelu(Activation):
    """y = x P(Z <= x) for a standard normal Z (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""

    type: Literal["gelu"] = "gelu"
    approximate: Literal["none", "tanh"] = "none"
    """none is exact; tanh is x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, off by less than 0.0005."""

    def value(self, x: Array, xp: Any) -> Array:
        return x * (cdf(x, xp) if self.approximate == "none" else sigmoid(_gelu_argument(x), xp))

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        if self.approximate == "none":
            near = xp.abs(x) < 1e-30
            gate = xp.where(near, 0.5, y / xp.where(near, 1.0, x))  # cheaper than a second distribution function
            bend = xp.exp(-0.5 * xp.square(x)) / sqrt(2 * pi)
        else:
            gate = sigmoid(_gelu_argument(x), xp)
            bend = gate * sigmoid(-_gelu_argument(x), xp) * (2 * sqrt(2 / pi)) * (1 + 3 * 0.044715 * xp.square(x))
        slopes: Array = gate + x * bend
        return slopes

    def bounds(self) -> tuple[float, float]:
        return (-0.16997120747990366 if self.approximate == "none" else -0.17004075057125406), inf


class Silu(Activation):
    """y = x / (1 + exp(-x)) (Elfwing et al. 2017, arXiv:1702.03118; swish with beta = 1)."""

    synonyms = ("swish",)
    type: Literal["silu"] = "silu"

    def value(self, x: Array, xp: Any) -> Array:
        return x * sigmoid(x, xp)

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return sigmoid(x, xp) + y * sigmoid(-x, xp)

    def bounds(self) -> tuple[float, float]:
        return -0.2784645427610738, inf


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x))."""

    synonyms = ("logistic",)
    type: Literal["sigmoid"] = "sigmoid"

    def value(self, x: Array, xp: Any) -> Array:
        return sigmoid(x, xp)

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return y * (1 - y)

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


class Tanh(Activation):
    """y = tanh(x)."""

    synonyms = ("hyperbolic_tangent",)
    type: Literal["tanh"] = "tanh"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.tanh(x)
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = 1 - xp.square(y)
        return slopes

    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0


class Softplus(Activation):
    """y = log(1 + exp(x)), computed as max(0, x) + log1p(exp(-|x|)), without a threshold."""

    synonyms = ("soft_plus", "smooth_relu")
    type: Literal["softplus"] = "softplus"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return sigmoid(x, xp)

    def bounds(self) -> tuple[float, float]:
        return 0.0, inf


class Softsign(Activation):
    """y = x / (1 + |x|)."""

    synonyms = ("soft_sign",)
    type: Literal["softsign"] = "softsign"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = x / (1 + xp.abs(x))
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        slopes: Array = 1 / xp.square(1 + xp.abs(x))
        return slopes

    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0


class Exp(Activation):
    """y = exp(x); where that overflows, beyond 709 in float64 and 88 in float32, y stays what it is there."""

    synonyms = ("exponential",)
    type: Literal["exp"] = "exp"

    def value(self, x: Array, xp: Any) -> Array:
        y: Array = xp.exp(xp.minimum(x, float(floor(log(xp.finfo(x.dtype).max)))))
        return y

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return y

    def bounds(self) -> tuple[float, float]:
        return 0.0, inf


def _elu(x: Array, alpha: float, xp: Any) -> Array:
    y: Array = xp.maximum(x, 0.0) + alpha * xp.expm1(xp.minimum(x, 0.0))
    return y


def _elu_slope(x: Array, right: float, left: float, xp: Any) -> Array:
    slopes: Array = xp.where(x > 0, xp.full_like(x, right), left * xp.exp(xp.minimum(x, 0.0)))
    return slopes


def _gelu_argument(x: Array) -> Array:
    """u such that (1 + tanh(u / 2)) / 2 = 1 / (1 + exp(-u)) is the gate."""
    return 2 * sqrt(2 / pi) * (x + 0.044715 * x**3)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The activations of this room."""
    return [Elu, Exp, Gelu, Selu, Sigmoid, Silu, Softplus, Softsign, Tanh]
