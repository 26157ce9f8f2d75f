"""Network: the steps of a plan bound to weights and memory, forward and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.engine.arena import Arena

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.plan import Plan
    from specnet.streams import Random, Streams
    from specnet.weights import Weights


def quiet() -> np.errstate:
    """Without NumPy's warnings of overflow: what is not finite is found by the loop, which says where it is."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


class StepContext:
    """What a layer or a loss sees of the engine; see `specnet.component.Context`."""

    xp = np
    __slots__ = ("_draw", "buffers", "empty", "gradients", "input_gradient", "training")

    def __init__(
        self,
        arena: Arena,
        training: bool,
        gradients: Mapping[str, Array],
        buffers: Mapping[str, Array],
        input_gradient: bool,
        draw: Callable[[], Random],
    ) -> None:
        self.empty = arena.empty
        self.training = training
        self.gradients = gradients
        self.buffers = buffers
        self.input_gradient = input_gradient
        self._draw = draw

    @property
    def rng(self) -> Random:
        """The stream of this layer and this step."""
        return self._draw()


def bare_context(dtype: Any) -> StepContext:
    """What a loss is given where there is no net; each array of it is new memory."""

    def draw() -> Random:
        raise RuntimeError("a loss draws random numbers")

    return StepContext(Arena(dtype), False, {}, {}, True, draw)


class Network:
    """One way through the plan and back; `gradient` is as long as the flat weights, and 0 where those are frozen."""

    def __init__(self, plan: Plan, weights: Weights, training: bool, streams: Streams | None = None) -> None:
        self.arena = Arena(weights.flat.dtype)
        self.step = 0
        self.gradient: Array = np.zeros_like(weights.flat) if training else weights.flat[:0]
        self._streams = streams
        self._rngs: dict[int, tuple[int, Random]] = {}
        self._values: list[Array] = []
        self._pullbacks: list[Callable[[Array], tuple[Array | None, ...]]] = []
        gradients: list[dict[str, Array]] = weights.views(self.gradient) if training else [{} for _ in plan.steps]
        self._steps = []
        self._moving: list[bool] = []
        """For each step whether training moves what it gives: else nobody needs a gradient of it."""
        for position, (step, params) in enumerate(zip(plan.steps, weights.views(weights.flat), strict=True)):
            needed = any(source >= 0 and self._moving[source] for source in step.sources)
            self._moving.append(needed or (bool(step.slots) and not step.is_frozen))
            learns = training and not step.is_frozen
            own = gradients[position]
            if step.is_frozen:  # written by its pullback and read by nobody
                own = {name: np.empty_like(view) for name, view in own.items()}
            ctx = self._context(learns, own, weights.buffers[position], needed, position)
            # Shifted by one: the data is value 0, the output of a step is the value after its position.
            sources = tuple(source + 1 for source in step.sources)
            self._steps.append((step.layer.forward, ctx, params, sources))
        self.loss_context = self._context(training, {}, {}, True, len(plan.steps))

    @property
    def outputs(self) -> list[Array]:
        """What each step has made of the last batch."""
        return self._values[1:]

    def forward(self, x: Array) -> Array:
        """The output of the last step for (rows, columns)."""
        self.arena.rewind()
        values = self._values = [x]
        pullbacks = self._pullbacks = []
        for forward, ctx, params, sources in self._steps:
            y, pullback = forward(ctx, params, *[values[source] for source in sources])
            values.append(y)
            pullbacks.append(pullback)
        return y

    def backward(self, dy: Array) -> None:
        """Fills the part of `gradient` that training moves, from the gradient of the loss for the last output."""
        pending: list[Array | None] = [None] * len(self._pullbacks)
        pending.append(dy)
        way = zip(reversed(self._steps), reversed(self._moving), reversed(self._pullbacks), strict=True)
        for (_, _, _, sources), moving, pullback in way:
            above = pending.pop()
            if not moving:
                continue
            if above is None:
                raise RuntimeError("a step got no gradient from the steps that read it")
            pulled = pullback(above)
            for source, dx in zip(sources, pulled if len(sources) == 1 else _apart(pulled), strict=True):
                if source > 0 and dx is not None:
                    before = pending[source]
                    pending[source] = dx if before is None else np.add(before, dx, out=before)

    def _context(
        self,
        training: bool,
        gradients: Mapping[str, Array],
        buffers: Mapping[str, Array],
        input_gradient: bool,
        position: int,
    ) -> StepContext:
        streams = self._streams
        if streams is None:  # nothing that holds the network: it and its memory go when the last user does
            return StepContext(self.arena, training, gradients, buffers, input_gradient, _no_draw)

        def draw() -> Random:
            step, rng = self._rngs.get(position, (-1, None))
            if rng is None or step != self.step:
                rng = streams.of("noise", position, self.step)
                self._rngs[position] = (self.step, rng)
            return rng

        return StepContext(self.arena, training, gradients, buffers, input_gradient, draw)


def _no_draw() -> Random:
    raise RuntimeError("a layer draws random numbers outside training")


def _apart(gradients: tuple[Array | None, ...]) -> list[Array | None]:
    """Gradients that share no memory: a sum hands its dy to each input, and each of their pullbacks writes into it."""
    apart: list[Array | None] = []
    for dx in gradients:
        shared = dx is not None and any(np.may_share_memory(dx, other) for other in apart if other is not None)
        apart.append(dx.copy(order="K") if shared and dx is not None else dx)
    return apart
