from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError

from specnet.builtins.classification_losses import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Focal,
    Hinge,
    KullbackLeiblerDivergence,
)
from specnet.builtins.layers.softmax import LogSoftmax, Softmax
from specnet.builtins.losses import MeanAbsoluteError
from specnet.builtins.regression_losses import CosineSimilarity, Huber, LogCosh, Poisson, Quantile
from specnet.builtins.sparse_losses import SparseCategoricalCrossEntropy
from specnet.component import Loss, ShapeError
from specnet.errors import SpecError
from specnet.registry import Registry
from specnet.testing import check_loss, failures
from specnet.testing.numbers import context

if TYPE_CHECKING:
    from specnet.arrays import Array

TORCH = json.loads((Path(__file__).parents[1] / "reference" / "losses.json").read_text())
ROWS, WEIGHTED = TORCH["rows"], TORCH["weighted"]
CLASSES = [CategoricalCrossEntropy(from_logits=True), KullbackLeiblerDivergence(from_logits=True)]
BINARY = BinaryCrossEntropy(from_logits=True)
BINARY_LIKE: list[Loss] = [BINARY, Focal()]


@pytest.fixture(autouse=True)
def without_overflow() -> Any:
    """An overflow, a division by 0 or a NaN is an error, and no warning that somebody may have turned off."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


def loss_of(row: dict[str, Any]) -> Loss:
    return Registry([]).find("loss", row["type"]).model_validate({"type": row["type"], **row["fields"]})  # type: ignore[return-value]


def of(loss: Any, prediction: Any, target: Any) -> tuple[float, Any]:
    p, t = np.array(prediction, np.float64), np.array(target, np.float64)
    return loss.value(context(), p, t), loss.gradient(context(), p, t).tolist()


# What is refused


@pytest.mark.parametrize(
    ("cls", "fields", "says"),
    [
        (BinaryCrossEntropy, {}, "from_logits\n  Field required"),
        (CategoricalCrossEntropy, {}, "from_logits\n  Field required"),
        (KullbackLeiblerDivergence, {}, "from_logits\n  Field required"),
        (Poisson, {}, "log_input\n  Field required"),
        (Quantile, {}, "q\n  Field required"),
        (Quantile, {"q": 0.0}, "greater than 0"),
        (Quantile, {"q": 1.0}, "less than 1"),
        (Huber, {"delta": 0.0}, "greater than 0"),
        (Focal, {"gamma": -1.0}, "greater than or equal to 0"),
        (Focal, {"alpha": 1.0}, "less than 1"),
        (BinaryCrossEntropy, {"from_logits": 1}, "valid boolean"),
        (BinaryCrossEntropy, {"from_logits": True, "label_smoothing": 1.0}, "less than 1"),
        (CategoricalCrossEntropy, {"from_logits": True, "label_smoothing": -0.1}, "greater than or equal to 0"),
        (CategoricalCrossEntropy, {"from_logits": True, "class_weights": [1.0]}, "at least 2 items"),
        (CategoricalCrossEntropy, {"from_logits": True, "class_weights": [1.0, -1.0]}, "greater than or equal to 0"),
        (CategoricalCrossEntropy, {"from_logits": True, "class_weights": [0.0, 0.0]}, "one of the weights must be"),
        (BinaryCrossEntropy, {"from_logits": True, "class_weights": [1.0, 1.0, 1.0]}, "at most 2 items"),
        (SparseCategoricalCrossEntropy, {"from_logits": True, "classes": 1}, "greater than or equal to 2"),
        (
            SparseCategoricalCrossEntropy,
            {"from_logits": True, "classes": 3, "class_weights": [1.0, 1.0]},
            "there are 2 class_weights for 3 classes",
        ),
    ],
)
def test_a_field_out_of_its_range_is_refused(cls: type[Loss], fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        cls.model_validate({"type": cls.model_fields["type"].default, **fields})


@pytest.mark.parametrize("loss", CLASSES, ids=str)
def test_one_class_is_none(loss: Loss) -> None:
    with pytest.raises(ShapeError, match=r"^needs an output for each class: of one class there is nothing to learn$"):
        loss.check(1)
    loss.check(2)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("l1", "mae"),
        ("bce", "binary_cross_entropy"),
        ("cross_entropy", "categorical_cross_entropy"),
        ("pinball", "quantile"),
        ("kl", "kl_divergence"),
    ],
)
def test_what_others_call_it_is_a_hint(name: str, known: str) -> None:
    with pytest.raises(SpecError) as caught:
        Registry([]).find("loss", name)
    assert caught.value.findings[0].help == f"here it is called {known!r}"


@pytest.mark.parametrize(
    ("loss", "target", "wrong"),
    [
        (BINARY, [[0, 1], [1, 2]], (1, "2 is not from 0 to 1")),
        (Focal(), [[-1.0]], (0, "-1 is not from 0 to 1")),
        (BINARY, [[0.0, 1.0], [0.3, 1.0]], None),
        (CLASSES[0], [[0, 1], [1, 1], [2, 3]], (2, "2 is not from 0 to 1")),
        (CLASSES[0], [[0, 1], [1, 1], [0, 0]], (1, "the sum 2 of its targets is not 1")),
        (CLASSES[1], [[0.25, 0.5], [0, 1]], (0, "the sum 0.75 of its targets is not 1")),
        (CLASSES[0], [[0.1, 0.9000001], [0, 1]], None),
        (Poisson(log_input=True), [[0, 3], [2, -1]], (1, "-1 is not 0 or more")),
        (Poisson(log_input=False), [[0, 3e9]], None),
        (Hinge(), [[-1, 7]], None),
    ],
    ids=str,
)
def test_p26_targets_that_a_loss_does_not_take(loss: Loss, target: Any, wrong: object) -> None:
    assert loss.wrong_target(np.array(target, np.float64), np) == wrong


# The numbers of others


def test_every_loss_has_a_reference() -> None:
    assert sorted({row["type"] for row in ROWS}) == Registry([]).names("loss")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['type']} {row['fields']}")
def test_value_and_gradient_are_those_of_pytorch(row: dict[str, Any]) -> None:
    value, gradient = of(loss_of(row), row["prediction"], row["target"])
    assert value == pytest.approx(row["value"], rel=1e-12)
    np.testing.assert_allclose(gradient, row["gradient"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("row", WEIGHTED, ids=lambda row: f"{row['type']} {row['fields']}")
def test_weights_of_rows_weigh_as_in_pytorch(row: dict[str, Any]) -> None:
    loss = loss_of(row)
    p, t, w = (np.array(row[key]) for key in ("prediction", "target", "weights"))
    assert loss.weighted_value(context(), p, t, w) == pytest.approx(row["value"], rel=1e-12)
    np.testing.assert_allclose(loss.weighted_gradient(context(), p, t, w), row["gradient"], rtol=1e-12, atol=1e-15)
    assert loss.weighted_value(context(), p, t, 7 * w) == pytest.approx(row["value"], rel=1e-12), "as parts of the sum"
    nothing = np.zeros(len(p))
    assert loss.weighted_value(context(), p, t, nothing) == 0
    assert not loss.weighted_gradient(context(), p, t, nothing).any()
    assert loss.weighted_value(context(), p, t, None) == loss.value(context(), p, t)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['type']} {row['fields']}")
def test_it_keeps_the_contract(row: dict[str, Any]) -> None:
    assert failures(check_loss(loss_of(row))) == []


def test_a_class_by_its_number_costs_what_it_costs_in_a_column_of_its_own() -> None:
    z, numbers = np.random.Generator(np.random.PCG64(1)).normal(size=(6, 3)), np.array([0, 2, 1, 1, 0, 2])
    for more in ({}, {"label_smoothing": 0.3, "class_weights": (0.5, 2.0, 1.0)}):
        sparse = SparseCategoricalCrossEntropy(classes=3, from_logits=True, **more)  # type: ignore[arg-type]
        value, gradient = of(sparse, z, numbers[:, None])
        wanted, slopes = of(CategoricalCrossEntropy(from_logits=True, **more), z, np.eye(3)[numbers])  # type: ignore[arg-type]
        assert value == pytest.approx(wanted, rel=1e-14)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-14)


@pytest.mark.parametrize(
    ("targets", "says"),
    [
        ([[0.0, 1], [2, 3]], (1, "3 is not a whole number from 0 to 2")),
        ([[0.0, 1], [0.5, 2]], (1, "0.5 is not a whole number from 0 to 2")),
        ([[-1.0, 1], [0, 2]], (0, "-1 is not a whole number from 0 to 2")),
        ([[0.0, 1], [2, 2]], None),
    ],
)
def test_what_is_no_number_of_a_class_is_told(targets: Any, says: Any) -> None:
    loss = SparseCategoricalCrossEntropy(classes=3, from_logits=True)
    assert (loss.outputs(2), loss.target_bounds()) == (6, (0.0, 2.0))
    assert loss.wrong_target(np.array(targets), np) == says


def test_class_weights_are_as_many_as_classes() -> None:
    with pytest.raises(ShapeError, match=r"^has 2 class_weights, and there are 3 classes$"):
        CategoricalCrossEntropy(from_logits=True, class_weights=(1.0, 2.0)).check(3)


# Far out


def test_p25_one_sigmoid_and_two_softmax_units_agree_at_the_extremes() -> None:
    assert of(BINARY, [[-1000.0]], [[1.0]]) == (1000.0, [[-1.0]])
    assert of(CLASSES[0], [[0.0, -1000.0]], [[0.0, 1.0]]) == (1000.0, [[1.0, -1.0]])


def test_p27_a_confident_mistake_costs_what_it_costs() -> None:
    value, gradient = of(CLASSES[0], [[250, 50, 50], [-80, 120, 420]], [[1, 0, 0], [0, 1, 0]])
    assert value == pytest.approx(150.0, rel=1e-15)
    np.testing.assert_allclose(gradient, np.array([[0, 0, 0], [0, -0.5, 0.5]]), atol=1e-80)


@pytest.mark.parametrize("loss", CLASSES, ids=str)
def test_p27_a_log_softmax_before_it_changes_nothing(loss: Loss) -> None:
    z = np.array([[250.0, 50, 50], [-80, 120, 420]])
    y, _ = LogSoftmax().forward(context(), {}, z)
    target = np.array([[1.0, 0, 0], [0, 1, 0]])
    assert loss.value(context(), y, target) == loss.value(context(), z, target)


def test_a_mistake_in_probabilities_costs_at_most_708() -> None:
    p, _ = Softmax().forward(context(), {}, np.array([[1000.0, 0.0]]))
    assert p.tolist() == [[1.0, 0.0]]
    for loss in (CategoricalCrossEntropy(from_logits=False), KullbackLeiblerDivergence(from_logits=False)):
        value, gradient = of(loss, p, [[0.0, 1.0]])
        assert value == pytest.approx(708.396, abs=1e-3)
        assert np.isfinite(gradient).all()
    assert of(BinaryCrossEntropy(from_logits=False), [[0.0]], [[1.0]])[0] == pytest.approx(708.396, abs=1e-3)


@pytest.mark.parametrize("far", [1e308, -1e308])
def test_logits_as_large_as_numbers_get(far: float) -> None:
    for loss in BINARY_LIKE:
        for t in (0.0, 1.0):
            value, gradient = of(loss, [[far]], [[t]])
            assert np.isfinite([value, *gradient[0]]).all()
    for loss in CLASSES:
        for target in ([1.0, 0.0], [0.0, 1.0]):
            value, gradient = of(loss, [[far, -far]], [target])
            assert np.isfinite([value, *gradient[0]]).all()
            right = target[0 if far > 0 else 1] == 1
            assert value == (0.0 if right else np.finfo(float).max)
    assert of(Hinge(), [[far]], [[1.0]])[0] == max(0.0, -far)
    assert of(CosineSimilarity(), [[far, far]], [[far, -far]])[0] == pytest.approx(1.0)
    assert of(Huber(), [[far]], [[0.0]])[0] == 1e308
    assert of(LogCosh(), [[far]], [[0.0]])[0] == 1e308


def test_log_cosh_keeps_the_digits_of_small_errors() -> None:
    assert of(LogCosh(), [[1e-9]], [[0.0]])[0] == pytest.approx(5e-19, rel=1e-12)


def test_kinks_have_the_slope_zero() -> None:
    assert of(Quantile(q=0.2), [[1.0]], [[1.0]]) == (0.0, [[0.0]])
    assert of(MeanAbsoluteError(), [[1.0]], [[1.0]]) == (0.0, [[0.0]])


def test_a_row_of_zeros_has_no_direction() -> None:
    value, gradient = of(CosineSimilarity(), [[0.0, 0.0]], [[3.0, 4.0]])
    assert (value, gradient) == (1.0, [[-0.6, -0.8]])
    assert of(CosineSimilarity(), [[3.0, 4.0]], [[0.0, 0.0]]) == (1.0, [[0.0, 0.0]])


def test_poisson_takes_no_rate_below_its_least() -> None:
    value, gradient = of(Poisson(log_input=False), [[-5.0, 0.0]], [[0.0, 2.0]])
    assert value == pytest.approx((-5.0 + 2 * 30 * np.log(10)) / 2)
    assert gradient == [[0.5, pytest.approx(-1e30)]]
    assert of(Poisson(log_input=True), [[1e6]], [[1.0]])[1][0][0] > 1e299


def test_hinge_takes_classes_as_0_and_1_or_as_signs() -> None:
    p = [[0.5, -0.2, 3.0]]
    assert of(Hinge(), p, [[1, 0, 0]]) == of(Hinge(), p, [[1, -1, -1]])


def test_focal_without_its_focus_is_half_the_cross_entropy() -> None:
    p, t = [[0.5, -2.0, 3.0]], [[1.0, 0.0, 0.3]]
    value, gradient = of(Focal(gamma=0.0, alpha=0.5), p, t)
    wanted, slopes = of(BINARY, p, t)
    assert value == pytest.approx(wanted / 2, rel=1e-14)
    np.testing.assert_allclose(gradient, np.array(slopes) / 2, rtol=1e-14)


@pytest.mark.parametrize("outputs", [1, 2, 3, 5])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['type']} {row['fields']}")
def test_p29_a_mean_over_outputs_or_over_rows_alone(row: dict[str, Any], outputs: int) -> None:
    """Side by side, the columns of an elementwise loss cost their mean; those of a row by row loss are one row."""
    loss = loss_of(row)
    prediction, target = np.array(row["prediction"]), np.array(row["target"])
    rows = prediction.repeat(outputs, axis=0)
    assert loss.value(context(), rows, target.repeat(outputs, axis=0)) == pytest.approx(row["value"], rel=1e-12)
    if loss.wants() not in ("class_logits", "distributions") and row["type"] != "cosine_similarity":
        wide = loss.value(context(), np.tile(prediction, outputs), np.tile(target, outputs))
        factor = outputs if row["fields"] == {"convention": "half_sum"} else 1
        assert wide == pytest.approx(factor * row["value"], rel=1e-12)


# Laws

finite = st.floats(-50, 50, width=64)


@given(arrays(np.float64, (4, 3), elements=finite), st.floats(-1e6, 1e6))
@settings(derandomize=True)
def test_a_shift_of_all_logits_changes_no_class(z: Array, by: float) -> None:
    target = np.eye(3)[[0, 1, 2, 0]]
    value, gradient = of(CLASSES[0], z, target)
    moved, slopes = of(CLASSES[0], z + by, target)
    assert moved == pytest.approx(value, rel=1e-8, abs=1e-8)
    np.testing.assert_allclose(slopes, gradient, atol=1e-8)
    np.testing.assert_allclose(np.sum(gradient, axis=1), 0, atol=1e-15)


@given(arrays(np.float64, (4, 3), elements=finite))
@settings(derandomize=True)
def test_the_divergence_is_the_cross_entropy_without_the_entropy(z: Array) -> None:
    target = np.array([[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5], [0.1, 0.1, 0.8]])
    entropy = -np.sum(target * np.log(np.where(target > 0, target, 1)), axis=1).mean()
    cross, slopes = of(CLASSES[0], z, target)
    divergence, gradient = of(CLASSES[1], z, target)
    assert divergence == pytest.approx(cross - entropy, abs=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-15)
    assert divergence >= -1e-15


@given(arrays(np.float64, (5, 1), elements=finite), arrays(np.float64, (5, 1), elements=st.floats(0, 1)))
@settings(derandomize=True)
def test_p25_one_logit_is_two_logits_of_which_one_is_zero(z: Array, t: Array) -> None:
    one, slopes = of(BINARY, z, t)
    two, gradient = of(CLASSES[0], np.hstack([0 * z, z]), np.hstack([1 - t, t]))
    assert two == pytest.approx(one, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(np.array(gradient)[:, 1:], slopes, atol=1e-14)


@given(arrays(np.float64, (4, 3), elements=st.floats(0.01, 0.99)), arrays(np.float64, (4, 3), elements=st.floats(0, 1)))
@settings(derandomize=True)
def test_probabilities_cost_what_their_logits_cost(p: Array, t: Array) -> None:
    from_probabilities = BinaryCrossEntropy(from_logits=False, label_smoothing=0.1)
    from_logits = BinaryCrossEntropy(from_logits=True, label_smoothing=0.1)
    assert of(from_probabilities, p, t)[0] == pytest.approx(of(from_logits, np.log(p / (1 - p)), t)[0], rel=1e-12)
    rows, target = p / p.sum(axis=1, keepdims=True), np.eye(3)[[0, 1, 2, 0]]
    for logits in CLASSES:
        classes = logits.model_copy(update={"from_logits": False})
        assert of(classes, rows, target)[0] == pytest.approx(of(logits, np.log(rows), target)[0], rel=1e-12, abs=1e-13)
