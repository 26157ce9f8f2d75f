"""The rules that look at rows, each about what only the data can tell; each warns and none refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from specnet.inspection import columns, leakage, targets
from specnet.inspection.sample import Sample
from specnet.spec.lint import unignored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from specnet.errors import Finding
    from specnet.preparation import Prepared
    from specnet.spec import Spec

RULES: tuple[Callable[[Sample], Iterator[Finding]], ...] = (
    columns.codes,
    columns.never_seen,
    columns.constant,
    leakage.copies,
    leakage.targets_among_inputs,
    leakage.rows_in_two_parts,
    targets.out_of_reach,
    targets.rare_classes,
    columns.few_rows,
)
TOLD_BY_A_RUN = ("SN571", "SN572")
"""What a run says of its scales already: which columns are constant in the training rows."""
ROWS = 20_000
"""Of each part so many rows are looked at."""


def doubts(spec: Spec, prepared: Prepared, most: int = ROWS, told: int | None = None) -> list[Finding]:
    """Warnings, without those that the spec ignores with a reason; of each rule `told` and how many more there are."""
    sample = Sample(spec, prepared, most)
    found: list[Finding] = []
    with np.errstate(over="ignore", invalid="ignore"):  # numbers too large to train on are refused elsewhere
        for rule in RULES:
            each = list(rule(sample))
            found += each[:told]
            if told is not None and len(each) > told:
                message = f"and so it is {len(each) - told:,} times more"
                found.append(replace(each[told], message=message, help="specnet check tells all"))
    return unignored(spec, found)
