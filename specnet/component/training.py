"""Optimizers and engines: what training is made of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from specnet.component.base import Component
from specnet.component.schedule import Moment, Schedule

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.measures import Loss, Metric
    from specnet.component.task import Epoch, Split, TrainingTask
    from specnet.plan import Plan
    from specnet.weights import Weights


class Decay(NamedTuple):
    """What an update takes of a parameter to keep it small, whatever the loss; an engine does this before the rule."""

    coupled: float = 0.0
    """How much of the parameter is added to its gradient, where the rule sees it: an L2 penalty."""
    decoupled: float = 0.0
    """How much of the parameter is taken off it, where the rule does not."""
    everywhere: bool = False
    """Whether this is for parameters too that are planned as not `decaying`, such as biases."""


class Optimizer(Component):
    """A rule that moves one flat vector of parameters along one flat vector of gradients."""

    kind = "optimizer"

    def slots(self) -> tuple[str, ...]:
        """The names of the vectors of state that its options need, each as long as the parameters and 0 at first."""
        return ()

    def scratch(self) -> tuple[str, ...]:
        """The names of vectors that an update writes before it reads them; they too are found in its `state`."""
        return ()

    @abstractmethod
    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        """Moves `parameters` in place at step 1, 2, ...; may overwrite `gradients` and `state`.

        It is called with pieces of the vectors that fit the cache, so each element must be moved by itself. What it
        needs for a while belongs into `scratch()`: memory that is taken at each step costs as much as the arithmetic.
        """

    def decay(self) -> Decay:
        """What keeps parameters small besides the rule; nothing unless the options say so."""
        return Decay()

    @property
    def schedules(self) -> dict[str, Schedule]:
        """The schedules that stand in the place of numbers, by the name of their field."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, Schedule)}

    def at(self, moment: Moment, states: Mapping[str, tuple[float, ...]] = MappingProxyType({})) -> Self:
        """The optimizer with each schedule replaced by its number of that moment; an engine updates with this one.

        `states` are those of the schedules that watch a column, by the name of their field.
        """
        numbers = {
            name: schedule.at(moment._replace(state=states.get(name, ()))) for name, schedule in self.schedules.items()
        }
        return self.model_copy(update=numbers) if numbers else self


class Refusal(NamedTuple):
    """What an engine cannot run: a component of the net, or the engine itself where the net as a whole is meant."""

    component: Component
    why: str
    """Goes on from the name of the component."""


class Engine(Component):
    """Runs a plan. It knows components by their protocols, and none by name."""

    kind = "engine"

    dtype: Literal["float64", "float32"] = "float64"
    """The type of parameters, activations and gradients; scalers are always fitted in float64."""

    @property
    def itemsize(self) -> int:
        """The bytes of one number."""
        return {"float64": 8, "float32": 4}[self.dtype]

    def refusals(self, plan: Plan, loss: Loss, optimizer: Optimizer) -> Iterator[Refusal]:
        """What of a net the engine cannot run, seen without data; nothing for one that runs every component.

        A spec with a refusal is not trained. What is not refused runs: no engine has another do its work in silence.
        """
        yield from ()

    @abstractmethod
    def train(self, plan: Plan, weights: Weights, task: TrainingTask) -> Iterator[Epoch]:
        """Trains `weights` in place; yields each logged epoch as it ends, and others now and then to show progress.

        Each update is made by `task.optimizer.at(task.moment(step), states)`, preceded by the `task.clipping` of the
        gradients and by the optimizer's `decay()`. At the end of each epoch, the schedules that watch a column, which
        `task.reacts` names, `react` to its value; their states are part of the position.

        Each epoch that `task.watches` is yielded with the value of its column, and each that `task.saves`. What is
        yielded has its position, and `weights` are those of that moment; whoever leads the engine may ask for no more
        epochs. Told to stop, it finishes the step and yields where it stands: the last epoch that has ended, or 0,
        without values, and a position perhaps beyond it.

        A training that begins at `task.start`, with the weights and buffers of that moment, gives bit for bit what it
        would have given without a break: the epochs after it, their values and the weights.

        Raises DivergenceError within one batch of a loss, gradient or weight that is not finite, with the
        last finite weights in `weights`.
        """

    @abstractmethod
    def predict(self, plan: Plan, weights: Weights, inputs: Array) -> Array:
        """(rows, outputs) for (rows, columns), in the units of the net, in memory that does not grow with rows."""

    @abstractmethod
    def evaluate(
        self, plan: Plan, weights: Weights, split: Split, loss: Loss, metrics: tuple[Metric, ...]
    ) -> dict[str, float]:
        """`loss` and each metric over all rows of the split."""

    @abstractmethod
    def silent_units(self, plan: Plan, weights: Weights, inputs: Array) -> dict[str, tuple[int, int]]:
        """For each hidden step (units whose output is the same for every row, all units)."""
