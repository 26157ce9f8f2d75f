"""Exporters: a trained net becomes files that need no specnet."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from specnet.component.base import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from specnet.arrays import Array
    from specnet.component.columns import Column
    from specnet.plan import Plan
    from specnet.units import Units


class ExportError(ValueError):
    """Raised for what an exporter cannot say; `path` is its place in the spec."""

    def __init__(self, reason: str, *path: str | int) -> None:
        super().__init__(reason)
        self.reason, self.path = reason, path


class TrainedNet(NamedTuple):
    """What there is to export of a run: all that a prediction is made of."""

    name: str
    columns: tuple[Column, ...]
    """The cells of a row, in their order; each becomes as many numbers as it has names."""
    plan: Plan
    values: tuple[Mapping[str, Array], ...]
    """For each step of the plan its parameters and buffers by name, in the dtype of the net."""
    inputs: Units
    targets: Units
    dtype: Literal["float64", "float32"]


class Exporter(Component):
    """Writes a net in another form, and predicts with what it has written, so that nobody has to believe it."""

    kind = "exporter"
    in_specs = False
    suffix: ClassVar[str]
    """How the name of the file ends, such as `.py`."""

    @abstractmethod
    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        """The contents by suffix, `suffix` itself and perhaps others beside it. Raises ExportError."""

    @abstractmethod
    def predict(self, net: TrainedNet, path: Path, rows: Sequence[Sequence[Any]]) -> Array:
        """(rows, targets) in the units of the data, as the file at `path` predicts them without specnet.

        The rows are cells: numbers and texts, None for nothing. Raises ExportError when the file cannot be run.
        """
