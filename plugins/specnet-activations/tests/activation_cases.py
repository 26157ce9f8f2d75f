"""Every activation of the plugin with the fields that the tests try."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from specnet.api import Activation

CASES: list[Activation] = [
    Celu(),
    Celu(alpha=0.3),
    Gaussian(),
    Gaussian(sigma=2.5),
    HardShrink(),
    HardShrink(threshold=0.0),
    InverseSquareRootLinearUnit(),
    InverseSquareRootLinearUnit(alpha=3.0),
    InverseSquareRootUnit(),
    InverseSquareRootUnit(alpha=0.1),
    LogSigmoid(),
    Mish(),
    PenalizedTanh(),
    PenalizedTanh(a=0.0),
    Relu6(),
    Sine(),
    Sine(omega=30.0),
    Snake(),
    Snake(a=5.5),
    SoftShrink(),
    SoftShrink(threshold=2.0),
    SquaredRelu(),
    Squareplus(),
    Squareplus(b=0.01),
    TanhExp(),
    TanhShrink(),
]
IDS = [str(activation.model_dump()) for activation in CASES]
