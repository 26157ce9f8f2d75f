"""Published activations beyond the built-in ones, written to the Python array API standard (edition 2024.12)."""

from __future__ import annotations

from specnet.api import Component, hookimpl
from specnet_activations.piecewise import (
    Celu,
    HardShrink,
    InverseSquareRootLinearUnit,
    PenalizedTanh,
    Relu6,
    SoftShrink,
    SquaredRelu,
)
from specnet_activations.smooth import (
    Gaussian,
    InverseSquareRootUnit,
    LogSigmoid,
    Mish,
    Sine,
    Snake,
    Squareplus,
    TanhExp,
    TanhShrink,
)

SPECNET_API = 1


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The activations of this plugin."""
    return [
        Celu,
        Gaussian,
        HardShrink,
        InverseSquareRootLinearUnit,
        InverseSquareRootUnit,
        LogSigmoid,
        Mish,
        PenalizedTanh,
        Relu6,
        Sine,
        Snake,
        SoftShrink,
        SquaredRelu,
        Squareplus,
        TanhExp,
        TanhShrink,
    ]
