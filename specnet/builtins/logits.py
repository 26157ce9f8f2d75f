"""Logits into probabilities and their logarithms, for every finite number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specnet.arrays import Array


def sigmoid(x: Array, xp: Any) -> Array:
    """1 / (1 + exp(-x)), of two exponentials, neither of which overflows."""
    y: Array = xp.exp(xp.minimum(x, 0.0)) / (1 + xp.exp(-xp.abs(x)))
    return y


def softplus(x: Array, xp: Any) -> Array:
    """log(1 + exp(x))."""
    y: Array = xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))
    return y


def softmax(z: Array, xp: Any) -> Array:
    """exp(z) / sum of exp(z), along the last axis."""
    powers = xp.exp(_below_greatest(z, xp))
    y: Array = powers / xp.sum(powers, axis=-1, keepdims=True)
    return y


def log_softmax(z: Array, xp: Any) -> Array:
    """z - log(sum of exp(z)), along the last axis."""
    shifted = _below_greatest(z, xp)
    # Without the greatest, which is 1: so the logarithm of a probability near 1 keeps its digits.
    others = xp.sum(xp.where(shifted < 0, xp.exp(shifted), 0.0), axis=-1, keepdims=True)
    ties = xp.sum(xp.where(shifted < 0, xp.zeros_like(z), 1.0), axis=-1, keepdims=True)
    y: Array = shifted - xp.log1p(others + (ties - 1))
    return y


def floored(p: Array, xp: Any) -> Array:
    """The probabilities, not less than the smallest normal number: their logarithms and inverses are finite."""
    above: Array = xp.maximum(p, float(xp.finfo(p.dtype).smallest_normal))
    return above


def _below_greatest(z: Array, xp: Any) -> Array:
    """z - max(z), but not below the least number; halves, because the difference of two numbers may overflow."""
    half = 0.5 * z - 0.5 * xp.max(z, axis=-1, keepdims=True)
    shifted: Array = 2 * xp.maximum(half, -0.5 * float(xp.finfo(z.dtype).max))
    return shifted
