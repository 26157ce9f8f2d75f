"""Initializers that are matrices, also where a parameter has more axes, as the kernels (*taps, channels, filters)."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal

from specnet.builtins.plain_initializers import Number, Size
from specnet.component import Component, Initializer, Shape
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random


class Orthogonal(Initializer):
    """gain Q, where the rows of Q, or its columns if these are fewer, are orthonormal, and any such Q is as likely.

    Saxe, McClelland and Ganguli 2014, arXiv:1312.6120; Q is that of a QR decomposition of normal draws with the signs
    of R's diagonal taken out (Mezzadri 2007, arXiv:math-ph/0609050). Columns are the last axis, rows are all others
    together, which for kernels makes each filter a column; a vector is one row.
    """

    type: Literal["orthogonal"] = "orthogonal"
    gain: Size = 1.0
    """What all singular values are."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        import numpy as np

        rows, columns = prod(shape[:-1]), shape[-1]
        Q, R = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        Q *= np.where(np.diagonal(R) < 0, -self.gain, self.gain)
        return np.ascontiguousarray(Q if rows >= columns else Q.T).reshape(shape)


class Identity(Initializer):
    """gain where the row and the column are the same, else 0; a vector, as of biases, is 0.

    Rows and columns are the last two axes, in the middle of all others, where a kernel passes on what it stands over.
    """

    synonyms = ("eye",)
    type: Literal["identity"] = "identity"
    gain: Number = 1.0
    """What stands on the diagonal."""

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        import numpy as np

        drawn: Array = np.zeros(shape)
        if len(shape) > 1:
            drawn[tuple(size // 2 for size in shape[:-2])] = self.gain * np.eye(shape[-2], shape[-1])
        return drawn


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The initializers of this room."""
    return [Identity, Orthogonal]
