"""Leakage: columns that are others in disguise, and rows that the net is measured on after it has learned them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import Finding
from specnet.inspection.sample import unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.arrays import Array, Index
    from specnet.inspection.sample import Sample

_ENOUGH = 10
"""Fewer rows than this are alike by chance."""
_WIDE = 1000
"""Of more inputs than this, pairs are not compared."""
_SAME = 1 - 1e-10
_SIEVE = 1000
"""So many rows part the pairs that cannot be alike from the few that are looked at in all rows."""
_REPEATED = 0.05
"""A smaller part of the rows, measured twice, does not move a score."""


def copies(sample: Sample) -> Iterator[Finding]:
    """SN574: two inputs of which one can be had of the other."""
    names, values = sample.inputs.names, sample.inputs.values
    if not sample.is_recorded or len(values) < _ENOUGH or len(names) > _WIDE:
        return
    told: set[str] = set()
    for i, k in _alike(values, values):
        one, other = names[i], names[k]
        if i < k and other not in told and not sample.share_a_column(one, other):
            told.add(other)
            message = f"the inputs {one!r} and {other!r} {_how(values[:, i], values[:, k])} in all training rows"
            yield Finding("SN574", message, sample.place(other), "leave one of them out", "warning")


def targets_among_inputs(sample: Sample) -> Iterator[Finding]:
    """SN577: an input that is a target."""
    x, t, data = sample.inputs, sample.targets, sample.prepared.data
    if not sample.is_recorded or len(x) < _ENOUGH or data.targets.values is data.inputs.values:
        return  # what is to be reconstructed is the target on purpose
    for i, k in _alike(x.values, t.values):
        how = _how(x.values[:, i], t.values[:, k])
        message = f"the input {x.names[i]!r} and the target {t.names[k]!r} {how} in all training rows"
        help = "leave the input out, unless it really is known before the target is"
        yield Finding("SN577", message, sample.place(x.names[i]), help, "warning")


def rows_in_two_parts(sample: Sample) -> Iterator[Finding]:
    """SN578: rows of validation or test that stand in training as well."""
    if not sample.is_recorded:
        return
    trained = set(_rows(sample, sample.rows("train")))
    for part in ("validation", "test"):
        rows = _rows(sample, sample.rows(part))
        again = sum(row in trained for row in rows)
        if again and again >= _REPEATED * len(rows):
            of = f"{again:,} of {len(rows):,} {part} rows{' that were looked at' if sample.cut else ''}"
            message = f"{of} {'stands' if again == 1 else 'stand'} among the training rows, to the last digit"
            help = "part the data so that what is repeated stays together, or leave the copies out"
            yield Finding("SN578", message, ("split",), help, "warning")


def _rows(sample: Sample, index: Index) -> list[bytes]:
    data = sample.prepared.data
    joined = np.ascontiguousarray(np.hstack([data.inputs.values[index], data.targets.values[index]]) + 0.0)
    return [row.tobytes() for row in joined]  # + 0.0 makes -0.0 the same number in bytes, too


def _alike(x: Array, t: Array) -> Iterator[tuple[int, int]]:
    """The columns of x and of t that correlate perfectly."""
    products = np.abs(unit(x[:_SIEVE]).T @ unit(t[:_SIEVE]))
    for i, k in np.argwhere(products > _SAME).tolist():
        if abs(float((unit(x[:, [i]]) * unit(t[:, [k]])).sum())) > _SAME:
            yield i, k


def _how(a: Array, b: Array) -> str:
    if np.array_equal(a, b):
        return "are the same"
    return "differ by a factor and a constant alone"
