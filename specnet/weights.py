"""Weights: one flat vector of all parameters, the named views into it, and the buffers beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array
    from specnet.plan import Plan
    from specnet.streams import Streams


class Weights:
    """The trained state of a plan. Views stay valid: the flat vector is written in place and never replaced."""

    def __init__(self, plan: Plan, dtype: str) -> None:
        import numpy as np  # not above: whoever writes an engine imports this class, and `validate` no arrays

        self._plan = plan
        self.flat: Array = np.zeros(plan.parameter_count, dtype)
        self.buffers: list[dict[str, Array]] = [
            {buffer.name: np.full(buffer.shape, buffer.initial, dtype) for buffer in step.buffers}
            for step in plan.steps
        ]

    def views(self, flat: Array) -> list[dict[str, Array]]:
        """For each step its parameters by name, as views into a vector as long as `self.flat`."""
        return [
            {
                slot.parameter.name: flat[slot.offset : slot.offset + slot.size].reshape(slot.parameter.shape)
                for slot in step.slots
            }
            for step in self._plan.steps
        ]

    def initialize(self, streams: Streams) -> Weights:
        """Draws each parameter in the order of the plan, from a stream of its own position."""
        for position, step in enumerate(self._plan.steps):
            rng = streams.of("parameters", position)
            for slot in step.slots:
                parameter = slot.parameter
                drawn = parameter.initializer.draw(parameter.shape, parameter.fan_in, parameter.fan_out, rng)
                self.flat[slot.offset : slot.offset + slot.size] = drawn.reshape(-1)
        return self

    def tensors(self) -> dict[str, Array]:
        """Every parameter and buffer by its full name, `step.name`."""
        named = zip(self._plan.steps, self.views(self.flat), self.buffers, strict=True)
        return {f"{step.name}.{key}": array for step, *both in named for part in both for key, array in part.items()}

    def restore(self, tensors: Mapping[str, Array]) -> Weights:
        """Copies in what `tensors()` gave. Raises ValueError unless names, shapes and types are the same."""
        own = self.tensors()
        if own.keys() != tensors.keys():
            raise ValueError(f"tensors {sorted(own.keys() ^ tensors.keys())} are missing or too many")
        for name, array in own.items():
            given = tensors[name]
            if given.shape != array.shape or given.dtype != array.dtype:
                raise ValueError(
                    f"tensor {name!r} is {given.dtype} {given.shape}, the spec plans {array.dtype} {array.shape}"
                )
            array[...] = given
        return self
