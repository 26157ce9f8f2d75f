"""Subject: what the rules look at, and what they are told when it cannot be known."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from specnet.errors import DataError, SpecError
from specnet.plan import make_plan

if TYPE_CHECKING:
    from specnet.component import Loss, Scaler
    from specnet.plan import Plan, Step
    from specnet.spec.model import Spec


class UndecidedError(Exception):
    """A rule needs what is broken, or what only the data can tell."""


class Subject:
    """A spec, which may be a draft, and how many rows there are, in all and for training, where the data is known."""

    def __init__(self, spec: Spec, known_rows: int | None = None, known_training: int | None = None) -> None:
        self.spec = spec
        self.known_rows = known_rows
        self.known_training = known_training

    @cached_property
    def plan(self) -> Plan:
        """The plan of a net without faults."""
        try:
            plan = make_plan(self.spec.layers, self.spec.dataset.plan(), self.loss)
        except SpecError:
            raise UndecidedError("plan") from None
        if len(plan.steps) < len(self.spec.layers):  # a layer that cannot be read leaves a hole
            raise UndecidedError("plan")
        return plan

    @property
    def loss(self) -> Loss | None:
        """The loss, None where it cannot be read."""
        try:
            return self.spec.loss
        except UndecidedError:
            return None

    def position(self, step: Step) -> int:
        """Where the layer of a step stands in the file, whatever the order of the work."""
        return next(i for i, layer in enumerate(self.spec.layers) if layer is step.layer)

    @property
    def outputs(self) -> int:
        """The numbers that the net gives for a row: as many as the loss takes for the targets."""
        return self.spec.loss.outputs(self.targets)

    @property
    def targets(self) -> int:
        """The target columns."""
        return len(self.spec.dataset.plan().targets)

    def scalers(self, role: Literal["input", "target"]) -> dict[str, Scaler]:
        """The scaler of each column of that role that has one; what the section scales is there as a whole."""
        section = self.spec.scaling.inputs if role == "input" else self.spec.scaling.targets
        described = self.spec.dataset.of_role(role)
        if not described:
            return {} if section is None else {"": section}
        pairs = ((column, column.scaling(section)) for column in described)
        return {"" if scaler is section else column.name: scaler for column, scaler in pairs if scaler is not None}

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
        if self.known_training is not None:
            return self.known_training
        try:
            sizes = self.spec.split.sizes(self.rows)
        except DataError:
            raise UndecidedError("rows") from None
        if sizes is None or self.spec.dataset.of_role("group"):
            raise UndecidedError("rows")
        return sizes["train"]
