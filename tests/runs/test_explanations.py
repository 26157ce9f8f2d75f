"""What a divergence is told with, held against closed forms and against training itself."""

from __future__ import annotations

import dataclasses
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet import load_run, run
from specnet.cli import main
from specnet.component import Activation, DatasetPlan, ElementwiseLoss
from specnet.component.task import Split, TrainingTask
from specnet.engine.divergence import first_gradient, first_output, in_words, norm, parameter_at
from specnet.errors import DivergenceError
from specnet.plan import make_plan
from specnet.registry import Registry
from specnet.runs import Watcher
from specnet.runs.divergence import curvature
from specnet.spec import load_spec
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.arrays import Array
    from specnet.component.task import Epoch

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 4,
    "dataset": {"type": "arithmetic", "samples": 60},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 3000, "log_every": 1000},
}


class Concave(ElementwiseLoss):
    """-(p - t)^2 in the first output, half of (p - t)^2 in the others."""

    type: Literal["concave"] = "concave"

    def _sign(self, target: Array, xp: Any) -> Array:
        return xp.asarray([-1.0, 0.25, 0.25])[: target.shape[1]]  # type: ignore[no-any-return]

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return self._sign(target, xp) * (prediction - target) ** 2

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return 2 * self._sign(target, xp) * (prediction - target)


class Bursting(Activation):
    """x, and infinity for what is large."""

    type: Literal["bursting"] = "bursting"

    def value(self, x: Array, xp: Any) -> Array:
        return xp.where(abs(x) > 1e6, xp.inf, x)  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.ones_like(x)  # type: ignore[no-any-return]


class Steep(Activation):
    """x with a slope that is not finite where x is large."""

    type: Literal["steep"] = "steep"

    def value(self, x: Array, xp: Any) -> Array:
        return xp.clip(x, -1e6, 1e6)  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        return xp.where(abs(x) > 1e6, xp.inf, 1.0)  # type: ignore[no-any-return]


class Last(Watcher):
    """Keeps every logged loss."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def epoch(self, epoch: Epoch) -> None:
        if epoch.values:
            self.losses.append(epoch.values["train.loss"])


def linear(inputs: int, outputs: int, rows: int, loss: Any = None, **options: Any) -> tuple[Any, Array, TrainingTask]:
    """The plan, the weights and the task of a net of one dense layer."""
    spec = load_spec(SPEC, None, Registry([]))
    layer = spec.layers[0].model_copy(update={"units": outputs, **options})
    columns = tuple(f"x{i}" for i in range(inputs)), tuple(f"y{i}" for i in range(outputs))
    plan = make_plan([layer], DatasetPlan(*columns, rows))
    x, y = (Streams(9).of("rows", i).standard_normal((rows, n)) for i, n in enumerate((inputs, outputs)))
    task = TrainingTask(
        train=Split(np.asfortranarray(x * np.arange(1, inputs + 1) + 0.5), np.asfortranarray(y)),
        test=None,
        loss=loss or spec.loss,
        metrics=(),
        optimizer=spec.optimizer,
        epochs=10,
        batch_rows=rows,
        shuffle=False,
        log_every=1,
        streams=Streams(3),
    )
    return plan, Weights(plan, "float64").initialize(Streams(1)).flat, task


def hessian(task: TrainingTask) -> Array:
    """2 / (N K) [X 1]' [X 1], once for each output, for the mean of squares over N rows and K outputs."""
    x, outputs = task.train.inputs, task.train.targets.shape[1]
    wide = np.hstack([x, np.ones((len(x), 1))])
    return 2 / (len(x) * outputs) * wide.T @ wide  # type: ignore[no-any-return]


# Where there is nothing to say


def test_a_gradient_that_is_not_finite_has_no_curvature() -> None:
    plan, begun, task = linear(2, 3, 10)
    task.train.targets[3] = np.inf
    assert curvature(plan, begun, task) is None


def test_a_loss_that_is_curved_nowhere_upwards_has_no_stable_rate() -> None:
    plan, begun, task = linear(2, 1, 10, Concave.of_defaults())
    assert curvature(plan, begun, task) is None


def test_a_component_that_fails_in_the_explanation_does_not_hide_the_divergence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from specnet.runs import divergence

    monkeypatch.setattr(divergence, "curvature", lambda *args: 1 / 0)
    with pytest.raises(DivergenceError, match="SN520 training diverged") as caught:
        run(SPEC, set={"optimizer.learning_rate": 1e6}, out="out", registry=Registry([]))
    assert "learning rate of" not in str(caught.value)
    assert load_run("out", Registry([])).status == "diverged"


# The learning rate that would have been stable


@pytest.mark.parametrize(("inputs", "outputs", "rows"), [(1, 1, 5), (2, 3, 40), (5, 2, 17), (4, 1, 5000)])
def test_the_eigenvalue_of_a_linear_net_is_that_of_the_closed_form(inputs: int, outputs: int, rows: int) -> None:
    plan, begun, task = linear(inputs, outputs, rows)
    found = curvature(plan, begun, task)
    used = Split(task.train.inputs[:4096], task.train.targets[:4096])
    wanted = float(np.linalg.eigvalsh(hessian(dataclasses.replace(task, train=used)))[-1])
    assert found is not None
    assert found.rows == min(rows, 4096)
    assert found.eigenvalue == pytest.approx(wanted, rel=1e-4)
    assert found.rate == 2 / found.eigenvalue


def test_an_eigenvalue_that_is_larger_and_negative_is_passed_over() -> None:
    plan, begun, task = linear(2, 3, 40, Concave.of_defaults())
    found = curvature(plan, begun, task)
    assert found is not None
    assert found.eigenvalue == pytest.approx(0.25 * np.linalg.eigvalsh(hessian(task))[-1], rel=1e-3)


def test_what_is_frozen_does_not_count() -> None:
    plan, begun, task = linear(2, 3, 40, trainable=False)
    assert plan.trained_count == 0
    assert curvature(plan, begun, task) is None


def test_below_that_rate_training_goes_down_and_above_it_up() -> None:
    with pytest.raises(DivergenceError) as caught:
        run(SPEC, set={"optimizer.learning_rate": 1e3}, out="out", registry=Registry([]))
    match = re.search(r"below a learning rate of (\S+) \(2 / (\S+), .* over 42 rows", str(caught.value))
    assert match is not None
    rate = float(match[1])
    assert rate == pytest.approx(2 / float(match[2]), rel=1e-2)
    seen = Last()
    assert run(SPEC, set={"optimizer.learning_rate": rate * 0.97}, out="low", watcher=seen).status == "finished"
    assert seen.losses == sorted(seen.losses, reverse=True)
    with pytest.raises(DivergenceError):
        run(SPEC, set={"optimizer.learning_rate": rate * 1.3}, out="high", registry=Registry([]))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_noise_and_statistics_of_batches_are_the_same_each_time(dtype: str) -> None:
    layers = [{"type": "dense", "units": 4, "activation": "tanh"}, {"type": "batch_norm"},
              {"type": "dropout", "rate": 0.3}, {"type": "dense", "units": 3}]  # fmt: skip
    changes = {"optimizer.learning_rate": 1e300 if dtype == "float64" else 1e38, "engine.dtype": dtype}
    texts = []
    for out in ("one", "two"):
        with pytest.raises(DivergenceError) as caught:
            run({**SPEC, "engine": {"type": "numpy"}, "layers": layers}, set=changes, out=out, registry=Registry([]))
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    assert "plain gradient descent is stable at first below a learning rate of" in texts[0]


# What was first


def test_the_first_output_gradient_and_parameter() -> None:
    spec = load_spec(
        {**SPEC, "layers": [{"type": "dense", "units": 2}, {"type": "dense", "units": 3}]}, None, Registry([])
    )
    plan = make_plan(spec.layers, spec.dataset.plan())
    fine, bad = np.zeros((4, 2)), np.array([[0.0, np.nan]])
    assert first_output(plan, [fine, bad]) == "the output of layers.1"
    assert first_output(plan, [bad, bad]) == "the output of layers.0"
    assert first_output(plan, [fine, fine]) == "the loss of finite predictions"
    views = Weights(plan, "float64").views(np.zeros(plan.parameter_count))
    assert first_gradient(plan, views) == "no gradient"
    views[0]["b"][1] = np.inf
    assert first_gradient(plan, views) == "the gradient of layers.0.b"
    views[1]["W"][0] = np.inf
    assert first_gradient(plan, views) == "the gradient of layers.1.W"  # the way back begins there
    names = [parameter_at(plan, place) for place in (0, 3, 4, 6, 11, 12, 14)]
    assert names == [f"layers.{name}" for name in ("0.W", "0.W", "0.b", "1.W", "1.W", "1.b", "1.b")]


@pytest.mark.parametrize(
    ("activation", "what"),
    [
        (Bursting, "the loss became (inf|nan), first in the output of layers.0;"),
        (Steep, "a gradient is not finite, first in the gradient of layers.0.W;"),
    ],
)
def test_the_layer_that_was_first_is_named(
    offering: Callable[..., Registry], activation: type[Activation], what: str
) -> None:
    layers = [
        {"type": "dense", "units": 4, "activation": f"test.{activation.__name__.lower()}"},
        {"type": "dense", "units": 3},
    ]
    with pytest.raises(DivergenceError) as caught:
        run({**SPEC, "layers": layers}, set={"optimizer.learning_rate": 1e4}, out="out", registry=offering(activation))
    assert re.search(what, str(caught.value))


def test_norms_that_overflow_are_norms() -> None:
    assert norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert norm(np.zeros(3)) == norm(np.zeros(0)) == 0
    assert norm(np.array([1.0, np.inf])) == np.inf
    assert np.isnan(norm(np.array([1.0, np.nan])))
    assert in_words([1.5]) == "the norm of the gradient is 1.5"
    assert in_words([1.5, np.inf]) == "the norms of the last 2 gradients are 1.5, inf"


def test_the_last_norms_are_those_of_the_steps() -> None:
    with pytest.raises(DivergenceError) as caught:
        run(SPEC, set={"optimizer.learning_rate": 50, "training.log_every": 1}, out="out", registry=Registry([]))
    match = re.search(r"the norms of the last 5 gradients are (.*)\n", str(caught.value))
    assert match is not None
    norms = list(map(float, match[1].split(", ")))
    # of a linear net far from its minimum, each is the one before times |1 - rate x eigenvalue|
    ratios = [b / a for a, b in pairwise(norms)]
    assert ratios == pytest.approx([ratios[0]] * 4, rel=2e-2)
    found = re.search(r"\(2 / (\S+),", str(caught.value))
    assert found is not None
    assert ratios[0] == pytest.approx(50 * float(found[1]) - 1, rel=2e-2)


# Where it is told


def test_the_manifest_and_the_verbs_tell_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DivergenceError) as caught:
        run(SPEC, set={"optimizer.learning_rate": 1e6}, out="out", registry=Registry([]))
    (finding,) = caught.value.findings
    told = {"message": finding.message, "help": finding.help}
    assert json.loads(Path("out/manifest.json").read_text())["divergence"] == told
    assert load_run("out", Registry([])).divergence == told
    with pytest.raises(SystemExit):
        main(["--no-plugins", "show", "out"])
    words = " ".join(capsys.readouterr().out.split())
    assert f"diverged {finding.message} {finding.help} metrics" in words
    assert run(SPEC, set={"training.epochs": 2}, out="fine", registry=Registry([])).divergence is None
    assert "divergence" not in json.loads(Path("fine/manifest.json").read_text())
