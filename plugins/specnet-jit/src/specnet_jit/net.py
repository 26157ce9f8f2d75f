"""The net of a plan, traced: one row forward, and back from the slope of the loss to the gradient of each weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet_jit.namespace import Namespace
from specnet_jit.nodes import ROW, Graph, Node, NotCompilableError
from specnet_jit.refusals import refused
from specnet_jit.traced import Rows, Traced

if TYPE_CHECKING:
    from specnet.api import Loss, Plan, Step

MAGIC = 1_000_003
OTHER_MAGIC = 999_983
"""Two numbers of rows that nobody means: what is traced with the one must be what is traced with the other."""


class TracingContext:
    """What a layer or a loss sees while it is traced; see `specnet.api.Context`."""

    def __init__(
        self, rows: Rows, training: bool, gradients: Mapping[str, Traced], input_gradient: bool, has_buffers: bool
    ) -> None:
        self.xp = Namespace(rows)
        self.training = training
        self.gradients = gradients
        self.input_gradient = input_gradient
        self._rows = rows
        self._has_buffers = has_buffers

    @property
    def buffers(self) -> Mapping[str, Any]:
        """Refused: they change from batch to batch."""
        if self._has_buffers:
            raise NotCompilableError("it keeps numbers between batches")
        return {}

    @property
    def rng(self) -> Any:
        """Refused: nothing random is compiled."""
        raise NotCompilableError("it draws random numbers")

    def empty(self, shape: tuple[int, ...], dtype: Any = None) -> Traced:
        """Cells without nodes; the first axis is that of the rows where it is as long as they are many."""
        axis = 0 if shape and shape[0] == self._rows else None
        sizes = (1, *shape[1:]) if axis == 0 else tuple(shape)
        return Traced(self._rows, np.full(sizes, None, object), axis)


@dataclass(frozen=True)
class TracedNet:
    """The nodes of a net: what each step gives for a row, and the gradients of the weights that are trained."""

    graph: Graph
    outputs: tuple[tuple[Node, ...], ...]
    gradients: tuple[Node, ...] = ()


class Tracer:
    """Goes through the plan once, as an engine goes through it with arrays."""

    def __init__(self, plan: Plan, dtype: str, training: bool, unrolled: bool, magic: int = MAGIC) -> None:
        self._plan = plan
        self._training = training
        self.graph = Graph(dtype, unrolled)
        self.rows = Rows(self.graph, magic)
        self._values: list[Traced] = []
        self._pullbacks: list[Callable[[Traced], tuple[Traced | None, ...]]] = []
        self._moving: list[bool] = []
        self._gradients: list[dict[str, Traced]] = []

    def forward(self) -> Traced:
        """What the last step gives."""
        columns = np.empty((1, len(self._plan.inputs)), object)
        columns[0] = [self.graph.leaf("input", k, ROW) for k in range(len(self._plan.inputs))]
        self._values = [Traced(self.rows, columns, 0)]
        for step in self._plan.steps:
            needed = any(source >= 0 and self._moving[source] for source in step.sources)
            self._moving.append(needed or (bool(step.slots) and not step.is_frozen))
            with refused(step.layer):
                y, pullback = self._through(step, needed)
            self._values.append(y)
            self._pullbacks.append(pullback)
        return self._values[-1]

    def backward(self, dy: Traced) -> tuple[Node, ...]:
        """The gradient of each trained weight, from that of the predictions."""
        pending: list[Traced | None] = [*[None] * (len(self._pullbacks) - 1), dy]
        for k in range(len(self._pullbacks) - 1, -1, -1):
            step, above = self._plan.steps[k], pending.pop()
            if not self._moving[k] or above is None:
                continue
            with refused(step.layer):
                pulled = self._pullbacks[k](above)
            for source, dx in zip(step.sources, _apart(pulled), strict=True):
                if source >= 0 and dx is not None:
                    before = pending[source]
                    pending[source] = dx if before is None else before + dx
        return self._collected()

    def outputs(self) -> tuple[tuple[Node, ...], ...]:
        """The nodes that each step gives for one row."""
        return tuple(tuple(value.cells.reshape(-1)) for value in self._values[1:])

    def _through(self, step: Step, needed: bool) -> Any:
        learns = self._training and not step.is_frozen
        params: dict[str, Any] = {}
        gradients: dict[str, Traced] = {}
        for slot in step.slots:
            places = np.arange(slot.offset, slot.offset + slot.size)
            nodes = np.empty(slot.size, object)
            nodes[:] = [self.graph.leaf("param", int(place), 0) for place in places]
            params[slot.parameter.name] = Traced(self.rows, nodes.reshape(slot.parameter.shape), None)
            empty = np.full(slot.parameter.shape, None, object)
            gradients[slot.parameter.name] = Traced(self.rows, empty, None)
        self._gradients.append(gradients)
        own = gradients if self._training else {}
        ctx: Any = TracingContext(self.rows, learns, own, needed, bool(step.buffers))
        inputs: list[Any] = [self._values[source + 1] for source in step.sources]
        y, pullback = step.layer.forward(ctx, params, *inputs)
        if not isinstance(y, Traced) or y.axis != 0 or y.cells.shape[1:] != step.out_shape:
            raise NotCompilableError("it gives something other than rows of its shape")
        if any(node is None for node in y.cells.flat):
            raise NotCompilableError("it gives memory in which it has not written")
        return y, pullback

    def _collected(self) -> tuple[Node, ...]:
        nodes: list[Any] = [None] * self._plan.trained_count
        for step, gradients in zip(self._plan.steps, self._gradients, strict=True):
            if step.is_frozen:
                continue
            for slot in step.slots:
                given = gradients[slot.parameter.name].cells.reshape(-1)
                with refused(step.layer):
                    if any(node is None for node in given):
                        raise NotCompilableError(f"it writes no gradient of {slot.parameter.name}")
                nodes[slot.offset : slot.offset + slot.size] = given
        return tuple(nodes)


def _apart(gradients: tuple[Traced | None, ...]) -> list[Traced | None]:
    """Gradients that share no cells: pullbacks write into what they get."""
    apart: list[Traced | None] = []
    for dx in gradients:
        shared = dx is not None and any(
            np.may_share_memory(dx.cells, other.cells) for other in apart if other is not None
        )
        apart.append(dx.copy() if shared and dx is not None else dx)
    return apart


def trace_training(plan: Plan, loss: Loss, dtype: str, unrolled: bool, magic: int = MAGIC) -> TracedNet:
    """The net and its gradients. Raises Refusal."""
    tracer = Tracer(plan, dtype, training=True, unrolled=unrolled, magic=magic)
    prediction = tracer.forward()
    with refused(loss):
        nodes = np.empty((1, len(plan.targets)), object)
        nodes[0] = [tracer.graph.leaf("target", k, ROW) for k in range(len(plan.targets))]
        ctx = TracingContext(tracer.rows, True, {}, True, False)
        dy = loss.gradient(ctx, prediction.copy(), Traced(tracer.rows, nodes, 0))  # type: ignore[arg-type]
        if not isinstance(dy, Traced) or dy.cells.shape != prediction.cells.shape:
            raise NotCompilableError("its gradient has not the shape of the predictions")
        dy = dy.copy()
    return TracedNet(tracer.graph, tracer.outputs(), tracer.backward(dy))


def trace_prediction(plan: Plan, dtype: str, unrolled: bool, magic: int = MAGIC) -> TracedNet:
    """The net as it is outside training. Raises Refusal."""
    tracer = Tracer(plan, dtype, training=False, unrolled=unrolled, magic=magic)
    tracer.forward()
    return TracedNet(tracer.graph, tracer.outputs())
