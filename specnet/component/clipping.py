"""Clipping of gradients: those that are too large are made smaller before anything is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from specnet.component.base import Declaration

if TYPE_CHECKING:
    from specnet.arrays import Array

_SMALLEST = 1e-30
"""Below it the square of a norm may have lost digits in float32."""


class GradientClipping(Declaration):
    """Gradients beyond a limit are made smaller, before decay and the optimizer see them."""

    mode: Literal["value", "norm", "global_norm"]
    """What is held to the limit: each number, the Euclidean norm of each parameter's gradient, or that of all together.

    By a norm the direction stays; a gradient g becomes g limit / |g|.
    """
    limit: float = Field(ge=1e-30, le=1e30, examples=[1.0])
    """What is not exceeded."""

    def clip(self, gradients: Array, parts: Sequence[Array], xp: Any) -> None:
        """Clips flat and finite gradients in place; `parts` are views of them, one for each parameter."""
        if self.mode == "value":
            xp.clip(gradients, -self.limit, self.limit, out=gradients)
            return
        for part in (gradients,) if self.mode == "global_norm" else parts:
            self._shorten(part, xp)

    def _shorten(self, part: Array, xp: Any) -> None:
        flat = part.reshape(-1)
        square = float(xp.dot(flat, flat))
        if not _SMALLEST < square < inf:  # in float32 the squares of numbers beyond 1.8e19 are too large
            largest = float(xp.max(xp.abs(flat), initial=0.0))
            if largest == 0:
                return
            flat = flat / largest
            square = float(xp.dot(flat, flat))
            if largest * sqrt(square) > self.limit:
                xp.multiply(flat.reshape(part.shape), self.limit / sqrt(square), out=part)
        elif sqrt(square) > self.limit:
            part *= self.limit / sqrt(square)
