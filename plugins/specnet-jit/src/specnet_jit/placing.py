"""Placing: in which pass over a block of rows each value is computed, and where it waits for the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from specnet_jit.nodes import LATE, ROW, TRUTHS, Graph, Node

DIRECT = 6
"""Columns that are read where they are; of more, a loop cannot be sure that it does not write into them."""

CACHE = 24_576
"""Bytes of what a block gives on its way: they stay in the first cache."""
LEAST, MOST = 32, 256
"""Rows of a block; the least is also what their number is a multiple of."""


@dataclass
class Placing:
    """Stages, each a pass of formulas and the products of matrices that follow it; slots of `block` rows; sums."""

    uses: Counter[Node] = field(default_factory=Counter)
    stage: dict[Node, int] = field(default_factory=dict)
    stages: list[tuple[list[Node], list[Node]]] = field(default_factory=list)
    """For each stage the values that are stored or given, and the products."""
    slots: dict[Node, list[int]] = field(default_factory=dict)
    copies: dict[Node, int] = field(default_factory=dict)
    results: dict[Node, int] = field(default_factory=dict)
    """The first slot of each product."""
    sums: list[Node] = field(default_factory=list)
    outers: list[Node] = field(default_factory=list)
    outer_results: dict[Node, int] = field(default_factory=dict)
    late: dict[Node, int] = field(default_factory=dict)
    """The place of each sum over rows."""
    block: int = 0
    """Rows that go through the net together."""
    _runs: dict[tuple[int, ...], int] = field(default_factory=dict)
    _next: int = 0

    @classmethod
    def of(cls, roots: Sequence[Node], training: bool, graph: Graph) -> Placing:
        """The placing of what leads to the roots."""
        placing = cls()
        order = _ordered(roots)
        placing.uses.update(arg for node in order for arg in node.args)
        for node in order:
            placing.stage[node] = placing._stage_of(node)
        rows = [node for node in order if node.level == ROW]
        placing._place_products(rows)
        placing.outers = [node for node in order if node.op in ("outer", "totals")]
        for product in placing.outers:
            count = product.value[0]
            placing.run(product.args[:count])
            if product.op == "outer":
                placing.run(product.args[count:])
        placing.sums = [node for node in order if node.op == "rowsum"]
        for node in placing.sums:
            for factor in placing.factors(node):
                placing._slot(factor)
        placing._between(rows)
        placing._copy_columns(rows, graph.unrolled)
        placing._stages(rows, [] if training else roots)
        rows_in_cache = CACHE // graph.dtype.itemsize // max(1, placing._next)
        placing.block = min(MOST, max(LEAST, rows_in_cache // LEAST * LEAST))
        placing._late(order)
        return placing

    @property
    def late_range(self) -> tuple[int, int]:
        """From where to where the sums over rows lie."""
        first = self._next * self.block
        return first, first + len(self.late)

    @property
    def room(self) -> int:
        """All numbers of memory."""
        return self.late_range[1]

    def run(self, nodes: Sequence[Node]) -> int:
        """The first of the slots in which these values lie one after the other."""
        key = tuple(map(id, nodes))
        if key not in self._runs:
            first = self._items_of(nodes)
            if first is None:
                first = self._next
                self._next += len(nodes)
                for k, node in enumerate(nodes):
                    self.slots.setdefault(node, []).append(first + k)
            self._runs[key] = first
        return self._runs[key]

    def factors(self, node: Node) -> tuple[Node, ...]:
        """What a sum over rows is a sum of products of."""
        (term,) = node.args
        if term.op == "mul" and all(arg.level == ROW for arg in term.args):
            return term.args
        return (term,)

    def written(self, node: Node) -> list[int]:
        """The slots that the stage of a value writes: in the first of a copy or a product it lies already."""
        return self.slots.get(node, [])[int(node.op == "item" or node in self.copies) :]

    def _items_of(self, nodes: Sequence[Node]) -> int | None:
        """Where a product has left exactly these values."""
        product = nodes[0].args[0] if nodes[0].op == "item" else None
        if product is None or product not in self.results or len(nodes) > product.value[0]:
            return None
        whole = all(node.op == "item" and node.args[0] is product and node.value == k for k, node in enumerate(nodes))
        return self.results[product] if whole else None

    def _stage_of(self, node: Node) -> int:
        stage = max((self.stage[arg] for arg in node.args), default=0)
        return stage + 1 if node.op == "item" and node.level == ROW else stage

    def _place_products(self, rows: Sequence[Node]) -> None:
        products = [node for node in rows if node.op == "matvec"]
        for product in products:
            self.results[product] = self._next
            self._next += product.value[0]
        for node in rows:
            if node.op == "item":
                self.slots[node] = [self.results[node.args[0]] + node.value]
        for product in products:
            self.run(product.args[product.value[0] * product.value[1] :])

    def _slot(self, node: Node) -> None:
        if node in self.slots or node.level != ROW:
            return
        self.slots[node] = [self._next]
        self._next += 1

    def _between(self, rows: Sequence[Node]) -> None:
        """Slots for what one stage computes and a later one reads; of a truth those of what it compares."""
        for node in rows:
            waiting = [] if node.op in ("matvec", "item") else list(node.args)
            while waiting:
                arg = waiting.pop()
                if arg.level != ROW or self.stage[arg] >= self.stage[node] or arg.op in ("input", "target"):
                    continue
                if arg.op in TRUTHS:
                    waiting.extend(arg.args)
                else:
                    self._slot(arg)

    def _copy_columns(self, rows: Sequence[Node], unrolled: bool) -> None:
        columns = [node for node in rows if node.op in ("input", "target")]
        if len(columns) > DIRECT or not unrolled:
            for node in columns:
                if node not in self.slots:
                    self._slot(node)
                self.copies[node] = self.slots[node][0]

    def _stages(self, rows: Sequence[Node], given: Sequence[Node]) -> None:
        count = 1 + max((self.stage[node] for node in rows), default=0)
        self.stages = [([], []) for _ in range(count)]
        for node in rows:
            if node.op == "matvec":
                self.stages[self.stage[node]][1].append(node)
            elif node in given or self.written(node):
                self.stages[self.stage[node]][0].append(node)

    def _late(self, order: Sequence[Node]) -> None:
        place = self._next * self.block
        for node in order:
            if node.op == "rowsum":
                self.late[node] = place
                place += 1
        for product in self.outers:
            self.outer_results[product] = place
            place += product.value[0] * product.value[1]
        for node in order:
            if node.op == "item" and node.level == LATE:
                self.late[node] = self.outer_results[node.args[0]] + node.value


def _ordered(roots: Sequence[Any]) -> list[Node]:
    """All nodes that lead to the roots, arguments first."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend((arg, False) for arg in reversed(node.args))
    return order
