"""Traced arrays: what layers, activations, losses and optimizers compute with while they are being compiled.

One row stands for all: the axis of rows has one place, and what is done to it is written down as nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from specnet_jit.nodes import LATE, ROW, TRUTHS, Graph, Node, NotCompilableError

Cells = npt.NDArray[Any]
Index = Any


class Rows:
    """The number of rows of a batch: in shapes the size of an axis, in arithmetic a traced number.

    Where it can be nothing but an int, as in `len`, it is one that nobody else means.
    """

    def __init__(self, graph: Graph, magic: int) -> None:
        self.graph = graph
        self.magic = magic

    def __eq__(self, other: object) -> bool:
        return other is self or (isinstance(other, int) and other == self.magic)

    def __hash__(self) -> int:
        return hash(self.magic)

    def __index__(self) -> int:
        raise NotCompilableError("it makes a Python number of the number of rows")

    def traced(self) -> Traced:
        """As a number in arithmetic."""
        return Traced(self, cells(self.graph.leaf("rows", None, 0)), None)

    def __mul__(self, other: Any) -> Any:
        return self.traced() * other

    def __rmul__(self, other: Any) -> Any:
        return other * self.traced()

    def __truediv__(self, other: Any) -> Any:
        return self.traced() / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.traced()

    def __add__(self, other: Any) -> Any:
        return self.traced() + other

    def __radd__(self, other: Any) -> Any:
        return other + self.traced()

    def __sub__(self, other: Any) -> Any:
        return self.traced() - other

    def __rsub__(self, other: Any) -> Any:
        return other - self.traced()


def cells(node: Any) -> Cells:
    """One node as an array without axes."""
    room = np.empty((), object)
    room[()] = node
    return room


def operator(name: str, swapped: bool = False) -> Any:
    """A method of Traced for an operator."""

    def method(self: Traced, other: Any) -> Any:
        try:
            own = lift(self, other)
        except NotCompilableError:
            if not isinstance(other, np.ndarray | list | tuple):
                return NotImplemented
            raise
        return binary(name, own, self) if swapped else binary(name, self, own)

    return method


def in_place(name: str) -> Any:
    """A method of Traced for an operator that writes into its left side."""

    def method(self: Traced, other: Any) -> Traced:
        self.write(binary(name, self, lift(self, other)))
        return self

    return method


class Traced:
    """An array of nodes; `axis` is that of the rows, which has one place, and None where there is none."""

    __array_ufunc__ = None  # so that NumPy leaves operators to this class, and refuses its own functions
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, rows: Rows, nodes: Cells, axis: int | None) -> None:
        self.rows = rows
        self.cells = nodes
        self.axis = axis

    __add__, __radd__, __iadd__ = operator("add"), operator("add", swapped=True), in_place("add")
    __sub__, __rsub__, __isub__ = operator("sub"), operator("sub", swapped=True), in_place("sub")
    __mul__, __rmul__, __imul__ = operator("mul"), operator("mul", swapped=True), in_place("mul")
    __truediv__, __rtruediv__, __itruediv__ = operator("div"), operator("div", swapped=True), in_place("div")
    __pow__, __rpow__, __ipow__ = operator("pow"), operator("pow", swapped=True), in_place("pow")
    __lt__, __le__, __gt__, __ge__ = operator("lt"), operator("le"), operator("gt"), operator("ge")
    __eq__, __ne__ = operator("eq"), operator("ne")
    __and__, __or__ = operator("and"), operator("or")

    def __neg__(self) -> Traced:
        return unary("neg", self)

    def __pos__(self) -> Traced:
        return self.copy()

    def __abs__(self) -> Traced:
        return unary("abs", self)

    def __invert__(self) -> Traced:
        return unary("not", self)

    # What an array says of itself

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the net; comparisons are no exception, since nobody can look at them."""
        return self.rows.graph.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.cells.ndim

    @property
    def shape(self) -> tuple[Any, ...]:
        """With the rows as they are counted."""
        return tuple(self.rows if k == self.axis else size for k, size in enumerate(self.cells.shape))

    @property
    def size(self) -> Any:
        """The product of the shape."""
        return self.rows * self.cells.size if self.axis is not None else self.cells.size

    @property
    def T(self) -> Traced:  # noqa: N802  # as arrays call it
        """The axes in reverse."""
        return Traced(self.rows, self.cells.T, None if self.axis is None else self.ndim - 1 - self.axis)

    def __len__(self) -> int:
        return self.rows.magic if self.axis == 0 else len(self.cells)

    def __iter__(self) -> Iterator[Traced]:
        if self.axis == 0:
            raise NotCompilableError("it goes through the rows one by one")
        return (self[k] for k in range(len(self.cells)))

    def __bool__(self) -> bool:
        raise NotCompilableError("it decides by a value that is not known when it is compiled: use xp.where")

    def __float__(self) -> float:
        raise NotCompilableError("it makes a Python number of a value that is not known when it is compiled")

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, *_args: Any, **_options: Any) -> Any:
        raise NotCompilableError("it calls NumPy itself where it should call xp")

    # Places

    def __getitem__(self, index: Index) -> Traced:
        picked = self.cells[self._indexed(index)]
        axis = self._axis_after(index)
        return Traced(self.rows, picked if isinstance(picked, np.ndarray) else cells(picked), axis)

    def __setitem__(self, index: Index, value: Any) -> None:
        self[index].write(lift(self, value))

    def write(self, value: Traced) -> None:
        """Puts the nodes of a value of the same shape, or of one that can be stretched, into these cells."""
        if value.axis is not None and self.axis is None:
            raise NotCompilableError("it writes values of rows where there are no rows")
        self.cells[...] = value.cells

    def _indexed(self, index: Index) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        for part in parts:
            if not (part is None or part is Ellipsis or isinstance(part, int | np.integer | slice)):
                raise NotCompilableError("it indexes with values")
        return index

    def _axis_after(self, index: Index) -> int | None:
        """Where the axis of rows is, once these places have been picked."""
        if self.axis is None:
            return None
        marked = np.empty(tuple(2 if k == self.axis else 1 for k in range(self.ndim)), bool)
        parts = list(index) if isinstance(index, tuple) else [index]
        if Ellipsis not in parts:
            parts.append(Ellipsis)
        used = sum(part is not None and part is not Ellipsis for part in parts)
        at = parts.index(Ellipsis)
        parts[at : at + 1] = [slice(None)] * (self.ndim - used)
        whole: list[Any] = []
        axis = 0
        for part in parts:
            if part is None:
                whole.append(None)
                continue
            if axis == self.axis and part not in (slice(None), slice(0, None)):
                raise NotCompilableError("it picks some of the rows")
            whole.append(0 if not isinstance(part, slice) else slice(None))
            axis += 1
        return int(marked[tuple(whole)].shape.index(2))

    # Other forms

    def reshape(self, *shape: Any) -> Traced:
        """The same cells in another shape; rows stay first, or are not there."""
        wanted = tuple(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape)
        if self.axis is None:
            return Traced(self.rows, self.cells.reshape(wanted), None)
        if self.axis != 0 or not wanted or wanted[0] not in (self.rows, -1):
            raise NotCompilableError("it reshapes the axis of rows")
        if wanted[0] == -1 and int(np.prod(wanted[1:])) != self.cells.size:
            raise NotCompilableError("it reshapes the axis of rows")
        return Traced(self.rows, self.cells.reshape((1, *wanted[1:])), 0)

    def copy(self, order: str = "K") -> Traced:
        """Cells of its own."""
        return Traced(self.rows, self.cells.copy(), self.axis)

    def astype(self, dtype: Any, *_args: Any, **_options: Any) -> Traced:
        """The same: there is one dtype."""
        if np.dtype(dtype) != self.dtype:
            raise NotCompilableError(f"it makes {np.dtype(dtype)} of {self.dtype}")
        return self.copy()

    def fill(self, value: Any) -> None:
        """One value everywhere."""
        self.write(lift(self, value))

    def sum(self, axis: Any = None, keepdims: bool = False, out: Any = None) -> Traced:
        """The sum along axes, all of them unless they are named."""
        return reduced("add", self, axis, keepdims, out)

    def max(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """The greatest along axes."""
        return reduced("max", self, axis, keepdims, None)

    def min(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """The least along axes."""
        return reduced("min", self, axis, keepdims, None)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """The sum along axes, divided by what was summed."""
        mean: Traced = self.sum(axis, keepdims) / counted(self, axis)
        return mean


def lift(like: Traced, value: Any) -> Traced:
    """A value beside a traced one: numbers become constants, and rows by their number become rows."""
    if isinstance(value, Traced):
        return value
    graph = like.rows.graph
    if isinstance(value, Rows):
        return value.traced()
    if isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating):
        if value == like.rows.magic:
            return like.rows.traced()
        return Traced(like.rows, cells(graph.const(float(value))), None)
    if isinstance(value, np.ndarray | list | tuple):
        numbers = np.asarray(value, np.float64)
        nodes = np.empty(numbers.shape, object)
        for place, number in np.ndenumerate(numbers):
            nodes[place] = graph.const(float(number))
        return Traced(like.rows, nodes, None)
    raise NotCompilableError(f"it computes with a {type(value).__name__}")


def apply(op: Callable[..., Node], like: Traced, *values: Any) -> Traced:
    """An operation of scalars on arrays that are stretched to one shape."""
    operands = [lift(like, value) for value in values]
    ndim = max(operand.ndim for operand in operands)
    axes = {ndim - operand.ndim + operand.axis for operand in operands if operand.axis is not None}
    if len(axes) > 1:
        raise NotCompilableError("it takes rows and columns together")
    axis = axes.pop() if axes else None
    for operand in operands:
        own = None if axis is None else axis - (ndim - operand.ndim)
        if own is not None and own >= 0 and operand.axis is None and operand.cells.shape[own] != 1:
            raise NotCompilableError("it takes rows and columns together")
    spread = np.broadcast_arrays(*(operand.cells for operand in operands))
    result = np.empty(spread[0].shape, object)
    for place in np.ndindex(result.shape):
        nodes = [array[place] for array in spread]
        if any(node is None for node in nodes):
            raise NotCompilableError("it reads memory before it has written there")
        result[place] = op(*nodes)
    return Traced(like.rows, result, axis)


def counted(x: Traced, axis: Any) -> Any:
    """How many values a reduction along these axes takes together."""
    count: Any = 1
    for k in axes_of(x, axis):
        count = x.rows * count if k == x.axis else count * x.cells.shape[k]
    return count


def axes_of(x: Traced, axis: Any) -> tuple[int, ...]:
    """The axes of a reduction, counted from the first."""
    named = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(k % x.ndim for k in named)


def reduced(op: str, x: Traced, axis: Any, keepdims: bool, out: Traced | None) -> Traced:
    """Values along axes taken together, rows last."""
    graph, axes = x.rows.graph, axes_of(x, axis)
    values = x.cells
    for k in sorted(axes, reverse=True):
        if k == x.axis:
            continue
        parts = [values.take([j], axis=k) for j in range(values.shape[k])]
        total = parts[0]
        for part in parts[1:]:
            both = (Traced(x.rows, one, x.axis) for one in (total, part))
            total = apply(lambda a, b: graph.make(op, a, b), x, *both).cells
        values = total
    of_rows = x.axis is not None and x.axis in axes
    result = Traced(x.rows, values, x.axis)
    if of_rows:
        if op != "add":
            raise NotCompilableError("it looks for the greatest or the least of all rows")
        result = Traced(x.rows, _totals(result), None)
    if not keepdims:
        result = Traced(x.rows, np.squeeze(result.cells, axes), _axis_without(result.axis, axes))
    if out is not None:
        out.write(result)
        return out
    return result


def _totals(x: Traced) -> Cells:
    """The sums over rows: one by one where everything is written out, else as a column of their own."""
    graph, nodes = x.rows.graph, x.cells.reshape(-1)
    if graph.unrolled or any(node is None or node.level != ROW for node in nodes):
        return apply(lambda a: _summed(graph, a), x, x).cells
    product = graph.product("totals", tuple(nodes), (len(nodes), 1))
    result = np.empty(x.cells.shape, object)
    result.reshape(-1)[:] = [graph.item(product, k) for k in range(len(nodes))]
    return result


def _summed(graph: Graph, node: Node) -> Node:
    if node.level == ROW:
        return graph.make("rowsum", node)
    if node.level == LATE:
        raise NotCompilableError("it sums over rows what is the same for all of them")
    return graph.make("mul", node, graph.leaf("rows", None, 0))


def _axis_without(axis: int | None, gone: tuple[int, ...]) -> int | None:
    return None if axis is None else axis - sum(k < axis for k in gone)


_POWERS = 8
"""The largest whole exponent that becomes products."""


def unary(op: str, x: Traced) -> Traced:
    """An operation on each value."""
    return apply(lambda a: x.rows.graph.make(op, a), x, x)


def binary(op: str, a: Traced, b: Traced) -> Traced:
    """An operation on each pair of values; comparisons give truths, which count as 1 and 0."""
    graph = a.rows.graph
    return apply(lambda x, y: _power(graph, x, y) if op == "pow" else _joined(graph, op, x, y), a, a, b)


def _joined(graph: Graph, op: str, a: Node, b: Node) -> Node:
    if op in ("and", "or"):
        return graph.make(op, truth(graph, a), truth(graph, b))
    if op == "mul" and (a.op in TRUTHS or b.op in TRUTHS):
        condition, factor = (a, b) if a.op in TRUTHS else (b, a)
        return graph.make("select", condition, number(graph, factor), graph.const(0.0))
    return graph.make(op, number(graph, a), number(graph, b))


def _power(graph: Graph, x: Node, y: Node) -> Node:
    x, y = number(graph, x), number(graph, y)
    if y.op != "const" or x.op == "const":
        return graph.make("pow", x, y)
    if y.value == 0.5:
        return graph.make("sqrt", x)
    count = abs(int(y.value)) if y.value == int(y.value) else 0
    if not 0 < count <= _POWERS:
        return graph.make("pow", x, y)
    product = x
    for _ in range(count - 1):
        product = graph.make("mul", product, x)
    return product if y.value > 0 else graph.make("div", graph.const(1.0), product)


def truth(graph: Graph, node: Node) -> Node:
    """A node as a truth: a number is one unless it is 0."""
    return node if node.op in TRUTHS else graph.make("ne", node, graph.const(0.0))


def number(graph: Graph, node: Node) -> Node:
    """A node as a number: a truth is 1 or 0."""
    return graph.make("select", node, graph.const(1.0), graph.const(0.0)) if node.op in TRUTHS else node
