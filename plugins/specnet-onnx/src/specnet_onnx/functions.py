"""The functions of NumPy as operators of ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from specnet.api import ExportError
from specnet_onnx.graph import Graph, Traced

_OPERATORS = {
    "absolute": "Abs",
    "add": "Add",
    "cos": "Cos",
    "divide": "Div",
    "equal": "Equal",
    "exp": "Exp",
    "floor": "Floor",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "isnan": "IsNaN",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "log": "Log",
    "logical_and": "And",
    "logical_not": "Not",
    "logical_or": "Or",
    "matmul": "MatMul",
    "maximum": "Max",
    "minimum": "Min",
    "multiply": "Mul",
    "negative": "Neg",
    "positive": "Identity",
    "power": "Pow",
    "sign": "Sign",
    "sin": "Sin",
    "sqrt": "Sqrt",
    "subtract": "Sub",
    "tanh": "Tanh",
    "true_divide": "Div",
}
"""Those that mean the same."""
_COMPOSED: Mapping[str, Callable[..., Any]] = {
    "expm1": lambda x: np.exp(x) - 1.0,
    "log1p": lambda x: np.log(x + 1.0),
    "not_equal": lambda x, y: np.logical_not(np.equal(x, y)),
    "reciprocal": lambda x: 1.0 / x,
    "square": lambda x: x * x,
}
"""Those that are made of others; where x is next to 0, the last digits are lost."""


def elementwise(graph: Graph, name: str, inputs: Sequence[Any]) -> Traced:
    """What a ufunc gives. Raises ExportError where ONNX has none."""
    if name in _COMPOSED:
        composed: Traced = _COMPOSED[name](*inputs)
        return composed
    if name not in _OPERATORS:
        raise ExportError(f"there is no {name} in ONNX")
    shown = [value.shown if isinstance(value, Traced) else value for value in inputs]
    with np.errstate(all="ignore"):
        result = getattr(np, name)(*shown)
        common = np.result_type(*shown)
    names = [_named(graph, value, common) for value in inputs]
    return Traced(graph, graph.node(_OPERATORS[name], names), np.asarray(result))


def _named(graph: Graph, value: Any, dtype: Any) -> str:
    return value.astype(dtype).name if isinstance(value, Traced) else graph.constant(value, dtype)


def _first(values: Sequence[Any]) -> Traced:
    return next(value for value in values if isinstance(value, Traced))


def _shown(values: Sequence[Any]) -> list[Any]:
    return [value.shown if isinstance(value, Traced) else value for value in values]


def _where(condition: Any, x: Any, y: Any) -> Traced:
    graph, shown = _first((condition, x, y)).graph, _shown((condition, x, y))
    result = np.where(*shown)
    names = [_named(graph, condition, np.bool_), *(_named(graph, each, result.dtype) for each in (x, y))]
    return Traced(graph, graph.node("Where", names), result)


def _axes(axis: Any, ndim: int) -> list[int]:
    given = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return [each % ndim for each in given]


def _sum(x: Traced, axis: Any = None, keepdims: bool = False) -> Traced:
    axes = x.graph.constant(_axes(axis, x.ndim), np.int64)
    return x.step("ReduceSum", np.sum(x.shown, axis=axis, keepdims=keepdims), axes, keepdims=int(keepdims))


def _mean(x: Traced, axis: Any = None, keepdims: bool = False) -> Traced:
    shown = np.mean(x.shown, axis=axis, keepdims=keepdims)
    return x.step("ReduceMean", shown, axes=_axes(axis, x.ndim), keepdims=int(keepdims))


def _max(x: Traced, axis: Any = None, keepdims: bool = False) -> Traced:
    shown = np.max(x.shown, axis=axis, keepdims=keepdims)
    return x.step("ReduceMax", shown, axes=_axes(axis, x.ndim), keepdims=int(keepdims))


def _nanmean(x: Any, axis: Any = None) -> Any:
    absent = np.isnan(x)
    one = np.ones((), x.dtype)
    return np.sum(np.where(absent, 0 * one, x), axis=axis) / np.sum(np.where(absent, 0 * one, one), axis=axis)


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Traced:
    graph, shown = _first(arrays).graph, np.concatenate(_shown(arrays), axis=axis)
    names = [_named(graph, each, shown.dtype) for each in arrays]
    return Traced(graph, graph.node("Concat", names, axis=axis % shown.ndim), shown)


def _stack(arrays: Sequence[Traced]) -> Traced:
    zero = _first(arrays).graph.constant([0], np.int64)
    return _concatenate([each.step("Unsqueeze", each.shown[None], zero) for each in arrays])


def _pad(x: Traced, sides: Any, constant_values: float = 0) -> Traced:
    pads = np.array([[before for before, _ in sides], [after for _, after in sides]]).ravel()
    shown = np.pad(x.shown, sides, constant_values=constant_values)
    return x.step("Pad", shown, x.graph.constant(pads, np.int64), x.graph.constant(constant_values, x.dtype))


def _repeat(x: Traced, times: int, axis: int) -> Traced:
    which = np.repeat(np.arange(x.shape[axis]), times)
    return x.step("Gather", x.shown.take(which, axis), x.graph.constant(which, np.int64), axis=axis)


def _einsum(equation: str, *arrays: Any) -> Traced:
    graph, shown = _first(arrays).graph, np.einsum(equation, *_shown(arrays))
    return Traced(
        graph, graph.node("Einsum", [_named(graph, a, shown.dtype) for a in arrays], equation=equation), shown
    )


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "amax": _max,
    "clip": _clip,
    "concatenate": _concatenate,
    "einsum": _einsum,
    "full_like": lambda x, value: np.full((), value, x.dtype),  # a constant has every shape
    "max": _max,
    "mean": _mean,
    "nanmean": _nanmean,
    "ones_like": lambda x: np.ones((), x.dtype),
    "pad": _pad,
    "repeat": _repeat,
    "stack": _stack,
    "sum": _sum,
    "where": _where,
    "zeros_like": lambda x: np.zeros((), x.dtype),
}
"""What formulas call besides ufuncs, by its name in NumPy."""
