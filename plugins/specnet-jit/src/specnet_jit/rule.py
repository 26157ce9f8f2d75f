"""The rule of an optimizer, traced: what one update does to one parameter and to what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet_jit.namespace import Namespace
from specnet_jit.net import MAGIC
from specnet_jit.nodes import EARLY, ROW, Graph, Node, NotCompilableError
from specnet_jit.refusals import RefusedError, refused
from specnet_jit.traced import Rows, Traced, cells

if TYPE_CHECKING:
    from specnet.api import Optimizer


@dataclass(frozen=True)
class TracedRule:
    """What becomes of a parameter and of each vector of state; `numbers` are the fields that schedules move."""

    parameter: Node
    state: tuple[Node, ...]
    numbers: tuple[str, ...]


def trace_rule(optimizer: Optimizer) -> TracedRule | None:
    """The rule, None where it does what only Python can: then it is called for each update, as it stands."""
    from specnet.api import Optimizer as Base

    if type(optimizer).at is not Base.at:
        return None
    try:
        with refused(optimizer):
            return _trace(optimizer)
    except RefusedError:
        return None


def _trace(optimizer: Optimizer) -> TracedRule:
    graph = Graph("float64")  # the numbers of an update are Python's, whatever the dtype of the net
    rows = Rows(graph, MAGIC)

    def vector(name: str) -> Traced:
        return Traced(rows, cells(graph.leaf("vector", name, ROW)).reshape(1), 0)

    numbers = tuple(optimizer.schedules)
    moved = {name: Traced(rows, cells(graph.leaf("number", k, EARLY)), None) for k, name in enumerate(numbers)}
    rule = optimizer.model_copy(update=moved)
    parameters, gradients = vector("parameters"), vector("gradients")
    names = rule.slots()
    state = {name: vector(name) for name in names}
    scratch = {name: Traced(rows, np.full(1, None, object), 0) for name in rule.scratch()}
    decay = rule.decay()
    spared = None if decay.everywhere else vector("decays")
    if _is_some(decay.coupled):
        gradients += _share(parameters, decay.coupled, spared)
    if _is_some(decay.decoupled):
        parameters -= _share(parameters, decay.decoupled, spared)
    step = Traced(rows, cells(graph.leaf("step", None, EARLY)), None)
    given: dict[str, Any] = {**state, **scratch}
    rule.update(parameters, gradients, given, step, Namespace(rows))  # type: ignore[arg-type]
    ended = (parameters.cells[0], *(state[name].cells[0] for name in names))
    if any(node is None or node.level not in (EARLY, ROW) for node in ended):
        raise NotCompilableError("it does not move each parameter by itself")
    return TracedRule(ended[0], ended[1:], numbers)


def _is_some(part: Any) -> bool:
    return isinstance(part, Traced) or bool(part)


def _share(parameters: Traced, part: Any, decays: Traced | None) -> Traced:
    share: Traced = parameters * part
    return share if decays is None else share * decays
