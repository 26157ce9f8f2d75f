"""The order of layers: held against a slow reading of its one sentence, and where it must not be slow."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.builtins.layers.dense import Dense
from specnet.wiring import order_of, sources_of

if TYPE_CHECKING:
    from specnet.errors import Finding


def refused(*layers: Dense) -> list[tuple[str, str]]:
    faults: list[Finding] = []
    order_of(sources_of(layers, faults), faults)
    return [(fault.code, fault.dotted) for fault in faults]


def dense(name: str | None = None, *inputs: str) -> Dense:
    return Dense(units=1, name=name, inputs=inputs or None)


def has_circle(sources: list[tuple[int, ...]]) -> bool:
    graph = {i: [source for source in reads if source >= 0] for i, reads in enumerate(sources)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


# What is refused


def test_as_many_unknown_names_are_forgiven_as_names_are_lost() -> None:
    twice = ("SN402", "layers.1.name")
    assert refused(dense("a"), dense("a"), dense("c", "b")) == [twice]
    assert refused(dense("a"), dense("a"), dense("c", "b", "b")) == [twice]
    assert refused(dense("a"), dense("a"), dense("c", "b"), dense("d", "e")) == [twice, ("SN403", "layers.3.inputs.0")]


def test_a_long_circle_is_one_finding_of_a_few_words() -> None:
    faults: list[Finding] = []
    assert order_of([((i + 1) % 5000,) for i in range(5000)], faults) == list(range(5000))
    (fault,) = faults
    assert fault.message.endswith("layers.10, layers.11, ... (5,000 in all)")


@settings(derandomize=True, deadline=None)
@given(st.data())
def test_every_layer_is_ordered_once_and_each_circle_is_told_once(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    sources = [tuple(data.draw(st.lists(st.integers(-2, count - 1), min_size=1, max_size=3))) for _ in range(count)]
    faults: list[Finding] = []
    assert sorted(order_of(sources, faults)) == list(range(count))
    assert len({fault.path for fault in faults}) == len(faults)
    assert bool(faults) == has_circle(sources)


# What is given


@settings(derandomize=True, deadline=None)
@given(st.permutations(range(8)), st.data())
def test_each_layer_is_the_first_of_the_file_that_can_work(ranks: list[int], data: st.DataObject) -> None:
    """Of a graph without circles: a layer reads only layers of a lower rank."""
    sources = []
    for rank in ranks:
        lower = [i for i, other in enumerate(ranks) if other < rank]
        sources.append(tuple(data.draw(st.lists(st.sampled_from([-1, *lower]), min_size=1, max_size=3))))
    expected: list[int] = []
    while len(expected) < len(sources):
        done = {-1, *expected}
        expected.append(next(i for i in range(8) if i not in done and done.issuperset(sources[i])))
    faults: list[Finding] = []
    assert order_of(sources, faults) == expected
    assert faults == []


def test_ten_thousand_layers_from_the_last_to_the_first() -> None:
    sources = [(i + 1,) for i in range(9_999)] + [(-1,)]
    assert order_of(sources, []) == list(range(9_999, -1, -1))
