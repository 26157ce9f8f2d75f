"""The transformer block: attention, then a dense net at each time, each added to what it has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from specnet.api import (
    AnyActivation,
    AnyInitializer,
    Dropout,
    GlorotUniform,
    Layer,
    LayerNorm,
    LayerPlan,
    Parameter,
    Relu,
    Shape,
    Zeros,
)
from specnet_sequence.attention import MultiHeadAttention
from specnet_sequence.sequences import padded_sequence_of, unmoved

if TYPE_CHECKING:
    from specnet.api import Context

Half = Callable[[Any], tuple[Any, Callable[[Any], Any]]]
"""y and the pullback dy -> dx, for an x."""


class TransformerBlock(Layer):
    """h = x + attention(norm(x)), y = h + W2 f(W1 norm(h) + b1) + b2, with a layer_norm for each half.

    With norm = "after" it is h = norm(x + attention(x)), y = norm(h + W2 f(W1 h + b1) + b2), the block of Vaswani et
    al. 2017 (arXiv:1706.03762); Xiong et al. 2020 (arXiv:2002.04745) show why the other one needs no warm-up.
    """

    synonyms = ("transformer", "transformer_encoder_layer")
    type: Literal["transformer_block"] = "transformer_block"
    heads: int = Field(gt=0, examples=[2])
    """The heads of the attention; features must be a multiple of them."""
    hidden: int = Field(gt=0)
    """The units of the dense net between W1 and W2."""
    activation: AnyActivation = Relu.of_defaults()
    """The f, elementwise."""
    norm: Literal["before", "after"] = "before"
    """Whether a half norms what it reads, or what it gives."""
    causal: bool = False
    """Whether a time reads only itself and those before it."""
    padding: float | None = None
    """Times at which each number is this one are read by none; see multi_head_attention."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of the numbers of attention and dense net that become 0 in training, before they are added to x."""
    weight_initializer: AnyInitializer = GlorotUniform.of_defaults()
    """Where all weights start."""
    bias_initializer: AnyInitializer = Zeros.of_defaults()
    """Where all biases start."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        shape = padded_sequence_of(self, in_shapes, self.padding)
        features = shape[1]
        norms = [_within(f"norm{k}_", LayerNorm().plan((shape,)).params) for k in (1, 2)]
        dense = (
            Parameter("W1", (self.hidden, features), self.weight_initializer, features, self.hidden),
            Parameter("b1", (self.hidden,), self.bias_initializer, features, self.hidden, decaying=False),
            Parameter("W2", (features, self.hidden), self.weight_initializer, self.hidden, features),
            Parameter("b2", (features,), self.bias_initializer, self.hidden, features, decaying=False),
        )
        attention = _within("attention_", self._attention.plan(in_shapes).params)
        return LayerPlan(shape, (*norms[0], *attention, *norms[1], *dense))

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> tuple[Any, Any]:
        x, marks = inputs[0], inputs[1:] or (inputs if self.padding is not None else ())
        attend = _part(ctx, params, "attention_", self._attention, *marks)
        h, pull_first = self._half(ctx, _part(ctx, params, "norm1_", LayerNorm()), attend, x)
        dense: Half = lambda z: self._dense(ctx, params, z)  # noqa: E731  # one line beside its like
        y, pull_second = self._half(ctx, _part(ctx, params, "norm2_", LayerNorm()), dense, h)
        return y, lambda dy: (pull_first(pull_second(dy)), *unmoved(ctx, inputs[1:]))

    @property
    def _attention(self) -> MultiHeadAttention:
        return MultiHeadAttention(
            heads=self.heads,
            causal=self.causal,
            padding=self.padding,
            weight_initializer=self.weight_initializer,
            bias_initializer=self.bias_initializer,
        )

    def _half(self, ctx: Context, norm: Half, inner: Half, x: Any) -> tuple[Any, Callable[[Any], Any]]:
        """x and what `inner` makes of it, one upon the other, normed before or after."""
        xp, first = ctx.xp, self.norm == "before"
        pull_norm: Any
        read, pull_norm = norm(x) if first else (x, None)
        made, pull_inner = inner(read)
        left, pull_dropout = Dropout(rate=self.dropout).forward(ctx, {}, made)
        y = xp.add(x, left, out=ctx.empty(x.shape))
        if not first:
            y, pull_norm = norm(y)

        def pullback(dy: Any) -> Any:
            if not first:
                dy = pull_norm(dy)
            branch = xp.positive(dy, out=ctx.empty(dy.shape))  # a copy: the pullbacks write into what they get
            dx = pull_inner(pull_dropout(branch)[0])
            return xp.add(dy, pull_norm(dx) if first else dx, out=dy)

        return y, pullback

    def _dense(self, ctx: Context, params: Mapping[str, Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        xp, W1, W2 = ctx.xp, params["W1"], params["W2"]
        rows, steps, features = x.shape
        X = x.T.reshape(features, steps * rows)
        z = ctx.empty((rows, steps, self.hidden))
        xp.matmul(W1, X, out=_flat(z))
        z += params["b1"]
        f, pull = self.activation.forward(ctx, z)
        F, y = f.T.reshape(self.hidden, steps * rows), ctx.empty(x.shape)
        xp.matmul(W2, F, out=_flat(y))
        y += params["b2"]

        def pullback(dy: Any) -> Any:
            dY = dy.T.reshape(features, steps * rows)
            xp.matmul(dY, F.T, out=ctx.gradients["W2"])
            xp.sum(dY, axis=1, out=ctx.gradients["b2"])
            df = ctx.empty(f.shape)
            xp.matmul(W2.T, dY, out=_flat(df))
            dZ = pull(df).T.reshape(self.hidden, steps * rows)
            xp.matmul(dZ, X.T, out=ctx.gradients["W1"])
            xp.sum(dZ, axis=1, out=ctx.gradients["b1"])
            dx = ctx.empty(x.shape)
            xp.matmul(W1.T, dZ, out=_flat(dx))
            return dx

        return y, pullback


class _Inside:
    """The context of a layer inside of another: its gradients are those whose names begin with a prefix."""

    def __init__(self, ctx: Context, prefix: str) -> None:
        self._ctx = ctx
        self.training = ctx.training
        self.input_gradient = True
        self.gradients: Mapping[str, Any] = _named(prefix, ctx.gradients)
        self.buffers: Mapping[str, Any] = {}
        self.xp = ctx.xp
        self.empty = ctx.empty

    @property
    def rng(self) -> Any:
        """The stream of the outer layer."""
        return self._ctx.rng


def _part(ctx: Context, params: Mapping[str, Any], prefix: str, layer: Layer, *marks: Any) -> Half:
    inside, own = _Inside(ctx, prefix), _named(prefix, params)

    def forward(x: Any) -> tuple[Any, Callable[[Any], Any]]:
        y, pull = layer.forward(inside, own, x, *marks)
        return y, lambda dy: pull(dy)[0]

    return forward


def _named(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _within(prefix: str, params: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    return tuple(parameter._replace(name=prefix + parameter.name) for parameter in params)


def _flat(x: Any) -> Any:
    """(features, time and rows) of feature-major memory, as a view."""
    return x.T.reshape(x.shape[2], x.shape[0] * x.shape[1])
