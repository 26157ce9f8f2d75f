"""A graph that grows: nodes and constants, and arrays that stand for what the nodes give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from specnet.api import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Plain = np.ndarray[Any, Any]

ROWS = 211
"""Rows of the arrays that show the shapes; a size like this means the rows, whose number is open."""


_DECIDED = "what it does is decided by the numbers of its rows, and a graph decides nothing"


class Graph:
    """What has been written down so far; every value has a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def node(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        """Adds a node with one output, and gives its name."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, value: Any, dtype: Any = None) -> str:
        """Adds a constant, and gives its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(value, dtype)), name))
        if np.ndim(value) == 0:  # what is contiguous has an axis
            del self.constants[-1].dims[:]
        return name


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """A value of the graph; `shown` is what it is for ROWS rows of nothing in particular."""

    def __init__(self, graph: Graph, name: str, shown: Plain) -> None:
        self.graph, self.name, self.shown = graph, name, shown

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, where: Any = None) -> Any:
        from specnet_onnx.functions import elementwise

        if method != "__call__":
            raise ExportError(f"there is no {ufunc.__name__}.{method} in ONNX")
        result: Any = elementwise(self.graph, ufunc.__name__, inputs)
        if where is None:
            return result
        return np.where(where, result, out[0])

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from specnet_onnx.functions import FUNCTIONS

        if function.__name__ not in FUNCTIONS:
            raise ExportError(f"there is no {function.__name__} in ONNX")
        return FUNCTIONS[function.__name__](*args, **kwargs)

    def __bool__(self) -> bool:
        raise ExportError(_DECIDED)

    def any(self) -> NoReturn:
        """What asks this decides by it. Raises ExportError."""
        raise ExportError(_DECIDED)

    def __len__(self) -> int:
        return len(self.shown)

    def __iter__(self) -> Iterator[Traced]:
        return (self[k] for k in range(len(self)))

    @property
    def shape(self) -> tuple[int, ...]:
        """With ROWS for the rows."""
        return tuple(self.shown.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.shown.ndim

    @property
    def dtype(self) -> Any:
        """That of NumPy."""
        return self.shown.dtype

    @property
    def T(self) -> Traced:  # noqa: N802  # NumPy's name
        """The axes in the other order."""
        return self.step("Transpose", self.shown.T, perm=list(range(self.ndim))[::-1])

    def step(self, operator: str, shown: Any, *more: str, **attributes: Any) -> Traced:
        """What a node gives that reads this value, and more."""
        return Traced(self.graph, self.graph.node(operator, [self.name, *more], **attributes), np.asarray(shown))

    def astype(self, dtype: Any) -> Traced:
        """The same numbers in another type."""
        if self.dtype == np.dtype(dtype):
            return self
        return self.step("Cast", self.shown.astype(dtype), to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def reshape(self, *shape: int) -> Traced:
        """The same numbers in another shape, in which the rows stay what they are."""
        shown = self.shown.reshape(*shape)
        sizes = list(shown.shape)
        for axis, size in enumerate(sizes):
            if size == ROWS and self.shape[axis : axis + 1] == (ROWS,):
                sizes[axis] = 0  # as many as there are
        return self.step("Reshape", shown, self.graph.constant(sizes, np.int64))

    def __getitem__(self, key: Any) -> Traced:
        try:
            shown = self.shown[key]
        except (IndexError, TypeError):
            raise ExportError(f"there is no index {key!r} in ONNX") from None
        keys, part, whole = _spread(key, self.ndim), self, slice(None)
        cut = [axis for axis, each in enumerate(keys) if each != whole]
        if cut:
            ranges = [
                keys[axis] if isinstance(keys[axis], slice) else slice(keys[axis], keys[axis] + 1) for axis in cut
            ]
            bounds = [each.indices(self.shape[axis]) for each, axis in zip(ranges, cut, strict=True)]
            given = [self.graph.constant(numbers, np.int64) for numbers in zip(*bounds, strict=True)]
            axes = self.graph.constant(cut, np.int64)
            part = self.step("Slice", shown, given[0], given[1], axes, given[2])
        dropped = [axis for axis in cut if not isinstance(keys[axis], slice)]
        return part.step("Squeeze", shown, self.graph.constant(dropped, np.int64)) if dropped else part


def _spread(key: Any, axes: int) -> list[Any]:
    """A key for each axis. Raises ExportError for what is neither a slice nor a whole number from 0 on."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis in keys:
        at = keys.index(Ellipsis)
        keys[at : at + 1] = [slice(None)] * (axes - len(keys) + 1)
    keys += [slice(None)] * (axes - len(keys))
    if not all(isinstance(each, slice) or (isinstance(each, int) and each >= 0) for each in keys):
        raise ExportError(f"there is no index {key!r} in ONNX")
    return keys
