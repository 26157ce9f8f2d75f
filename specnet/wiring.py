"""Which layers read which, and the order in which they work: by names alone, before any shape is known."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from specnet.errors import Finding, did_you_mean, listed, slip_of

if TYPE_CHECKING:
    from specnet.component import Layer

DATA = "inputs"
"""What a layer calls the columns of the dataset in its `inputs`."""

UNKNOWN = -2
"""In the place of a source that is not there and has been reported."""


def sources_of(layers: Sequence[Layer], faults: list[Finding]) -> list[tuple[int, ...]]:
    """For each layer the positions in the file of those that it reads, -1 for the data."""
    position = _positions(layers, faults)
    spare = len(faults)  # of these layers each has lost the name that it should have, and nobody knows which
    lost: set[str] = set()
    result: list[tuple[int, ...]] = []
    for i, layer in enumerate(layers):
        if layer.inputs is None:
            result.append((i - 1,))
            continue
        for k, name in enumerate(layer.inputs):
            if name in position or name in lost:
                continue
            if len(lost) < spare:
                lost.add(name)
                continue
            help = did_you_mean(name, position) or f"known: {listed(list(position))}"
            at, fix = ("layers", i, "inputs", k), slip_of(name, position)
            faults.append(Finding("SN403", f"no layer is named {name!r}", at, help, fix=fix))
        if not layer.inputs:
            faults.append(Finding("SN403", "a layer reads at least one input", ("layers", i, "inputs")))
        result.append(tuple(position.get(name, UNKNOWN) for name in layer.inputs) or (UNKNOWN,))
    return result


def _positions(layers: Sequence[Layer], faults: list[Finding]) -> dict[str, int]:
    """The first owner of each name; SN402 for each layer whose name belongs to another."""
    position = {DATA: -1}
    for i, layer in enumerate(layers):
        if layer.name in position:
            taken = "the columns of the dataset" if layer.name == DATA else f"layers.{position[layer.name]}"
            faults.append(Finding("SN402", f"the name {layer.name!r} belongs to {taken}", ("layers", i, "name")))
        elif layer.name is not None:
            position[layer.name] = i
    return position


def order_of(sources: Sequence[tuple[int, ...]], faults: list[Finding]) -> list[int]:
    """A topological order that keeps the order of the file wherever it can, in time that grows with the wires.

    Kahn's algorithm with a heap (A. B. Kahn, 1962); a circle is reported, and its layers follow each other.
    """
    awaited = [{source for source in reads if source >= 0} for reads in sources]
    readers: list[list[int]] = [[] for _ in sources]
    for i, waits in enumerate(awaited):
        for source in waits:
            readers[source].append(i)
    ready = [i for i, waits in enumerate(awaited) if not waits]
    order: list[int] = []
    done: set[int] = set()
    first = 0
    while len(done) < len(sources):
        if ready:
            ended = [heappop(ready)]
        else:
            first = next(i for i in range(first, len(sources)) if i not in done)
            ended = _ring(first, sources, awaited)
            faults.append(_waiting(ended))
        order += ended
        done.update(ended)
        for source in ended:
            for reader in readers[source]:
                awaited[reader].discard(source)
                if not awaited[reader] and reader not in done:
                    heappush(ready, reader)
    return order


def _ring(start: int, sources: Sequence[tuple[int, ...]], awaited: Sequence[set[int]]) -> list[int]:
    """The layers of one circle, found by going from each layer to the first that it waits for."""
    way = {start: 0}
    at = start
    while True:
        at = next(source for source in sources[at] if source in awaited[at])
        if at in way:
            return sorted(list(way)[way[at] :])
        way[at] = len(way)


def _waiting(ring: Sequence[int]) -> Finding:
    names = listed([f"layers.{i}" for i in ring])
    message = f"these layers wait for each other: {names}" if len(ring) > 1 else "this layer waits for itself"
    return Finding("SN404", message, ("layers", ring[0], "inputs"))
