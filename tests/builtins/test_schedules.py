from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.builtins.optimizers import GradientDescent
from specnet.builtins.reacting_schedules import ReduceOnPlateau
from specnet.builtins.schedules import (
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    InverseTime,
    LinearWarmup,
    MultiStep,
    OneCycle,
    Polynomial,
    StepDecay,
)
from specnet.component import Moment, Schedule, ScheduleError
from specnet.errors import SpecError
from specnet.registry import Registry, Selection, load_registry
from specnet.spec import load_spec
from specnet.testing import check_schedule, failures

if TYPE_CHECKING:
    from specnet.arrays import Array

STEPS = 1000
REFERENCE = Path(__file__).parents[1] / "reference" / "schedules_torch.npz"
BUILTINS = load_registry(Selection(allowed=frozenset()))
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 100},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent"},
    "training": {"epochs": 20},
}
SMALLEST: dict[str, dict[str, Any]] = {
    "constant": {"value": 0.1},
    "cosine": {"start": 0.1},
    "cosine_restarts": {"start": 0.1, "length": 1},
    "exponential": {"start": 0.1, "gamma": 0.5},
    "inverse_time": {"start": 0.1, "decay": 0.5},
    "linear_warmup": {"length": 1, "then": {"type": "constant", "value": 0.1}},
    "multi_step": {"start": 0.1, "milestones": [1]},
    "one_cycle": {"peak": 0.1},
    "polynomial": {"start": 0.1},
    "reduce_on_plateau": {"start": 0.1, "metric": "train.loss"},
    "step": {"start": 0.1, "every": 1},
}
"""What each built-in must be told, and no more."""
WITHOUT_PACE = ("constant", "reduce_on_plateau")
by_name = pytest.mark.parametrize("name", sorted(SMALLEST))


def made(name: str, **fields: Any) -> Schedule:
    """The schedule that a spec says by its table."""
    table = {"type": name, **SMALLEST[name], **fields}
    spec = load_spec({**SPEC, "optimizer": {**SPEC["optimizer"], "learning_rate": table}}, None, BUILTINS)
    return spec.optimizer.schedules["learning_rate"]


def values(schedule: Schedule, epochs: int, steps_per_epoch: int = 1) -> list[float]:
    """One value an update."""
    steps = epochs * steps_per_epoch
    return [schedule.at(Moment(step, steps, steps_per_epoch)) for step in range(1, steps + 1)]


def refused(table: Any, **training: Any) -> tuple[str, str, str]:
    """(code, place, message) of the one finding."""
    optimizer = {**SPEC["optimizer"], "learning_rate": table}
    with pytest.raises(SpecError) as caught:
        load_spec({**SPEC, "optimizer": optimizer, "training": {"epochs": 20, **training}}, None, BUILTINS)
    (finding,) = caught.value.findings
    return finding.code, finding.dotted.removeprefix("optimizer.learning_rate").lstrip("."), finding.message


# Refusals


@pytest.mark.parametrize(
    ("name", "fields", "place", "message"),
    [
        ("cosine", {"length": 0}, "length", "'length' must be greater than 0, not 0"),
        ("polynomial", {"length": 0}, "length", "'length' must be greater than 0, not 0"),
        ("polynomial", {"power": 0}, "power", "'power' must be greater than 0.0, not 0"),
        ("cosine_restarts", {"length": 0}, "length", "'length' must be greater than 0, not 0"),
        ("cosine_restarts", {"growth": 0}, "growth", "'growth' must be at least 1, not 0"),
        ("step", {"every": 0}, "every", "'every' must be greater than 0, not 0"),
        ("multi_step", {"milestones": [0]}, "milestones.0", "'item 0"),
        ("linear_warmup", {"length": 0}, "length", "'length' must be greater than 0, not 0"),
        ("one_cycle", {"length": 1}, "length", "'length' must be at least 2, not 1"),
        ("one_cycle", {"rise": 1}, "rise", "'rise' must be less than 1.0, not 1"),
        ("one_cycle", {"rise": 0}, "rise", "'rise' must be greater than 0.0, not 0"),
        ("exponential", {"gamma": 1.01}, "gamma", "'gamma' must be at most 1.0, not 1.01"),
        ("step", {"gamma": 0}, "gamma", "'gamma' must be greater than 0.0, not 0"),
        ("constant", {"value": 0}, "value", "'value' must be greater than 0.0, not 0"),
        ("cosine", {"start": 0}, "start", "'start' must be greater than 0.0, not 0"),
        ("cosine", {"end": -0.1}, "end", "'end' must be at least 0.0, not -0.1"),
        ("inverse_time", {"decay": 0}, "decay", "'decay' must be greater than 0.0, not 0"),
    ],
)
def test_p42_degenerate_numbers_are_refused_by_their_key(
    name: str, fields: dict[str, Any], place: str, message: str
) -> None:
    found = refused({"type": name, **SMALLEST[name], **fields})
    assert found == ("SN105", place, message.replace("'item 0", "item 0 must be greater than 0, not 0"))


def test_milestones_rise() -> None:
    for milestones in ([3, 3], [5, 2]):
        code, place, message = refused({"type": "multi_step", "start": 0.1, "milestones": milestones})
        assert (code, place) == ("SN108", "milestones")
        assert message == f"each milestone must be greater than the one before it, not {milestones}"
    assert refused({"type": "multi_step", "start": 0.1, "milestones": []})[:2] == ("SN108", "milestones")


@pytest.mark.parametrize(
    ("table", "code", "place", "message"),
    [
        ({}, "SN202", "", "schedule has no 'type'"),
        ({"type": "cosine_decay", "start": 1}, "SN203", "type", "unknown schedule 'cosine_decay'"),
        ("cosine", "SN103", "start", "missing key 'start'"),
        ("0.1", "SN104", "", "'learning_rate' must be a number, not '0.1'"),
        ("nan", "SN104", "", "'learning_rate' must be a number, not 'nan'"),
        ([0.1], "SN104", "", "'learning_rate' must be a number, not [0.1]"),
        (0, "SN105", "", "'learning_rate' must be greater than 0.0, not 0"),
        ({"type": "cosine", "start": "0.1"}, "SN104", "start", "'start' must be a number, not '0.1'"),
        ({"type": "cosine", "start": 0.1, "stop": 0}, "SN102", "stop", "unknown key 'stop'"),
        (
            {"type": "cosine", "per": "batch", "start": 1},
            "SN107",
            "per",
            "'per' must be 'epoch' or 'step', not 'batch'",
        ),
        (
            {"type": "linear_warmup", "length": 2, "then": 0.1},
            "SN201",
            "then",
            "schedule must be a name or a table with a 'type', not 0.1",
        ),
    ],
)
def test_what_is_neither_a_number_nor_a_schedule(table: Any, code: str, place: str, message: str) -> None:
    assert refused(table) == (code, place, message)


def test_what_others_call_it_is_a_hint() -> None:
    with pytest.raises(SpecError, match="here it is called 'cosine'"):
        BUILTINS.find("schedule", "cosine_annealing")


@pytest.mark.parametrize("epochs", [1, 3, 4])
def test_p42_a_warm_up_that_is_longer_than_the_training(epochs: int) -> None:
    table = {"type": "linear_warmup", "length": 4, "then": {"type": "constant", "value": 0.1}}
    has = f"the training has {epochs} epoch{'s' * (epochs > 1)}"
    wanted = ("SN423", "length", f"{has}, and a warm-up of 4 leaves none for `then`")
    assert refused(table, epochs=epochs) == wanted
    assert made("linear_warmup", length=19).kind == "schedule"


def test_p42_a_warm_up_of_more_steps_than_the_training_has() -> None:
    table = {"type": "linear_warmup", "per": "step", "length": 40, "then": {"type": "constant", "value": 0.1}}
    # 70 training rows are 4 batches of 20.
    found = refused(table, epochs=10, batch_size=20)
    assert found == ("SN423", "length", "the training has 40 steps, and a warm-up of 40 leaves none for `then`")
    assert refused({**table, "length": 20}, epochs=20)[0] == "SN423"  # one batch an epoch


def test_p42_a_cycle_needs_two_updates() -> None:
    wanted = "a training of 1 epoch is too short to rise and to fall in"
    assert refused({"type": "one_cycle", "peak": 1}, epochs=1) == ("SN423", "length", wanted)
    warm = {"type": "linear_warmup", "length": 19, "then": {"type": "one_cycle", "peak": 1}}
    assert refused(warm, epochs=20) == ("SN423", "then.length", wanted)


# The kit


@by_name
@pytest.mark.parametrize("per", ["epoch", "step"])
def test_every_built_in_is_a_schedule(name: str, per: str) -> None:
    assert failures(check_schedule(made(name, **({} if name in WITHOUT_PACE else {"per": per})))) == []


def test_every_built_in_has_a_case_and_a_reference() -> None:
    assert sorted(SMALLEST) == Registry([]).names("schedule")
    peers = {type(schedule).model_fields["type"].default for schedule in [*PEERS.values(), *PLATEAUS.values()]}
    assert peers == set(SMALLEST)


# Against PyTorch

PEERS: dict[str, Schedule] = {
    "constant": Constant(value=0.3),
    "step": StepDecay(start=0.3, every=37, gamma=0.7),
    "multi_step": MultiStep(start=1.0, milestones=(3, 250, 251, 999), gamma=0.5),
    "exponential": Exponential(start=0.2, gamma=0.995),
    "inverse_time": InverseTime(start=0.2, decay=0.03),
    "polynomial": Polynomial(start=0.4, length=800, power=2.5),
    "polynomial_line": Polynomial(start=0.4),
    "cosine": Cosine(start=0.1, end=0.003),
    "cosine_to_zero": Cosine(start=0.1),
    "cosine_restarts": CosineRestarts(start=0.1, end=0.001, length=30, growth=2),
    "cosine_restarts_alike": CosineRestarts(start=0.1, length=70),
    "one_cycle": OneCycle(peak=0.5),
    "one_cycle_linear": OneCycle(peak=0.5, rise=0.213, anneal="linear", div_factor=10.0, final_div_factor=50.0),
    "warmup_cosine": LinearWarmup(length=40, then=Cosine(start=0.1, end=0.002)),
}

PLATEAUS: dict[str, ReduceOnPlateau] = {
    "plateau": ReduceOnPlateau(start=0.3, factor=0.7, patience=8),
    "plateau_of_the_greatest": ReduceOnPlateau(
        start=0.3, end=1e-3, factor=0.5, patience=4, mode="max", min_delta=0.05, cooldown=3
    ),
}


@pytest.fixture(scope="module")
def reference() -> dict[str, Array]:
    with np.load(REFERENCE) as stored:
        return dict(stored)


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("per", ["epoch", "step"])
def test_a_thousand_values_are_those_of_pytorch(reference: dict[str, Array], name: str, per: str) -> None:
    schedule = PEERS[name]
    paced = schedule if name == "constant" else schedule.model_copy(update={"per": per})
    if isinstance(paced, LinearWarmup):
        paced = paced.model_copy(update={"then": paced.then.model_copy(update={"per": per})})
    steps_per_epoch = 3 if per == "epoch" else 1
    used = values(paced, STEPS, steps_per_epoch)[:: steps_per_epoch]  # fmt: skip
    assert reference.keys() == PEERS.keys() | PLATEAUS.keys() | {"watched"}
    np.testing.assert_allclose(used, reference[name], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", PLATEAUS)
def test_what_follows_the_training_is_what_pytorch_makes_of_it(reference: dict[str, Array], name: str) -> None:
    schedule, used = PLATEAUS[name], []
    state: tuple[float, ...] = ()
    for epoch, value in enumerate(reference["watched"].tolist()):
        used.append(schedule.at(Moment(2 * epoch + 1, 2 * STEPS, 2, state)))
        state = schedule.react(state, value)
    np.testing.assert_allclose(used, reference[name], rtol=1e-12, atol=0)
    assert len(set(used)) > 8


# Laws


def test_the_patience_of_a_plateau_is_that_of_early_stopping() -> None:
    used = {}
    for patience in (1, 2, 3):
        schedule = ReduceOnPlateau(start=1.0, factor=0.5, patience=patience)
        state: tuple[float, ...] = ()
        for value in (1.0, 0.9, 0.95, 0.96):
            state = schedule.react(state, value)
        used[patience] = schedule.at(Moment(5, 9, 1, state))
    assert used == {1: 0.25, 2: 0.5, 3: 1.0}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_is_no_new_best(value: float) -> None:
    for mode in ("min", "max"):
        schedule = ReduceOnPlateau(start=1.0, patience=1, mode=mode)
        assert schedule.at(Moment(2, 9, 1, schedule.react((), value))) == pytest.approx(0.1)


def test_a_warm_up_hands_on_what_follows_it_watches() -> None:
    plateau = ReduceOnPlateau(start=1.0, patience=1)
    warm = LinearWarmup(length=2, then=plateau)
    state = warm.react((), math.nan)
    assert (warm.watches(), state) == ("validation.loss", plateau.react((), math.nan))
    assert [warm.at(Moment(step, 9, 1, state)) for step in (1, 2, 3)] == pytest.approx([0.05, 0.1, 0.1])


def test_p43_the_rates_of_a_warm_up() -> None:
    schedule = made("linear_warmup", per="step", length=4, then={"type": "constant", "value": 0.1})
    assert values(schedule, 6) == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1], rel=1e-15)


def test_p44_the_rates_of_milestones() -> None:
    schedule = made("multi_step", start=1.0, milestones=[3], gamma=0.5)
    assert values(schedule, 6) == [1, 1, 1, 0.5, 0.5, 0.5]
    assert values(schedule, 6, 2) == [1] * 6 + [0.5] * 6


def test_what_counts_in_epochs_changes_between_them_and_what_counts_in_steps_after_each() -> None:
    assert values(made("exponential", start=1.0), 3, 2) == [1, 1, 0.5, 0.5, 0.25, 0.25]
    assert values(made("exponential", start=1.0, per="step"), 2, 2) == [1, 0.5, 0.25, 0.125]


@pytest.mark.parametrize("name", ["cosine", "polynomial"])
def test_without_a_length_it_is_all_of_the_training_and_with_one_it_stays_at_the_end(name: str) -> None:
    whole, half = made(name, end=0.01), made(name, end=0.01, length=5)
    assert values(whole, 10) == values(made(name, end=0.01, length=10), 10)
    assert values(whole, 10)[-1] > 0.01
    assert values(half, 10)[5:] == [0.01] * 5
    assert values(made(name, per="step"), 5, 2) == values(made(name), 10)


def test_a_polynomial_ends_where_it_is_told() -> None:
    to_zero, to_end = Polynomial(start=1.0, power=1.7), Polynomial(start=0.5, end=0.1, power=1.7)
    wanted = [0.1 + 0.4 * value for value in values(to_zero, 30)]
    assert values(to_end, 30) == pytest.approx(wanted, rel=1e-14)


def test_after_a_warm_up_training_seems_to_begin() -> None:
    then = {"type": "cosine", "start": 0.2, "end": 0.0}
    assert values(made("linear_warmup", length=3, then=then), 10, 2)[6:] == values(Cosine(start=0.2), 7, 2)
    # In steps, in the middle of an epoch: what counts in epochs counts them from there.
    schedule = made(
        "linear_warmup", per="step", length=3, then={"type": "step", "start": 1.0, "every": 1, "gamma": 0.5}
    )
    assert values(schedule, 3, 4)[3:] == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_a_cycle_of_a_few_updates() -> None:
    assert values(OneCycle(peak=1.0, rise=0.1), 4)[0] == 1.0  # no time to rise
    assert values(OneCycle(peak=1.0, rise=0.5), 6) == pytest.approx(
        [0.04, 0.52, 1.0, 0.750001, 0.250003, 4e-6], rel=1e-12
    )
    assert values(OneCycle(peak=1.0, length=4), 9)[3:] == pytest.approx([4e-6] * 6, rel=1e-12)


@given(
    start=st.floats(1e-8, 1e3), gamma=st.floats(1e-3, 1), length=st.integers(1, 300), per_epoch=st.integers(1, 20)
)  # fmt: skip
@settings(derandomize=True, deadline=None, max_examples=50)
def test_what_decays_never_rises(start: float, gamma: float, length: int, per_epoch: int) -> None:
    schedules: list[Callable[[], Schedule]] = [
        lambda: StepDecay(start=start, every=length, gamma=gamma),
        lambda: Exponential(start=start, gamma=gamma),
        lambda: InverseTime(start=start, decay=gamma),
        lambda: Polynomial(start=start, length=length, power=gamma),
        lambda: Cosine(start=start, length=length),
    ]
    for make in schedules:
        used = values(make(), 40, per_epoch)
        assert used[0] == pytest.approx(start, rel=1e-15)
        assert all(later <= earlier for earlier, later in pairwise(used))


# The optimizer at a moment


def test_an_optimizer_without_schedules_is_itself() -> None:
    optimizer = GradientDescent(learning_rate=0.1)
    assert optimizer.schedules == {}
    assert optimizer.at(Moment(3, 10, 1)) is optimizer


def test_an_optimizer_at_a_moment_has_numbers() -> None:
    spec = load_spec({**SPEC, "optimizer": {**SPEC["optimizer"], "learning_rate": {"type": "cosine", "start": 0.1}}})
    now = spec.optimizer.at(Moment(11, 20, 1))
    assert isinstance(now, GradientDescent)
    assert (now.schedules, type(now.learning_rate)) == ({}, float)
    assert now.learning_rate == pytest.approx(0.05, rel=1e-15)
    assert list(spec.optimizer.schedules) == ["learning_rate"]


def test_a_schedule_is_dumped_and_loaded_as_it_was() -> None:
    table = {"type": "linear_warmup", "length": 2, "then": {"type": "multi_step", "start": 1, "milestones": [2, 5]}}
    spec = load_spec({**SPEC, "optimizer": {**SPEC["optimizer"], "learning_rate": table}}, None, BUILTINS)
    dumped = spec.model_dump(mode="json")
    assert dumped["optimizer"]["learning_rate"]["then"]["gamma"] == 0.1
    assert load_spec(dumped, None, BUILTINS) == spec
    assert [component.type for component in spec.components() if component.kind == "schedule"] == [
        "linear_warmup",
        "multi_step",
    ]


def test_a_schedule_can_be_set_from_outside() -> None:
    spec = load_spec(
        {**SPEC, "optimizer": {**SPEC["optimizer"], "learning_rate": {"type": "cosine", "start": 0.1}}},
        {"optimizer.learning_rate.start": "0.3", "optimizer.learning_rate.per": "step"},
        BUILTINS,
    )
    assert spec.optimizer.schedules["learning_rate"] == Cosine(start=0.3, per="step")
    assert load_spec(SPEC, {"optimizer.learning_rate": "1e-3"}, BUILTINS).optimizer.schedules == {}


def test_the_moments_of_a_training() -> None:
    moments = [Moment(step, 6, 2) for step in range(1, 7)]
    assert [moment.passed("epoch") for moment in moments] == [0, 0, 1, 1, 2, 2]
    assert [moment.passed("step") for moment in moments] == [0, 1, 2, 3, 4, 5]
    assert {(moment.total("epoch"), moment.total("step")) for moment in moments} == {(3, 6)}
    assert Moment(5, 6, 2).after(3) == Moment(2, 3, 2)
    assert Moment(2, 6, 2).after(3) == Moment(1, 3, 2)
    assert Moment(2, 3, 2).total("epoch") == 2


def test_a_check_names_its_key() -> None:
    error = ScheduleError("too short", "then.length")
    assert (str(error), error.key) == ("too short", "then.length")
