"""Subject: what the rules look at, and what they are told when it cannot be known."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from specnet.errors import DataError, SpecError
from specnet.plan import make_plan

if TYPE_CHECKING:
    from specnet.plan import Plan, Step
    from specnet.spec.model import Spec


class UndecidedError(Exception):
    """A rule needs what is broken, or what only the data can tell."""


class Subject:
    """A spec, which may be a draft, and the number of rows where the data has been read."""

    def __init__(self, spec: Spec, known_rows: int | None = None) -> None:
        self.spec = spec
        self.known_rows = known_rows

    @cached_property
    def plan(self) -> Plan:
        """The plan of a net without faults."""
        try:
            plan = make_plan(self.spec.layers, self.spec.dataset.plan())
        except SpecError:
            raise UndecidedError("plan") from None
        if len(plan.steps) < len(self.spec.layers):  # a layer that cannot be read leaves a hole
            raise UndecidedError("plan")
        return plan

    def position(self, step: Step) -> int:
        """Where the layer of a step stands in the file, whatever the order of the work."""
        return next(i for i, layer in enumerate(self.spec.layers) if layer is step.layer)

    @property
    def outputs(self) -> int:
        """The numbers that the net gives for a row: as many as there are targets."""
        return len(self.spec.dataset.plan().targets)

    @property
    def rows(self) -> int:
        """All rows of the dataset."""
        rows = self.spec.dataset.plan().rows if self.known_rows is None else self.known_rows
        if rows is None:
            raise UndecidedError("rows")
        return rows

    @property
    def training_rows(self) -> int:
        """The rows that the net is trained on."""
        try:
            return self.spec.split.counts(self.rows)["train"]
        except DataError:
            raise UndecidedError("rows") from None
