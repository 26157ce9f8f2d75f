"""Layers and columns in, steps out: order, shapes and places in the flat parameter vector, from the spec alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from specnet.component import ShapeError, UnknownShapeError
from specnet.errors import Finding, SpecError, listed
from specnet.wiring import order_of, sources_of

if TYPE_CHECKING:
    from specnet.component import Buffer, DatasetPlan, Layer, LayerPlan, Loss, Parameter, Shape

_WIDTHS = 1, 1_000_003
"""Two that have nothing in common: a layer that gives the same for both gives the same for all."""

_MOST = sys.maxsize // 8
"""Numbers of float64 that one array can hold."""


class ParameterSlot(NamedTuple):
    """Where a parameter lives: `size` numbers from `offset` on."""

    parameter: Parameter
    offset: int

    @property
    def size(self) -> int:
        """The product of the shape."""
        return prod(self.parameter.shape)


class Step(NamedTuple):
    """A layer at its place; `sources` are the positions of the steps that it reads, -1 for the data."""

    name: str
    layer: Layer
    sources: tuple[int, ...]
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    slots: tuple[ParameterSlot, ...]
    buffers: tuple[Buffer, ...]
    least_rows: int

    @property
    def parameter_count(self) -> int:
        """The sum of the products of the parameters' shapes."""
        return sum(slot.size for slot in self.slots)

    @property
    def is_frozen(self) -> bool:
        """True when there are numbers of its own that training leaves alone."""
        return not self.layer.trainable and bool(self.slots or self.buffers)


class Plan(NamedTuple):
    """The net in the order of its work; the last step gives the predictions."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    rows: int | None
    steps: tuple[Step, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what the net gives: the targets, with a number from 0 on where several belong to each."""
        count = prod(self.steps[-1].out_shape)
        if count == len(self.targets):
            return self.targets
        if count % len(self.targets):
            return tuple(f"output.{k}" for k in range(count))
        return tuple(f"{target}.{k}" for target in self.targets for k in range(count // len(self.targets)))

    @property
    def parameter_count(self) -> int:
        """The length of the flat parameter vector."""
        return sum(step.parameter_count for step in self.steps)

    @property
    def spared(self) -> tuple[slice, ...]:
        """Where in the flat vector the parameters lie that weight decay leaves alone."""
        slots = (slot for step in self.steps for slot in step.slots)
        return tuple(slice(slot.offset, slot.offset + slot.size) for slot in slots if not slot.parameter.decaying)

    @property
    def trained_count(self) -> int:
        """How many of them training moves; they come first in the vector."""
        return sum(step.parameter_count for step in self.steps if not step.is_frozen)

    @property
    def width(self) -> int:
        """The numbers that the steps hold for one row."""
        return sum(prod(step.out_shape) for step in self.steps)


def memory(plan: Plan, rows: int, batch: int, itemsize: int, states: int) -> dict[str, int]:
    """About how many bytes training takes: rows in both units, parameters, and one batch on its way there and back.

    Beside the parameters stand their gradients, a copy of the last finite ones and the optimizer's `states`.
    """
    columns = len(plan.inputs) + len(plan.targets)
    return {
        "data": rows * columns * (8 + itemsize),
        "parameters": plan.parameter_count * (3 + states) * itemsize,
        "batch": batch * 2 * plan.width * itemsize,
    }


def make_plan(layers: Sequence[Layer], dataset: DatasetPlan, loss: Loss | None = None) -> Plan:
    """The plan, or a SpecError with every fault of the wiring and of the shapes that can be seen at once.

    Without a loss that says otherwise there is one output for each target.
    """
    steps, faults = _planned(layers, dataset, len(dataset.targets) if loss is None else _outputs(dataset, loss))
    if faults:
        raise SpecError(*faults)
    return Plan(dataset.inputs, dataset.targets, dataset.rows, tuple(steps))


def wiring_faults(layers: Sequence[Layer], dataset: DatasetPlan | None, loss: Loss | None) -> list[Finding]:
    """What can be said of the wiring and the shapes, also where a layer, the columns or the loss cannot be known."""
    return _planned(layers, dataset, None if dataset is None or loss is None else _outputs(dataset, loss))[1]


def _outputs(dataset: DatasetPlan, loss: Loss) -> int:
    return loss.outputs(len(dataset.targets))


def _planned(
    layers: Sequence[Layer], dataset: DatasetPlan | None, outputs: int | None
) -> tuple[list[Step], list[Finding]]:
    faults: list[Finding] = []
    sources = sources_of(layers, faults)
    order = order_of(sources, faults)
    shapes: dict[int, Shape] = {} if dataset is None else {-1: (len(dataset.inputs),)}
    steps = _steps(layers, sources, order, shapes, faults)
    columns = 0 if dataset is None else len(dataset.inputs) + len(dataset.targets)
    if dataset is not None and dataset.rows is not None and dataset.rows * columns > _MOST:
        faults.append(Finding("SN411", "these are more rows than an array holds", ("dataset",)))
    unused = [] if faults else _unused(layers, sources)
    last = shapes.get(len(layers) - 1)
    output = [] if dataset is None or last is None or outputs is None else _output(layers, last, dataset, outputs)
    faults += unused + output
    return steps, faults


def _steps(
    layers: Sequence[Layer],
    sources: list[tuple[int, ...]],
    order: list[int],
    shapes: dict[int, Shape],
    faults: list[Finding],
) -> list[Step]:
    """The steps; `shapes` knows the shape of the data, or nothing, and learns that of each layer."""
    steps: list[Step] = []
    place = {-1: -1}
    offset = 0
    for i in order:
        if not all(source in shapes for source in sources[i]):  # what it reads is broken and has been reported
            if (anyhow := _shape_anyhow(layers[i], len(sources[i]))) is not None:
                shapes[i] = anyhow
            continue
        in_shapes = tuple(shapes[source] for source in sources[i])
        planned = _layer_plan(layers[i], i, in_shapes, offset, faults)
        if planned is None:
            continue
        shapes[i] = planned.out_shape
        if not all(source in place for source in sources[i]):
            continue  # what it gives is known, and what it reads is not in the plan
        slots = _slots(planned.params, offset)
        offset += sum(slot.size for slot in slots)
        place[i] = len(steps)
        at = tuple(place[source] for source in sources[i])
        name = layers[i].name or f"layers.{i}"
        least = planned.least_rows if layers[i].trainable else 1
        steps.append(Step(name, layers[i], at, in_shapes, planned.out_shape, slots, planned.buffers, least))
    return _frozen_last(steps)


def _layer_plan(
    layer: Layer, i: int, in_shapes: tuple[Shape, ...], offset: int, faults: list[Finding]
) -> LayerPlan | None:
    """What the layer makes of the shapes; None, with a fault unless it is reported elsewhere, where there is none."""
    try:
        planned = layer.plan(in_shapes)
    except UnknownShapeError:
        return None
    except ShapeError as error:
        faults.append(Finding("SN401", str(error), ("layers", i)))
        return None
    if offset + sum(prod(parameter.shape) for parameter in planned.params) > _MOST:
        message = "with this layer there are more parameters than an array holds"
        faults.append(Finding("SN411", message, ("layers", i)))
        return None
    return planned


def _slots(parameters: Sequence[Parameter], offset: int) -> tuple[ParameterSlot, ...]:
    """The parameters one after the other, from `offset` on."""
    slots: list[ParameterSlot] = []
    for parameter in parameters:
        slots.append(ParameterSlot(parameter, offset))
        offset += slots[-1].size
    return tuple(slots)


def _frozen_last(steps: list[Step]) -> list[Step]:
    """The same steps, with the parameters that training leaves alone behind all others."""
    places: dict[int, tuple[ParameterSlot, ...]] = {}
    offset = 0
    for k in sorted(range(len(steps)), key=lambda k: steps[k].is_frozen):
        places[k] = _slots([slot.parameter for slot in steps[k].slots], offset)
        offset += steps[k].parameter_count
    return [step._replace(slots=places[k]) for k, step in enumerate(steps)]


def _shape_anyhow(layer: Layer, count: int) -> Shape | None:
    """What the layer gives whatever it reads: the same for two shapes, as a dense layer does; None when it depends."""
    try:
        first, second = (layer.plan(((width,),) * count).out_shape for width in _WIDTHS)
    except ShapeError:
        return None
    return first if first == second else None


def _unused(layers: Sequence[Layer], sources: list[tuple[int, ...]]) -> list[Finding]:
    used = {source for reads in sources for source in reads}
    last = len(layers) - 1
    if last in used:
        return [
            Finding("SN405", "the last layer gives the predictions and cannot be read by another", ("layers", last))
        ]
    return [
        Finding(
            "SN405", "nothing reads this layer", ("layers", i), "name it in the `inputs` of another, or take it out"
        )
        for i in range(last)
        if i not in used
    ]


def _output(layers: Sequence[Layer], shape: Shape, dataset: DatasetPlan, outputs: int) -> list[Finding]:
    if shape == (outputs,):
        return []
    targets = dataset.targets
    gives = f"{shape[0]} number{'s' * (shape[0] != 1)} a row" if len(shape) == 1 else f"rows of shape {shape}"
    has = f"{len(targets)} target{'s' * (len(targets) != 1)} ({listed(targets)})"
    wanted = f", for which the loss takes {outputs} outputs" if outputs != len(targets) else ""
    message = f"the last layer gives {gives}, the dataset has {has}{wanted}"
    return [Finding("SN406", message, ("layers", len(layers) - 1))]
