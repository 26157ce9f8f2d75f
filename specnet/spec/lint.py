"""SN4xx: what is wrong with the model that a well-formed spec describes, seen without data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding, SpecError, listed
from specnet.plan import make_plan
from specnet.spec import expectations

if TYPE_CHECKING:
    from specnet.spec.model import Spec


def lint(spec: Spec) -> list[Finding]:
    """Every fault of the wiring, the test cases and the expectations."""
    try:
        plan, faults = make_plan(spec.layers, spec.dataset.plan()), list[Finding]()
    except SpecError as error:
        plan, faults = None, list(error.findings)
    return faults + _metrics(spec) + _cases(spec) + expectations.faults(spec, plan)


def _metrics(spec: Spec) -> list[Finding]:
    names = ["loss", *(metric.type for metric in spec.metrics)]
    return [
        Finding("SN407", f"the column {name!r} stands twice in the history", ("metrics", i - 1))
        for i, name in enumerate(names)
        if name in names[:i]
    ]


def _cases(spec: Spec) -> list[Finding]:
    columns = spec.dataset.plan().inputs
    return [
        Finding(
            "SN408",
            f"this row has {_count(len(row), 'number')}, the dataset has {_count(len(columns), 'input')} "
            f"({listed(columns)})",
            ("predict", i, "inputs", k),
        )
        for i, case in enumerate(spec.predict)
        for k, row in enumerate(case.inputs)
        if len(row) != len(columns)
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
