"""What recurrent layers share: the way through time and back, in both directions, over padding."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pydantic import Field

from specnet.api import AnyInitializer, GlorotUniform, Layer, LayerPlan, Orthogonal, Parameter, Shape, Zeros
from specnet_sequence.sequences import idle_times, padded_sequence_of, unmoved

if TYPE_CHECKING:
    from specnet.api import Context

State = tuple[Any, ...]
"""What a cell hands to the next time, (units, rows) each; the first is what the layer gives."""
Pull = Callable[[State], tuple[Any, Any, State]]
"""From d state after to (dz, da, d state before), without what flows back through a."""


class Way(NamedTuple):
    """One direction through time: the ends of its parameters' names, and the times that follow and precede others."""

    end: str
    order: range
    later: slice
    earlier: slice


class Recurrent(Layer):
    """A cell that goes through time; what it knows of the times before stands in its state, 0 at first."""

    blocks: ClassVar[int]
    """How many times as many rows as units W, U and b have."""
    states: ClassVar[int] = 1
    """The arrays of the state."""
    apart: ClassVar[bool] = False
    """True for a cell that takes W x + b and U h + c apart, and not only their sum; then it has biases c."""

    units: int = Field(gt=0)
    """Numbers of the state, which come out for one row."""
    bidirectional: bool = False
    """Whether a second cell goes from the last time to the first; its numbers follow those of the first cell."""
    return_sequences: bool = False
    """Whether all states come out, (time, units), and not only the last one of each direction."""
    padding: float | None = None
    """Times at which each number is this one, in the units of the net, leave the state as it is.

    They are looked for in the second of two `inputs`, (time,) or (time, features), such as the whole numbers before an
    embedding; or else in the sequence itself.
    """
    weight_initializer: AnyInitializer = GlorotUniform.of_defaults()
    """Where W starts, which is for the inputs."""
    recurrent_initializer: AnyInitializer = Orthogonal.of_defaults()
    """Where U starts, which is for the state."""
    bias_initializer: AnyInitializer = Zeros.of_defaults()
    """Where biases start."""

    @abstractmethod
    def step(self, ctx: Context, z: Any, a: Any, before: State) -> tuple[State, Pull]:
        """The state after one time from z = W x + b, which may be overwritten, a = U h + c and the state before."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        steps, features = padded_sequence_of(self, in_shapes, self.padding)
        rows, params = self.blocks * self.units, []
        for way in self._ways(steps):
            params += [
                Parameter(f"W{way.end}", (rows, features), self.weight_initializer, features, self.units),
                Parameter(f"U{way.end}", (rows, self.units), self.recurrent_initializer, self.units, self.units),
            ]
            params += [
                Parameter(f"{name}{way.end}", (rows,), self.bias_initializer, features, self.units, decaying=False)
                for name in ("b", "c")[: 1 + self.apart]
            ]
        wide = self.units * (1 + self.bidirectional)
        return LayerPlan((steps, wide) if self.return_sequences else (wide,), tuple(params))

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> tuple[Any, Any]:
        x, xp = inputs[0], ctx.xp
        rows, steps, _ = x.shape
        ways, idle = self._ways(steps), idle_times(inputs, self.padding, xp)
        states = ctx.empty((rows, steps, self.units * len(ways)))
        own = [slice(k * self.units, (k + 1) * self.units) for k in range(len(ways))]
        pulls = [self._through(ctx, params, way, x, states.T[part], idle) for way, part in zip(ways, own, strict=True)]
        y = states
        if not self.return_sequences:
            y = ctx.empty((rows, states.shape[2]))
            for way, part in zip(ways, own, strict=True):
                y[:, part] = states[:, way.order[-1], part]

        def pullback(dy: Any) -> tuple[Any, ...]:
            dx = None
            for pull, part in zip(pulls, own, strict=True):
                more = pull(dy.T[part])
                dx = more if dx is None else xp.add(dx, more, out=dx)
            return (dx, *unmoved(ctx, inputs[1:]))

        return y, pullback

    def _ways(self, steps: int) -> tuple[Way, ...]:
        there = Way("", range(steps), slice(1, None), slice(None, -1))
        back = Way("_reverse", range(steps - 1, -1, -1), slice(None, -1), slice(1, None))
        return (there, back) if self.bidirectional else (there,)

    def _through(
        self, ctx: Context, params: Mapping[str, Any], way: Way, x: Any, states: Any, idle: Any
    ) -> Callable[[Any], Any]:
        """Writes the states, (units, time, rows); the pullback of them, or of the last one, gives dx.

        Rows are the last axis throughout, so that they are next to each other in feature-major memory.
        """
        xp, (rows, steps, features), tall = ctx.xp, x.shape, self.blocks * self.units
        U, c = params[f"U{way.end}"], params.get(f"c{way.end}")
        X, Z = x.T.reshape(features, steps * rows), ctx.empty((rows, steps, tall)).T
        flat = Z.reshape(tall, steps * rows)
        xp.matmul(params[f"W{way.end}"], X, out=flat)
        xp.add(flat, params[f"b{way.end}"][:, None], out=flat)
        before, pulls = self._nothing(states, xp), []
        for t in way.order:
            a = xp.matmul(U, before[0])
            after, pull = self.step(ctx, Z[:, t], a if c is None else xp.add(a, c[:, None], out=a), before)
            before = after if idle is None else _where(idle[t], before, after, xp)
            states[:, t] = before[0]
            pulls.append(pull)

        def pullback(dy: Any) -> Any:
            dA = ctx.empty((rows, steps, tall)).T if self.apart else Z
            self._back(way, U, dy, pulls, Z, dA, idle, xp)
            self._gradients(ctx, way, X, Z, dA, states)
            dx = ctx.empty(x.shape)
            xp.matmul(params[f"W{way.end}"].T, flat, out=dx.T.reshape(features, steps * rows))
            return dx

        return pullback

    def _back(self, way: Way, U: Any, dy: Any, pulls: list[Pull], dZ: Any, dA: Any, idle: Any, xp: Any) -> None:
        """Writes dz and da of each time, from the last to the first."""
        carried = self._nothing(dZ, xp)
        for t, pull in zip(reversed(way.order), reversed(pulls), strict=True):
            if self.return_sequences or t == way.order[-1]:
                carried = (carried[0] + (dy[:, t] if self.return_sequences else dy), *carried[1:])
            kept = carried
            if idle is not None:
                carried = tuple(xp.where(idle[t], 0.0, d) for d in carried)
            dZ[:, t], dA[:, t], (dh, *rest) = pull(carried)
            carried = (dh + xp.matmul(U.T, dA[:, t]), *rest)
            if idle is not None:
                carried = _where(idle[t], kept, carried, xp)

    def _nothing(self, like: Any, xp: Any) -> State:
        """The state at first."""
        return tuple(xp.zeros((self.units, like.shape[2]), like.dtype) for _ in range(self.states))

    def _gradients(self, ctx: Context, way: Way, X: Any, dZ: Any, dA: Any, states: Any) -> None:
        """Those of the parameters: sums over all times of outer products."""
        xp, gradients = ctx.xp, ctx.gradients
        flat = dZ.reshape(len(dZ), -1)
        xp.matmul(flat, X.T, out=gradients[f"W{way.end}"])
        xp.sum(flat, axis=1, out=gradients[f"b{way.end}"])
        if self.apart:
            xp.sum(dA.reshape(len(dA), -1), axis=1, out=gradients[f"c{way.end}"])
        after, before = dA[:, way.later], states[:, way.earlier]
        xp.matmul(after.reshape(len(after), -1), before.reshape(len(before), -1).T, out=gradients[f"U{way.end}"])


def _where(idle: Any, old: State, new: State, xp: Any) -> State:
    """The old state in the rows that are idle, the new one in others."""
    return tuple(xp.where(idle, before, after) for before, after in zip(old, new, strict=True))
