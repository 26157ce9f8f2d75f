"""State: the vectors that training goes on with, and one update of them by the optimizer's own Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from specnet.api import Optimizer, Plan, TrainingTask, Weights

Array = np.ndarray[Any, np.dtype[Any]]
_BEFORE, _STATE = "before", "optimizer."


class State:
    """The parameters that are trained, their gradients, what they were before, and what the optimizer remembers."""

    def __init__(self, plan: Plan, weights: Weights, task: TrainingTask) -> None:
        moved, dtype = plan.trained_count, weights.flat.dtype
        self.whole_gradient = np.zeros_like(weights.flat)
        self.parameters = weights.flat[:moved]
        self.gradients = self.whole_gradient[:moved]
        self.before = self.parameters.copy()
        names = task.optimizer.slots()
        self.memory = np.zeros(len(names) * moved, dtype)
        self.decays = np.ones(moved, dtype)
        for part in plan.spared:
            self.decays[part] = 0
        self._slots = {name: self.memory[k * moved : (k + 1) * moved] for k, name in enumerate(names)}
        self._scratch = {name: np.empty(moved, dtype) for name in task.optimizer.scratch()}
        self._share = np.empty(moved, dtype)
        self._parts = [part for views in weights.views(self.whole_gradient) for part in views.values()]
        self._clipping = task.clipping

    def stored(self) -> dict[str, Array]:
        """What is remembered of the updates before, under names of its own; the vectors themselves."""
        return {_BEFORE: self.before, **{_STATE + name: vector for name, vector in self._slots.items()}}

    def undo(self) -> None:
        """The parameters as they were before the last update."""
        self.parameters[:] = self.before

    def move(self, optimizer: Optimizer, step: int) -> bool:
        """One update in Python; False when it would leave a parameter that is not finite, and then none has moved."""
        if self._clipping is not None:
            self._clipping.clip(self.whole_gradient, self._parts, np)
        self.before[:] = self.parameters
        decay = optimizer.decay()
        if decay.coupled:
            self.gradients += self._part(decay.coupled, decay.everywhere)
        if decay.decoupled:
            self.parameters -= self._part(decay.decoupled, decay.everywhere)
        optimizer.update(self.parameters, self.gradients, {**self._slots, **self._scratch}, step, np)
        if np.isfinite(self.parameters).all():
            return True
        self.undo()
        return False

    def _part(self, part: float, everywhere: bool) -> Array:
        np.multiply(self.parameters, part, out=self._share)
        if not everywhere:
            self._share *= self.decays
        return self._share
