"""Source: the graph of a net as functions over blocks of rows; nothing of a spec's text is in it but numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from specnet_jit.body import INNER, Body, Constants
from specnet_jit.nodes import ROW, TRUTHS, Node
from specnet_jit.placing import Placing
from specnet_jit.rolling import Loop, loops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet_jit.net import TracedNet

TOGETHER = 12
"""Sums over rows in one loop: as many as fit the registers beside their factors."""


@dataclass(frozen=True)
class Written:
    """The functions of a net, the numbers of memory that they need, and the table of its products."""

    functions: list[str]
    body: list[str]
    """What leads blocks of rows, from `lo` to `hi`, through the functions."""
    room: int
    block: int
    table: tuple[tuple[int, ...], ...]


def write_net(net: TracedNet, constants: Constants) -> Written:
    """`gradient` of a net in training, else `forward`."""
    training = bool(net.gradients)
    roots = net.gradients if training else net.outputs[-1]
    placing = Placing.of(roots, training, net.graph)
    writer = _NetWriter(placing, roots, training, constants, net.graph.unrolled)
    functions, body = writer.functions()
    return Written(functions, body, placing.room, placing.block, tuple(writer.table))


class _NetWriter:
    """Writes one net."""

    def __init__(
        self, placing: Placing, roots: Sequence[Node], training: bool, constants: Constants, unrolled: bool
    ) -> None:
        self._placing = placing
        self._roots = roots
        self._training = training
        self._constants = constants
        self._unrolled = unrolled
        self._early = Body(constants, placing.uses, 4, self._fetched, "e")
        self.table: list[tuple[int, ...]] = []

    def functions(self) -> tuple[list[str], list[str]]:
        """The passes over a block, then what leads blocks through them."""
        lines: list[str] = []
        calls: list[str] = []
        for k, (nodes, products) in enumerate(self._placing.stages):
            for j, pass_ in enumerate(self._passes(k, nodes)):
                written, call = pass_
                name = f"rows{k}_{j}"
                lines += ["", "", f"@njit(fastmath=EXACT, forceinline=True, {INNER})", f"def {name}({call}):", *written]
                calls.append(f"{name}({call})")
            calls += [self._matvec(product) for product in products]
        for k, group in enumerate(_groups(self._placing.sums)):
            lines += self._sums(f"sums{k}", group)
            calls.append(f"sums{k}(s, m)")
        calls += [self._outer(product) for product in self._placing.outers]
        return lines, self._leading(calls)

    def _passes(self, k: int, nodes: Sequence[Node]) -> list[tuple[list[str], str]]:
        """The lines and the arguments of the functions of a stage."""
        if not nodes:
            return []
        if self._unrolled:
            return [self._stage(k, nodes)]
        found = loops(nodes, self._placing, self._constants, lambda node: self._is_read(node, k), self._shared)
        return [(loop.lines(self._placing.block), self._arguments(loop.shared)) for loop in self._given(found)]

    def _given(self, found: Sequence[Loop]) -> Sequence[Loop]:
        places = {root: k for k, root in enumerate(() if self._training else self._roots)}
        for loop in found:
            loop.give(places)
        return found

    def _arguments(self, shared: Sequence[str]) -> str:
        own = "p, x, y, xs, ys, s, block, m" if self._training else "p, x, xs, s, block, m, out, os, o"
        return ", ".join([own, *shared])

    def _stage(self, k: int, nodes: Sequence[Node]) -> tuple[list[str], str]:
        """A pass in which everything is written out; what is the same for all rows comes as an argument."""
        inside = Body(self._constants, self._placing.uses, 8, lambda node: self._loaded(node, k))
        for node in nodes:
            for below in inside.missing(node):
                if below.level != ROW:
                    self._shared(below)
        inside.names = dict(self._early.names)
        for node in nodes:
            own = inside.name(node)
            for slot in self._placing.written(node):
                inside.say(f"put(s, {self._place(slot)}, {own})")
            for place, root in enumerate(() if self._training else self._roots):
                if root is node:
                    inside.say(f"put(out, {place} * os + o + r, {own})")
        return ["    for r in range(m):", *inside.lines], self._arguments(list(self._early.names.values()))

    def _shared(self, node: Node) -> str:
        """The name of a value that is the same for all rows, computed before the first block."""
        return self._early.name(node)

    def _is_read(self, node: Node, k: int) -> bool:
        """Whether a value of a row is there before this stage; a truth is no number to be kept, and seen again."""
        return node.op in ("input", "target", "item") or (self._placing.stage[node] < k and node.op not in TRUTHS)

    def _loaded(self, node: Node, k: int) -> str | None:
        """Where a value of a row comes from that is not computed in this stage."""
        if node.level != ROW or not self._is_read(node, k):
            return None
        if node.op in ("input", "target") and node not in self._placing.copies:
            array, stride = ("x", "xs") if node.op == "input" else ("y", "ys")
            return f"at({array}, {f'{node.value} * {stride} + ' if node.value else ''}block + r)"
        return f"at(s, {self._place(self._placing.slots[node][0])})"

    def _fetched(self, node: Node) -> str | None:
        """Where a value comes from that is the same for all rows."""
        if node in self._placing.late:
            return f"at(s, {self._placing.late[node]})"
        return {"param": f"at(p, {node.value})", "rows": "n"}.get(node.op)

    def _place(self, slot: int) -> str:
        return f"r + {slot * self._placing.block}" if slot else "r"

    def _matvec(self, product: Node) -> str:
        rows, columns = product.value
        first = product.args[0].value
        down = product.args[columns].value - first if rows > 1 else 0
        across = product.args[1].value - first if columns > 1 else 0
        x, z = self._placing.run(product.args[rows * columns :]), self._placing.results[product]
        return f"matvec(p, t, {self._row((first, down, across, rows, columns, x, z))}, s, m, BLOCK)"

    def _outer(self, product: Node) -> str:
        rows, columns = product.value
        place, a = self._placing.outer_results[product], self._placing.run(product.args[:rows])
        if product.op == "totals":
            return f"totals(t, {self._row((a, rows, place, 0, 0, 0, 0))}, s, m, BLOCK)"
        b = self._placing.run(product.args[rows:])
        return f"outer(t, {self._row((a, rows, b, columns, place, 0, 0))}, s, m, BLOCK)"

    def _row(self, row: tuple[int, ...]) -> int:
        """Where the sizes and the places of a product stand in the table: compiled code is the same for all of them."""
        self.table.append(row)
        return (len(self.table) - 1) * len(row)

    def _sums(self, name: str, group: Sequence[Node]) -> list[str]:
        lines = ["", "", f"@njit(fastmath=SUMS, forceinline=True, {INNER})", f"def {name}(s, m):"]
        loads: dict[Node, str] = {}
        terms = []
        for k, node in enumerate(group):
            lines.append(f"    a{k} = ZERO")
            for factor in self._placing.factors(node):
                loads.setdefault(factor, f"f{len(loads)}")
            terms.append(f"        a{k} += " + " * ".join(loads[factor] for factor in self._placing.factors(node)))
        lines.append("    for r in range(m):")
        lines += [f"        {own} = at(s, {self._place(self._placing.slots[node][0])})" for node, own in loads.items()]
        lines += terms
        for k, node in enumerate(group):
            place = self._placing.late[node]
            lines.append(f"    put(s, {place}, at(s, {place}) + a{k})")
        return lines

    def _leading(self, calls: list[str]) -> list[str]:
        lines = ["    n = T(hi - lo)", *self._early.lines]
        first, last = self._placing.late_range
        if last > first:
            lines += [f"    for k in range({first}, {last}):", "        put(s, k, ZERO)"]
        lines += ["    for block in range(lo, hi, BLOCK):", "        m = min(BLOCK, hi - block)"]
        if not self._training:
            lines.append("        o = block - lo")
        lines += [f"        {call}" for call in (*self._copies(), *calls)]
        return [*lines, *self._gradients()] if self._training else lines

    def _copies(self) -> list[str]:
        arrays = {"input": ("x", "xs"), "target": ("y", "ys")}
        lines = []
        for node, slot in self._placing.copies.items():
            array, stride = arrays[node.op]
            place = slot * self._placing.block
            lines.append(f"copy({array}, {node.value} * {stride} + block, s, {place}, m)")
        return lines

    def _gradients(self) -> list[str]:
        body = Body(self._constants, self._placing.uses, 4, self._fetched)
        body.names = dict(self._early.names)
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


def _groups(sums: Sequence[Node]) -> list[Sequence[Node]]:
    return [sums[k : k + TOGETHER] for k in range(0, len(sums), TOGETHER)]
