"""Adam, and what was made of it: steps along the mean m of the gradients over the root of the mean v of their squares.

Both means are kept as sums, M = beta1 M + dw and V = beta2 V + dw**2, that is m / (1 - beta1) and v / (1 - beta2).
That they are 0 at first is corrected at step t: m' = m / (1 - beta1**t) and v' = v / (1 - beta2**t).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, NonNegativeFloat

from specnet.builtins.optimizers import Decaying, Epsilon, Kept
from specnet.component import Component, Decay, Scheduled
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class _Moments(Decaying):
    """What remembers the mean of the gradients and that of their squares."""

    learning_rate: Scheduled = Field(examples=[0.001])
    """About the length of the first steps of each parameter."""
    beta1: Kept = 0.9
    """What is left of the mean gradient m after a step."""
    beta2: Kept = 0.999
    """What is left of the mean square v after a step."""
    epsilon: Epsilon = 1e-8
    """Added to the divisor."""

    def slots(self) -> tuple[str, ...]:
        return ("M", "V")

    def _remember(self, gradients: Array, state: Mapping[str, Array], xp: Any) -> tuple[Array, Array]:
        """M and V with these gradients, which become their squares."""
        M, V = state["M"], state["V"]
        M *= self.beta1
        M += gradients
        xp.multiply(gradients, gradients, out=gradients)
        V *= self.beta2
        V += gradients
        return M, V

    def _size(self, V: Array, correction: float, out: Array, xp: Any) -> Array:
        """sqrt(v / correction) + epsilon."""
        xp.multiply(V, (1 - self.beta2) / correction, out=out)
        xp.sqrt(out, out=out)
        out += self.epsilon
        return out

    def _step(self, parameters: Array, M: Array, V: Array, step: int, memory: Array, xp: Any) -> None:
        """w -= learning_rate m' / (sqrt(v') + epsilon)."""
        xp.divide(M, self._size(V, 1 - self.beta2**step, memory, xp), out=memory)
        memory *= self.learning_rate * (1 - self.beta1) / (1 - self.beta1**step)
        parameters -= memory


class Adam(_Moments):
    """w -= learning_rate m' / (sqrt(v') + epsilon), decay coupled as L2: dw += weight_decay w (Kingma and Ba 2015).

    m' and v' are the means of dw and of dw**2, without the bias of their start at 0: arXiv:1412.6980, algorithm 1.
    amsgrad is Reddi, Kale and Kumar 2018, arXiv:1904.09237, corrected as in PyTorch. Decay goes into m and v too; for
    decay that acts on w alone there is `adamw`.
    """

    type: Literal["adam"] = "adam"
    amsgrad: bool = False
    """Whether v is the greatest that it has been, so that steps do not grow again."""

    def slots(self) -> tuple[str, ...]:
        return ("M", "V", "greatest") if self.amsgrad else ("M", "V")

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        M, V = self._remember(gradients, state, xp)
        if self.amsgrad:
            V = xp.maximum(V, state["greatest"], out=state["greatest"])
        self._step(parameters, M, V, step, gradients, xp)


class AdamW(_Moments):
    """`adam` with decoupled decay: w -= learning_rate (m' / (sqrt(v') + epsilon) + weight_decay w).

    Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2, with the rate in the place of its schedule multiplier, as
    in PyTorch.
    """

    synonyms = ("adam_w",)
    type: Literal["adamw"] = "adamw"
    weight_decay: NonNegativeFloat = 0.01
    """How much of w is taken off it in a step, times the rate; it goes into neither m nor v."""

    def decay(self) -> Decay:
        return Decay(decoupled=self.learning_rate * self.weight_decay, everywhere=self.decay_biases)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        M, V = self._remember(gradients, state, xp)
        self._step(parameters, M, V, step, gradients, xp)


class NAdam(_Moments):
    """w -= learning_rate (mu_(t+1) m / (1 - P_(t+1)) + (1 - mu_t) dw / (1 - P_t)) / (sqrt(v') + epsilon).

    mu_t = beta1 (1 - 0.96**(t momentum_decay) / 2), and P_t is the product of mu_1 to mu_t (Dozat 2016, "Incorporating
    Nesterov momentum into Adam", ICLR workshop); decay is coupled, as in `adam`.
    """

    synonyms = ("nesterov_adam",)
    type: Literal["nadam"] = "nadam"
    momentum_decay: NonNegativeFloat = 0.004
    """How fast mu rises from about half of beta1 to all of it."""

    def scratch(self) -> tuple[str, ...]:
        return ("direction",)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        now, then = (_mu(self.beta1, self.momentum_decay, t) for t in (step, step + 1))
        product = _mu_product(self.beta1, self.momentum_decay, step)
        direction = xp.multiply(gradients, (1 - now) / (1 - product), out=state["direction"])
        M, V = self._remember(gradients, state, xp)
        direction += xp.multiply(M, then * (1 - self.beta1) / (1 - product * then), out=gradients)
        direction /= self._size(V, 1 - self.beta2**step, gradients, xp)
        direction *= self.learning_rate
        parameters -= direction


def _mu(beta1: float, momentum_decay: float, step: int) -> float:
    return float(beta1 * (1 - 0.5 * 0.96 ** (step * momentum_decay)))


@lru_cache(maxsize=4)  # all pieces of a vector ask for the same one
def _mu_product(beta1: float, momentum_decay: float, step: int) -> float:
    """P_t, and 0 where 1 - P_t is 1 in float64: it is less than beta1**t, so few factors matter."""
    if beta1**step < 2**-54:
        return 0.0
    product = 1.0
    for t in range(1, step + 1):
        product *= _mu(beta1, momentum_decay, t)
    return product


class RAdam(_Moments):
    """w -= learning_rate m' r sqrt(1 - beta2**t) / (sqrt(v) + epsilon), and learning_rate m' while v says too little.

    r makes up for the variance of 1 / sqrt(v) in the first steps (Liu et al. 2020, arXiv:1908.03265, algorithm 2; the
    bound of 5 and the place of epsilon are PyTorch's); decay is coupled, as in `adam`.
    """

    synonyms = ("rectified_adam",)
    type: Literal["radam"] = "radam"

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        M, V = self._remember(gradients, state, xp)
        corrected = self.learning_rate * (1 - self.beta1) / (1 - self.beta1**step)
        rectified = self._rectification(step)
        if rectified is None:
            xp.multiply(M, corrected, out=gradients)
        else:
            xp.divide(M, self._size(V, 1.0, gradients, xp), out=gradients)
            gradients *= corrected * rectified * sqrt(1 - self.beta2**step)
        parameters -= gradients

    def _rectification(self, step: int) -> float | None:
        """r, None while there are too few steps for one."""
        most = 2 / (1 - self.beta2) - 1
        power = self.beta2**step
        length = most - 2 * step * power / (1 - power)
        if length <= 5:
            return None
        return sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The optimizers of this room."""
    return [Adam, AdamW, NAdam, RAdam]
