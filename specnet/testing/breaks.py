"""The contract of a break: training that stops and goes on elsewhere gives what it would have given without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from specnet.builtins.layers.dense import Dense
from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.metrics import NormHalfSquareError
from specnet.component import Buffer, DatasetPlan, Layer, LayerPlan, Moment, Optimizer, Schedule, Scheduled
from specnet.component.task import Position, Split, TrainingTask
from specnet.plan import Plan, make_plan
from specnet.streams import Streams
from specnet.testing.checks import require
from specnet.testing.numbers import SEED, generator, same
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Context, Engine, Shape

_EPOCHS, _ROWS, _BATCH = 4, 20, 8
_STEPS = -(-_ROWS // _BATCH)
_RATE = 0.01


class Halving(Schedule):
    """start / 2**n after n epochs of which the loss was told: it needs its state."""

    type: Literal["halving"] = "halving"
    start: float = 0.01

    def watches(self) -> str:
        return "train.loss"

    def react(self, state: tuple[float, ...], value: float) -> tuple[float, ...]:
        return (float(sum(state) + (value > 0)),)

    def at(self, moment: Moment) -> float:
        return self.start / 2 ** sum(moment.state)


class Remembering(Optimizer):
    """v = 0.9 v + dw, w -= rate v / step: it needs its state, that of the rate and the number of the step."""

    type: Literal["remembering"] = "remembering"
    rate: Scheduled = Halving.of_defaults()  # type: ignore[assignment]  # a number where it updates

    def slots(self) -> tuple[str, ...]:
        return ("velocity",)

    def update(self, parameters: Array, gradients: Array, state: Mapping[str, Array], step: int, xp: Any) -> None:
        velocity = state["velocity"]
        velocity[:] = 0.9 * velocity + gradients
        parameters -= self.rate / step * velocity


class Restless(Layer):
    """y = x + noise + the batches seen so far / 100: it needs its buffer and the stream of the step."""

    type: Literal["restless"] = "restless"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan(in_shapes[0], buffers=(Buffer("seen", (1,)),))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> Any:
        (x,) = inputs
        if not ctx.training:
            return x, lambda dy: (dy,)
        ctx.buffers["seen"][:] += 1
        return x + ctx.rng.standard_normal(x.shape).astype(x.dtype) + ctx.buffers["seen"] / 100, lambda dy: (dy,)


@dataclass(frozen=True)
class _Seen:
    """What a training has left, copied."""

    values: dict[int, Mapping[str, float]]
    tensors: dict[str, Array]
    position: Position


def breaks(engine: Engine) -> str:
    """Raises Broken unless each break between two steps, within an epoch too, is without a trace.

    A layer with a buffer and noise is in the net unless the engine refuses it, and a rate that reacts to the training
    is in the optimizer.
    """
    whole = _train(engine)
    require(list(whole.values) == list(range(1, _EPOCHS + 1)), f"it tells the epochs {list(whole.values)}")
    for steps in range(1, _EPOCHS * _STEPS):
        first = _train(engine, stop=steps)
        where = f"stopped after step {steps} of {_STEPS} an epoch"
        require(first.position.step == steps, f"{where}, it stands at step {first.position.step}")
        rest = _train(engine, first)
        for name, array in whole.tensors.items():
            same(rest.tensors[name], array, f"{where} and gone on, {name}")
        told = {**first.values, **rest.values}
        require(told == whole.values, f"{where} and gone on, it tells other values than in one go")
    return f"{_EPOCHS * _STEPS - 1} breaks" + _without(engine)


def ends(engine: Engine) -> str:
    """Raises Broken unless training goes on from each epoch that was yielded to be saved, and for nothing else."""
    rate = _RATE  # one that reacted would be told of each epoch anyway
    whole = _train(engine, rate=rate)
    for epoch in range(1, _EPOCHS):
        first = _train(engine, after=epoch, rate=rate)
        where = f"broken off after epoch {epoch}"
        require(first.position.step == epoch * _STEPS, f"{where}, it stands at step {first.position.step}")
        for name, array in _train(engine, first, rate=rate).tensors.items():
            same(array, whole.tensors[name], f"{where} and gone on, {name}")
    return f"{_EPOCHS - 1} epochs" + _without(engine)


def _plan(engine: Engine) -> tuple[Plan, bool]:
    """The net, and whether it is the one that remembers and draws."""
    data = DatasetPlan(("a", "b", "c"), ("y", "z"))
    plan = make_plan([Dense(units=3), Restless(), Dense(units=2)], data)
    if any(engine.refusals(plan, MeanSquaredError(), Remembering(rate=_RATE))):
        return make_plan([Dense(units=3), Dense(units=2)], data), False
    return plan, True


def _without(engine: Engine) -> str:
    return "" if _plan(engine)[1] else ", of a net without buffers and noise, which it refuses"


def _train(
    engine: Engine,
    before: _Seen | None = None,
    stop: int | None = None,
    after: int | None = None,
    rate: float | None = None,
) -> _Seen:
    """Training in one go, or from where another has ended, or until it is told to stop, or until an epoch was saved."""
    plan, _ = _plan(engine)
    if any(engine.refusals(plan, MeanSquaredError(), Remembering())):
        rate = _RATE
    weights = Weights(plan, engine.dtype).initialize(Streams(SEED))
    asked = iter(range(stop if stop is not None else _EPOCHS * _STEPS + 1))
    task = _task(engine, lambda: next(asked, None) is None)
    if rate is not None:
        task = replace(task, optimizer=Remembering(rate=rate))
    if after is not None:
        task = replace(task, log_every=_EPOCHS, save_every=1)
    if before is not None:
        weights.restore(before.tensors)
        task = replace(task, start=before.position)
    values: dict[int, Mapping[str, float]] = {}
    position = Position()
    for epoch in engine.train(plan, weights, task):
        position = epoch.position
        if epoch.values:
            values[epoch.number] = epoch.values
        if epoch.number == after:
            break
    state = {name: array.copy() for name, array in position.state.items()}
    tensors = {name: array.copy() for name, array in weights.tensors().items()}
    return _Seen(values, tensors, Position(position.step, state))


def _task(engine: Engine, stop: Any) -> TrainingTask:
    x = generator(7).normal(size=(_ROWS, 3))
    inputs, targets = (np.asfortranarray(values, engine.dtype) for values in (x, np.abs(x[:, :2])))
    return TrainingTask(
        train=Split(inputs, targets),
        test=None,
        loss=MeanSquaredError(),
        metrics=(NormHalfSquareError(),),
        optimizer=Remembering(),
        epochs=_EPOCHS,
        batch_rows=_BATCH,
        shuffle=True,
        log_every=1,
        streams=Streams(SEED),
        stop=stop,
    )
