"""Optimizers: how parameters move along their gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from specnet.component import Component, Optimizer, Scheduled
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class GradientDescent(Optimizer):
    """w -= learning_rate * dw."""

    synonyms = ("sgd",)
    type: Literal["gradient_descent"] = "gradient_descent"
    learning_rate: Scheduled
    """The length of a step, per unit of gradient."""

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        xp.multiply(gradients, self.learning_rate, out=gradients)
        xp.subtract(parameters, gradients, out=parameters)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The optimizers of this room."""
    return [GradientDescent]
