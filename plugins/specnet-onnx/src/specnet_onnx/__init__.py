"""Runs as ONNX models: the formulas of a net are run once on arrays that write down what is done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from specnet.api import Component, Exporter, TrainedNet, hookimpl

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

SPECNET_API = 1


class Onnx(Exporter):
    """One ONNX model: `rows` of numbers in the units of the data go in, `predictions` in those units come out."""

    suffix = ".onnx"
    type: Literal["onnx"] = "onnx"

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        from specnet_onnx.model import model_of

        return {self.suffix: model_of(net)}

    def predict(self, net: TrainedNet, path: Path, rows: Sequence[Sequence[Any]]) -> npt.NDArray[np.float64]:
        from specnet_onnx.model import predicted

        return predicted(path, rows)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The exporter."""
    return [Onnx]
