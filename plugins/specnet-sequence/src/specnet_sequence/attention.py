"""Attention: each time of a sequence reads the others, and weighs them by what they say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from specnet.api import AnyInitializer, GlorotUniform, Layer, LayerPlan, Parameter, Shape, ShapeError, Zeros
from specnet_sequence.sequences import idle_times, padded_sequence_of, unmoved

if TYPE_CHECKING:
    from specnet.api import Context


class MultiHeadAttention(Layer):
    """y = O [softmax(q k' / sqrt(head_size)) v of each head] + c, where q, k and v are the thirds of W x + b.

    Vaswani et al. 2017, arXiv:1706.03762, section 3.2, of a sequence with itself. W has the shape
    (3 heads head_size, features), as the in_proj_weight of PyTorch, and O (features, heads head_size).
    """

    synonyms = ("attention", "self_attention", "multihead_attention")
    type: Literal["multi_head_attention"] = "multi_head_attention"
    heads: int = Field(gt=0, examples=[2])
    """How many times attention is paid, each by numbers of its own."""
    head_size: int | None = Field(default=None, gt=0)
    """The numbers of one head; features / heads when it is left out."""
    causal: bool = False
    """Whether a time reads only itself and those before it."""
    padding: float | None = None
    """Times at which each number is this one, in the units of the net, are read by none; where none is left, y = c.

    They are looked for in the second of two `inputs`, (time,) or (time, features), such as the whole numbers before an
    embedding; or else in the sequence itself.
    """
    weight_initializer: AnyInitializer = GlorotUniform.of_defaults()
    """Where W and O start."""
    bias_initializer: AnyInitializer = Zeros.of_defaults()
    """Where biases start."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        steps, features = padded_sequence_of(self, in_shapes, self.padding)
        inner = self.heads * self._size(features)
        params = (
            Parameter("W", (3 * inner, features), self.weight_initializer, features, inner),
            Parameter("b", (3 * inner,), self.bias_initializer, features, inner, decaying=False),
            Parameter("O", (features, inner), self.weight_initializer, inner, features),
            Parameter("c", (features,), self.bias_initializer, inner, features, decaying=False),
        )
        return LayerPlan((steps, features), params)

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> tuple[Any, Any]:
        x, xp, W = inputs[0], ctx.xp, params["W"]
        rows, steps, _ = x.shape
        X = _flat(ctx, x)
        thirds = xp.matmul(X, W.T, out=_by_rows(ctx, (len(X), len(W))))
        thirds += params["b"]
        parted = thirds.reshape(rows, steps, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        P = self._weights(ctx, parted[0], parted[1], idle_times(inputs, self.padding, xp))
        read = _flat(ctx, xp.matmul(P, parted[2]).transpose(0, 2, 1, 3))
        y = xp.add(xp.matmul(read, params["O"].T).reshape(x.shape), params["c"], out=ctx.empty(x.shape))

        def pullback(dy: Any) -> tuple[Any, ...]:
            dY = _flat(ctx, dy)
            xp.matmul(dY.T, read, out=ctx.gradients["O"])
            xp.sum(dY, axis=0, out=ctx.gradients["c"])
            back = xp.matmul(dY, params["O"]).reshape(rows, steps, self.heads, -1).transpose(0, 2, 1, 3)
            _into_thirds(parted, P, back, xp)
            xp.matmul(thirds.T, X, out=ctx.gradients["W"])
            xp.sum(thirds, axis=0, out=ctx.gradients["b"])
            dx = ctx.empty(x.shape)
            dx[...] = xp.matmul(thirds, W).reshape(x.shape)
            return (dx, *unmoved(ctx, inputs[1:]))

        return y, pullback

    def _size(self, features: int) -> int:
        """The numbers of a head. Raises ShapeError for features that the heads cannot share."""
        if self.head_size is None and features % self.heads:
            raise ShapeError(f"{self.type} shares {features} features among {self.heads} heads: say head_size")
        return self.head_size or features // self.heads

    def _weights(self, ctx: Context, q: Any, k: Any, idle: Any) -> Any:
        """The softmax over what is read, (rows, heads, time, time); 0 for what is not."""
        xp, (rows, heads, steps, size) = ctx.xp, q.shape
        P = xp.matmul(q, k.swapaxes(-1, -2), out=_by_rows(ctx, (rows, heads, steps, steps)))
        P *= 1 / sqrt(size)
        if self.causal:
            P += xp.where(xp.tri(steps, dtype=xp.bool_), 0.0, -xp.inf).astype(P.dtype)
        if idle is not None:
            P += xp.where(idle.T, -xp.inf, 0.0).astype(P.dtype)[:, None, None, :]
        greatest = xp.max(P, axis=-1, keepdims=True)
        P -= xp.where(greatest > -xp.inf, greatest, 0.0)
        xp.exp(P, out=P)
        total = xp.sum(P, axis=-1, keepdims=True)
        P /= xp.where(total > 0, total, 1.0)
        return P


def _into_thirds(parted: Any, P: Any, back: Any, xp: Any) -> None:
    """dq, dk and dv in the place of q, k and v, from what flows back to P v."""
    q, k, v = parted
    dv = xp.matmul(P.swapaxes(-1, -2), back)
    dP = xp.matmul(back, v.swapaxes(-1, -2))
    dS = P * (dP - xp.sum(dP * P, axis=-1, keepdims=True)) / sqrt(q.shape[-1])
    dq, dk = xp.matmul(dS, k), xp.matmul(dS.swapaxes(-1, -2), q)
    parted[0], parted[1], parted[2] = dq, dk, dv


def _flat(ctx: Context, x: Any) -> Any:
    """A copy with one row for each time of each row."""
    copy = _by_rows(ctx, x.shape)
    copy[...] = x
    return copy.reshape(x.shape[0] * x.shape[1], -1)


def _by_rows(ctx: Context, shape: Shape) -> Any:
    """Memory in which the last axis runs fastest, as products of each row want it."""
    return ctx.empty(shape[::-1]).T
