"""Columns one by one: kinds that look mistaken, columns that say nothing, and parts of few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component import Column
    from specnet.inspection.sample import Sample

_CODES = {"input": range(3, 5), "target": range(3, 11)}
"""So many different whole numbers from 0 or 1 on may be names of something; of inputs five are often counts."""
_ROWS_EACH = 10
_SHARE = 0.02
"""Of the rows, what each of the codes has at least: amounts are rarely spread so evenly."""
_FEW = 10


def codes(sample: Sample) -> Iterator[Finding]:
    """SN570: a column of numbers that looks like one of classes."""
    if not sample.is_recorded:
        return
    for table, role in ((sample.inputs, "input"), (sample.targets, "target")):
        if role == "target" and sample.spec.loss.whole_targets() is not None:
            continue  # it takes them for classes
        for name, values in sample.numbers(table):
            found, counts = np.unique(values[:1000], return_counts=True)
            if len(found) not in _CODES[role] or len(values) < _ROWS_EACH * len(found):
                continue
            whole = found[0] in (0, 1) and np.array_equal(found, found[0] + np.arange(len(found)))
            if whole and counts.min() >= _SHARE * counts.sum():
                message = (
                    f"the {role} {name!r} holds the whole numbers from {found[0]:g} to {found[-1]:g}, as classes do"
                )
                help = 'if they are names and no amounts: type = "category", in [[dataset.columns]]'
                yield Finding("SN570", message, sample.place(name), help, "warning")


def never_seen(sample: Sample) -> Iterator[Finding]:
    """SN571: a listed category, or another number of a cell, which is 0 in all rows."""
    for table in (sample.prepared.data.inputs, sample.prepared.data.targets):
        for name, values in zip(table.names, table.values.T, strict=True):
            if name in sample.owners and not values.any() and _is_listed(name, sample.owners[name][0]):
                message = f"{name!r} is listed, and no row of the data has it"
                help = "look for a slip in the list, or take it out"
                yield Finding("SN571", message, sample.place(name), help, "warning")


def _is_listed(name: str, column: Column) -> bool:
    """True for one of several numbers of a cell, unless it is there for gaps and for texts that are not listed."""
    names = column.names()
    alone = tuple(float(other == name) for other in names)
    return len(names) > 1 and column.absent() != alone and not column.surprises(np.array([alone]))


def constant(sample: Sample) -> Iterator[Finding]:
    """SN572: one value in all training rows; of a cell that is several numbers, of all of them."""
    found = set(sample.prepared.constant_columns())
    for name in (*sample.inputs.names, *sample.targets.names):
        names = sample.owners[name][0].names() if name in sample.owners else (name,)
        if name == names[0] and found.issuperset(names):
            column = sample.owners[name][0].name if name in sample.owners else name
            message = f"the column {column!r} is constant in the training rows"
            yield Finding("SN572", message, sample.place(name), "leave it out: it tells nothing", "warning")


def few_rows(sample: Sample) -> Iterator[Finding]:
    """SN579: a part of the split, or the last batch of an epoch, with very few rows."""
    if not sample.is_recorded:
        return
    parts = sample.prepared.parts
    for part in ("validation", "test"):
        if 0 < len(parts[part]) < _FEW:
            message = f"{len(parts[part])} {part} row{'s' * (len(parts[part]) > 1)}: what they score is mostly chance"
            yield Finding("SN579", message, ("split", part), "more rows, or a larger fraction", "warning")
    rows, size = len(parts["train"]), sample.spec.training.batch_rows(len(parts["train"]))
    if 0 < rows % size < size / _FEW:
        message = f"of {rows:,} training rows in batches of {size:,} the last has {rows % size}"
        help = "each of its rows moves the net as much as a whole batch does; another batch_size"
        yield Finding("SN579", message, ("training", "batch_size"), help, "warning")
