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


class StepContext:
    """What a layer or a loss sees of the engine; see `specnet.component.Context`."""

    xp = np
    __slots__ = ("_arena", "_draw", "_dtype", "_rng", "buffers", "gradients", "input_gradient", "training")

    def __init__(
        self,
        arena: Arena,
        dtype: np.dtype[Any],
        training: bool,
        gradients: Mapping[str, Array],
        buffers: Mapping[str, Array],
        input_gradient: bool,
        draw: Callable[[], Random],
    ) -> None:
        self._arena = arena
        self._dtype = dtype
        self._draw = draw
        self._rng: Random | None = None
        self.training = training
        self.gradients = gradients
        self.buffers = buffers
        self.input_gradient = input_gradient

    @property
    def rng(self) -> Random:
        """The stream of this layer and this step, made when it is first asked for."""
        if self._rng is None:
            self._rng = self._draw()
        return self._rng

    def renew(self) -> None:
        """A new step: the stream of the last one is over."""
        self._rng = None

    def empty(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """The arena's next array, in the net's dtype unless another is asked for."""
        return self._arena.empty(shape, self._dtype if dtype is None else dtype)


class Network:
    """One way through the plan and back; `gradient` is as long as the weights' flat vector."""

    def __init__(self, plan: Plan, weights: Weights, training: bool, streams: Streams | None = None) -> None:
        self.arena = Arena()
        self.step = 0
        self.gradient: Array = np.zeros_like(weights.flat) if training else weights.flat[:0]
        self._plan = plan
        dtype = weights.flat.dtype
        gradients: list[dict[str, Array]] = weights.views(self.gradient) if training else [{} for _ in plan.steps]

        def context(position: int, input_gradient: bool) -> StepContext:
            def draw() -> Random:
                if streams is None:
                    raise RuntimeError("a layer draws random numbers outside training")
                return streams.of("noise", position, self.step)

            own, kept = (gradients[position], weights.buffers[position]) if position >= 0 else ({}, {})
            return StepContext(self.arena, dtype, training, own, kept, input_gradient, draw)

        needed = [any(source >= 0 for source in step.sources) for step in plan.steps]
        self._contexts = [context(position, need) for position, need in enumerate(needed)]
        self.loss_context = context(-1, True)
        self._parameters = weights.views(weights.flat)
        self._pullbacks: list[Callable[[Array], tuple[Array | None, ...]]] = []
        self.outputs: list[Array] = []

    def forward(self, x: Array) -> Array:
        """The output of the last step for (rows, columns); every step's output stays in `outputs` until the next."""
        self.arena.rewind()
        self.outputs.clear()
        self._pullbacks.clear()
        for step, ctx, parameters in zip(self._plan.steps, self._contexts, self._parameters, strict=True):
            ctx.renew()
            inputs = [self.outputs[source] if source >= 0 else x for source in step.sources]
            y, pullback = step.layer.forward(ctx, parameters, *inputs)
            self.outputs.append(y)
            self._pullbacks.append(pullback)
        return self.outputs[-1]

    def backward(self, dy: Array) -> None:
        """Fills `gradient`, from the gradient of the loss for the last output."""
        pending: dict[int, Array] = {len(self._pullbacks) - 1: dy}
        for position in reversed(range(len(self._pullbacks))):
            inputs = self._pullbacks[position](pending.pop(position))
            for source, dx in zip(self._plan.steps[position].sources, inputs, strict=True):
                if source < 0 or dx is None:
                    continue
                if source in pending:
                    np.add(pending[source], dx, out=pending[source])
                elif any(np.may_share_memory(dx, waiting) for waiting in pending.values()):
                    # A sum hands its dy to each of its inputs, and each of their pullbacks will write into it.
                    pending[source] = dx.copy(order="K")
                else:
                    pending[source] = dx
