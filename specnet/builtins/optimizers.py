"""Optimizers that follow the gradient or its sign, with the past as momentum; and what all optimizers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeFloat, model_validator

from specnet.component import Component, Decay, Optimizer, Scheduled
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array

Kept = Annotated[float, Field(ge=0, lt=1)]
"""What is left after a step of something that is forgotten."""
Epsilon = Annotated[float, Field(ge=1e-37)]
"""A divisor's least value: float32 still holds it, so that 0 / epsilon is 0."""


class Decaying(Optimizer):
    """What has a rate, and coupled decay if that is asked for."""

    learning_rate: Scheduled
    """The length of a step."""
    weight_decay: NonNegativeFloat = 0.0
    """How much of w is added to its gradient, which is L2 regularization, w'w weight_decay / 2 in the loss."""
    decay_biases: bool = False
    """Whether biases, and the scales and shifts of norms, decay as well, as they do in PyTorch; needs weight_decay."""

    @model_validator(mode="after")
    def _decays_at_all(self) -> Self:
        if self.decay_biases and not self.weight_decay:
            raise ValueError("decay_biases = true has no effect without weight_decay")
        return self

    def decay(self) -> Decay:
        return Decay(coupled=self.weight_decay, everywhere=self.decay_biases)


class GradientDescent(Decaying):
    """w -= learning_rate v; v = momentum v + (1 - dampening) dw, at step 1 v = dw, without momentum v = dw: as PyTorch.

    The rate stands outside of v (Polyak 1964), so that a schedule acts at once and not on what v gathers from then on.
    With nesterov it is w -= learning_rate (dw + momentum v) (Sutskever et al. 2013, PMLR 28, as rewritten by PyTorch).
    For dw = 1 at two steps, momentum 0.9 and rate 0.1 lead w from 0 to -0.29, with nesterov to -0.461.
    """

    synonyms = ("sgd",)
    type: Literal["gradient_descent"] = "gradient_descent"
    learning_rate: Scheduled
    """The length of a step, per unit of gradient."""
    momentum: Kept = 0.0
    """What is left of the velocity v after a step."""
    nesterov: bool = False
    """Whether a step looks ahead and follows dw + momentum v; needs momentum, takes no dampening."""
    dampening: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How much of the gradient is kept out of the velocity, from step 2 on; needs momentum."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.nesterov and self.dampening:
            raise ValueError(f"nesterov = true and dampening = {self.dampening:g} contradict each other")
        if not self.momentum and (self.nesterov or self.dampening):
            said = "nesterov = true" if self.nesterov else f"dampening = {self.dampening:g}"
            raise ValueError(f"{said} has no effect without momentum")
        return self

    def slots(self) -> tuple[str, ...]:
        return ("v",) if self.momentum else ()

    def scratch(self) -> tuple[str, ...]:
        return ("ahead",) if self.nesterov else ()

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        direction = self._accelerated(gradients, state, step, xp) if self.momentum else gradients
        xp.multiply(direction, self.learning_rate, out=gradients)
        xp.subtract(parameters, gradients, out=parameters)

    def _accelerated(self, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> Array:
        v = state["v"]
        v *= self.momentum
        if self.dampening and step > 1:
            gradients *= 1 - self.dampening
        v += gradients
        if not self.nesterov:
            return v
        gradients += xp.multiply(v, self.momentum, out=state["ahead"])
        return gradients


class Lion(Decaying):
    """w -= learning_rate (sign(beta1 m + (1 - beta1) dw) + weight_decay w); then m = beta2 m + (1 - beta2) dw.

    Chen et al. 2023, arXiv:2302.06675, algorithm 2. The decay is decoupled: it does not go into m.
    """

    type: Literal["lion"] = "lion"
    learning_rate: Scheduled = Field(examples=[0.0001])
    """The length of every step; the paper takes a third to a tenth of what adamw gets."""
    beta1: Kept = 0.9
    """The weight of the mean of the past in a step."""
    beta2: Kept = 0.99
    """What is left of that mean after a step."""
    weight_decay: NonNegativeFloat = 0.0
    """How much of w is taken off it in a step, times the rate."""

    def slots(self) -> tuple[str, ...]:
        return ("M",)

    def scratch(self) -> tuple[str, ...]:
        return ("move",)

    def decay(self) -> Decay:
        return Decay(decoupled=self.learning_rate * self.weight_decay, everywhere=self.decay_biases)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        M, move = state["M"], state["move"]  # M is m / (1 - beta2), and the sign of a multiple is the same
        xp.multiply(M, self.beta1 * (1 - self.beta2) / (1 - self.beta1), out=move)
        move += gradients
        xp.sign(move, out=move)
        move *= self.learning_rate
        parameters -= move
        M *= self.beta2
        M += gradients


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The optimizers of this room."""
    return [GradientDescent, Lion]
