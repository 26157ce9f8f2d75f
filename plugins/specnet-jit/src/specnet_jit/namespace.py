"""The namespace that stands in the place of NumPy while formulas are compiled: it writes down what it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from specnet_jit.nodes import ROW, Graph, Node, NotCompilableError
from specnet_jit.traced import Rows, Traced, apply, axes_of, binary, cells, lift, number, reduced, truth

UNARY = {
    "negative": "neg",
    "exp": "exp",
    "expm1": "expm1",
    "log": "log",
    "log1p": "log1p",
    "sqrt": "sqrt",
    "tanh": "tanh",
    "sinh": "sinh",
    "cosh": "cosh",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "arctan": "atan",
    "atan": "atan",
    "floor": "floor",
    "ceil": "ceil",
    "abs": "abs",
    "absolute": "abs",
    "fabs": "abs",
    "positive": "positive",
    "square": "square",
    "sign": "sign",
    "reciprocal": "reciprocal",
    "logical_not": "not",
}
BINARY = {
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "power": "pow",
    "pow": "pow",
    "maximum": "max",
    "minimum": "min",
    "less": "lt",
    "less_equal": "le",
    "greater": "gt",
    "greater_equal": "ge",
    "equal": "eq",
    "not_equal": "ne",
    "logical_and": "and",
    "logical_or": "or",
}
SAME = ("finfo", "iinfo", "pi", "e", "inf", "nan", "newaxis", "float64", "float32", "bool_")
"""What is taken from NumPy as it is."""


class Function:
    """An elementwise function, with `out` and `where` as NumPy's have them, and `reduce` for what can be summed up."""

    def __init__(self, rows: Rows, name: str) -> None:
        self._rows = rows
        self._name = name

    def __call__(self, *values: Any, out: Any = None, where: Any = True) -> Traced:
        like = Traced(self._rows, cells(None), None)
        own = [lift(like, value) for value in values]
        wanted = 1 if self._name in UNARY else 2
        if len(own) != wanted:
            raise NotCompilableError(f"it calls xp.{self._name} with {len(own)} values")
        result = _unary(UNARY[self._name], own[0]) if wanted == 1 else binary(BINARY[self._name], own[0], own[1])
        target: Traced | None = out[0] if isinstance(out, tuple) else out
        if where is not True:
            if target is None:
                raise NotCompilableError(f"it calls xp.{self._name} with `where` and without `out`")
            result = chosen(self._rows, where, result, target)
        if target is None:
            return result
        target.write(result)
        return target

    def reduce(self, x: Any, axis: Any = 0, out: Any = None, keepdims: bool = False) -> Traced:
        """Values along an axis taken together."""
        ops = {"add": "add", "maximum": "max", "minimum": "min"}
        if self._name not in ops:
            raise NotCompilableError(f"it calls xp.{self._name}.reduce")
        return reduced(ops[self._name], x, axis, keepdims, out)


def _unary(op: str, x: Traced) -> Traced:
    graph = x.rows.graph

    def made(a: Node) -> Node:
        if op == "not":
            return graph.make("not", truth(graph, a))
        a = number(graph, a)
        if op == "positive":
            return a
        if op == "square":
            return graph.make("mul", a, a)
        if op == "reciprocal":
            return graph.make("div", graph.const(1.0), a)
        if op == "sign":
            one, none = graph.const(1.0), graph.const(0.0)
            below = graph.make("select", graph.make("lt", a, none), graph.const(-1.0), a)  # 0 and NaN stay
            return graph.make("select", graph.make("gt", a, none), one, below)
        return graph.make(op, a)

    return apply(made, x, x)


def chosen(rows: Rows, condition: Any, a: Any, b: Any) -> Traced:
    """a where the condition holds, else b."""
    graph = rows.graph

    def made(c: Node, x: Node, y: Node) -> Node:
        return graph.make("select", truth(graph, c), number(graph, x), number(graph, y))

    return apply(made, Traced(rows, cells(None), None), condition, a, b)


class Namespace:
    """NumPy's names, as far as they can be compiled."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._like = Traced(rows, cells(None), None)

    def __getattr__(self, name: str) -> Any:
        if name in UNARY or name in BINARY:
            return Function(self._rows, name)
        if name in SAME:
            return getattr(np, name)
        raise NotCompilableError(f"it calls xp.{name}, which is not among what can be compiled")

    def where(self, condition: Any, a: Any, b: Any) -> Traced:
        """a where the condition holds, else b."""
        return chosen(self._rows, condition, a, b)

    def clip(self, x: Any, low: Any, high: Any, out: Any = None) -> Traced:
        """min(max(x, low), high)."""
        result = lift(self._like, x)
        if low is not None:
            result = binary("max", result, lift(self._like, low))
        if high is not None:
            result = binary("min", result, lift(self._like, high))
        if out is None:
            return result
        self._copied(result, out)
        return out  # type: ignore[no-any-return]

    def full_like(self, x: Traced, value: Any) -> Traced:
        """The value in the shape of x."""
        return apply(lambda _, b: b, x, x, value)

    def ones_like(self, x: Traced) -> Traced:
        """1 in the shape of x."""
        return self.full_like(x, 1.0)

    def zeros_like(self, x: Traced) -> Traced:
        """0 in the shape of x."""
        return self.full_like(x, 0.0)

    def empty_like(self, x: Traced) -> Traced:
        """Memory in the shape of x."""
        return Traced(x.rows, np.full(x.cells.shape, None, object), x.axis)

    def sum(self, x: Traced, axis: Any = None, keepdims: bool = False, out: Any = None) -> Traced:
        """The sum along axes."""
        return reduced("add", x, axis, keepdims, out)

    def max(self, x: Traced, axis: Any = None, keepdims: bool = False) -> Traced:
        """The greatest along axes."""
        return reduced("max", x, axis, keepdims, None)

    def min(self, x: Traced, axis: Any = None, keepdims: bool = False) -> Traced:
        """The least along axes."""
        return reduced("min", x, axis, keepdims, None)

    def mean(self, x: Traced, axis: Any = None, keepdims: bool = False) -> Traced:
        """The mean along axes."""
        return x.mean(axis, keepdims)

    def reshape(self, x: Traced, shape: Any) -> Traced:
        """The same values in another shape."""
        return x.reshape(shape)

    def concatenate(self, parts: Any, axis: int = 0, out: Any = None) -> Traced:
        """Arrays one after the other along an axis that is not that of the rows."""
        own = [lift(self._like, part) for part in parts]
        along = axes_of(own[0], axis)[0]
        if any(part.axis != own[0].axis for part in own) or along == own[0].axis:
            raise NotCompilableError("it lays rows one after the other")
        result = Traced(self._rows, np.concatenate([part.cells for part in own], along), own[0].axis)
        if out is None:
            return result
        self._copied(result, out)
        return out  # type: ignore[no-any-return]

    concat = concatenate

    def dot(self, a: Traced, b: Traced, out: Any = None) -> Traced:
        """`matmul` of matrices."""
        return self.matmul(a, b, out)

    def matmul(self, a: Traced, b: Traced, out: Any = None) -> Traced:
        """The product of two matrices, also one that is a sum over rows."""
        if a.ndim != 2 or b.ndim != 2 or a.cells.shape[1] != b.cells.shape[0]:
            raise NotCompilableError("it multiplies what are no matrices")
        if (a.axis == 1) != (b.axis == 0) or (None not in (a.axis, b.axis) and a.axis != 1):
            raise NotCompilableError("it multiplies rows with columns")
        result = _outer(a, b) if a.axis == 1 else _product(a, b)
        if out is None:
            return result
        out.write(result)
        return out  # type: ignore[no-any-return]

    def _copied(self, result: Traced, out: Traced) -> None:
        out.write(Traced(self._rows, result.cells.copy(), result.axis))


def _product(a: Traced, b: Traced) -> Traced:
    """W x for a matrix of weights and one column, or the same lying down; terms are written out in small products."""
    graph = a.rows.graph
    if a.axis == 0:  # x W, which is (W' x')'
        return _product(b.T, a.T).T
    matrix, column = a.cells, b.cells[:, 0]
    result = np.empty((matrix.shape[0], b.cells.shape[1]), object)
    if b.axis != 1 or graph.unrolled or _strides(matrix) is None:
        for k in np.ndindex(result.shape):
            result[k] = _sum(
                graph, [graph.make("mul", w, x) for w, x in zip(matrix[k[0]], b.cells[:, k[1]], strict=True)]
            )
    else:
        args = (*matrix.reshape(-1), *column)
        product = graph.product("matvec", args, matrix.shape)
        result[:, 0] = [graph.item(product, row) for row in range(matrix.shape[0])]
    return Traced(a.rows, result, b.axis)


def _outer(a: Traced, b: Traced) -> Traced:
    """The sum over rows of a column times a row."""
    graph, left, right = a.rows.graph, a.cells[:, 0].tolist(), b.cells[0].tolist()
    result = np.empty((len(left), len(right)), object)
    if graph.unrolled or any(node.level != ROW for node in (*left, *right)):
        for i, j in np.ndindex(len(left), len(right)):
            pair = Traced(a.rows, cells(graph.make("mul", left[i], right[j])), None)
            pair = Traced(a.rows, pair.cells.reshape(1), 0)
            result[i, j] = reduced("add", pair, 0, False, None).cells[()]
    else:
        product = graph.product("outer", (*left, *right), result.shape)
        result.reshape(-1)[:] = [graph.item(product, place) for place in range(result.size)]
    return Traced(a.rows, result, None)


def _sum(graph: Graph, terms: list[Node]) -> Node:
    total = terms[0]
    for term in terms[1:]:
        total = graph.make("add", total, term)
    return total


def _strides(matrix: Any) -> tuple[int, int, int] | None:
    """Where the weights of a matrix begin and how far apart they are; None where they do not lie in such an order."""
    if any(node.op != "param" for node in matrix.flat):
        return None
    places = np.vectorize(lambda node: node.value, otypes=[int])(matrix)
    first = int(places[0, 0])
    down = int(places[1, 0]) - first if len(places) > 1 else 0
    across = int(places[0, 1]) - first if places.shape[1] > 1 else 0
    rows, columns = np.indices(places.shape)
    regular = bool((places == first + rows * down + columns * across).all())
    return (first, down, across) if regular else None
