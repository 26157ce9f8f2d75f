"""Rolling: values that are computed in the same way in units beside each other become one loop over the units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specnet_jit.body import Body, Constants
from specnet_jit.nodes import ROW, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from specnet_jit.placing import Placing

Leaf = tuple[str, int]
"""A weight or a slot by its number."""


@dataclass
class _Member:
    """A value of one unit: how it is computed, from which leaves, and where it goes."""

    node: Node
    text: tuple[str, ...]
    leaves: list[Leaf]
    shared: list[str]
    slots: list[int]


@dataclass
class Loop:
    """One loop over units, of which each computes the same from leaves that lie in an even distance."""

    members: list[_Member]
    outputs: list[int] = field(default_factory=list)

    @property
    def shared(self) -> list[str]:
        """The names of what is the same for all rows."""
        return self.members[0].shared

    def give(self, places: Mapping[Node, int]) -> None:
        """Says which of the values are outputs of the net."""
        self.outputs = [places[member.node] for member in self.members if member.node in places]

    def lines(self, block: int) -> list[str]:
        """The body of a function."""
        first = self.members[0]
        *body, value = first.text
        lines = [f"    for u in range({len(self.members)}):"]
        loads = []
        for k, (kind, _) in enumerate(first.leaves):
            start, step = _line([member.leaves[k][1] for member in self.members])
            if kind == "param":
                lines.append(f"        l{k} = at(p, {start} + {step} * u)")
            else:
                lines.append(f"        q{k} = {start * block} + {step * block} * u")
                loads.append(f"            l{k} = at(s, q{k} + r)")
        for k in range(len(first.slots)):
            start, step = _line([member.slots[k] for member in self.members])
            lines.append(f"        z{k} = {start * block} + {step * block} * u")
        lines += ["        for r in range(m):", *loads, *body]
        lines += [f"            put(s, z{k} + r, {value})" for k in range(len(first.slots))]
        if self.outputs:
            start, step = _line(self.outputs)
            lines.append(f"            put(out, ({start} + {step} * u) * os + o + r, {value})")
        return lines


def loops(
    nodes: Sequence[Node],
    placing: Placing,
    constants: Constants,
    is_read: Callable[[Node], bool],
    shared: Callable[[Node], str],
) -> list[Loop]:
    """The loops that compute the values of a stage, in an order in which none waits for a later one."""
    depths: dict[Node, int] = {}
    groups: dict[tuple[object, ...], list[_Member]] = {}
    for node in nodes:
        member = _member(node, placing, constants, is_read, shared, depths)
        kinds = tuple(kind for kind, _ in member.leaves)
        key = (depths[node], member.text, kinds, tuple(member.shared), len(member.slots))
        groups.setdefault(key, []).append(member)
    ordered = sorted(groups.items(), key=lambda item: int(str(item[0][0])))
    return [loop for _, members in ordered for loop in _evenly(members)]


def _member(
    node: Node,
    placing: Placing,
    constants: Constants,
    is_read: Callable[[Node], bool],
    shared: Callable[[Node], str],
    depths: dict[Node, int],
) -> _Member:
    leaves: dict[Node, int] = {}
    named: list[str] = []
    found: list[Leaf] = []
    waits = [0]

    def source(below: Node) -> str | None:
        if below.level != ROW and below.op != "param":
            name = shared(below)
            if name not in named:
                named.append(name)
            return name
        if below.op == "param" or is_read(below) or (below in depths and below is not node):
            if below not in leaves:
                leaves[below] = len(found)
                found.append(("param", below.value) if below.op == "param" else ("slot", placing.slots[below][0]))
                waits.append(depths[below] + 1 if below in depths else 0)
            return f"l{leaves[below]}"
        return None

    body = Body(constants, placing.uses, 12, source)
    value = body.name(node)
    depths[node] = max(waits)
    return _Member(node, (*body.lines, value), found, named, placing.written(node))


def _evenly(members: list[_Member]) -> list[Loop]:
    """Runs of members whose leaves and slots lie in even distances."""
    found: list[Loop] = []
    run: list[_Member] = []
    for member in members:
        if len(run) > 1 and not _goes_on(run, member):
            found.append(Loop(run))
            run = []
        run.append(member)
    return [*found, Loop(run)]


def _goes_on(run: list[_Member], member: _Member) -> bool:
    before, last = _numbers(run[-2]), _numbers(run[-1])
    return all(c - b == b - a for a, b, c in zip(before, last, _numbers(member), strict=True))


def _numbers(member: _Member) -> list[int]:
    return [*(number for _, number in member.leaves), *member.slots]


def _line(numbers: Sequence[int]) -> tuple[int, int]:
    return numbers[0], numbers[1] - numbers[0] if len(numbers) > 1 else 0
