from __future__ import annotations

import json
import re
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet import load_run, load_spec, run
from specnet.cli import main
from specnet.component import ElementwiseLoss
from specnet.errors import DivergenceError
from specnet.plan import make_plan
from specnet.runs import Run, Watcher
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.arrays import Array
    from specnet.component import Context
    from specnet.registry import Registry

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "dataset": {"type": "arithmetic", "samples": 40},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 4, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e6},
    "training": {"epochs": 500, "log_every": 1},
    "checks": {"parameters_vs_rows": "off"},
    "predict": [{"inputs": [[30, 70]]}],
    "expect": [{"metric": "test.loss", "max": 1000}],
}
MESSAGE = re.compile(
    r"SN520 training diverged at epoch (\d+), step (\d+): (the loss became (?:nan|inf)|a gradient is not finite|"
    r"the update would leave a weight that is not finite), first in (?:the output of layers\.[01]|"
    r"the loss of finite predictions|the gradient of layers\.[01]\.[Wb]|layers\.[01]\.[Wb]);"
    r" the largest gradient is (\S+), in (layers\.[01]\.[Wb]);"
    r" the norms? of the (?:last [2-5] gradients are|gradient is) [\d.e+, naif]+\n"
    r" --> \(training\)\n"
    r"  = help: try a smaller learning rate, and inputs and targets that are scaled;"
    r" in the units of the net the training rows have inputs from \S+ to \S+ and targets from \S+ to [\d.e+-]+"
    r"(?:; plain gradient descent is stable at first below a learning rate of \S+ \(2 / \S+, the largest eigenvalue"
    r" of the Hessian of the loss over 28 rows, by \d+ power iterations on differences of gradients\),"
    r" and training began with \S+)?"
)


class Last(Watcher):
    """Keeps the run that the exception takes the place of."""

    run: Run

    def finished(self, run: Run) -> None:
        self.run = run


def diverged(spec: dict[str, Any], **set: Any) -> tuple[re.Match[str], Run]:
    """The parts of the message, and the run as it was left in the directory `out`."""
    last = Last()
    with pytest.raises(DivergenceError) as caught:
        run(spec, set={path.replace("__", "."): value for path, value in set.items()}, out="out", watcher=last)
    match = MESSAGE.fullmatch(str(caught.value))
    assert match is not None, str(caught.value)
    assert caught.value.exit_code == 4
    assert last.run.status == "diverged"
    return match, last.run


def initial(spec: dict[str, Any]) -> Array:
    loaded = load_spec(spec)
    return Weights(make_plan(loaded.layers, loaded.dataset.plan()), "float64").initialize(Streams(loaded.seed)).flat


@pytest.mark.parametrize("rate", [1e6, 1e3, 50.0])
def test_a_learning_rate_that_is_too_large(rate: float) -> None:
    match, result = diverged(SPEC, optimizer__learning_rate=rate)
    epoch, step = int(match[1]), int(match[2])
    assert 1 < epoch == step < 500
    assert result.history["epoch"].tolist() == list(range(1, epoch))
    assert np.isfinite(result.history["train.loss"]).all()
    assert result.history["train.loss"][-1] > 1e9 * result.history["train.loss"][0]


def test_the_step_is_counted_in_batches() -> None:
    match, _ = diverged(SPEC, training__batch_size=7)  # 28 rows: four batches an epoch
    assert (int(match[2]) - 1) // 4 + 1 == int(match[1])


def test_the_last_finite_state_is_kept_and_can_be_used() -> None:
    match, result = diverged(SPEC)
    assert np.isfinite(result.weights.flat).all()
    assert json.loads(Path("out", "manifest.json").read_text())["status"] == "diverged"
    loaded = load_run("out")
    assert loaded.status == "diverged"
    assert loaded.weights.flat.tobytes() == result.weights.flat.tobytes()
    assert loaded.predict([[30, 70]]).tobytes() == result.predict([[30, 70]]).tobytes()
    assert not loaded.verdicts[0].passed
    # It is where a training that ends one step earlier would have ended.
    before = run(SPEC, set={"training.epochs": int(match[1]) - 2})
    assert loaded.weights.flat.tobytes() == before.weights.flat.tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_update_that_would_overflow_is_not_made(dtype: str) -> None:
    spec = {**SPEC, "engine": {"type": "numpy", "dtype": dtype}}
    match, result = diverged(spec, optimizer__learning_rate=1e308)
    assert match[1] == match[2] == "1"
    assert match[3] == "the update would leave a weight that is not finite"
    assert float(match[4]) > 1  # of this update, not of what the optimizer has made of it
    np.testing.assert_array_equal(result.weights.flat, initial(spec).astype(dtype))
    assert result.history["epoch"].tolist() == []
    assert load_run("out").history["epoch"].tolist() == []
    assert np.isfinite(result.metrics["train.loss"])


def test_the_largest_gradient_is_named() -> None:
    match, _ = diverged(SPEC, optimizer__learning_rate=1e308)
    x, y = _rows()
    W, b = (initial(SPEC)[start:stop] for start, stop in ((0, 8), (8, 12)))
    V, c = (initial(SPEC)[start:stop] for start, stop in ((12, 24), (24, 27)))
    hidden = np.maximum(0, x @ W.reshape(4, 2).T + b)
    error = 2 * (hidden @ V.reshape(3, 4).T + c - y) / y.size
    back = (error @ V.reshape(3, 4)) * (hidden > 0)
    gradients = {
        "layers.0.W": back.T @ x,
        "layers.0.b": back.sum(axis=0),
        "layers.1.W": error.T @ hidden,
        "layers.1.b": error.sum(axis=0),
    }
    sizes = {name: float(np.abs(gradient).max()) for name, gradient in gradients.items()}
    name = max(sizes, key=lambda key: sizes[key])
    assert (match[5], match[4]) == (name, f"{sizes[name]:.3g}")


def _rows() -> tuple[Array, Array]:
    """The training rows of the spec in the units of the net, by the formulas."""
    streams = Streams(3)
    a, b = streams.of("data").uniform(0, 100, (2, 40))
    order = streams.of("split").permutation(40)[:28]
    tables = (np.stack([a, b], axis=1)[order], np.stack([a + b, a - b, abs(a - b)], axis=1)[order])
    x, y = ((table - table.mean(axis=0)) / table.std(axis=0) for table in tables)
    return x, y


def test_the_first_loss_may_be_infinite() -> None:
    spec = {**SPEC, "scaling": {}, "dataset": {"type": "arithmetic", "samples": 40, "high": 1e160}}
    match, result = diverged(spec)
    assert (match[1], match[2], match[3]) == ("1", "1", "the loss became inf")
    np.testing.assert_array_equal(result.weights.flat, initial(spec))
    assert load_run("out").metrics["train.loss"] == float("inf")


def test_the_command_line_says_so_and_exits_4(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.json").write_text(json.dumps(SPEC))
    with pytest.raises(SystemExit) as caught:
        main(["run", "s.json", "--out", "out"])
    out, err = capsys.readouterr()
    assert caught.value.code == 4
    assert MESSAGE.fullmatch(err.rstrip("\n"))
    assert out.endswith("diverged: out\n")
    assert "FAILED" in out
    for args in (["show", "out"], ["predict", "out", "--rows", "[30, 70]", "--format", "json"], ["evaluate", "out"]):
        with pytest.raises(SystemExit) as caught:
            main(args)
        assert caught.value.code == 0
    assert "small: diverged, started" in re.sub(r"\s+", " ", capsys.readouterr().out)


# A loss that is not a number while its gradient is one


class Blind(ElementwiseLoss):
    """nan with the gradient of a mean squared error."""

    type: Literal["blind"] = "blind"

    def error(self, prediction: Array, target: Array, xp: Any) -> Array:
        return xp.square(prediction - target)  # type: ignore[no-any-return]

    def slope(self, prediction: Array, target: Array, xp: Any) -> Array:
        return 2 * (prediction - target)

    def value(self, ctx: Context, prediction: Array, target: Array) -> float:
        return nan


@pytest.fixture
def blind(offering: Callable[..., Registry]) -> Registry:
    return offering(Blind)


def test_a_loss_that_is_nan_ends_training_at_the_first_logged_epoch(blind: Registry) -> None:
    spec = {**SPEC, "loss": "test.blind", "expect": [], "optimizer": {**SPEC["optimizer"], "learning_rate": 0.01}}
    with pytest.raises(DivergenceError, match="epoch 1, step 1: the loss became nan, first in the loss of finite"):
        run(spec, out="out", registry=blind)
    loaded = load_run("out", blind)
    np.testing.assert_array_equal(loaded.weights.flat, initial(SPEC))
    assert np.isnan(loaded.metrics["train.loss"])
    stored = json.loads(Path("out", "metrics.json").read_text())["metrics"]
    assert stored["train.loss"] == {"reason": "nan", "value": None}
