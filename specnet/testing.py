"""The contract kit: what a component must do to be one, checked by formulas that are independent of its own.

Derivatives are held against central differences, (f(x + h u) - f(x - h u)) / 2h in random directions u,
whose error is of the order h**2 for smooth f (Nocedal and Wright, Numerical Optimization, section 8.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specnet.engine.arena import Arena
from specnet.engine.network import StepContext
from specnet.streams import Streams

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Activation, Layer, LayerPlan, Loss, Optimizer, Scaler, Shape
    from specnet.streams import Random

STEP = 1e-6
TOLERANCE = 1e-6
"""Relative; the formula is off by about STEP**2 and its rounding by 1e-16 / STEP."""
ROWS = (1, 2, 7)
SEED = 20_261_125


@dataclass(frozen=True)
class Check:
    """One promise and whether it was kept; `detail` says what was seen when it was not."""

    name: str
    passed: bool
    detail: str = ""


def failures(checks: Sequence[Check]) -> list[Check]:
    """Those that did not pass. Raises ValueError when nothing was checked: green must mean something."""
    if not checks:
        raise ValueError("no check has run")
    return [check for check in checks if not check.passed]


def check_activation(activation: Activation) -> list[Check]:
    """Slope against differences, `forward` against both; elementwise, inputs and types kept, finite, bounded."""
    drawn = _rng().normal(scale=3.0, size=(100, 4))
    checks = [_kept(lambda x: activation.slope(x, activation.value(x, np), np), drawn)]
    shape = activation.value(drawn.copy(), np).shape
    checks.append(Check("shape", shape == drawn.shape, f"{drawn.shape} became {shape}"))
    if failures(checks):  # and nothing else that is seen would mean anything
        return checks
    x = _away_from_kinks(activation, drawn.ravel())
    checks.append(Check("smooth", 2 * x.size >= drawn.size, f"{drawn.size - x.size} of {drawn.size} points are kinks"))
    numeric = (activation.value(x + STEP, np) - activation.value(x - STEP, np)) / (2 * STEP)
    y = activation.value(x, np)
    checks += [_close("slope", activation.slope(x, y, np), numeric), *_forward_agrees(activation, x)]
    pieces = [activation.value(piece, np) for piece in (x[:1], x[1:, :1], x[1:, 1:])]
    checks.append(_close("elementwise", np.vstack([pieces[0], np.hstack(pieces[1:])]), y))
    single = x.astype(np.float32)
    kept = {array.dtype for array in (activation.value(single, np), activation.slope(single, single, np))}
    checks.append(Check("dtype kept", kept == {np.dtype(np.float32)}, f"float32 became {kept}"))
    columns = np.asfortranarray(x)
    checks.append(_close("memory order", activation.value(columns, np), y))
    far = np.array([[-1e3, 1e3]])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        ends = [activation.value(far, np), activation.slope(far, activation.value(far, np), np)]
    checks.append(Check("finite at 1e3", all(np.isfinite(end).all() for end in ends), f"value and slope {ends}"))
    return [*checks, _bounded(activation, np.concatenate([y.ravel(), ends[0].ravel()]))]


def check_layer(layer: Layer, in_shapes: tuple[Shape, ...]) -> list[Check]:
    """The planned shape, and the gradients of every input and parameter, for several numbers of rows.

    Outside training nothing is drawn and no buffer moves; parameters have gradients also when inputs need none.
    """
    parts = (_check_layer, _check_modes)
    return [check for rows in ROWS for part in parts for check in part(layer, in_shapes, rows)]


def check_loss(loss: Loss) -> list[Check]:
    """The gradient against differences, the mean over rows and the inputs kept, for several shapes."""
    rng, checks = _rng(), []
    for shape in ((1, 1), (5, 1), (1, 3), (7, 3)):
        prediction, target, direction = rng.normal(size=(3, *shape))
        gradient = loss.gradient(_context(), prediction.copy(), target.copy())
        checks.append(Check(f"gradient shape {shape}", gradient.shape == shape, f"it is {gradient.shape}"))
        ahead, behind = (loss.value(_context(), prediction + s * STEP * direction, target.copy()) for s in (1, -1))
        if gradient.shape == shape:
            checks.append(_close(f"gradient {shape}", np.sum(gradient * direction), (ahead - behind) / (2 * STEP)))
        twice = loss.value(_context(), np.repeat(prediction, 2, axis=0), np.repeat(target, 2, axis=0))
        once = loss.value(_context(), prediction.copy(), target.copy())
        checks.append(_close(f"mean over rows {shape}", twice, once))
    kept = _kept(lambda p, t: (loss.value(_context(), p, t), loss.gradient(_context(), p, t)), prediction, target)
    return [*checks, kept]


def check_optimizer(optimizer: Optimizer) -> list[Check]:
    """Each element moves by itself, in float32 as in float64, and 200 steps go down the parabola |w|**2 / 2."""
    start = _rng().normal(size=10)
    start[0] = 0.0  # where 0 / 0 may lurk
    whole, pieces = start.copy(), start.copy()
    state = {name: np.zeros(10) for name in optimizer.slots}
    parts = {name: np.zeros(10) for name in optimizer.slots}
    for step in range(1, 201):
        gradient = pieces.copy()
        optimizer.update(whole, whole.copy(), state, step, np)
        for part in (slice(0, 3), slice(3, 10)):
            optimizer.update(pieces[part], gradient[part], {k: v[part] for k, v in parts.items()}, step, np)
    checks = [Check("elementwise", np.array_equal(whole, pieces), "pieces of the vector move otherwise than the whole")]
    checks.append(Check("goes down", bool(whole @ whole < start @ start), f"|w|**2 went from {start @ start}"))
    single, double = _first_step(optimizer, start.astype(np.float32)), _first_step(optimizer, start)
    return [*checks, _close("float32", single, double, 1e-5)]


def check_scaler(scaler: Scaler) -> list[Check]:
    """The inverse undoes the transform, also on new rows, and a constant column comes back as it was."""
    rng = _rng()
    train, new = rng.normal(size=(50, 3)) * [1e-9, 1.0, 1e9] + [5.0, 0.0, -3.0], rng.normal(size=(4, 3))
    train[:, 1] = 0.1
    new[:, 1] = 0.1
    state = scaler.fit(train.copy())
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        checks = [
            _close(f"round trip of {name}", scaler.inverse(state, scaler.transform(state, rows.copy())), rows)
            for name, rows in (("training rows", train), ("new rows", new))
        ]
        kept = _kept(lambda x: (scaler.fit(x), scaler.transform(state, x), scaler.inverse(state, x)), new)
    lengths = {name: vector.shape for name, vector in state.items()}
    return [*checks, kept, Check("one value a column", set(lengths.values()) <= {(3,)}, f"shapes {lengths}")]


def _rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(SEED))


def _context(gradients: Mapping[str, Array] | None = None, buffers: Mapping[str, Array] | None = None) -> StepContext:
    rng = Streams(SEED).of("noise")
    return StepContext(Arena(np.float64), True, gradients or {}, buffers or {}, True, lambda: rng)


def _close(name: str, got: Any, wanted: Any, tolerance: float = TOLERANCE) -> Check:
    if np.shape(got) != np.shape(wanted):
        return Check(name, False, f"its shape is {np.shape(got)}, not {np.shape(wanted)}")
    error = np.max(np.abs(got - wanted) / np.maximum(1.0, np.abs(wanted)), initial=0.0)
    return Check(name, bool(error <= tolerance), f"off by {error:.3g}, more than {tolerance}")


def _first_step(optimizer: Optimizer, start: Array) -> Array:
    moved = start.copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        optimizer.update(moved, start.copy(), {name: np.zeros_like(start) for name in optimizer.slots}, 1, np)
    return moved


def _kept(use: Callable[..., object], *arrays: Array) -> Check:
    frozen = [array.copy() for array in arrays]
    for array in frozen:
        array.flags.writeable = False
    try:
        use(*frozen)
    except ValueError as error:  # NumPy refuses to write into a read-only array
        return Check("inputs unchanged", False, str(error))
    return Check("inputs unchanged", True)


def _away_from_kinks(activation: Activation, x: Array) -> Array:
    """Rows of points where the differences to both sides agree; a kink there would be nobody's fault."""
    left = activation.value(x, np) - activation.value(x - STEP, np)
    right = activation.value(x + STEP, np) - activation.value(x, np)
    smooth = x[np.abs(right - left) <= 1e-3 * np.maximum(STEP, np.maximum(np.abs(left), np.abs(right)))]
    return smooth[: len(smooth) // 4 * 4].reshape(-1, 4)


def _forward_agrees(activation: Activation, x: Array) -> list[Check]:
    dy = _rng().normal(size=(len(x), x.shape[1]))
    y, pullback = activation.forward(_context(), x.copy())
    wanted = activation.value(x, np)
    checks = [_close("forward", y, wanted)]
    return [*checks, _close("pullback", pullback(dy.copy()), dy * activation.slope(x, wanted, np))]


def _bounded(activation: Activation, y: Array) -> Check:
    low, high = activation.bounds()
    seen = y[np.isfinite(y)]  # what is not finite is told by the check before
    outside = seen[(seen < low - TOLERANCE) | (seen > high + TOLERANCE)]
    return Check("bounds", outside.size == 0, f"{outside[:1]} is not within {low} and {high}")


def _drawn(
    layer: Layer, in_shapes: tuple[Shape, ...], rows: int
) -> tuple[np.random.Generator, LayerPlan, list[Array], dict[str, Array]]:
    rng, planned = _rng(), layer.plan(in_shapes)
    inputs: list[Array] = [np.asfortranarray(rng.normal(size=(rows, *shape))) for shape in in_shapes]
    return rng, planned, inputs, {p.name: rng.normal(size=p.shape) for p in planned.params}


def _check_layer(layer: Layer, in_shapes: tuple[Shape, ...], rows: int) -> list[Check]:
    rng, planned, inputs, params = _drawn(layer, in_shapes, rows)
    given = [x.copy(order="K") for x in inputs]

    def forward(params: Mapping[str, Array], inputs: Sequence[Array]) -> tuple[Array, Any, Mapping[str, Array]]:
        gradients = {name: np.full_like(value, np.nan) for name, value in params.items()}
        buffers = {buffer.name: np.full(buffer.shape, buffer.initial) for buffer in planned.buffers}
        y, pullback = layer.forward(_context(gradients, buffers), params, *inputs)
        return np.array(y), pullback, gradients

    y, pullback, gradients = forward(params, given)
    dy = rng.normal(size=y.shape)
    pulled = tuple(pullback(np.array(dy, order="F")))  # a copy: the pullback may write into it
    label, shapes = f"{rows} rows of {in_shapes}", [np.shape(dx) for dx in pulled]
    checks = [Check(f"shape, {label}", y.shape == (rows, *planned.out_shape), f"it is {y.shape}")]
    checks.append(Check(f"inputs unchanged, {label}", all(map(np.array_equal, inputs, given)), "an input was written"))
    asked = shapes == [x.shape for x in inputs]
    checks.append(Check(f"one gradient an input, {label}", asked, f"their shapes are {shapes}"))
    for name, gradient in (dict(enumerate(pulled if asked else ())) | dict(gradients)).items():
        direction = rng.normal(size=np.shape(gradient))

        def moved(by: float, name: int | str = name, direction: Array = direction) -> float:
            changed = {key: v + by * direction if key == name else v for key, v in params.items()}
            moved_inputs = [x + by * direction if i == name else x.copy(order="K") for i, x in enumerate(inputs)]
            return float(np.sum(dy * forward(changed, moved_inputs)[0]))

        numeric = (moved(STEP) - moved(-STEP)) / (2 * STEP)
        what = f"input {name}" if isinstance(name, int) else name
        checks.append(_close(f"gradient of {what}, {label}", np.sum(np.asarray(gradient) * direction), numeric))
    return checks


def _check_modes(layer: Layer, in_shapes: tuple[Shape, ...], rows: int) -> list[Check]:
    (rng, planned, inputs, params), label = _drawn(layer, in_shapes, rows), f"{rows} rows of {in_shapes}"
    touched: list[str] = []

    def context(training: bool, input_gradient: bool) -> StepContext:
        gradients = {name: np.zeros_like(value) for name, value in params.items()}
        buffers = {buffer.name: np.full(buffer.shape, buffer.initial) for buffer in planned.buffers}

        def draw() -> Random:
            touched.extend(["random numbers"] * (not training))
            return Streams(SEED).of("noise")

        return StepContext(Arena(np.float64), training, gradients, buffers, input_gradient, draw)

    ctx = context(False, True)
    y, _ = layer.forward(ctx, params, *[x.copy(order="K") for x in inputs])
    touched += [b.name for b in planned.buffers if not np.all(ctx.buffers[b.name] == b.initial)]
    checks = [Check(f"evaluation, {label}", not touched, f"it touched {', '.join(touched)}")]
    dy = rng.normal(size=y.shape)
    both = [context(True, needed) for needed in (True, False)]
    for ctx in both:
        layer.forward(ctx, params, *[x.copy(order="K") for x in inputs])[1](np.array(dy, order="F"))
    full, bare = (ctx.gradients for ctx in both)
    return checks + [_close(f"gradient of {name} alone, {label}", bare[name], full[name]) for name in params]
