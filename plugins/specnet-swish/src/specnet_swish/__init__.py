"""The swish activation (Ramachandran, Zoph and Le 2017, "Searching for Activation Functions", arXiv:1710.05941)."""

from __future__ import annotations

from typing import Any, Literal

from specnet.api import Activation, Component, hookimpl

SPECNET_API = 1


class Swish(Activation):
    """x * sigmoid(beta x)."""

    type: Literal["swish"] = "swish"
    beta: float = 1.0
    """How sharp the bend is; relu for large ones."""

    def value(self, x: Any, xp: Any) -> Any:
        return x * self._sigmoid(x, xp)

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        s = self._sigmoid(x, xp)
        return s + self.beta * y * (1 - s)

    def _sigmoid(self, x: Any, xp: Any) -> Any:
        return 0.5 * (1 + xp.tanh(0.5 * self.beta * x))  # tanh does not overflow, where exp does


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The activation of this plugin."""
    return [Swish]
