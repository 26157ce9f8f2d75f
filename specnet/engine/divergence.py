"""Where a step went wrong: the first tensor that is not finite, in the order in which a step makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.plan import Plan

LAST = 5
"""How many norms of gradients are told."""


def first_output(plan: Plan, outputs: Sequence[Array]) -> str:
    """The first step whose output is not finite; the loss itself where all of them are."""
    for step, y in zip(plan.steps, outputs, strict=True):
        if not np.isfinite(y).all():
            return f"the output of {step.name}"
    return "the loss of finite predictions"


def first_gradient(plan: Plan, gradients: Sequence[Mapping[str, Array]]) -> str:
    """The first gradient that is not finite, from the last step back: so they are made."""
    for step, views in zip(reversed(plan.steps), reversed(gradients), strict=True):
        for name, array in views.items():
            if not np.isfinite(array).all():
                return f"the gradient of {step.name}.{name}"
    return "no gradient"


def parameter_at(plan: Plan, place: int) -> str:
    """The parameter to which that place of the flat vector belongs."""
    names = (
        f"{step.name}.{slot.parameter.name}"
        for step in plan.steps
        for slot in step.slots
        if slot.offset <= place < slot.offset + slot.size
    )
    return next(names, "no parameter")


def norm(vector: Array) -> float:
    """The Euclidean norm, also of a vector whose squares overflow."""
    largest = float(np.max(np.abs(vector), initial=0.0))
    if not np.isfinite(largest) or largest == 0:
        return largest
    return largest * float(np.linalg.norm(vector / largest))


def in_words(norms: Sequence[float]) -> str:
    """`the norms of the last 3 gradients are 1.2, 3.4e+05, inf`."""
    told = ", ".join(f"{value:.3g}" for value in norms)
    many = len(norms) > 1
    return f"the norms of the last {len(norms)} gradients are {told}" if many else f"the norm of the gradient is {told}"
