"""Program: the module that is generated for a net, its loss and its optimizer, and what it needs to be called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specnet_jit.body import INNER, Body, Constants
from specnet_jit.net import MAGIC, OTHER_MAGIC, trace_prediction, trace_training
from specnet_jit.nodes import ROW, Node
from specnet_jit.refusals import RefusedError
from specnet_jit.rule import TracedRule, trace_rule
from specnet_jit.writing import Written, write_net

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.api import Loss, Optimizer, Plan

UNROLLED = 64
"""Parameters up to which every product of a matrix is written out, term by term."""
MOST = 20_000
"""Parameters beyond which the engine is no gain: products of wide layers are what BLAS is for."""
WIDEST = 256
"""Units of a layer, for the same reason: each has lines of its own."""

HEAD = '''\
"""Written by specnet-jit."""

from math import inf, isfinite, nan

from numba import njit
from numpy import float64 as D
from numpy import {dtype} as T

from specnet_jit.functions import *
from specnet_jit.kernels import EXACT, SUMS, at, copy, matvec, outer, put, select, square, totals

ZERO = T(0)
BLOCK = {block}
'''
COMPILED = "@njit(fastmath=EXACT, error_model='numpy', nogil=True, cache=True)"
FORWARD = """

{compiled}
def forward(p, x, xs, lo, hi, s, t, out, os):
"""
GRADIENT = """

{compiled}
def gradient(p, g, x, y, xs, ys, lo, hi, s, t):
"""
STEPS = """

{compiled}
def steps(p, g, before, state, decays, x, y, xs, ys, begin, end, advance, size, s, t, numbers, step, count, mode):
    for done in range(count):
        lo = begin + done * advance
        hi = min(lo + size, end)
{gradient}
        if mode == 2 or not (mode == 1 or isfinite(square(g, ZERO))):
            return done, 1
        for i in range(len(before)):
            put(before, i, at(p, i))
        update(p, g, state, decays, numbers, done, step + done + 1)
        if not isfinite(square(p, ZERO)):
            for i in range(len(before)):
                if not isfinite(at(p, i)):
                    for j in range(len(before)):
                        put(p, j, at(before, j))
                    return done, 2
    return count, 0
"""
# With mode 1 an update is made whatever the gradient is, with mode 2 there is the gradient and no update.


@dataclass(frozen=True)
class Program:
    """The text of a module, and the numbers of memory that its functions need."""

    source: str
    room: int
    table: tuple[tuple[int, ...], ...]
    """The sizes and places of products of matrices."""
    numbers: tuple[str, ...] = ()
    """The fields of the optimizer whose values each step is given."""
    has_rule: bool = False
    """Whether updates are compiled; else the optimizer is called for each."""

    @property
    def products(self) -> Any:
        """The table as functions take it."""
        import numpy as np

        return np.array(self.table, np.int64).reshape(-1)


def faults(plan: Plan) -> str | None:
    """What makes the net too large, None when it is not."""
    if plan.parameter_count > MOST:
        return f"the net has {plan.parameter_count:,} parameters, and more than {MOST:,} are not compiled"
    return None


def prediction_program(plan: Plan, dtype: str) -> Program:
    """`forward`, for a net outside training. Raises RefusedError."""

    def text(magic: int) -> tuple[str, Written]:
        constants = Constants("C", "T")
        written = write_net(trace_prediction(plan, dtype, _unrolled(plan), magic), constants)
        lines = [*written.functions, *_filled(FORWARD), *written.body]
        return _module(dtype, written.block, [constants], lines), written

    source, written = _same_for_all_rows(plan, text)
    return Program(source, written.room, written.table)


def training_program(plan: Plan, loss: Loss, optimizer: Optimizer, dtype: str) -> Program:
    """`steps`, or `gradient` alone where the rule cannot be compiled. Raises RefusedError."""
    rule = trace_rule(optimizer)

    def text(magic: int) -> tuple[str, Written]:
        constants, wide = Constants("C", "T"), Constants("D", "D")
        written = write_net(trace_training(plan, loss, dtype, _unrolled(plan), magic), constants)
        if rule is None:
            lines = [*written.functions, *_filled(GRADIENT), *written.body]
        else:
            gradient = "\n".join(f"    {line}" for line in written.body)
            rules = write_rule(rule, optimizer.slots(), constants, wide)
            lines = [*written.functions, *rules, *_filled(STEPS, gradient=gradient)]
        return _module(dtype, written.block, [constants, wide], lines), written

    source, written = _same_for_all_rows(plan, text)
    return Program(source, written.room, written.table, () if rule is None else rule.numbers, rule is not None)


def _unrolled(plan: Plan) -> bool:
    return plan.parameter_count <= UNROLLED


def _same_for_all_rows(plan: Plan, text: Callable[[int], tuple[str, Written]]) -> tuple[str, Written]:
    """The text, when it is the same for two numbers of rows: else one of them would stand in it."""
    first = text(MAGIC)
    if first[0] != text(OTHER_MAGIC)[0]:
        raise RefusedError(plan.steps[-1].layer, "it computes with the number of rows in Python")
    return first


def _filled(template: str, **parts: str) -> list[str]:
    return template.format(compiled=COMPILED, **parts).splitlines()


def _module(dtype: str, block: int, constants: list[Constants], lines: list[str]) -> str:
    numbers = [line for own in constants for line in own.lines()]
    return HEAD.format(dtype=dtype, block=block) + "\n".join([*numbers, *lines]) + "\n"


def write_rule(rule: TracedRule, slots: tuple[str, ...], constants: Constants, wide: Constants) -> list[str]:
    """The function `update`: numbers of the step in float64, then each parameter in the dtype of the net."""
    vectors = {"parameters": "at(p, k)", "gradients": "at(g, k)", "decays": "at(decays, k)"}
    vectors |= {name: f"at(state, {j} * count + k)" for j, name in enumerate(slots)}
    ended = (rule.parameter, *rule.state)
    uses = _uses(ended)
    inside = Body(constants, uses, 8, lambda node: vectors[node.value] if node.op == "vector" else None)
    early = Body(wide, uses, 4, lambda node: _of_step(node, len(rule.numbers)))
    for node in ended:
        for below in inside.missing(node):
            if below.level != ROW:
                early.name(below)
    for node, name in early.names.items():
        early.say(f"t{name} = T({name})")
        inside.names[node] = f"t{name}"
    values = [inside.name(node) for node in ended]
    inside.say(f"put(p, k, {values[0]})")
    for j, value in enumerate(values[1:]):
        inside.say(f"put(state, {j} * count + k, {value})")
    head = [f"@njit(fastmath=EXACT, {INNER})", "def update(p, g, state, decays, numbers, row, step):"]
    loop = ["    count = len(g)", *early.lines, "    for k in range(count):", *inside.lines]
    return ["", "", *head, *loop]


def _of_step(node: Node, width: int) -> str | None:
    return {"step": "D(step)", "number": f"at(numbers, row * {width} + {node.value})"}.get(node.op)


def _uses(roots: tuple[Node, ...]) -> Counter[Node]:
    uses: Counter[Node] = Counter()
    seen: set[Node] = set()
    stack = list(roots)
    uses.update(roots)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            uses.update(node.args)
            stack.extend(node.args)
    return uses


def compiled(program: Program) -> Any:
    """The module of a program. Raises OSError where it cannot be written."""
    from specnet_jit.cache import module_of

    return module_of(program.source)
