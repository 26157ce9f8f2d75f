"""Network: the steps of a plan bound to weights and memory, forward and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

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
    __slots__ = ("_draw", "_rng", "buffers", "empty", "gradients", "input_gradient", "training")

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
        self._rng: Random | None = None

    @property
    def rng(self) -> Random:
        """The stream of this layer and this step, made when it is first asked for."""
        if self._rng is None:
            self._rng = self._draw()
        return self._rng

    def renew(self) -> None:
        """A new step: the stream of the last one is over."""
        self._rng = None


class Network:
    """One way through the plan and back; `gradient` is as long as the weights' flat vector."""

    def __init__(self, plan: Plan, weights: Weights, training: bool, streams: Streams | None = None) -> None:
        self.arena = Arena(weights.flat.dtype)
        self.step = 0
        self.gradient: Array = np.zeros_like(weights.flat) if training else weights.flat[:0]
        self.outputs: list[Array] = []
        self._streams = streams
        self._sources = [step.sources for step in plan.steps]
        self._pullbacks: list[Callable[[Array], tuple[Array | None, ...]]] = []
        gradients: list[dict[str, Array]] = weights.views(self.gradient) if training else [{} for _ in plan.steps]
        self._steps = []
        for position, (step, params) in enumerate(zip(plan.steps, weights.views(weights.flat), strict=True)):
            needed = any(source >= 0 for source in step.sources)
            ctx = self._context(training, gradients[position], weights.buffers[position], needed, position)
            self._steps.append((step.layer.forward, ctx, params, step.sources))
        self.loss_context = self._context(training, {}, {}, True, len(plan.steps))

    def _context(
        self,
        training: bool,
        gradients: Mapping[str, Array],
        buffers: Mapping[str, Array],
        input_gradient: bool,
        position: int,
    ) -> StepContext:
        def draw() -> Random:
            if self._streams is None:
                raise RuntimeError("a layer draws random numbers outside training")
            return self._streams.of("noise", position, self.step)

        return StepContext(self.arena, training, gradients, buffers, input_gradient, draw)

    def forward(self, x: Array) -> Array:
        """The output of the last step for (rows, columns); every step's output stays in `outputs` until the next."""
        self.arena.rewind()
        outputs = self.outputs = []
        pullbacks = self._pullbacks = []
        for forward, ctx, params, sources in self._steps:
            ctx.renew()
            y, pullback = forward(ctx, params, *[outputs[source] if source >= 0 else x for source in sources])
            outputs.append(y)
            pullbacks.append(pullback)
        return outputs[-1]

    def backward(self, dy: Array) -> None:
        """Fills `gradient`, from the gradient of the loss for the last output."""
        last = len(self._pullbacks) - 1
        pending: list[Array | None] = [None] * last + [dy]
        for position in range(last, -1, -1):
            dy_here = pending[position]
            if dy_here is None:
                raise RuntimeError(f"step {position} got no gradient from the steps that read it")
            for source, dx in zip(self._sources[position], self._pullbacks[position](dy_here), strict=True):
                if source >= 0 and dx is not None:
                    before = pending[source]
                    pending[source] = dx if before is None else np.add(before, dx, out=before)
