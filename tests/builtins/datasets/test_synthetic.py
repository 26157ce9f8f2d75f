"""Drawn datasets: what they refuse, what they are without noise, and what noise does to them."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from specnet import load_spec
from specnet.component import Data, Dataset, LoadContext
from specnet.registry import Registry
from specnet.streams import Streams
from specnet.testing import check_dataset, failures

if TYPE_CHECKING:
    from specnet.streams import Generation

PLANE = ["xor", "spirals", "moons", "circles"]
NOISY = [*PLANE, "sine", "polynomial", "friedman1", "friedman2", "friedman3", "linear"]
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "again",
    "layers": [{"type": "dense", "units": 4}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 2},
}
CUBIC = {"coefficients": [0.5, -1.0, 0.0, 2.0]}


def dataset(name: str, **fields: Any) -> Dataset:
    required = CUBIC if name == "polynomial" else {}
    found = Registry([]).find("dataset", name).model_validate({"type": name, **required, **fields})
    assert isinstance(found, Dataset)
    return found


def load(name: str, seed: int = 1, generation: Generation = "pcg64", **fields: Any) -> Data:
    return dataset(name, **fields).load(LoadContext(Path(), Streams(seed, generation).of("data")))


def columns(data: Data) -> tuple[Any, ...]:
    return (*data.inputs.values.T, data.targets.values[:, 0])


# What is refused


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        *((name, {"samples": 0}, "greater than 0") for name in [*NOISY, "blobs"]),
        *((name, {"noise": -0.1}, "greater than or equal to 0") for name in NOISY),
        *((name, {"noise": 2e6}, "less than or equal to 1000000") for name in NOISY),
        *(("copy_sequence", {field: 0}, "greater than 0") for field in ("samples", "length", "symbols")),
        ("copy_sequence", {"delay": -1}, "greater than or equal to 0"),
        ("parity", {"bits": 0}, "greater than or equal to 1"),
        ("parity", {"bits": 21}, "less than or equal to 20"),
        ("spirals", {"arms": 1}, "greater than or equal to 2"),
        ("spirals", {"turns": 0.0}, "greater than 0"),
        ("circles", {"factor": 0.0}, "greater than 0"),
        ("circles", {"factor": 1.0}, "less than 1"),
        ("blobs", {"centers": 1}, "greater than or equal to 2"),
        ("blobs", {"features": 0}, "greater than or equal to 1"),
        ("blobs", {"spread": -1.0}, "greater than or equal to 0"),
        ("friedman1", {"features": 4}, "greater than or equal to 5"),
        ("sine", {"frequency": 0.0}, "greater than 0"),
        ("sine", {"low": 1.0, "high": 1.0}, "low = 1.0 must be less than high = 1.0"),
        ("sine", {"high": 2e6}, "less than or equal to 1000000"),
        ("polynomial", {"coefficients": []}, "at least 1 item"),
        (
            "polynomial",
            {"coefficients": [0.0, 1e308], "high": 10.0},
            "the polynomial is beyond the range of float64 with -1.0 <= x < 10.0",
        ),
        ("linear", {"features": 0}, "greater than or equal to 1"),
        ("linear", {"coefficients": [1.0, 2.0]}, "coefficients has 2 numbers for features = 3"),
        ("linear", {"features": 1, "coefficients": [2e6]}, "less than or equal to 1000000"),
    ],
)
def test_what_is_out_of_range_is_refused(name: str, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        dataset(name, **fields)
    assert says in str(caught.value)


# Without noise, every row is exact


def test_xor_without_noise_is_its_four_corners() -> None:
    x, y, label = columns(load("xor", samples=8, noise=0.0))
    assert sorted(zip(x, y, label, strict=True)) == sorted([(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)] * 2)


def test_parity_is_the_whole_table_in_random_order() -> None:
    data = load("parity", bits=5)
    rows = [tuple(row) for row in data.inputs.values]
    assert sorted(rows) == sorted(product((0.0, 1.0), repeat=5))
    assert rows != sorted(rows)
    assert data.targets.values[:, 0].tolist() == [math.fsum(row) % 2 for row in rows]


@pytest.mark.parametrize(("arms", "turns"), [(2, 1.0), (3, 0.25), (5, 2.5)])
def test_spirals_without_noise_turn_as_far_as_their_radius_says(arms: int, turns: float) -> None:
    data = load("spirals", samples=500, arms=arms, turns=turns, noise=0.0)
    z = data.inputs.values @ [1, 1j]
    which = data.targets.values[:, 0] if arms == 2 else data.targets.values.argmax(axis=1)
    # Turning each point back by its own angle lays it on the positive axis, at its radius.
    back = z * np.exp(-2j * np.pi * (turns * abs(z) + which / arms))
    np.testing.assert_allclose(back, abs(z), atol=1e-12)
    assert abs(z).max() < 1


def test_moons_without_noise_are_two_half_circles() -> None:
    x, y, label = columns(load("moons", samples=400, noise=0.0))
    outer, inner = label == 0, label == 1
    np.testing.assert_allclose(np.hypot(x[outer], y[outer]), 1, rtol=1e-12)
    assert (y[outer] >= 0).all()
    np.testing.assert_allclose(np.hypot(x[inner] - 1, y[inner] - 0.5), 1, rtol=1e-12)
    assert (y[inner] <= 0.5).all()


def test_circles_without_noise_have_their_radii() -> None:
    x, y, label = columns(load("circles", samples=400, factor=0.25, noise=0.0))
    np.testing.assert_allclose(np.hypot(x, y), np.where(label == 0, 1, 0.25), rtol=1e-12)
    assert {(a > 0, b > 0) for a, b in zip(x, y, strict=True)} == set(product((False, True), repeat=2))


def test_blobs_without_spread_are_their_centers_and_more_rows_leave_them() -> None:
    few, many = (load("blobs", samples=n, centers=4, features=3, spread=0.0) for n in (4, 40))
    assert len(np.unique(many.inputs.values, axis=0)) == 4
    assert (few.targets.values == np.eye(4)).all()
    np.testing.assert_array_equal(many.inputs.values, few.inputs.values[many.targets.values.argmax(axis=1)])
    assert abs(few.inputs.values).max() <= 10


def friedman1(a: float, b: float, c: float, d: float, e: float, *_: float) -> float:
    return 10 * math.sin(math.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e


def friedman2(a: float, b: float, c: float, d: float) -> float:
    return math.sqrt(a**2 + (b * c - 1 / (b * d)) ** 2)


def friedman3(a: float, b: float, c: float, d: float) -> float:
    return math.atan((b * c - 1 / (b * d)) / a)


@pytest.mark.parametrize(
    ("name", "fields", "formula"),
    [
        ("friedman1", {}, friedman1),
        ("friedman1", {"features": 5}, friedman1),
        ("friedman2", {}, friedman2),
        ("friedman3", {}, friedman3),
        ("sine", {"frequency": 3.0}, lambda x: math.sin(3 * x)),
        ("polynomial", {}, lambda x: 0.5 - x + 2 * x**3),
        ("linear", {"coefficients": [2.0, 0.0, -3.0], "intercept": 7.0}, lambda a, _, c: 2 * a - 3 * c + 7),
    ],
)
def test_a_function_without_noise_is_its_formula(name: str, fields: dict[str, Any], formula: Any) -> None:
    data = load(name, samples=200, noise=0.0, **fields)
    expected = [formula(*map(float, row)) for row in data.inputs.values]
    # The formulas round a dozen times, and differences in them cancel at most a few digits.
    np.testing.assert_allclose(data.targets.values[:, 0], expected, rtol=1e-10, atol=1e-12)


def test_the_coefficients_that_linear_draws_are_those_of_the_seed_and_not_of_the_rows() -> None:
    fits = []
    for samples in (50, 200):
        data = load("linear", samples=samples, noise=0.0, features=4)
        fits.append(np.linalg.lstsq(data.inputs.values, data.targets.values[:, 0], rcond=None)[0])
    np.testing.assert_allclose(fits[0], fits[1], rtol=1e-10)
    assert len(np.unique(fits[0])) == 4


def test_the_inputs_of_the_circuit_fill_their_ranges() -> None:
    x = load("friedman2", samples=2000).inputs.values
    low, high = np.array([0, 40 * np.pi, 0, 1]), np.array([100, 560 * np.pi, 1, 11])
    unit = (x - low) / (high - low)
    # That none of 2000 uniform numbers lies in the first or last 2 % has a chance of 0.98^2000 < 1e-17.
    assert (unit.min(axis=0) >= 0).all()
    assert (unit.min(axis=0) < 0.02).all()
    assert (unit.max(axis=0) <= 1).all()
    assert (unit.max(axis=0) > 0.98).all()


# What noise does


@pytest.mark.parametrize("name", NOISY)
def test_noise_is_normal_and_moves_nothing_else(name: str) -> None:
    exact, noisy = load(name, samples=4000, noise=0.0), load(name, samples=4000, noise=0.3)
    inputs, targets = (noisy.inputs.values - exact.inputs.values, noisy.targets.values - exact.targets.values)
    moved, still = (inputs, targets) if name in PLANE else (targets, inputs)
    assert not still.any()
    # Of n >= 4000 draws the mean has a deviation of s / sqrt(n), and s itself one of s / sqrt(2 n): 5 of each.
    assert abs(moved.mean()) < 5 * 0.3 / math.sqrt(moved.size)
    assert abs(moved.std() - 0.3) < 5 * 0.3 / math.sqrt(2 * moved.size)


def test_a_blob_is_as_wide_as_its_spread() -> None:
    exact, wide = (load("blobs", samples=4000, spread=spread).inputs.values for spread in (0.0, 2.0))
    assert abs((wide - exact).std() - 2) < 5 * 2 / math.sqrt(2 * wide.size)


# What holds for all


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from([*PLANE, "blobs"]), st.integers(1, 60), st.integers(2, 6), st.integers(0, 99))
def test_classes_are_balanced_in_every_stretch(name: str, samples: int, classes: int, start: int) -> None:
    fields: dict[str, Any] = {"spirals": {"arms": classes}, "blobs": {"centers": classes}}.get(name, {})
    targets = load(name, samples=samples, **fields).targets
    many = classes if fields else 2
    assert targets.names == (("class",) if many == 2 else tuple(f"class_{k}" for k in range(many)))
    ones = targets.values if many > 2 else np.hstack([1 - targets.values, targets.values])
    assert set(np.unique(ones)) <= {0.0, 1.0}
    assert (ones.sum(axis=1) == 1).all()
    counts = ones[start % samples :].sum(axis=0)
    assert counts.max() - counts.min() <= 1


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from([*NOISY, "blobs"]), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_rows_are_a_function_of_the_seed_and_the_fields(name: str, samples: int, seed: int) -> None:
    plan = dataset(name, samples=samples).plan()
    generations: tuple[Generation, ...] = ("pcg64", "mt19937")
    for generation in generations:
        first, again, other = (load(name, s, generation, samples=samples) for s in (seed, seed, (seed + 1) % 2**32))
        assert first.inputs.values.shape == (samples, len(plan.inputs)) == (plan.rows, len(first.inputs.names))
        np.testing.assert_array_equal(first.inputs.values, again.inputs.values)
        np.testing.assert_array_equal(first.targets.values, again.targets.values)
        assert (first.inputs.values != other.inputs.values).any()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("spirals", {"arms": 4, "samples": 1}),
        ("blobs", {"centers": 2}),
        ("parity", {"bits": 1}),
        ("linear", {"features": 1, "coefficients": [2.0]}),
        ("polynomial", {"coefficients": [3.0]}),
    ],
)
def test_what_the_defaults_leave_out_passes_the_kit(name: str, fields: dict[str, Any]) -> None:
    assert failures(check_dataset(dataset(name, **fields))) == []


def test_what_is_copied_is_what_was_shown() -> None:
    data = load("copy_sequence", samples=500, length=3, delay=2, symbols=4)
    assert data.inputs.names == tuple(f"x_{t}" for t in range(8))
    assert data.targets.names == tuple(f"y_{t}" for t in range(8))
    x, y = data.inputs.values, data.targets.values
    np.testing.assert_array_equal(y[:, 5:], x[:, :3])
    assert not x[:, 3:].any()
    assert not y[:, :5].any()
    for column in x[:, :3].T:
        symbols, counts = np.unique(column, return_counts=True)
        assert symbols.tolist() == [1, 2, 3, 4]
        assert counts.min() > 90, "of 500 each is a quarter, with a deviation of 10"


def test_without_a_delay_the_answer_follows_at_once() -> None:
    data = load("copy_sequence", samples=3, length=1, delay=0, symbols=1)
    assert data.inputs.values.tolist() == [[1, 0]] * 3
    assert data.targets.values.tolist() == [[0, 1]] * 3


def test_a_reconstruction_asks_for_the_inputs_of_another() -> None:
    of = {"type": "friedman2", "samples": 30}
    spec = load_spec({**SPEC, "dataset": {"type": "reconstruction", "source": of}}, registry=Registry([]))
    data = spec.dataset.load(LoadContext(Path(), Streams(1).of("data")))
    other = load("friedman2", samples=30)
    assert data.targets.names == tuple(f"{name}_again" for name in other.inputs.names)
    np.testing.assert_array_equal(data.inputs.values, other.inputs.values)
    np.testing.assert_array_equal(data.targets.values, other.inputs.values)
    assert spec.dataset.plan() == (data.inputs.names, data.targets.names, 30)


def test_what_a_reconstruction_is_of_is_described_twice(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n,4\n5,9\n")
    columns = [{"type": "number", "name": "a", "missing": "mean"}, {"type": "number", "name": "b", "role": "target"}]
    of = {"type": "csv", "path": "rows.csv", "columns": columns}
    layers = [{"type": "dense", "units": 1}]
    spec = load_spec(
        {**SPEC, "layers": layers, "dataset": {"type": "reconstruction", "source": of}}, registry=Registry([])
    )
    assert [(column.name, column.role) for column in spec.dataset.described()] == [("a", "input"), ("a", "target")]
    data = spec.dataset.load(LoadContext(tmp_path, Streams(1).of("data")))
    np.testing.assert_array_equal(data.targets.values, [[1], [np.nan], [5]])
    assert data.files == (tmp_path / "rows.csv",)
