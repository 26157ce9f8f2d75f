"""Functions of one number in generated code, in the words of the graph; each keeps the dtype of its argument."""

from __future__ import annotations

from math import atan, cos, cosh, exp, expm1, log, log1p, sin, sinh, sqrt, tan, tanh
from typing import Any

from numba import njit
from numba.extending import intrinsic

from specnet_jit.kernels import EXACT, select

__all__ = [
    "abs",
    "atan",
    "ceil",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "floor",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]


def _rounding(name: str) -> Any:
    """An instruction of the machine that gives a float, where Python's function would give an int."""

    @intrinsic
    def function(_typing: Any, x: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            operation = builder.module.declare_intrinsic(f"llvm.{name}", [args[0].type])
            return builder.call(operation, args)

        return x(x), generate

    return function


abs = _rounding("fabs")
floor = _rounding("floor")
ceil = _rounding("ceil")


@njit(fastmath=EXACT, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def maximum(a: Any, b: Any) -> Any:
    """The greater, NaN where either is."""
    return select((a < b) | (b != b), b, a)


@njit(fastmath=EXACT, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def minimum(a: Any, b: Any) -> Any:
    """The less, NaN where either is."""
    return select((a > b) | (b != b), b, a)
