"""Targets: what the loss does not take, what the last layer cannot give, and classes with few rows."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specnet.component.task import Split
    from specnet.inspection.sample import Sample
    from specnet.preparation import Prepared
    from specnet.spec import Spec

_OF_CLASSES = ("logits", "probabilities", "class_logits", "distributions")
_RARE = 0.1
"""Of what a class would have if all had as many rows."""


def unfit(spec: Spec, prepared: Prepared, splits: Mapping[str, Split]) -> Iterator[Finding]:
    """SN518: the first row of each part that is no target of the loss."""
    for part, split in splits.items():
        if wrong := spec.loss.wrong_target(split.targets, np):
            row, why = wrong
            named = prepared.data.row(prepared.parts[part][row])
            of = spec.split.files().get(part, "the data")
            message = f"row {named} of {of} is no target of {spec.loss.type}: {why}"
            yield Finding("SN518", message, ("dataset",), "other target columns, or another loss")


def out_of_reach(sample: Sample) -> Iterator[Finding]:
    """SN576: targets, in the units of the net, beyond what the last layer gives."""
    spec, last = sample.spec, len(sample.spec.layers) - 1
    low, high = spec.layers[-1].bounds()
    centred = any(scale.scaler.centred for _, scale in sample.prepared.targets.pieces())
    if (low, high) == (-inf, inf) or centred:  # what scaled targets need is told without the rows, SN413
        return
    values = sample.prepared.targets.transform(sample.targets.values)
    beyond = int(((values < low) | (values > high)).any(axis=1).sum())
    if beyond:
        reach = f"the last layer gives numbers from {low:g} to {high:g}"
        message = f"{reach}, the targets of {beyond:,} of {len(values):,} training rows lie beyond"
        help = f"targets go from {values.min():g} to {values.max():g}: scale them, or another last activation"
        yield Finding("SN576", message, ("layers", last), help, "warning")


def rare_classes(sample: Sample) -> Iterator[Finding]:
    """SN575: classes with no training row, or with a tenth of their share."""
    table, wants = sample.targets, sample.spec.loss.wants()
    if wants not in _OF_CLASSES:
        return
    exclusive, whole = wants in ("class_logits", "distributions"), sample.spec.loss.whole_targets()
    for name, values in zip(table.names, table.values.T, strict=True):
        rows, counts = len(values), {name: float(values.sum())}
        if whole is not None:
            counts = {f"{name} {k}": float((values == k).sum()) for k in range(whole)}
        elif not exclusive:
            counts[f"not {name}"] = rows - counts[name]
        even = rows / (whole or (len(table.names) if exclusive else 2))
        for what, count in counts.items():
            if count == 0:
                message = f"none of {rows:,} training rows is {what!r}: there is nothing to tell it by"
                yield Finding("SN575", message, sample.place(name), "more rows, or leave the class out", "warning")
            elif count < _RARE * even:
                message = (
                    f"{count:,.0f} of {rows:,} training rows are {what!r}: a net that never says so is hardly wrong"
                )
                help = "more rows of it, a metric such as f1, or a loss such as focal"
                yield Finding("SN575", message, sample.place(name), help, "warning")
