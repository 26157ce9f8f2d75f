"""Where in a sequence a number stands, told by numbers that are added to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.api import Layer, LayerPlan, Shape
from specnet_sequence.sequences import sequence_of

if TYPE_CHECKING:
    from specnet.api import Context


class PositionalEncoding(Layer):
    """y = x + P, with P[t, 2k] = sin(t base**(-2k / features)) and P[t, 2k + 1] the cosine of the same; t from 0 on.

    Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """

    type: Literal["positional_encoding"] = "positional_encoding"
    base: Annotated[float, Field(gt=1)] = 10_000.0
    """The longest wave takes almost 2 pi base times."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(sequence_of(self, in_shapes))

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> tuple[Any, Any]:
        (x,), xp = inputs, ctx.xp
        _, steps, features = x.shape
        places = xp.arange(features)
        angles = xp.arange(steps)[:, None] * self.base ** (-2.0 * (places // 2) / features)
        waves = xp.where(places % 2 == 0, xp.sin(angles), xp.cos(angles))
        y = xp.add(x, waves.astype(x.dtype), out=ctx.empty(x.shape))
        return y, lambda dy: (dy,)
