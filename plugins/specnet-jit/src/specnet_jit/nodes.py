"""Nodes: the arithmetic of a net as a graph of scalars, each written once however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Key = tuple[Any, ...]
EARLY, ROW, LATE = 0, 1, 2
"""When a value is known: before the rows are gone through, for each row, or when all rows have been."""

TRUTHS = frozenset(("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"))
"""Operations that give no number."""


class NotCompilableError(TypeError):
    """What is asked of a traced value cannot be compiled; the message says what."""


class Node:
    """An operation on other nodes. `value` is the number of a constant, or which leaf or item it is."""

    __slots__ = ("args", "level", "op", "value")

    def __init__(self, op: str, args: tuple[Node, ...], value: Any, level: int) -> None:
        self.op = op
        self.args = args
        self.value = value
        self.level = level


_FOLDED: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "max": np.maximum,
    "min": np.minimum,
    "pow": lambda a, b: a**b,
}
"""What is computed while tracing where all arguments are numbers, in the dtype of the net."""


class Graph:
    """Makes nodes; two that would be the same are one."""

    def __init__(self, dtype: str, unrolled: bool = True) -> None:
        self.dtype = np.dtype(dtype)
        self.unrolled = unrolled
        """Whether products of matrices are written out, term by term."""
        self._known: dict[Key, Node] = {}

    def leaf(self, op: str, value: Any, level: int) -> Node:
        """A value from outside: a weight, a column, a number of the step."""
        return self._one(op, (), value, level)

    def const(self, value: float) -> Node:
        """A number, rounded to the dtype as NumPy does with a Python number beside an array."""
        with np.errstate(over="ignore"):
            number = float(self.dtype.type(value))
        return self._one("const", (), number, EARLY, key=number.hex())

    def make(self, op: str, *args: Node) -> Node:
        """The operation, computed at once where it is one of numbers, left out where it changes nothing."""
        if all(arg.op == "const" for arg in args) and op in _FOLDED:
            with np.errstate(all="ignore"):
                return self.const(float(_FOLDED[op](*(self.dtype.type(arg.value) for arg in args))))
        return _simpler(op, args) or self._one(op, args, None, _level(op, args))

    def item(self, product: Node, k: int) -> Node:
        """One number of a product of matrices."""
        return self._one("item", (product,), k, product.level)

    def product(self, op: str, args: tuple[Node, ...], shape: tuple[int, int]) -> Node:
        """A whole product of matrices, which is no scalar: its items are."""
        return self._one(op, args, shape, LATE if op in ("outer", "totals") else _level(op, args))

    def _one(self, op: str, args: tuple[Node, ...], value: Any, level: int, key: Any = None) -> Node:
        full = (op, key if key is not None else value, *map(id, args))
        if full not in self._known:
            self._known[full] = Node(op, args, value, level)
        return self._known[full]


def _level(op: str, args: tuple[Node, ...]) -> int:
    level = max((arg.level for arg in args), default=EARLY)
    if op == "rowsum":
        if level == LATE:
            raise NotCompilableError("it sums over rows what is known only after all of them")
        return LATE
    if level == LATE and any(arg.level == ROW for arg in args):
        raise NotCompilableError("it needs all rows of a batch before it can go on with one of them")
    return level


def _simpler(op: str, args: tuple[Node, ...]) -> Node | None:
    """An argument that already is the result."""
    last = args[-1]
    if last.op == "const":
        if op in ("add", "sub") and last.value == 0:
            return args[0]
        if op in ("mul", "div") and last.value == 1:
            return args[0]
    first = args[0]
    if first.op == "const" and ((op == "add" and first.value == 0) or (op == "mul" and first.value == 1)):
        return last
    if op == "select" and args[1] is args[2]:
        return args[1]
    return None
