from __future__ import annotations

import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.component import Moment, Optimizer
from specnet.component.task import Split, TrainingTask
from specnet.engine.training import train
from specnet.engine.updates import CHUNK, Updates
from specnet.errors import SpecError
from specnet.plan import make_plan
from specnet.registry import Registry, Selection, load_registry
from specnet.spec import load_spec
from specnet.streams import Streams
from specnet.testing import check_optimizer, failures
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array

STEPS = 10
NEAR_ZERO = 1e-15
"""What rounding leaves of parameters of about 1 where one comes near 0."""
REFERENCE = Path(__file__).parents[1] / "reference" / "optimizers_torch.npz"
BUILTINS = load_registry(Selection(allowed=frozenset()))
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 100},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "training": {"epochs": 20},
}
DESCENT = "gradient_descent"
COSINE = {"type": "cosine", "start": 0.1, "end": 0.003}
EXPONENTIAL = {"type": "exponential", "start": 0.1, "gamma": 0.7}
ALL = {"decay_biases": True}
PEERS: dict[str, dict[str, Any]] = {
    "gradient_descent": {"type": DESCENT, "learning_rate": 0.1},
    "gradient_descent_decay": {"type": DESCENT, "learning_rate": 0.1, "weight_decay": 0.03, **ALL},
    "momentum": {"type": DESCENT, "learning_rate": 0.1, "momentum": 0.9},
    "momentum_dampening": {
        "type": DESCENT,
        "learning_rate": 0.1,
        "momentum": 0.8,
        "dampening": 0.3,
        "weight_decay": 0.01,
        **ALL,
    },
    "nesterov": {"type": DESCENT, "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
    "nesterov_decay": {
        "type": DESCENT,
        "learning_rate": 0.05,
        "momentum": 0.7,
        "nesterov": True,
        "weight_decay": 0.1,
        **ALL,
    },
    "adagrad": {"type": "adagrad", "learning_rate": 0.1},
    "adagrad_decay": {"type": "adagrad", "learning_rate": 0.1, "epsilon": 1e-3, "weight_decay": 0.1, **ALL},
    "adadelta": {"type": "adadelta", "learning_rate": 1},
    "adadelta_decay": {
        "type": "adadelta",
        "learning_rate": 0.5,
        "rho": 0.8,
        "epsilon": 1e-3,
        "weight_decay": 0.1,
        **ALL,
    },
    "rmsprop": {"type": "rmsprop", "learning_rate": 0.01},
    "rmsprop_decay": {
        "type": "rmsprop",
        "learning_rate": 0.02,
        "rho": 0.9,
        "epsilon": 1e-3,
        "weight_decay": 0.1,
        **ALL,
    },
    "adam": {"type": "adam", "learning_rate": 0.1},
    "adam_decay": {
        "type": "adam",
        "learning_rate": 0.02,
        "beta1": 0.7,
        "beta2": 0.95,
        "epsilon": 1e-4,
        "weight_decay": 0.1,
        **ALL,
    },
    "adam_amsgrad": {"type": "adam", "learning_rate": 0.1, "beta2": 0.5, "amsgrad": True},
    "adamw": {"type": "adamw", "learning_rate": 0.1, **ALL},
    "adamw_decay": {"type": "adamw", "learning_rate": 0.05, "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.3, **ALL},
    "nadam": {"type": "nadam", "learning_rate": 0.1},
    "nadam_decay": {
        "type": "nadam",
        "learning_rate": 0.02,
        "beta1": 0.7,
        "beta2": 0.95,
        "momentum_decay": 0.1,
        "weight_decay": 0.1,
        **ALL,
    },
    "radam": {"type": "radam", "learning_rate": 0.1},
    "radam_decay": {"type": "radam", "learning_rate": 0.02, "beta1": 0.7, "beta2": 0.95, "weight_decay": 0.1, **ALL},
    "radam_never": {"type": "radam", "learning_rate": 0.02, "beta1": 0.7, "beta2": 0.5},
    "lion": {"type": "lion", "learning_rate": 0.03},
    "lion_decay": {"type": "lion", "learning_rate": 0.03, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2, **ALL},
    "gradient_descent_spared": {"type": DESCENT, "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    "adamw_spared": {"type": "adamw", "learning_rate": 0.05, "weight_decay": 0.3},
    "momentum_cosine": {"type": DESCENT, "learning_rate": COSINE, "momentum": 0.9},
    "adam_exponential": {"type": "adam", "learning_rate": EXPONENTIAL},
}
"""What tests/reference/optimizers_torch.py calls the same, as a spec says it."""
by_peer = pytest.mark.parametrize("name", PEERS)


def made(table: dict[str, Any]) -> Optimizer:
    """The optimizer that a spec says by its table."""
    return load_spec({**SPEC, "optimizer": table}, None, BUILTINS).optimizer


def memory(optimizer: Optimizer, like: Array) -> dict[str, Array]:
    """The state before the first step, and the scratch, where nobody may look before it is written."""
    scratch = {name: np.full_like(like, np.nan) for name in optimizer.scratch()}
    return {name: np.zeros_like(like) for name in optimizer.slots()} | scratch


def way(optimizer: Optimizer, start: Any, gradient: Any, steps: int = STEPS, spared: Sequence[slice] = ()) -> Array:
    """The parameters after each step, (steps, parameters)."""
    parameters = np.array(start, float)
    gradients = np.zeros_like(parameters)
    updates = Updates(optimizer, parameters, gradients, spared)
    after = []
    for step in range(1, steps + 1):
        gradients[:] = gradient(parameters, step)
        updates.optimizer = optimizer.at(Moment(step, steps, 1))
        assert updates.move(step)
        after.append(parameters.copy())
    return np.array(after)


def last(table: dict[str, Any], start: float, *gradients: float) -> float:
    """Where one parameter ends that sees these gradients."""
    steps = way(made(table), [start], lambda _, step: [gradients[step - 1]], len(gradients))
    return float(steps[-1, 0])


# Refusals


@pytest.mark.parametrize(
    ("options", "code", "place", "message"),
    [
        ({"nesterov": True}, "SN108", "", "nesterov = true has no effect without momentum"),
        ({"dampening": 0.5}, "SN108", "", "dampening = 0.5 has no effect without momentum"),
        (
            {"momentum": 0.9, "nesterov": True, "dampening": 0.5},
            "SN108",
            "",
            "nesterov = true and dampening = 0.5 contradict each other",
        ),
        ({"momentum": 1}, "SN105", "momentum", "'momentum' must be less than 1.0, not 1"),
        ({"momentum": -0.1}, "SN105", "momentum", "'momentum' must be at least 0.0, not -0.1"),
        ({"momentum": 0.9, "dampening": 2}, "SN105", "dampening", "'dampening' must be at most 1.0, not 2"),
        ({"momentum": True}, "SN104", "momentum", "'momentum' must be a number, not true"),
        ({"decay_biases": True}, "SN108", "", "decay_biases = true has no effect without weight_decay"),
        (
            {"type": "adamw", "weight_decay": 0, "decay_biases": True},
            "SN108",
            "",
            "decay_biases = true has no effect without weight_decay",
        ),
        ({"weight_decay": -1}, "SN105", "weight_decay", "'weight_decay' must be at least 0.0, not -1"),
        ({"type": "adam", "beta2": 1}, "SN105", "beta2", "'beta2' must be less than 1.0, not 1"),
        ({"type": "adam", "epsilon": 0}, "SN105", "epsilon", "'epsilon' must be at least 1e-37, not 0"),
        ({"type": "adam", "momentum": 0.9}, "SN102", "momentum", "unknown key 'momentum'"),
        ({"learning_rate": 0}, "SN105", "learning_rate", "'learning_rate' must be greater than 0.0, not 0"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], code: str, place: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        made({"type": DESCENT, "learning_rate": 0.1, **options})
    (finding,) = caught.value.findings
    found = finding.code, finding.dotted.removeprefix("optimizer").lstrip("."), finding.message
    assert found == (code, place, message)


@pytest.mark.parametrize("name", Registry([]).names("optimizer"))
def test_nobody_guesses_the_rate(name: str) -> None:
    with pytest.raises(SpecError, match="missing key 'learning_rate'"):
        made({"type": name})


@pytest.mark.parametrize(
    ("other", "own"),
    [("sgd", DESCENT), ("adam_w", "adamw"), ("nesterov_adam", "nadam"), ("rectified_adam", "radam")],
)
def test_what_others_call_it_is_a_hint(other: str, own: str) -> None:
    with pytest.raises(SpecError, match=f"here it is called '{own}'"):
        made({"type": other, "learning_rate": 0.1})


# The kit


@by_peer
def test_every_peer_is_an_optimizer(name: str) -> None:
    assert failures(check_optimizer(made(PEERS[name]).at(Moment(1, 10, 1)))) == []


def test_every_built_in_has_a_peer() -> None:
    assert sorted({table["type"] for table in PEERS.values()}) == Registry([]).names("optimizer")


# Against PyTorch


@pytest.fixture(scope="module")
def reference() -> dict[str, Array]:
    with np.load(REFERENCE) as stored:
        return dict(stored)


def test_every_peer_has_a_reference(reference: dict[str, Array]) -> None:
    ways = {f"{name}.{where}" for name in PEERS for where in ("parabola", "net")}
    assert set(reference) - ways == {"A", "b", "start", "net.inputs", "net.targets", "net.start"}


@by_peer
def test_ten_steps_down_a_parabola_are_those_of_pytorch(reference: dict[str, Array], name: str) -> None:
    A, b = reference["A"], reference["b"]
    steps = way(made(PEERS[name]), reference["start"], lambda w, _: A @ w - b, spared=[slice(1, 2)])
    np.testing.assert_allclose(steps, reference[f"{name}.parabola"], rtol=1e-12, atol=NEAR_ZERO)


@by_peer
def test_ten_epochs_of_a_net_are_those_of_pytorch(reference: dict[str, Array], name: str) -> None:
    """The whole way: the plan, which says what decays, the gradients, the schedule and the update."""
    layers = [{"type": "dense", "units": 2, "activation": "tanh"}, {"type": "dense", "units": 1}]
    columns = {"type": "csv", "path": "rows.csv", "inputs": ["a", "b"], "targets": ["c"]}
    spec = load_spec({**SPEC, "dataset": columns, "layers": layers, "optimizer": PEERS[name]}, None, BUILTINS)
    plan = make_plan(spec.layers, spec.dataset.plan())
    weights, rows = Weights(plan, "float64"), Split(reference["net.inputs"], reference["net.targets"])
    weights.flat[:] = reference["net.start"]
    task = TrainingTask(rows, None, spec.loss, (), spec.optimizer, STEPS, 8, False, 1, Streams(0))
    after = [weights.flat.copy() for _ in train(plan, weights, task)]
    np.testing.assert_allclose(after, reference[f"{name}.net"], rtol=1e-12, atol=NEAR_ZERO)


# Conventions


def test_p37_the_rate_stands_outside_of_the_velocity() -> None:
    falling = {"type": "multi_step", "start": 0.1, "milestones": [1], "gamma": 0.1}
    assert last({"type": DESCENT, "momentum": 0.9, "learning_rate": falling}, 0.0, 1, 1) == pytest.approx(-0.119)


def test_p38_nesterov_and_plain_momentum() -> None:
    heavy = {"type": DESCENT, "momentum": 0.9, "learning_rate": 0.1}
    assert last(heavy, 0.0, 1, 1) == pytest.approx(-0.290)
    assert last({**heavy, "nesterov": True}, 0.0, 1, 1) == pytest.approx(-0.461)


def test_dampening_spares_the_first_gradient() -> None:
    table = {"type": DESCENT, "momentum": 0.5, "dampening": 0.75, "learning_rate": 1}
    assert [last(table, 0.0, *[1] * steps) for steps in (1, 2, 3)] == [-1, -1.75, -2.375]


def test_p40_decay_that_is_coupled_and_decay_that_is_not() -> None:
    adam, adamw = ({"type": name, "learning_rate": 1e-3, "weight_decay": 0.1} for name in ("adam", "adamw"))
    assert last(adam, 1.0, 1) == pytest.approx(0.999000000009091, abs=1e-15)
    assert last(adamw, 1.0, 1) == pytest.approx(0.99890000001, abs=1e-15)
    assert last(adam, 1.0, 0) == pytest.approx(0.9990000001, abs=1e-15)
    assert last(adamw, 1.0, 0) == pytest.approx(0.9999, abs=1e-15)


@by_peer
def test_p36_whole_numbers_are_rates_and_the_vectors_stay_in_their_place(name: str) -> None:
    optimizer = made({**PEERS[name], "learning_rate": 1})
    parameters, gradients = np.array([2.0, -1.0], np.float32), np.array([1.0, 1.0], np.float32)
    state = memory(optimizer, parameters)
    own = [parameters, gradients, *state.values()]
    optimizer.update(parameters, gradients, state, 1, np)
    assert [(array.dtype, array.shape) for array in own] == [(np.dtype("float32"), (2,))] * len(own)
    assert all(vector is mine for vector, mine in zip(state.values(), own[2:], strict=True))
    assert not np.array_equal(parameters, [2.0, -1.0])
    assert all(np.isfinite(vector).all() and vector.any() for vector in state.values())


@by_peer
def test_an_update_takes_no_memory(name: str) -> None:
    parameters, gradients = np.ones(3 * CHUNK), np.ones(3 * CHUNK)
    updates = Updates(made(PEERS[name]).at(Moment(1, 10, 1)), parameters, gradients, [slice(5, CHUNK + 2)])
    updates.move(1)
    tracemalloc.start()
    updates.move(2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < CHUNK / 4  # one mask of a piece, of bytes, would be four times that


def test_descent_without_momentum_is_two_operations_and_no_state() -> None:
    generator = np.random.Generator(np.random.PCG64(4))
    w, dw = generator.normal(size=(2, 1000))
    optimizer = made({"type": DESCENT, "learning_rate": 0.03})
    assert optimizer.slots() == ()
    assert way(optimizer, w, lambda *_: dw, 1).tobytes() == (w - dw * 0.03).tobytes()


@pytest.mark.parametrize(
    ("options", "slots"),
    [
        ({"type": DESCENT, "momentum": 0.9}, ("v",)),
        ({"type": "adam"}, ("M", "V")),
        ({"type": "adam", "amsgrad": True}, ("M", "V", "greatest")),
        ({"type": "lion"}, ("M",)),
    ],
)
def test_state_is_what_the_options_need(options: dict[str, Any], slots: tuple[str, ...]) -> None:
    optimizer = made({"learning_rate": 0.1, **options})
    assert optimizer.slots() == slots
    assert set(Updates(optimizer, np.ones(3), np.ones(3)).state) == set(slots)


# Laws


@given(
    name=st.sampled_from(list(PEERS)),
    cuts=st.lists(st.integers(1, 39), max_size=6),
    seed=st.integers(0, 999),
    size=st.sampled_from([1e-6, 1.0, 1e6]),
)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_pieces_move_like_the_whole_and_so_does_their_state(name: str, cuts: list[int], seed: int, size: float) -> None:
    optimizer = made(PEERS[name]).at(Moment(1, 10, 1))
    generator = np.random.Generator(np.random.PCG64(seed))
    start, gradients = generator.normal(size=40), size * generator.normal(size=(5, 40))

    def moved(pieces: list[slice]) -> list[bytes]:
        w = start.copy()
        state = memory(optimizer, w)
        for step, gradient in enumerate(gradients.copy(), start=1):
            for piece in pieces:
                part = {slot: vector[piece] for slot, vector in state.items()}
                optimizer.update(w[piece], gradient[piece], part, step, np)
        return [array.tobytes() for array in (w, *(state[name] for name in optimizer.slots()))]

    ends = sorted({0, *cuts, 40})
    assert moved([slice(*pair) for pair in pairwise(ends)]) == moved([slice(None)])


@by_peer
def test_a_tiny_rate_moves_little(name: str) -> None:
    table = {**PEERS[name], "learning_rate": 1e-9}
    steps = way(made(table), [1.0, -2.0, 0.5], lambda w, _: 3 * w)
    assert 0 < np.abs(steps[-1] - [1.0, -2.0, 0.5]).max() < 1e-6


@pytest.mark.parametrize("name", ["adagrad", "adadelta", "rmsprop", "adam", "adamw", "nadam", "radam_never", "lion"])
@pytest.mark.parametrize("step", [1, 2, 400, 10**7])
def test_numbers_are_finite_at_any_step(name: str, step: int) -> None:
    optimizer = made(PEERS[name])
    for value in (0.0, 1e-30, 1.0, 1e18):
        w = np.ones(1)
        state = memory(optimizer, w)
        optimizer.update(w, np.full(1, value), state, step, np)
        assert np.isfinite([w, *state.values()]).all()


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "radam", "rmsprop"])
def test_the_size_of_the_gradients_does_not_matter_to_a_rescaled_step(name: str) -> None:
    table = {**PEERS[name], "epsilon": 1e-37, "beta2": 0.9} if name != "rmsprop" else {**PEERS[name], "epsilon": 1e-37}
    gradients = np.random.Generator(np.random.PCG64(8)).normal(size=(STEPS, 6))
    small, large = (
        way(made(table), np.ones(6), lambda _, step, size=size: size * gradients[step - 1]) for size in (1.0, 1024.0)
    )
    if name == "radam":  # until it is rectified it takes the mean gradient as it is
        assert not np.allclose(small[0], large[0])
        small, large = np.diff(small, axis=0)[6:], np.diff(large, axis=0)[6:]
    np.testing.assert_allclose(small, large, rtol=1e-12, atol=1e-13)  # of differences of numbers near 1


def test_nadam_late_is_as_if_its_product_were_nothing() -> None:
    for step in (300, 355, 400):
        w, optimizer = np.ones(1), made(PEERS["nadam"])
        optimizer.update(w, np.ones(1), memory(optimizer, w), step, np)
        mu, then = (0.9 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in (step, step + 1))
        size = np.sqrt(0.001 / (1 - 0.999**step)) + 1e-8
        assert w[0] == pytest.approx(1 - 0.1 * (1 - mu + then * 0.1) / size, rel=1e-13)
