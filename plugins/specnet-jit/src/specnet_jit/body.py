"""Bodies: the lines of a function that computes values of a graph, each in a line of its own or inside one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from specnet_jit.nodes import Node

INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "pow": "**",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
    "and": "&",
    "or": "|",
}
PREFIX = {"neg": "-", "not": "not"}
INNER = "error_model='numpy', no_cpython_wrapper=True, no_cfunc_wrapper=True"
"""How functions are compiled that only others call."""
DEEPEST = 12
"""Operations within one line."""


@dataclass
class Constants:
    """Numbers by their names in the module."""

    prefix: str
    dtype: str
    names: dict[str, str] = field(default_factory=dict)

    def of(self, value: float) -> str:
        """The name of a number."""
        return self.names.setdefault(repr(value), f"{self.prefix}{len(self.names)}")

    def lines(self) -> list[str]:
        """The assignments of the module."""
        return [f"{name} = {self.dtype}({text})" for text, name in self.names.items()]


class Body:
    """Lines of one function, and what its values are called by now.

    `source` says where a value comes from that is not computed there.
    """

    def __init__(
        self,
        constants: Constants,
        uses: Counter[Node],
        indent: int,
        source: Callable[[Node], str | None],
        prefix: str = "v",
    ) -> None:
        self._constants = constants
        self._uses = uses
        self._indent = " " * indent
        self._source = source
        self._prefix = prefix
        self.names: dict[Node, str] = {}
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """One line."""
        self.lines.append(self._indent + line)

    def name(self, node: Node) -> str:
        """The name of a value, computed in a line of its own if it has none yet."""
        for below in self.missing(node):
            if below is node or self._uses[below] > 1:
                self._bind(below)
        return self._inner(node, 1)

    def missing(self, node: Node) -> list[Node]:
        """What must be computed or fetched for a value, the first first."""
        order: list[Node] = []
        seen: set[Node] = set()
        stack = [(node, False)]
        while stack:
            at, ready = stack.pop()
            if ready:
                order.append(at)
                continue
            if at in seen or at in self.names or at.op == "const":
                continue
            seen.add(at)
            stack.append((at, True))
            if self._source(at) is None:
                stack.extend((arg, False) for arg in reversed(at.args))
        return order

    def _bind(self, node: Node) -> None:
        if node not in self.names:
            text = self._text(node, DEEPEST)
            self.names[node] = f"{self._prefix}{len(self.names)}"
            self.say(f"{self.names[node]} = {text}")

    def _inner(self, node: Node, depth: int) -> str:
        if node.op == "const":
            return self._constants.of(node.value)
        if node not in self.names and depth == 0:
            self._bind(node)
        return self.names.get(node) or f"({self._text(node, depth)})"

    def _text(self, node: Node, depth: int) -> str:
        if (source := self._source(node)) is not None:
            return source
        if node.op in ("max", "min"):
            return self._extreme(node, depth)
        parts = [self._inner(arg, depth - 1) for arg in node.args]
        if node.op in INFIX:
            return f"{parts[0]} {INFIX[node.op]} {parts[1]}"
        if node.op in PREFIX:
            return f"{PREFIX[node.op]} {parts[0]}"
        return f"{node.op}({', '.join(parts)})"

    def _extreme(self, node: Node, depth: int) -> str:
        """One comparison where one side is a number: where the other is NaN, so is the result."""
        (a, b), sign = node.args, {"max": "<", "min": ">"}[node.op]
        if "const" not in (a.op, b.op):
            return f"{node.op}imum({self._inner(a, depth - 1)}, {self._inner(b, depth - 1)})"
        value, bound = (a, b) if b.op == "const" else (b, a)
        self._bind(value)
        own, limit = self.names[value], self._inner(bound, depth)
        return f"select({own} {sign} {limit}, {limit}, {own})"
