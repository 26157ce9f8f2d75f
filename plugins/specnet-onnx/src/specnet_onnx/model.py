"""The model of a net: gaps filled, scaled, through the layers, and back into the units of the data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from specnet.api import ExportError, Layer, TrainedNet
from specnet_onnx.graph import ROWS, Graph, Traced

if TYPE_CHECKING:
    import numpy.typing as npt

OPSET, IR = 17, 8
"""The operators and the format, of 2022: what reads ONNX at all reads these."""


def model_of(net: TrainedNet) -> bytes:
    """The checked model. Raises ExportError for what ONNX has no words for."""
    graph, width = Graph(), len(net.plan.inputs)
    x: Any = Traced(graph, "rows", np.random.Generator(np.random.PCG64(0)).uniform(0.5, 1.0, (ROWS, width)))
    x = _scaled(net, _filled(net, x))
    y = _through(net, x.astype(net.dtype)).astype(np.float64)
    for piece, scale in net.targets.pieces():
        y = _in_place(y, piece.places, scale.inverse)
    outputs = [helper.make_tensor_value_info("predictions", TensorProto.DOUBLE, [None, len(net.plan.targets)])]
    inputs = [helper.make_tensor_value_info("rows", TensorProto.DOUBLE, [None, width])]
    nodes = [*graph.nodes, helper.make_node("Identity", [y.name], ["predictions"])]
    whole = helper.make_graph(nodes, net.name, inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(whole, producer_name="specnet", opset_imports=opsets, ir_version=IR)
    for key, names in {"inputs": net.plan.inputs, "targets": net.plan.targets}.items():
        model.metadata_props.add(key=key, value="\n".join(names))
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"the checker of ONNX has refused it: {error}") from error
    content: bytes = model.SerializeToString()
    return content


def predicted(path: Path, rows: Sequence[Sequence[Any]]) -> npt.NDArray[np.float64]:
    """What onnxruntime makes of the model. Raises ExportError when it cannot."""
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        outputs = session.run(["predictions"], {"rows": np.array(rows, np.float64)})
    except Exception as error:  # it raises classes of its own, of which none is public
        raise ExportError(f"onnxruntime cannot run it: {error}") from error
    return np.asarray(outputs[0], np.float64)


def _filled(net: TrainedNet, x: Any) -> Any:
    gaps = np.full(len(net.plan.inputs), np.nan) if net.inputs.fill is None else net.inputs.fill.copy()
    for place, column in enumerate(net.columns):
        absent = column.absent()
        if column.type != "number" or absent == "drop":
            what = "leaves out rows" if absent == "drop" else f"is of the type {column.type!r}"
            raise ExportError(f"the column {column.name!r} {what}: only numbers go into a model of ONNX")
        if not isinstance(absent, str):
            gaps[place] = absent[0]
    return x if np.isnan(gaps).all() else np.where(np.isnan(x), gaps, x)


def _scaled(net: TrainedNet, x: Any) -> Any:
    for piece, scale in net.inputs.pieces():
        x = _in_place(x, piece.places, scale.transform)
    return x


def _in_place(x: Any, places: tuple[int, ...], move: Any) -> Any:
    """The array with these columns moved."""
    if len(places) == x.shape[1]:
        return move(x)
    parts = [x[:, place : place + 1] for place in range(x.shape[1])]
    moved = move(np.concatenate([parts[place] for place in places], axis=1))
    for k, place in enumerate(places):
        parts[place] = moved[:, k : k + 1]
    return np.concatenate(parts, axis=1)


def _through(net: TrainedNet, x: Any) -> Any:
    """What the last layer gives; a layer is named where its formula has no words."""
    given = [x]
    for position, (step, values) in enumerate(zip(net.plan.steps, net.values, strict=True)):
        if type(step.layer).formula is Layer.formula:
            raise ExportError(f"the layer {step.layer.type!r} has no `formula`", "layers", position)
        inputs = [given[source + 1] for source in step.sources]
        try:
            given.append(step.layer.formula(step.in_shapes, np, values, *inputs))
        except (AttributeError, ExportError, TypeError) as error:
            raise ExportError(f"the layer {step.layer.type!r}: {error}", "layers", position) from error
    return given[-1]
