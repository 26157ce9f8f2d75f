"""The contract of engines: a small net learns, and predictions are what evaluation measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.builtins.activations import Relu
from specnet.builtins.adam_optimizers import AdamW
from specnet.builtins.layers.dense import Dense
from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.metrics import NormHalfSquareError
from specnet.builtins.optimizers import GradientDescent
from specnet.builtins.schedules import Exponential
from specnet.component import DatasetPlan, GradientClipping
from specnet.component.task import Split, TrainingTask
from specnet.plan import Plan, make_plan
from specnet.streams import Streams
from specnet.testing.breaks import Halving, breaks, ends
from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.numbers import ROUNDING, SEED, SINGLE, close, generator, same, untouched
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Engine, Optimizer
    from specnet.component.task import Epoch

_EPOCHS = 20


def check_engine(engine: Engine, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """A small net learns, the same each time, in the dtype of the engine; rows are predicted each by itself.

    Training that is broken off and goes on elsewhere gives bit for bit what it gives in one go.
    """
    return contract(engine).run(expected_failures)


def contract(engine: Engine) -> Contract:
    """The promises of an engine."""
    first = {"loss goes down": _loss_goes_down, "predictions": _predictions, "inputs unchanged": _inputs_unchanged}
    then = {
        "deterministic": _deterministic,
        "order of rows": _order_of_rows,
        "evaluation": _evaluation,
        "weight decay": _weight_decay,
        "gradient clipping": _gradient_clipping,
        "stops": _stops,
    }
    last = {"breaks": breaks, "ends of epochs": ends, "weights of rows": _weights_of_rows, "reactions": _reactions}
    return Contract(shared(engine), (about(engine, first), about(engine, then), about(engine, last)))


def _split(engine: Engine) -> Split:
    """Targets that a net of one hidden layer can learn."""
    x = generator().normal(size=(40, 3))
    t = np.stack([x[:, 0] - x[:, 1], np.abs(x[:, 2])], axis=1)
    return Split(np.asfortranarray(x, engine.dtype), np.asfortranarray(t, engine.dtype))


@dataclass(frozen=True)
class _Trained:
    plan: Plan
    weights: Weights
    epochs: list[Epoch]


_DESCENT = GradientDescent(learning_rate=0.02)


def _train(engine: Engine, stop_at_once: bool = False) -> _Trained:
    return _trained(engine, _DESCENT, _EPOCHS, 16, stop_at_once)


def _trained(
    engine: Engine,
    optimizer: Optimizer,
    epochs: int,
    batch: int,
    stop_at_once: bool = False,
    clipping: GradientClipping | None = None,
    split: Split | None = None,
) -> _Trained:
    plan = make_plan([Dense(units=8, activation=Relu()), Dense(units=2)], DatasetPlan(("a", "b", "c"), ("y", "z")))
    weights = Weights(plan, engine.dtype).initialize(Streams(SEED))
    task = TrainingTask(
        train=split or _split(engine),
        test=None,
        loss=MeanSquaredError(),
        metrics=(),
        optimizer=optimizer,
        epochs=epochs,
        batch_rows=batch,
        shuffle=True,
        log_every=1,
        streams=Streams(SEED),
        stop=lambda: stop_at_once,
        clipping=clipping,
    )
    return _Trained(plan, weights, list(engine.train(plan, weights, task)))


def _loss_goes_down(engine: Engine) -> str:
    epochs = _train(engine).epochs
    logged = [epoch.number for epoch in epochs if epoch.values]
    require(logged == list(range(1, _EPOCHS + 1)), f"the logged epochs are {logged}")
    first, last = (epoch.values["train.loss"] for epoch in (epochs[0], epochs[-1]))
    require(last < first / 2, f"in {_EPOCHS} epochs it went from {first:.3g} to {last:.3g}")
    return f"from {first:.3g} to {last:.3g}"


def _predictions(engine: Engine) -> str:
    trained, x = _train(engine), _split(engine).inputs
    for rows in (1, 40):
        predicted = engine.predict(trained.plan, trained.weights, x[:rows])
        seen, wanted = (predicted.shape, str(predicted.dtype)), ((rows, 2), engine.dtype)
        require(seen == wanted, f"they are {seen}, not {wanted}")
    return engine.dtype


def _inputs_unchanged(engine: Engine) -> str:
    trained, split = _train(engine), _split(engine)
    before = trained.weights.flat.copy()
    untouched(lambda x: engine.predict(trained.plan, trained.weights, x), split.inputs)
    untouched(lambda x: engine.silent_units(trained.plan, trained.weights, x), split.inputs)
    _measured(engine, trained, split)
    require(np.array_equal(trained.weights.flat, before), "weights move outside training")
    return ""


def _deterministic(engine: Engine) -> str:
    first, again = _train(engine), _train(engine)
    same(again.weights.flat, first.weights.flat, "weights")
    require([epoch.values for epoch in again.epochs] == [epoch.values for epoch in first.epochs], "other losses")
    return f"{_EPOCHS} epochs"


def _order_of_rows(engine: Engine) -> str:
    trained, x = _train(engine), _split(engine).inputs
    whole, order = engine.predict(trained.plan, trained.weights, x), generator(3).permutation(len(x))[:17]
    part = engine.predict(trained.plan, trained.weights, np.asfortranarray(x[order]))
    close(part, whole[order], _tolerance(engine), "17 rows in another order")
    return ""


def _measured(engine: Engine, trained: _Trained, split: Split) -> dict[str, float]:
    metrics = (NormHalfSquareError(),)
    return engine.evaluate(trained.plan, trained.weights, split, MeanSquaredError(), metrics)


def _evaluation(engine: Engine) -> str:
    trained, split = _train(engine), _split(engine)
    measured = _measured(engine, trained, split)
    difference: Array = engine.predict(trained.plan, trained.weights, split.inputs) - split.targets
    norms = np.sqrt(np.sum((difference**2 / 2) ** 2, axis=1))
    require(list(measured) == ["loss", NormHalfSquareError().type], f"it gives {', '.join(measured)}")
    wanted = [np.mean(difference**2), norms.mean()]
    close(np.array(list(measured.values())), np.array(wanted), _tolerance(engine), "loss and metric of the predictions")
    return ""


def _weight_decay(engine: Engine) -> str:
    """What decay takes at the first update, whatever the gradient: 0.02 times 5 of each weight."""
    for optimizer in (_DESCENT, AdamW(learning_rate=0.02, weight_decay=0)):
        plain = _trained(engine, optimizer, 1, 40)
        start = Weights(plain.plan, engine.dtype).initialize(Streams(SEED)).flat
        spared = start.copy()
        for part in plain.plan.spared:
            spared[part] = 0
        for biases, loss in ((False, spared), (True, start)):
            decaying = optimizer.model_copy(update={"weight_decay": 5.0, "decay_biases": biases})
            taken = plain.weights.flat - _trained(engine, decaying, 1, 40).weights.flat
            what = f"what is taken with decay_biases = {str(biases).lower()} in {optimizer.type}"
            close(taken, loss / 10, _tolerance(engine), what)
    return "coupled, decoupled"


def _gradient_clipping(engine: Engine) -> str:
    """The first update is as long as the rate times the limit."""
    clipping, descent = GradientClipping(mode="global_norm", limit=0.5), GradientDescent(learning_rate=1)
    trained = _trained(engine, descent, 1, 40, clipping=clipping)
    start = Weights(trained.plan, engine.dtype).initialize(Streams(SEED)).flat
    length = np.linalg.norm(trained.weights.flat - start)
    close(length, 0.5, _tolerance(engine), "length of an update with the limit 0.5 and the rate 1")
    return "global_norm"


def _weights_of_rows(engine: Engine) -> str:
    """Rows with the weight 2 are those rows twice, in training and in evaluation."""
    split = _split(engine)
    weights = np.repeat(np.array([2.0, 1.0, 0.0], engine.dtype), [10, 20, 10])
    rows = np.repeat(np.arange(40), weights.astype(int))
    weighed = Split(split.inputs, split.targets, weights)
    repeated = Split(np.asfortranarray(split.inputs[rows]), np.asfortranarray(split.targets[rows]))
    one, other = (_trained(engine, _DESCENT, 3, len(given), split=given) for given in (weighed, repeated))
    close(one.weights.flat, other.weights.flat, _tolerance(engine), "weights after 3 epochs")
    losses, wanted = (np.array([epoch.values["train.loss"] for epoch in each.epochs]) for each in (one, other))
    close(losses, wanted, _tolerance(engine), "losses of 3 epochs")
    measured, expected = (_measured(engine, one, given)["loss"] for given in (weighed, repeated))
    close(measured, expected, _tolerance(engine), "the loss that is measured")
    return f"{int(weights.sum())} rows"


def _reactions(engine: Engine) -> str:
    """A schedule that halves when it is told of an epoch is one that halves with each epoch."""
    rates: list[Any] = [Halving(start=0.02), Exponential(start=0.02, gamma=0.5)]
    told, known = (_trained(engine, _DESCENT.model_copy(update={"learning_rate": rate}), 4, 16) for rate in rates)
    close(told.weights.flat, known.weights.flat, _tolerance(engine), "weights after 4 epochs")
    return "4 epochs"


def _stops(engine: Engine) -> str:
    logged = len([epoch for epoch in _train(engine, stop_at_once=True).epochs if epoch.values])
    require(logged < _EPOCHS, f"told to stop, it went on for {logged} epochs")
    return ""


def _tolerance(engine: Engine) -> float:
    return SINGLE if engine.dtype == "float32" else ROUNDING
