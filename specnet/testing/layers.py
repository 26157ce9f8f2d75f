"""The contract of layers: shapes as planned, gradients as the differences say, rows that do not know each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from specnet.component import Layer, ShapeError
from specnet.errors import SpecnetError
from specnet.testing.checks import Broken, Check, Contract, Stage, Unchecked, require
from specnet.testing.component import shared
from specnet.testing.numbers import (
    ATTEMPTS,
    ROUNDING,
    SINGLE,
    TOLERANCE,
    close,
    finite,
    generator,
    same,
    slope_along,
    within,
)
from specnet.testing.trials import CANDIDATES, Shapes, Trial, accepted, trials


def check_layer(layer: Layer, *in_shapes: Shapes, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """The planned shape, and the gradients of every input and parameter, for at least 20 shapes and numbers of rows.

    It is tried with the shapes given and with those of the kit that it plans. Outside training nothing is drawn,
    no buffer moves and no row depends on another. Values lie within the bounds that it tells; parameters have
    gradients also when inputs need none. Its `formula`, where it has one, gives the same in other words.
    """
    return contract(layer, *in_shapes).run(expected_failures)


def contract(layer: Layer, *in_shapes: Shapes) -> Contract:
    """The promises of a layer; `in_shapes` are shapes of all its inputs, tried besides those of the kit."""

    def in_each(look: Callable[[Trial], None]) -> Callable[[], str]:
        return partial(_in_each, look, layer, in_shapes)

    alone: Stage = {**shared(layer), "refusals": partial(_refusals, layer)}
    first: Stage = {"planned": partial(_planned, layer, in_shapes)}
    then = {
        "shape": in_each(_shape),
        "one gradient an input": in_each(_one_gradient_an_input),
        "inputs unchanged": in_each(_inputs_unchanged),
        "evaluation": in_each(_evaluation),
        "whole numbers": in_each(_whole_numbers),
        "deterministic": in_each(_deterministic),
        "same stream, same result": in_each(_same_stream),
    }
    gradients = {
        "gradient of inputs": in_each(_gradient_of_inputs),
        "gradient of parameters": in_each(_gradient_of_parameters),
    }
    last = {
        "gradient when frozen": in_each(_gradient_when_frozen),
        "gradients alone": in_each(_gradients_alone),
        "memory order": in_each(_memory_order),
        "dtype kept": in_each(_dtype_kept),
        "finite at 1e3": in_each(_finite),
        "bounds": in_each(_bounds),
        "order of rows": in_each(_order_of_rows),
        "subset of rows": in_each(_subset_of_rows),
        "formula": in_each(_formula),
    }
    return Contract(alone, (first, then, gradients, last))


def _refusals(layer: Layer) -> str:
    refused = 0
    for in_shapes in CANDIDATES:
        try:
            layer.plan(in_shapes)
        except ShapeError:
            refused += 1
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise Broken(f"it refuses {in_shapes} by {said}, and not by a ShapeError") from error
    return f"{refused} of {len(CANDIDATES)} shapes refused"


def _planned(layer: Layer, given: tuple[Shapes, ...]) -> str:
    return f"{len(accepted(layer, given))} shapes"


def _in_each(look: Callable[[Trial], None], layer: Layer, given: tuple[Shapes, ...]) -> str:
    """How many cases were looked at; what is seen in one is said with its shapes."""
    count = 0
    for trial in trials(layer, given):
        try:
            look(trial)
        except Broken as broken:
            raise Broken(f"{trial.label}: {broken}") from broken
        count += 1
    return f"{count} cases"


def _shape(trial: Trial) -> None:
    for y in (trial.forward(), trial.predicted()):
        require(y.shape == trial.dy.shape, f"it is {y.shape}, not {trial.dy.shape} as planned")


def _one_gradient_an_input(trial: Trial) -> None:
    shape = trial.forward().shape  # where it is not the planned one, another check says so
    given = trial if shape == trial.dy.shape else replace(trial, dy=np.ones(shape, order="F"))
    shapes = [np.shape(dx) for dx in given.there_and_back().dx]
    require(shapes == [x.shape for x in trial.inputs], f"their shapes are {shapes}")


def _inputs_unchanged(trial: Trial) -> None:
    for order in ("F", "C"):
        try:
            trial.read_only(order)
        except ValueError as error:  # NumPy refuses to write into a read-only array
            raise Broken(str(error)) from error


def _evaluation(trial: Trial) -> None:
    touched = trial.touched()
    require(not touched, f"it touched {', '.join(touched)}")


def _whole_numbers(trial: Trial) -> None:
    """A layer of whole numbers refuses others, which would be looked up somewhere in silence."""
    whole = trial.layer.whole_numbers()
    for wrong in () if whole is None else (whole, -1, 0.5, np.nan):
        inputs = tuple(np.array(x, order="F") for x in trial.inputs)
        inputs[0].flat[-1] = wrong
        try:
            trial.forward(inputs)
        except SpecnetError:
            continue
        raise Broken(f"it takes {wrong:g}, and says that it reads {whole} whole numbers from 0 on")


def _deterministic(trial: Trial) -> None:
    same(trial.predicted(), trial.predicted(), "outside training")


def _same_stream(trial: Trial) -> None:
    same(trial.forward(), trial.forward(), "in training")


def _gradient_of_inputs(trial: Trial) -> None:
    _gradients(trial, parameters=False)


def _gradient_of_parameters(trial: Trial) -> None:
    _gradients(trial, parameters=True)


def _gradient_when_frozen(trial: Trial) -> None:
    """A layer that is not trained works as outside training, and lets the gradient pass to those that are."""
    _gradients(trial, parameters=False, training=False)


def _gradients(trial: Trial, parameters: bool, training: bool = True) -> None:
    """Inputs and parameters are drawn anew while a kink lies near them."""
    attempts = (trial.again(attempt) for attempt in range(ATTEMPTS))
    require(any(_agrees(drawn, parameters, training) for drawn in attempts), f"kinks near each of {ATTEMPTS} points")


def _agrees(trial: Trial, parameters: bool, training: bool) -> bool:
    """False when a kink lies near; raises Broken when a gradient is not what the differences say."""
    passed = trial.there_and_back(training=training)
    if not parameters and trial.layer.whole_numbers() is not None:
        require(not any(map(np.any, passed.dx)), "whole numbers cannot be moved, and have no gradient but 0")
        return True
    own: list[tuple[int | str, Any]] = [*passed.gradients.items()] if parameters else [*enumerate(passed.dx)]
    for name, gradient in own:
        direction = generator(2).normal(size=np.shape(gradient))
        numeric = slope_along(trial.along(name, direction, training))
        if numeric is None:
            return False
        close(
            np.sum(np.asarray(gradient) * direction), numeric, TOLERANCE, str(name) if parameters else f"input {name}"
        )
    return True


def _gradients_alone(trial: Trial) -> None:
    alone = trial.there_and_back(input_gradient=False).gradients
    for name, gradient in trial.there_and_back().gradients.items():
        close(alone[name], gradient, ROUNDING, name)


def _memory_order(trial: Trial) -> None:
    columns, rows = trial.there_and_back("F"), trial.there_and_back("C")
    close(rows.y, columns.y, ROUNDING, "y")
    for i, dx in enumerate(columns.dx):
        close(rows.dx[i], dx, ROUNDING, f"the gradient of input {i}")


def _dtype_kept(trial: Trial) -> None:
    single, double = trial.there_and_back(dtype=np.float32), trial.there_and_back()
    for what, array in {"y": single.y, **{f"dx {i}": dx for i, dx in enumerate(single.dx)}}.items():
        require(array.dtype == np.float32, f"{what} of float32 is {array.dtype}")
    close(single.y, double.y, SINGLE, "float32")


def _finite(trial: Trial) -> None:
    far = tuple(np.where(x < 0, -1e3, 1e3) for x in trial.inputs)
    given = trial if trial.layer.whole_numbers() is not None else replace(trial, inputs=far)
    passed = given.there_and_back()
    finite({"y": passed.y})
    finite({f"the gradient of input {i}": dx for i, dx in enumerate(passed.dx)})
    finite({f"the gradient of {name}": value for name, value in passed.gradients.items()})


def _bounds(trial: Trial) -> None:
    for y in (trial.forward(), trial.predicted()):
        within(y, *trial.layer.bounds())


def _order_of_rows(trial: Trial) -> None:
    order = generator(3).permutation(len(trial.dy))
    close(trial.predicted(order), trial.predicted()[order], ROUNDING, "rows in another order")


def _subset_of_rows(trial: Trial) -> None:
    some = slice(0, (len(trial.dy) + 1) // 2)
    close(trial.predicted(some), trial.predicted()[some], ROUNDING, "the first rows alone")


def _formula(trial: Trial) -> None:
    """What an export copies is what the layer gives outside training."""
    if type(trial.layer).formula is Layer.formula:
        raise Unchecked("it has no formula: a net with it cannot be exported")
    buffers = {buffer.name: np.full(buffer.shape, buffer.initial) for buffer in trial.planned.buffers}
    in_shapes = tuple(x.shape[1:] for x in trial.inputs)
    y = trial.layer.formula(in_shapes, np, {**trial.params, **buffers}, *[np.array(x) for x in trial.inputs])
    close(y, trial.predicted(), TOLERANCE, "y by the formula")
