"""Parts: the rows of each part of a run, as its `[split]` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import DataError, Finding
from specnet.splits.cuts import Cut, Grouped, InOrder, Stratified, Timed
from specnet.splits.marks import classes, labels, named_parts, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Index
    from specnet.component import Column, Data
    from specnet.spec.splitting import SplitSection
    from specnet.streams import Streams


def part(data: Data, section: SplitSection, streams: Streams, columns: Sequence[Column] = ()) -> dict[str, Index]:
    """The indices of the rows of each part; `columns` are described by the dataset.

    Raises DataError when a part that is asked for would be empty, or a row or a class cannot be parted.
    """
    own = len(data.inputs) - sum(map(len, data.parts.values()))
    order = streams.of("split").permutation(own) if section.shuffle else np.arange(own)
    group = next((column.name for column in columns if column.role == "group"), None)
    rule = _rule(data, section, streams, columns, group, order)
    if section.column is None:
        parts = {**rule.cut(order, section.counts(own)), **data.parts}
    else:
        said = named_parts(data, section.column, section.named_parts())
        parts = {name: order[np.isin(order, rows)] for name, rows in said.items()}
    if group is not None and (section.column is not None or data.parts):
        _require_whole_groups(data, group, parts)
    if section.folds is not None:
        parts = _fold(section, rule, parts, order)
    none = np.arange(0)
    return {name: parts.get(name, none) for name in ("train", "validation", "test")}


def _rule(
    data: Data, section: SplitSection, streams: Streams, columns: Sequence[Column], group: str | None, order: Index
) -> Cut:
    if section.stratify is not None:
        return Stratified(classes(data, columns, section.stratify))
    if section.time is not None:
        return Timed(times(data, columns, section.time))
    if group is None:
        return InOrder()
    groups = labels(data, group)
    if section.shuffle:  # by the names of the groups alone: the order of the rows does not matter
        return Grouped(groups, np.argsort(streams.of("split", 1).permutation(len(groups.names))))
    seen, first = np.unique(groups.codes[order], return_index=True)
    place = np.zeros(len(groups.names), np.int64)
    place[seen] = first
    return Grouped(groups, place)


def _fold(section: SplitSection, rule: Cut, parts: dict[str, Index], order: Index) -> dict[str, Index]:
    """One fold of what is not for the test as the test, and the others for training and validation."""
    shared = section.fractions()["validation"] > 0
    pool = np.concatenate([parts["train"], parts["validation"]]) if shared else parts["train"]
    pool = order[np.isin(order, pool)]
    test = rule.cut(pool, section.fold_counts(len(pool)))[f"fold {section.fold}"]
    rest = pool[~np.isin(pool, test)]
    return {**parts, **rule.cut(rest, section.counts_beside(len(rest))), "test": test}


def _require_whole_groups(data: Data, name: str, parts: dict[str, Index]) -> None:
    """Raises DataError SN565 for a group with rows in two parts."""
    groups = labels(data, name)
    home: dict[int, tuple[str, int]] = {}
    for part, rows in parts.items():
        _, first = np.unique(groups.codes[rows], return_index=True)
        for row in rows[first].tolist():
            before, other = home.setdefault(int(groups.codes[row]), (part, row))
            if before != part:
                group = groups.names[groups.codes[row]]
                where = f"row {data.row(other)} is for {before}, and row {data.row(row)} for {part}"
                message = f"the group {group} of column {name!r} is in two parts: {where}"
                help = "put all its rows in one part, or take the role group from the column"
                raise DataError(Finding("SN565", message, ("split",), help))
