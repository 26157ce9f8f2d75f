"""The cells of recurrent layers: h is the state that comes out, sigma the sigmoid, and * elementwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from specnet.api import AnyActivation, Tanh
from specnet_sequence.recurrent import Pull, Recurrent, State

if TYPE_CHECKING:
    from specnet.api import Context


class SimpleRnn(Recurrent):
    """h = f(W x + U h + b), with W of shape (units, features) and U of shape (units, units) (Elman 1990)."""

    synonyms = ("rnn", "elman")
    type: Literal["simple_rnn"] = "simple_rnn"
    activation: AnyActivation = Tanh.of_defaults()
    """The f, elementwise."""
    blocks = 1

    def bounds(self) -> tuple[float, float]:
        low, high = self.activation.bounds()
        return (low, high) if self.padding is None else (min(low, 0.0), max(high, 0.0))  # 0 is the state at first

    def step(self, ctx: Context, z: Any, a: Any, before: State) -> tuple[State, Pull]:
        z += a
        h, pull = self.activation.forward(ctx, z.T)

        def pullback(after: State) -> tuple[Any, Any, State]:
            dz = pull(after[0].T).T
            return dz, dz, (0.0,)

        return (h.T,), pullback


class Lstm(Recurrent):
    """c = f * c + i * g, h = o * tanh(c); i, f, g, o are the quarters of W x + U h + b, g by tanh, the rest by sigma.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; the order is that of PyTorch and Keras.
    """

    synonyms = ("long_short_term_memory",)
    type: Literal["lstm"] = "lstm"
    forget_bias: float = 1.0
    """Added to the quarter of f, so that c is kept at first (Jozefowicz et al. 2015, PMLR 37); PyTorch adds 0."""
    blocks = 4
    states = 2

    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0

    def step(self, ctx: Context, z: Any, a: Any, before: State) -> tuple[State, Pull]:
        xp, old, u = ctx.xp, before[1], self.units
        z += a
        i, f, g, o = (z[k * u : (k + 1) * u] for k in range(4))
        f += self.forget_bias
        _sigmoid(z[: 2 * u], xp)
        _sigmoid(o, xp)
        xp.tanh(g, out=g)
        c = f * old + i * g
        bent = xp.tanh(c)

        def pullback(after: State) -> tuple[Any, Any, State]:
            dh, dc = after
            dc = dc + dh * o * (1 - bent * bent)
            do, kept = dh * bent * o * (1 - o), dc * f
            dz = xp.concatenate([dc * g * i * (1 - i), dc * old * f * (1 - f), dc * i * (1 - g * g), do])
            return dz, dz, (0.0, kept)

        return (o * bent, c), pullback


class Gru(Recurrent):
    """h = (1 - u) * n + u * h, n = tanh(W x + b + r * (U h + c)); r, u, n are the thirds, r and u by sigma of the sum.

    Cho et al. 2014, arXiv:1406.1078, with the reset gate behind the product as in cuDNN, PyTorch and Keras, where b and
    c are biases of their own.
    """

    synonyms = ("gated_recurrent_unit",)
    type: Literal["gru"] = "gru"
    blocks = 3
    apart = True

    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0

    def step(self, ctx: Context, z: Any, a: Any, before: State) -> tuple[State, Pull]:
        xp, (h,), units = ctx.xp, before, self.units
        gates, n, inner = z[: 2 * units], z[2 * units :], a[2 * units :]
        gates += a[: 2 * units]
        _sigmoid(gates, xp)
        r, u = gates[:units], gates[units:]
        n += r * inner
        xp.tanh(n, out=n)

        def pullback(after: State) -> tuple[Any, Any, State]:
            (d,) = after
            dn = d * (1 - u) * (1 - n * n)
            dr, du = dn * inner * r * (1 - r), d * (h - n) * u * (1 - u)
            return xp.concatenate([dr, du, dn]), xp.concatenate([dr, du, dn * r]), (d * u,)

        return ((1 - u) * n + u * h,), pullback


def _sigmoid(z: Any, xp: Any) -> None:
    """1 / (1 + exp(-z)) in the place of z, as (1 + tanh(z / 2)) / 2, which does not overflow."""
    z *= 0.5
    xp.tanh(z, out=z)
    z += 1.0
    z *= 0.5
