"""Units in a file: what was learned of the data, beside the weights and under names that no layer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.preparation import layouts
from specnet.units import Scale, Units

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.plan import Plan
    from specnet.spec import Spec
    from specnet.units import Layout, Piece


def tensors_of(inputs: Units, targets: Units) -> dict[str, Array]:
    """`scaling/PART.NAME`, for a column with a scaler of its own `scaling/PART/COLUMN.NAME`; `scaling/fill/PART`.

    A layer's name has no slash.
    """
    tensors: dict[str, Array] = {}
    for part, units in {"inputs": inputs, "targets": targets}.items():
        for piece, scale in zip(units.layout.pieces, units.scales, strict=True):
            tensors |= {_prefix(part, piece) + name: array for name, array in scale.state.items()}
        if units.fill is not None:
            tensors[f"scaling/fill/{part}"] = units.fill
    return tensors


def take_units(spec: Spec, plan: Plan, tensors: dict[str, Array]) -> dict[str, Units]:
    """The units of both parts, taken out of the tensors. Raises ValueError for what was not learned."""
    planned = layouts(spec, len(plan.inputs), len(plan.targets))
    return {part: _units(part, layout, tensors) for part, layout in planned.items()}


def _units(part: str, layout: Layout, tensors: dict[str, Array]) -> Units:
    scales = tuple(_scale(_prefix(part, piece), piece, tensors) for piece in layout.pieces)
    if not layout.fills:
        return Units(layout, scales)
    fill = tensors.pop(f"scaling/fill/{part}", None)
    if fill is None or fill.shape != (layout.width,):
        found = "missing" if fill is None else f"{fill.shape}, the spec plans {(layout.width,)}"
        raise ValueError(f"tensor 'scaling/fill/{part}' is {found}")
    return Units(layout, scales, fill)


def _prefix(part: str, piece: Piece) -> str:
    return f"scaling/{part}/{piece.key}." if piece.key else f"scaling/{part}."


def _scale(prefix: str, piece: Piece, tensors: dict[str, Array]) -> Scale:
    # the column `a.b` may have a scaler of its own beside `a`; a name of a state has no dot
    names = [name for name in tensors if name.startswith(prefix) and "." not in name.removeprefix(prefix)]
    state = {name.removeprefix(prefix): tensors.pop(name) for name in names}
    columns = len(piece.places)
    for name, array in state.items():
        if array.shape[-1:] != (columns,):
            raise ValueError(f"tensor {prefix + name!r} is {array.shape}, the spec plans {(columns,)}")
    scale = Scale(piece.scaler, state)
    try:
        with np.errstate(all="ignore"):
            # only the scaler knows the names and the shapes that it needs
            there = scale.inverse(scale.transform(np.zeros((1, columns))))
    except KeyError as error:
        raise ValueError(f"tensor {prefix + str(error.args[0])!r} is missing") from None
    if there.shape != (1, columns):
        raise ValueError(f"what was learned in {prefix[:-1]!r} gives {there.shape} for one row of {columns}")
    return scale
