"""Reactions: what the schedules of an optimizer have made of the columns that they watch, from epoch to epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array
    from specnet.component import Optimizer

_STATE = "schedule."


class Reactions:
    """The state of each schedule that watches a column, by the name of its field."""

    def __init__(self, optimizer: Optimizer, stored: Mapping[str, Array]) -> None:
        self._watching = {
            name: (schedule, column)
            for name, schedule in optimizer.schedules.items()
            if (column := schedule.watches()) is not None
        }
        self.states: dict[str, tuple[float, ...]] = {
            name: tuple(stored[_STATE + name].tolist()) for name in self._watching if _STATE + name in stored
        }

    def tell(self, values: Mapping[str, float]) -> None:
        """An epoch has ended with these values of its columns."""
        for name, (schedule, column) in self._watching.items():
            self.states[name] = schedule.react(self.states.get(name, ()), values[column])

    def stored(self) -> dict[str, Array]:
        """The states under names of their own."""
        return {_STATE + name: np.array(state, np.float64) for name, state in self.states.items()}
