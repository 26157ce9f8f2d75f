"""Scales in a file: what the scalers have learned, beside the weights and under names that no layer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.preparation import Scale

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Scaler
    from specnet.plan import Plan
    from specnet.spec import Spec


def tensors_of(inputs: Scale, targets: Scale) -> dict[str, Array]:
    """`scaling/PART.NAME`: a layer's name has no slash."""
    scales = {"inputs": inputs, "targets": targets}
    return {f"scaling/{part}.{name}": vector for part, scale in scales.items() for name, vector in scale.state.items()}


def take_scales(spec: Spec, plan: Plan, tensors: dict[str, Array]) -> dict[str, Scale]:
    """The scales of both parts, taken out of the tensors. Raises ValueError for what the scalers have not learned."""
    columns = {"inputs": len(plan.inputs), "targets": len(plan.targets)}
    return {part: _scale(part, scaler, columns[part], tensors) for part, scaler in spec.scaling}


def _scale(part: str, scaler: Scaler | None, columns: int, tensors: dict[str, Array]) -> Scale:
    prefix = f"scaling/{part}."
    names = [] if scaler is None else [name for name in tensors if name.startswith(prefix)]
    state = {name.removeprefix(prefix): tensors.pop(name) for name in names}
    for name, vector in state.items():
        if vector.shape != (columns,):
            raise ValueError(f"tensor {prefix + name!r} is {vector.shape}, the spec plans {(columns,)}")
    scale = Scale(scaler, state)
    try:
        with np.errstate(all="ignore"):
            scale.inverse(scale.transform(np.zeros((1, columns))))  # only the scaler knows the names that it needs
    except KeyError as error:
        raise ValueError(f"tensor {prefix + str(error.args[0])!r} is missing") from None
    return scale
