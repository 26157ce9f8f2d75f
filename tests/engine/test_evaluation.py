from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet.builtins.losses import MeanSquaredError
from specnet.builtins.metrics import NormHalfSquareError
from specnet.engine import evaluation
from specnet.engine.evaluation import Evaluator, Score, predict, silent_units
from specnet.engine.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable


def test_p30_a_vector_is_not_held_against_a_column(net: Callable[..., Any]) -> None:
    made = net()
    ctx = Network(made.plan, made.weights, training=False).loss_context
    with pytest.raises(ValueError, match=r"^predictions are \(3, 1\), targets \(3,\)$"):
        Score(MeanSquaredError(), ()).add(ctx, np.zeros((3, 1)), np.zeros(3))


def test_p28_a_score_is_exact_over_batches_of_unequal_size(net: Callable[..., Any]) -> None:
    made = net()
    ctx = Network(made.plan, made.weights, training=False).loss_context
    score = Score(MeanSquaredError(), (NormHalfSquareError(),))
    target = np.zeros((3, 1))
    prediction = np.sqrt(np.array([[12.0], [12.0], [6.0]]))
    assert score.add(ctx, prediction[:2], target[:2]) == pytest.approx(12, rel=1e-15)
    assert score.add(ctx, prediction[2:], target[2:]) == pytest.approx(6, rel=1e-15)
    values = score.values()
    assert list(values) == ["loss", "norm_half_square_error"]
    assert values["loss"] == pytest.approx(10, rel=1e-15)
    assert values["norm_half_square_error"] == pytest.approx(5, rel=1e-15)


def test_the_weights_of_rows_weigh_the_loss_and_not_the_metrics(net: Callable[..., Any]) -> None:
    made = net()
    ctx = Network(made.plan, made.weights, training=False).loss_context
    score = Score(MeanSquaredError(), (NormHalfSquareError(),))
    target, prediction = np.zeros((3, 1)), np.sqrt(np.array([[12.0], [12.0], [6.0]]))
    assert score.add(ctx, prediction[:2], target[:2], np.array([1.0, 0.0])) == pytest.approx(12, rel=1e-15)
    assert score.add(ctx, prediction[2:], target[2:], np.array([0.5])) == pytest.approx(6, rel=1e-15)
    assert score.add(ctx, prediction[:1], target[:1], np.array([0.0])) == 0, "nothing counts or is divided by 0"
    values = score.values()
    assert values["loss"] == pytest.approx((12 + 0.5 * 6) / 1.5, rel=1e-15)
    assert values["norm_half_square_error"] == pytest.approx((6 + 6 + 3 + 6) / 4, rel=1e-15)


@pytest.mark.parametrize("block", [1, 3, 8, 100])
def test_blocks_change_nothing(net: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    made = net(rows=20)
    split, loss = made.task.train, made.task.loss
    whole = predict(made.plan, made.weights, split.inputs)
    values = Evaluator(made.plan, made.weights, loss, ()).values(split)
    silent = silent_units(made.plan, made.weights, split.inputs)
    monkeypatch.setattr(evaluation, "BLOCK", block)
    np.testing.assert_allclose(predict(made.plan, made.weights, split.inputs), whole, rtol=1e-13, atol=1e-14)
    assert Evaluator(made.plan, made.weights, loss, ()).values(split) == pytest.approx(values, rel=1e-13)
    assert silent_units(made.plan, made.weights, split.inputs) == silent


def test_predictions_of_rows_do_not_depend_on_their_neighbours(net: Callable[..., Any]) -> None:
    made = net(rows=20)
    x = made.task.train.inputs
    whole = predict(made.plan, made.weights, x)
    order = np.random.default_rng(2).permutation(20)
    np.testing.assert_allclose(predict(made.plan, made.weights, x[order]), whole[order], rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(predict(made.plan, made.weights, x[3:5]), whole[3:5], rtol=1e-13, atol=1e-14)


def test_no_rows_are_no_predictions(net: Callable[..., Any]) -> None:
    made = net()
    assert predict(made.plan, made.weights, np.zeros((0, 2))).shape == (0, 3)


def test_silent_units_are_those_whose_output_never_changes(net: Callable[..., Any]) -> None:
    made = net()
    tensors = made.weights.tensors()
    tensors["layers.0.b"][1] = -1e3
    tensors["layers.1.W"][:2] = 0.0
    counted = silent_units(made.plan, made.weights, made.task.train.inputs)
    assert counted["layers.0"][0] >= 1
    assert counted["layers.1"][0] >= 2
    assert [units for _, units in counted.values()] == [4, 4]
    assert silent_units(made.plan, made.weights, made.task.train.inputs[:1]) == {"layers.0": (0, 4), "layers.1": (0, 4)}


def test_a_unit_of_a_picture_is_a_channel(net: Callable[..., Any]) -> None:
    """The corners of a picture may always be the same, and nothing is dead there."""
    layers = [
        {"type": "reshape", "shape": [2, 1]},
        {"type": "conv1d", "filters": 3, "kernel_size": 2, "padding": 2, "activation": "relu"},
        {"type": "flatten"},
        {"type": "dense", "units": 3},
    ]
    made = net(spec={"layers": layers})
    made.weights.tensors()["layers.1.W"][..., 1] = 0.0
    counted = silent_units(made.plan, made.weights, made.task.train.inputs)
    assert counted["layers.1"] == (1, 3)


def test_evaluation_leaves_the_weights_alone(net: Callable[..., Any]) -> None:
    made = net()
    before = made.weights.flat.copy()
    Evaluator(made.plan, made.weights, made.task.loss, ()).values(made.task.train)
    np.testing.assert_array_equal(made.weights.flat, before)
