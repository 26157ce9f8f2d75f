"""Source: the graph of a net as functions over blocks of rows; nothing of a spec's text is in it but numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specnet_jit.kernels import BLOCK
from specnet_jit.nodes import ROW, Node
from specnet_jit.placing import Placing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from specnet_jit.net import TracedNet

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
TOGETHER = 12
"""Sums over rows in one loop: as many as fit the registers beside their factors."""


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
        self, constants: Constants, uses: Counter[Node], indent: int, source: Callable[[Node], str | None]
    ) -> None:
        self._constants = constants
        self._uses = uses
        self._indent = " " * indent
        self._source = source
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
            self.names[node] = f"v{len(self.names)}"
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


@dataclass(frozen=True)
class Written:
    """The functions of a net, the numbers of memory that they need, and the table of its products."""

    lines: list[str]
    room: int
    table: tuple[tuple[int, ...], ...]


def write_net(net: TracedNet, constants: Constants) -> Written:
    """`gradient` of a net in training, else `forward`."""
    training = bool(net.gradients)
    roots = net.gradients if training else net.outputs[-1]
    placing = Placing.of(roots, training)
    writer = _NetWriter(placing, roots, training, constants)
    lines = writer.functions()
    return Written(lines, placing.room, tuple(writer.table))


class _NetWriter:
    """Writes one net."""

    def __init__(self, placing: Placing, roots: Sequence[Node], training: bool, constants: Constants) -> None:
        self._placing = placing
        self._roots = roots
        self._training = training
        self._constants = constants
        self._uses = placing.uses
        self.table: list[tuple[int, ...]] = []

    def functions(self) -> list[str]:
        """The passes over a block, then what leads blocks through them."""
        lines: list[str] = []
        calls: list[str] = []
        for k, (nodes, products) in enumerate(self._placing.stages):
            if nodes:
                lines += self._stage(f"rows{k}", k, nodes)
                calls.append(f"rows{k}({self._arguments()})")
            calls += [self._matvec(product) for product in products]
        for k, group in enumerate(_groups(self._placing.sums)):
            lines += self._sums(f"sums{k}", group)
            calls.append(f"sums{k}(s, m)")
        calls += [self._outer(product) for product in self._placing.outers]
        return [*lines, *self._leading(calls)]

    def _arguments(self) -> str:
        return "p, x, y, xs, ys, n, s, block, m" if self._training else "p, x, xs, n, s, block, m, out, os, o"

    def _stage(self, name: str, k: int, nodes: Sequence[Node]) -> list[str]:
        inside = Body(self._constants, self._uses, 8, lambda node: self._loaded(node, k))
        early = Body(self._constants, self._uses, 4, self._fetched)
        for node in nodes:
            for below in inside.missing(node):
                if below.level != ROW:
                    early.name(below)
        inside.names = dict(early.names)
        for node in nodes:
            own = inside.name(node)
            for slot in self._placing.written(node):
                inside.say(f"put(s, {_place(slot)}, {own})")
            for place, root in enumerate(() if self._training else self._roots):
                if root is node:
                    inside.say(f"put(out, {place} * os + o + r, {own})")
        head = [f"@njit(fastmath=EXACT, {INNER})", f"def {name}({self._arguments()}):"]
        return ["", "", *head, *early.lines, "    for r in range(m):", *inside.lines]

    def _loaded(self, node: Node, k: int) -> str | None:
        """Where a value of a row comes from that is not computed in this stage."""
        if node.level != ROW:
            return None
        if node.op in ("input", "target") and node not in self._placing.copies:
            array, stride = ("x", "xs") if node.op == "input" else ("y", "ys")
            return f"at({array}, {f'{node.value} * {stride} + ' if node.value else ''}block + r)"
        if node.op in ("input", "target", "item") or self._placing.stage[node] < k:
            return f"at(s, {_place(self._placing.slots[node][0])})"
        return None

    def _fetched(self, node: Node) -> str | None:
        """Where a value comes from that is the same for all rows."""
        if node in self._placing.late:
            return f"at(s, {self._placing.late[node]})"
        return {"param": f"at(p, {node.value})", "rows": "n"}.get(node.op)

    def _matvec(self, product: Node) -> str:
        rows, columns = product.value
        first = product.args[0].value
        down = product.args[columns].value - first if rows > 1 else 0
        across = product.args[1].value - first if columns > 1 else 0
        x, z = self._placing.block(product.args[rows * columns :]), self._placing.results[product]
        return f"matvec(p, t, {self._row((first, down, across, rows, columns, x, z))}, s, m)"

    def _outer(self, product: Node) -> str:
        rows, columns = product.value
        place, a = self._placing.outer_results[product], self._placing.block(product.args[:rows])
        if product.op == "totals":
            return f"totals(t, {self._row((a, rows, place, 0, 0, 0, 0))}, s, m)"
        b = self._placing.block(product.args[rows:])
        return f"outer(t, {self._row((a, rows, b, columns, place, 0, 0))}, s, m)"

    def _row(self, row: tuple[int, ...]) -> int:
        """Where the sizes and the places of a product stand in the table: compiled code is the same for all of them."""
        self.table.append(row)
        return (len(self.table) - 1) * len(row)

    def _sums(self, name: str, group: Sequence[Node]) -> list[str]:
        lines = ["", "", f"@njit(fastmath=SUMS, {INNER})", f"def {name}(s, m):"]
        loads: dict[Node, str] = {}
        terms = []
        for k, node in enumerate(group):
            lines.append(f"    a{k} = ZERO")
            for factor in self._placing.factors(node):
                loads.setdefault(factor, f"f{len(loads)}")
            terms.append(f"        a{k} += " + " * ".join(loads[factor] for factor in self._placing.factors(node)))
        lines.append("    for r in range(m):")
        lines += [f"        {own} = at(s, {_place(self._placing.slots[node][0])})" for node, own in loads.items()]
        lines += terms
        for k, node in enumerate(group):
            place = self._placing.late[node]
            lines.append(f"    put(s, {place}, at(s, {place}) + a{k})")
        return lines

    def _leading(self, calls: list[str]) -> list[str]:
        copies = [
            f"copy({'x' if node.op == 'input' else 'y'}, {node.value} * {'xs' if node.op == 'input' else 'ys'} + block, s, {slot}, m)"
            for node, slot in self._placing.copies.items()
        ]
        training = self._training
        arguments = "p, g, x, y, xs, ys, lo, hi, s, t" if training else "p, x, xs, lo, hi, s, t, out, os"
        name = "gradient" if training else "forward"
        lines = [
            "",
            "",
            "@njit(fastmath=EXACT, error_model='numpy', nogil=True, cache=True)",
            f"def {name}({arguments}):",
        ]
        lines.append("    n = T(hi - lo)")
        first, last = self._placing.late_range
        if last > first:
            lines += [f"    for k in range({first}, {last}):", "        put(s, k, ZERO)"]
        lines += ["    for block in range(lo, hi, BLOCK):", "        m = min(BLOCK, hi - block)"]
        if not training:
            lines.append("        o = block - lo")
        lines += [f"        {call}" for call in (*copies, *calls)]
        if training:
            lines += self._gradients()
        return lines

    def _gradients(self) -> list[str]:
        body = Body(self._constants, self._uses, 4, self._fetched)
        lines: list[str] = []
        k = 0
        while k < len(self._roots):
            count, place = self._run(k)
            if count > 1:
                lines += [f"    for k in range({count}):", f"        put(g, {k} + k, at(s, {place} + k))"]
            else:
                body.say(f"put(g, {k}, {body.name(self._roots[k])})")
            k += count
        return [*lines, *body.lines]

    def _run(self, k: int) -> tuple[int, int]:
        """How many gradients from k on lie in memory one after the other as they must, and where."""
        late = self._placing.late
        first = late.get(self._roots[k])
        if first is None:
            return 1, 0
        count = 1
        while k + count < len(self._roots) and late.get(self._roots[k + count]) == first + count:
            count += 1
        return count, first


def _place(slot: int) -> str:
    return f"r + {slot * BLOCK}" if slot else "r"


def _groups(sums: Sequence[Node]) -> list[Sequence[Node]]:
    return [sums[k : k + TOGETHER] for k in range(0, len(sums), TOGETHER)]
