from __future__ import annotations

from math import erf, exp, pi, sqrt
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.errors import SpecError
from specnet.registry import Registry, Selection, load_registry
from specnet.spec import load_spec
from specnet.streams import Generation, Streams
from specnet.testing import check_initializer, failures

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Initializer, Shape

BUILTINS = load_registry(Selection(allowed=frozenset()))
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 100},
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
    "training": {"epochs": 20},
}
FAN_IN, FAN_OUT = 400, 250
SHAPE = (FAN_OUT, FAN_IN)
CUT = 1 - 4 * exp(-2) / sqrt(2 * pi) / erf(sqrt(2))
"""The variance of a standard normal within two deviations: 1 - 2 * 2 phi(2) / (Phi(2) - Phi(-2))."""
DRAWN: dict[str, tuple[dict[str, Any], float, float, float]] = {
    "uniform": ({"low": -0.3, "high": 0.9}, 0.3, 1.2**2 / 12, 0.6),
    "normal": ({"mean": -2, "std": 0.5}, -2.0, 0.25, np.inf),
    "truncated_normal": ({"mean": 3, "std": 0.5}, 3.0, 0.25 * CUT, 1.0),
    "he_normal": ({}, 0.0, 2 / FAN_IN, np.inf),
    "he_uniform": ({}, 0.0, 2 / FAN_IN, sqrt(6 / FAN_IN)),
    "glorot_normal": ({}, 0.0, 2 / (FAN_IN + FAN_OUT), np.inf),
    "glorot_uniform": ({}, 0.0, 2 / (FAN_IN + FAN_OUT), sqrt(6 / (FAN_IN + FAN_OUT))),
    "lecun_normal": ({}, 0.0, 1 / FAN_IN, np.inf),
    "lecun_uniform": ({}, 0.0, 1 / FAN_IN, sqrt(3 / FAN_IN)),
}
"""Options, mean, variance and how far from the mean a value may be."""
FIXED = {"zeros": {}, "ones": {}, "constant": {"value": 2}, "orthogonal": {}, "identity": {}}
GENERATIONS = get_args(Generation)
by_generation = pytest.mark.parametrize("generation", GENERATIONS)
matrices = st.tuples(st.integers(1, 9), st.integers(1, 9))


def made(name: str, **options: Any) -> Initializer:
    """The initializer that a spec says by its table."""
    layer = {"type": "dense", "units": 3, "weight_initializer": {"type": name, **options}}
    found: Any = load_spec({**SPEC, "layers": [layer]}, None, BUILTINS).layers[0]
    initializer: Initializer = found.weight_initializer
    return initializer


def drawn(initializer: Initializer, shape: Shape, generation: Generation = "pcg64", seed: int = 5) -> Array:
    return initializer.draw(shape, shape[-1], shape[0], Streams(seed, generation).of("parameters"))


# Refusals


@pytest.mark.parametrize(
    ("name", "options", "code", "place", "message"),
    [
        ("constant", {}, "SN103", "value", "missing key 'value'"),
        ("normal", {}, "SN103", "std", "missing key 'std'"),
        ("normal", {"std": 0}, "SN105", "std", "'std' must be greater than 0.0, not 0"),
        ("truncated_normal", {"std": -1}, "SN105", "std", "'std' must be greater than 0.0, not -1"),
        ("uniform", {"low": 1, "high": 1}, "SN108", "", "low = 1 must be less than high = 1"),
        ("uniform", {"low": -1e308, "high": 1e308}, "SN105", "low", "'low' must be at least -1e+30, not -1e+308"),
        ("constant", {"value": 1e39}, "SN105", "value", "'value' must be at most 1e+30, not 1e+39"),
        ("constant", {"value": "1"}, "SN104", "value", "'value' must be a number, not '1'"),
        ("orthogonal", {"gain": 0}, "SN105", "gain", "'gain' must be greater than 0.0, not 0"),
    ],
)
def test_numbers_that_cannot_be(name: str, options: dict[str, Any], code: str, place: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        made(name, **options)
    finding = caught.value.findings[0]
    found = finding.code, finding.dotted.removeprefix("layers.0.weight_initializer").lstrip("."), finding.message
    assert found == (code, place, message)


@pytest.mark.parametrize(
    ("other", "own"),
    [
        ("xavier_uniform", "glorot_uniform"),
        ("xavier_normal", "glorot_normal"),
        ("kaiming_uniform", "he_uniform"),
        ("kaiming_normal", "he_normal"),
        ("trunc_normal", "truncated_normal"),
        ("random_normal", "normal"),
        ("random_uniform", "uniform"),
        ("eye", "identity"),
    ],
)
def test_what_others_call_it_is_a_hint(other: str, own: str) -> None:
    with pytest.raises(SpecError, match=f"here it is called '{own}'"):
        made(other)


# The kit


@pytest.mark.parametrize("name", [*DRAWN, *FIXED])
def test_every_built_in_is_an_initializer(name: str) -> None:
    options = DRAWN[name][0] if name in DRAWN else FIXED[name]
    assert failures(check_initializer(made(name, **options))) == []


def test_every_built_in_has_a_case() -> None:
    assert sorted([*DRAWN, *FIXED]) == Registry([]).names("initializer")


# Laws


@by_generation
@pytest.mark.parametrize("name", DRAWN)
def test_the_mean_the_variance_and_the_bounds_are_those_that_are_promised(name: str, generation: Generation) -> None:
    options, mean, variance, reach = DRAWN[name]
    values = drawn(made(name, **options), SHAPE, generation)
    # Five deviations of both estimates, of which the kurtosis, at most 3, says that the second's is sqrt(2 / n).
    assert abs(values.mean() - mean) < 5 * sqrt(variance / values.size)
    assert abs(values.var() / variance - 1) < 5 * sqrt(2 / values.size)
    assert np.abs(values - mean).max() <= reach
    if reach < np.inf:
        assert np.abs(values - mean).max() > 0.999 * reach


def test_the_fans_are_those_of_the_unit_whatever_the_shape() -> None:
    stream = Streams(5).of("parameters")
    for name, limit in {"he": sqrt(6 / 9), "lecun": sqrt(3 / 9), "glorot": sqrt(6 / (9 + 7))}.items():
        values = made(f"{name}_uniform").draw((5000,), 9, 7, stream)
        assert 0.99 * limit < np.abs(values).max() <= limit


def test_a_dense_layer_has_the_fans_of_pytorch() -> None:
    """torch.nn.init counts (5, 3) for the weights (3, 5) of a linear layer; here the biases go by them too."""
    layer = load_spec({**SPEC, "layers": [{"type": "dense", "units": 3}]}, None, BUILTINS).layers[0]
    assert [(it.shape, it.fan_in, it.fan_out) for it in layer.plan(((5,),)).params] == [((3, 5), 5, 3), ((3,), 5, 3)]


@by_generation
def test_he_normal_draws_what_it_always_has(generation: Generation) -> None:
    wanted = Streams(5, generation).of("parameters").standard_normal(SHAPE) * sqrt(2 / FAN_IN)
    assert drawn(made("he_normal"), SHAPE, generation).tobytes() == wanted.tobytes()


@by_generation
def test_a_truncated_normal_is_the_normal_where_that_is_not_cut(generation: Generation) -> None:
    """Its distribution function is (Phi(z) - Phi(-2)) / (Phi(2) - Phi(-2)), to what 100,000 draws say of it."""
    z = np.sort(drawn(made("truncated_normal", std=1), SHAPE, generation).ravel())
    inside = np.array([(1 + erf(x / sqrt(2))) / 2 for x in z[::97]])
    below = (1 - erf(sqrt(2))) / 2
    wanted = (inside - below) / erf(sqrt(2))
    # The Kolmogorov-Smirnov distance is beyond 2.2 / sqrt(n) once in 8,000 times.
    assert np.abs(wanted - np.arange(z.size)[::97] / z.size).max() < 2.2 / sqrt(z.size)
    kept = Streams(5, generation).of("parameters").standard_normal(SHAPE)
    near = np.abs(kept) <= 2
    assert np.array_equal(drawn(made("truncated_normal", std=1), SHAPE, generation)[near], kept[near])


@given(shape=matrices, gain=st.floats(0.1, 10), seed=st.integers(0, 999), generation=st.sampled_from(GENERATIONS))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_an_orthogonal_matrix_is(shape: Shape, gain: float, seed: int, generation: Generation) -> None:
    values = drawn(made("orthogonal", gain=gain), shape, generation, seed)
    Q = values if shape[0] <= shape[1] else values.T
    np.testing.assert_allclose(Q @ Q.T, gain**2 * np.eye(len(Q)), rtol=1e-13, atol=1e-13 * gain**2)


def test_the_filters_of_a_kernel_are_columns_and_a_vector_is_one_row() -> None:
    Q = drawn(made("orthogonal"), (3, 2, 1, 2)).reshape(6, 2)
    np.testing.assert_allclose(Q.T @ Q, np.eye(2), atol=1e-14)
    Q = drawn(made("orthogonal"), (3, 1, 7)).reshape(3, 7)
    np.testing.assert_allclose(Q @ Q.T, np.eye(3), atol=1e-14)
    assert np.linalg.norm(drawn(made("orthogonal", gain=3), (7,))) == pytest.approx(3)


def test_every_orthogonal_matrix_is_as_likely() -> None:
    """Without the signs of R the trace would not have mean 0 and variance 1 (Diaconis and Shahshahani 1994)."""
    rng = Streams(5).of("parameters")
    traces = [np.trace(made("orthogonal").draw((4, 4), 4, 4, rng)) for _ in range(400)]
    assert abs(np.mean(traces)) < 5 / sqrt(400)
    assert abs(np.var(traces) - 1) < 5 * sqrt(2 / 400)


@given(shape=matrices)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_an_identity_passes_on_what_it_is_given(shape: Shape) -> None:
    W = drawn(made("identity", gain=-2), shape)
    x = np.arange(1.0, W.shape[1] + 1)
    wanted = np.zeros(len(W))
    wanted[: len(x)] = -2 * x[: len(W)]
    assert np.array_equal(W @ x, wanted)


def test_an_identity_of_more_axes_is_in_their_middle_as_that_of_dirac_in_pytorch() -> None:
    W = drawn(made("identity"), (3, 4, 2, 3))
    assert W[1, 2].tolist() == [[1, 0, 0], [0, 1, 0]]
    assert np.abs(W).sum() == 2


def test_the_vector_of_an_identity_adds_nothing() -> None:
    assert drawn(made("identity"), (4,)).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "options", "value"), [("zeros", {}, 0), ("ones", {}, 1), ("constant", {"value": 1}, 1)]
)
def test_p36_a_constant_is_float64_also_where_a_whole_number_is_written(
    name: str, options: dict[str, Any], value: int
) -> None:
    values = drawn(made(name, **options), (2, 3))
    assert (values.dtype, values.tolist()) == (np.dtype("float64"), [[value] * 3] * 2)
