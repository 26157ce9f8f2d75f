"""Optimizers that divide the gradient of each parameter by what its size has been.

A mean that forgets is kept as a sum, V = rho V + dw**2, and 1 - rho is multiplied where the mean is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from specnet.builtins.optimizers import Decaying, Epsilon, Kept
from specnet.component import Component, Scheduled
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class Adagrad(Decaying):
    """V += dw**2; w -= learning_rate dw / (sqrt(V) + epsilon) (Duchi, Hazan and Singer 2011, JMLR 12)."""

    type: Literal["adagrad"] = "adagrad"
    learning_rate: Scheduled = Field(examples=[0.01])
    """The length of the first step of each parameter."""
    epsilon: Epsilon = 1e-10
    """Added to the divisor."""

    def slots(self) -> tuple[str, ...]:
        return ("V",)

    def scratch(self) -> tuple[str, ...]:
        return ("size",)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        V, size = state["V"], state["size"]
        V += xp.square(gradients, out=size)
        _descend(self, parameters, gradients, xp.sqrt(V, out=size))


class RmsProp(Decaying):
    """w -= learning_rate dw / (sqrt(v) + epsilon); v = rho v + (1 - rho) dw**2 (Tieleman and Hinton 2012).

    It was published as slide 29 of lecture 6 of "Neural Networks for Machine Learning".
    """

    type: Literal["rmsprop"] = "rmsprop"
    learning_rate: Scheduled = Field(examples=[0.001])
    """The length of a step of a parameter whose gradient is as large as it usually is."""
    rho: Kept = 0.99
    """What is left of the mean square v after a step; alpha in PyTorch."""
    epsilon: Epsilon = 1e-8
    """Added to the divisor."""

    def slots(self) -> tuple[str, ...]:
        return ("V",)

    def scratch(self) -> tuple[str, ...]:
        return ("size",)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        V, size = state["V"], state["size"]
        V *= self.rho
        V += xp.square(gradients, out=size)
        xp.multiply(V, 1 - self.rho, out=size)
        _descend(self, parameters, gradients, xp.sqrt(size, out=size))


class Adadelta(Decaying):
    """w -= learning_rate d; d = dw sqrt(u + epsilon) / sqrt(v + epsilon) (Zeiler 2012, arXiv:1212.5701).

    v and u are the means of dw**2 and of the d**2 before, each the old one times rho plus 1 - rho of the new.
    """

    type: Literal["adadelta"] = "adadelta"
    learning_rate: Scheduled = Field(examples=[1.0])
    """What the steps of the paper are multiplied by; the paper has 1."""
    rho: Kept = 0.9
    """What is left of the mean squares after a step."""
    epsilon: Epsilon = 1e-6
    """Added under both roots; its root is about the length of the first step."""

    def slots(self) -> tuple[str, ...]:
        return ("V", "U")

    def scratch(self) -> tuple[str, ...]:
        return ("size",)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        V, U, size = state["V"], state["U"], state["size"]
        V *= self.rho
        V += xp.square(gradients, out=size)
        gradients *= self._root(U, size, xp)
        gradients /= self._root(V, size, xp)
        U *= self.rho
        U += xp.square(gradients, out=size)
        gradients *= self.learning_rate
        parameters -= gradients

    def _root(self, total: Array, out: Array, xp: Any) -> Array:
        xp.multiply(total, 1 - self.rho, out=out)
        out += self.epsilon
        xp.sqrt(out, out=out)
        return out


def _descend(optimizer: Adagrad | RmsProp, parameters: Array, gradients: Array, size: Array) -> None:
    """w -= learning_rate dw / (size + epsilon), which overwrites the last two."""
    size += optimizer.epsilon
    gradients /= size
    gradients *= optimizer.learning_rate
    parameters -= gradients


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The optimizers of this room."""
    return [Adadelta, Adagrad, RmsProp]
