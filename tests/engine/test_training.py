from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet.component import DatasetPlan, GradientClipping, Layer, LayerPlan, Shape
from specnet.component.task import Position, Watch
from specnet.engine import training
from specnet.engine.training import train
from specnet.errors import ArtifactError, DivergenceError
from specnet.plan import make_plan
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.component import Context


def by_hand(made: Any, epochs: int) -> tuple[Any, list[float]]:
    """The flat weights and the losses before each update, by the formulas of gradient descent, float64, full batch."""
    tensors = {name: array.copy() for name, array in made.weights.tensors().items()}
    x, y = made.task.train.inputs, made.task.train.targets
    losses = []
    for _ in range(epochs):
        values, masks = [x], []
        for i in range(3):
            z = values[-1] @ tensors[f"layers.{i}.W"].T + tensors[f"layers.{i}.b"]
            masks.append(z > 0)
            values.append(np.where(masks[-1], z, 0.0) if i < 2 else z)
        error = values[-1] - y
        losses.append(float((error**2).sum() / 2 / len(x)))
        dy = error / len(x)
        for i in (2, 1, 0):
            dz = dy if i == 2 else dy * masks[i]
            dy = dz @ tensors[f"layers.{i}.W"]
            tensors[f"layers.{i}.W"] -= 0.05 * dz.T @ values[i]
            tensors[f"layers.{i}.b"] -= 0.05 * dz.sum(axis=0)
    return np.concatenate([tensors[name].ravel() for name in made.weights.tensors()]), losses


def test_a_learning_rate_that_is_too_large_ends_with_the_place(net: Callable[..., Any]) -> None:
    made = net(spec={"optimizer.learning_rate": 1e12}, epochs=100)
    with pytest.raises(DivergenceError, match=r"diverged at epoch \d+, step \d+: .* in layers\.\d\.[Wb]"):
        list(train(made.plan, made.weights, made.task))
    assert np.isfinite(made.weights.flat).all()


def test_rows_that_are_not_finite_end_in_the_first_batch_and_change_nothing(net: Callable[..., Any]) -> None:
    made = net()
    made.task.train.targets[3, 1] = np.nan
    before = made.weights.flat.copy()
    told = (
        "epoch 1, step 1: the loss became nan, first in the loss of finite predictions; the largest gradient is nan, in"
    )
    with pytest.raises(DivergenceError, match=told):
        list(train(made.plan, made.weights, made.task))
    np.testing.assert_array_equal(made.weights.flat, before)


def test_a_net_without_parameters_can_diverge_too(net: Callable[..., Any]) -> None:
    made = net()
    made.task.train.targets[3, 1] = np.nan
    bare = make_plan([Triple()], DatasetPlan(("a", "b"), ("x", "y", "z"), 20))
    with pytest.raises(
        DivergenceError, match=r"nan, first in the loss of finite predictions; there are no parameters\n"
    ):
        list(train(bare, Weights(bare, "float64"), made.task))


class Triple(Layer):
    """y = (x1, x2, x1), without parameters."""

    type: Literal["triple"] = "triple"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan((3,))

    def forward(self, ctx: Context, params: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return x[:, [0, 1, 0]], lambda dy: (dy[:, :2],)


def test_a_divergence_between_logged_epochs_is_seen_in_its_batch(net: Callable[..., Any]) -> None:
    made = net(spec={"optimizer.learning_rate": 1e12}, epochs=10**6, log_every=10**6)
    with pytest.raises(DivergenceError) as caught:
        list(train(made.plan, made.weights, made.task))
    assert "at epoch 1," not in str(caught.value)


def test_training_is_gradient_descent_as_the_formulas_have_it(net: Callable[..., Any]) -> None:
    made = net(epochs=50)
    flat, losses = by_hand(made, 50)
    epochs = list(train(made.plan, made.weights, made.task))
    np.testing.assert_allclose(made.weights.flat, flat, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose([epoch.values["train.loss"] for epoch in epochs], losses, rtol=1e-12)
    assert losses[-1] < losses[0]


def test_the_first_each_and_the_last_epoch_are_logged(net: Callable[..., Any]) -> None:
    made = net(epochs=11, log_every=4)
    epochs = list(train(made.plan, made.weights, made.task))
    assert [epoch.number for epoch in epochs if epoch.values] == [1, 4, 8, 11]


def test_epochs_are_told_now_and_then(net: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "TELL_EVERY", 0.0)
    made = net(epochs=5, log_every=5)
    epochs = list(train(made.plan, made.weights, made.task))
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4, 5]
    assert [bool(epoch.values) for epoch in epochs] == [True, False, False, False, True]


@pytest.mark.parametrize("batch", [20, 7])
def test_stopping_ends_training_between_two_batches(net: Callable[..., Any], batch: int) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    made = net(rows=20, epochs=100, batch_rows=batch, stop=stop)
    flat, _ = by_hand(made, 4)
    epochs = list(train(made.plan, made.weights, made.task))
    assert [epoch.number for epoch in epochs] == ([1, 2, 3, 4, 4] if batch == 20 else [1, 1])
    assert (epochs[-1].values, epochs[-1].position.step) == ({}, 4)
    if batch == 20:
        np.testing.assert_allclose(made.weights.flat, flat, rtol=1e-12)


def test_float32_stays_float32(net: Callable[..., Any]) -> None:
    made, double = net(dtype="float32", epochs=20), net(epochs=20)
    list(train(made.plan, made.weights, made.task))
    list(train(double.plan, double.weights, double.task))
    assert made.weights.flat.dtype == np.float32
    np.testing.assert_allclose(made.weights.flat, double.weights.flat, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("rows", "shuffle"), [(20_000, False), (7_000, False), (7_000, True)])
def test_steady_state_training_allocates_nothing_that_grows_with_rows(
    net: Callable[..., Any], rows: int, shuffle: bool
) -> None:
    made = net(rows=20_000, epochs=10**6, log_every=10**6, batch_rows=rows, shuffle=shuffle)
    trainer = training._Trainer(made.plan, made.weights, made.task)

    def epochs(count: int) -> None:
        for number in range(2, 2 + count):
            for batch in trainer._batches.of(number):
                trainer._step(number, batch, None)

    epochs(3)
    tracemalloc.start()
    epochs(10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A column of the rows takes 160,000 bytes, a buffer in which NumPy casts 65,536 at the most whatever the rows;
    # a shuffled epoch makes its order anew, 160,000 bytes of indices.
    assert peak < (320_000 if shuffle else 150_000)


def test_watched_epochs_are_told_with_the_weights_of_their_end(net: Callable[..., Any]) -> None:
    made = net(epochs=7, log_every=7, watch=Watch("train", "loss", 3))
    plain = net(epochs=7, log_every=1)
    losses = [epoch.values["train.loss"] for epoch in train(plain.plan, plain.weights, plain.task)]
    seen = []
    for epoch in train(made.plan, made.weights, made.task):
        flat, _ = by_hand(net(), epoch.number)
        np.testing.assert_allclose(made.weights.flat, flat, rtol=1e-12, atol=1e-14)
        seen.append((epoch.number, bool(epoch.values), epoch.watched))
    assert seen == [(1, True, None), (3, False, losses[2]), (6, False, losses[5]), (7, True, losses[6])]


def test_each_update_uses_the_number_of_its_moment(net: Callable[..., Any]) -> None:
    table = {"type": "multi_step", "start": 0.05, "milestones": [2], "gamma": 0.5}
    made, halved = net(spec={"optimizer.learning_rate": table}, epochs=3), net(epochs=3)
    numbers = [epoch.values["optimizer.learning_rate"] for epoch in train(made.plan, made.weights, made.task)]
    assert numbers == [0.05, 0.05, 0.025]
    before, after = by_hand(halved, 2)[0], by_hand(halved, 3)[0]
    np.testing.assert_allclose(made.weights.flat, (before + after) / 2, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("mode", "lengths"), [("global_norm", [1]), ("norm", [1, 1, 1, 1, 1, 1])])
def test_clipping_comes_before_the_update(net: Callable[..., Any], mode: Any, lengths: list[float]) -> None:
    made = net(epochs=1, clipping=GradientClipping(mode=mode, limit=1e-3))
    before = {name: tensor.copy() for name, tensor in made.weights.tensors().items()}
    list(train(made.plan, made.weights, made.task))
    moved = [np.linalg.norm(tensor - before[name]) for name, tensor in made.weights.tensors().items()]
    found = [np.linalg.norm(moved)] if mode == "global_norm" else moved
    np.testing.assert_allclose(found, 0.05 * 1e-3 * np.array(lengths), rtol=1e-9)


def test_clipping_leaves_decay_alone(net: Callable[..., Any]) -> None:
    made = net(epochs=1, clipping=GradientClipping(mode="value", limit=1e-30), spec={"optimizer.weight_decay": 2.0})
    start = made.weights.flat.copy()
    wanted = 0.9 * start
    for part in made.plan.spared:
        wanted[part] = start[part]
    list(train(made.plan, made.weights, made.task))
    np.testing.assert_allclose(made.weights.flat, wanted, rtol=1e-14)


def test_p34_clipping_does_not_silence_a_gradient_that_is_not_finite(net: Callable[..., Any]) -> None:
    made = net(clipping=GradientClipping(mode="value", limit=1e-3))
    made.task.train.targets[3, 1] = np.inf
    before = made.weights.flat.copy()
    with pytest.raises(DivergenceError, match="epoch 1, step 1: the loss became inf"):
        list(train(made.plan, made.weights, made.task))
    np.testing.assert_array_equal(made.weights.flat, before)


def test_a_scored_epoch_goes_on_within_itself(net: Callable[..., Any]) -> None:
    metrics = {"metrics": ["norm_half_square_error", "r2", "roc_auc"]}
    whole = net(spec=metrics, rows=20, batch_rows=3)
    wanted = {epoch.number: epoch.values for epoch in train(whole.plan, whole.weights, whole.task)}
    asked = iter(range(10))
    first = net(spec=metrics, rows=20, batch_rows=3, stop=lambda: next(asked, None) is None)
    *_, last = train(first.plan, first.weights, first.task)
    assert (last.number, last.position.step) == (1, 10)
    assert {name: array.shape for name, array in last.position.state.items()} == {
        "before": (first.plan.parameter_count,),
        "predictions": (9, 3),
    }
    rest = net(spec=metrics, rows=20, batch_rows=3, start=last.position)
    rest.weights.restore(first.weights.tensors())
    got = {epoch.number: epoch.values for epoch in train(rest.plan, rest.weights, rest.task)}
    assert got == {number: values for number, values in wanted.items() if number > 1}
    np.testing.assert_array_equal(rest.weights.flat, whole.weights.flat)


@pytest.mark.parametrize(
    ("state", "lacks"),
    [
        ({}, "'before' is missing or has another shape"),
        ({"before": np.zeros(3)}, "'before' is missing or has another shape"),
        ({"before": np.zeros(47)}, "it lacks predictions of the epoch"),
        ({"before": np.zeros(47), "predictions": np.zeros((2, 3))}, "it lacks predictions of the epoch"),
    ],
)
def test_a_state_of_another_training_is_refused(net: Callable[..., Any], state: dict[str, Any], lacks: str) -> None:
    made = net(rows=20, batch_rows=7, start=Position(4, state))
    with pytest.raises(ArtifactError) as caught:
        list(train(made.plan, made.weights, made.task))
    assert str(caught.value) == f"SN609 the training that was stored does not fit the spec: {lacks}"


def test_after_a_break_a_divergence_leaves_what_it_would_have_left(net: Callable[..., Any]) -> None:
    rate = {"optimizer.learning_rate": 1e80}
    whole = net(spec=rate, epochs=100)
    with pytest.raises(DivergenceError) as wanted:
        list(train(whole.plan, whole.weights, whole.task))
    steps = int(str(wanted.value).split("step ")[1].split(":")[0])
    asked = iter(range(steps - 1))
    first = net(spec=rate, epochs=100, stop=lambda: next(asked, None) is None)
    *_, last = train(first.plan, first.weights, first.task)
    rest = net(spec=rate, epochs=100, start=last.position)
    rest.weights.restore(first.weights.tensors())
    with pytest.raises(DivergenceError) as caught:
        list(train(rest.plan, rest.weights, rest.task))
    before, after = (str(error.value).split("; the norm")[0] for error in (wanted, caught))
    assert after == before  # the norms of gradients before the break are not known any more
    np.testing.assert_array_equal(rest.weights.flat, whole.weights.flat)
