"""The lesson's algorithm written plainly in NumPy beside the engine: time per epoch, alternating in one process.

python -m benchmarks.article              the ratios; with scikit-learn's MLPRegressor when it is installed
python -m benchmarks.article --million    the million epochs of the lesson against stored values (about ten minutes)

OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE slow NumPy's products down where a machine sets them: unset both together.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import specnet
from specnet.plan import make_plan
from specnet.preparation import load_data, prepare
from specnet.runs.fitting import task_of
from specnet.spec import load_spec
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.task import TrainingTask
    from specnet.plan import Plan

    Function = Callable[[Array], Array]

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "arith_article.toml"
ORACLE = ROOT / "tests" / "reference" / "article_seed42.json"
EPOCHS = 500
ROUNDS = 11


class LessonLayer:
    """A layer as a lesson writes it: what forward needs is kept for backward, one line for each formula."""

    def __init__(self, W: Array, b: Array, activation: Function, derivative: Function) -> None:
        self.W: Array = W.copy()
        self.b: Array = b.reshape(-1, 1).copy()
        self.activation = activation
        self.derivative = derivative

    def forward(self, x: Array) -> Array:
        self.x = x
        self.z = self.W @ x + self.b
        return self.activation(self.z)

    def backward(self, gradient: Array, rate: float) -> Array:
        delta = gradient * self.derivative(self.z)
        dW = delta @ self.x.T / self.x.shape[1]
        db = delta.mean(axis=1, keepdims=True)
        before = self.W.T @ delta
        self.W -= rate * dW
        self.b -= rate * db
        return before


def lesson_program(x: Array, y: Array, layers: list[dict[str, Array]], rate: float, epochs: int) -> list[float]:
    """The loss of each epoch; columns are the rows of the data."""
    relu: tuple[Function, Function] = (lambda z: np.maximum(0, z), lambda z: np.where(z > 0, 1.0, 0.0))
    linear: tuple[Function, Function] = (lambda z: z, np.ones_like)
    functions = [relu] * (len(layers) - 1) + [linear]
    net = [LessonLayer(layer["W"], layer["b"], *pair) for layer, pair in zip(layers, functions, strict=True)]
    losses = []
    for _ in range(epochs):
        output = x
        for layer in net:
            output = layer.forward(output)
        losses.append(float(np.mean(np.linalg.norm(0.5 * (output - y) ** 2, axis=0))))
        gradient: Array = output - y
        for layer in reversed(net):
            gradient = layer.backward(gradient, rate)
    return losses


def terse_program(x: Array, y: Array, layers: list[dict[str, Array]], rate: float, epochs: int) -> None:
    """The same without functions, without the loss, and without the gradient of the data that nobody needs."""
    weights = [layer["W"].copy() for layer in layers]
    biases = [layer["b"].reshape(-1, 1).copy() for layer in layers]
    rows, last = x.shape[1], len(layers) - 1
    for _ in range(epochs):
        outputs = [x]
        for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
            z = W @ outputs[-1] + b
            outputs.append(np.maximum(0, z) if k < last else z)
        delta: Array = outputs[-1] - y
        for k in range(last, -1, -1):
            dW, db = delta @ outputs[k].T / rows, delta.mean(axis=1, keepdims=True)
            if k > 0:
                delta = (weights[k].T @ delta) * (outputs[k] > 0)
            weights[k] -= rate * dW
            biases[k] -= rate * db


def prepared(epochs: int) -> tuple[Any, Plan, Weights, TrainingTask]:
    """The lesson's spec, ready to train, logging only its first and its last epoch."""
    spec = load_spec(SPEC, {"training.epochs": epochs, "training.log_every": epochs, "metrics": []})
    streams = Streams(spec.seed, spec.rng)
    ready = prepare(spec, load_data(spec, SPEC.parent, streams), streams)
    plan = make_plan(spec.layers, spec.dataset.plan())
    weights = Weights(plan, spec.engine.dtype).initialize(streams)
    return spec, plan, weights, task_of(spec, ready, streams, lambda: False)


def competitors() -> dict[str, Callable[[], object]]:
    """Each runs EPOCHS epochs of the same net on the same rows."""
    spec, plan, weights, task = prepared(EPOCHS)
    tensors = weights.tensors()
    layers = [{name: tensors[f"layers.{i}.{name}"] for name in ("W", "b")} for i in range(len(plan.steps))]
    x, y = np.ascontiguousarray(task.train.inputs.T), np.ascontiguousarray(task.train.targets.T)
    runs: dict[str, Callable[[], object]] = {
        "specnet": lambda: list(spec.engine.train(plan, weights, task)),
        "lesson": lambda: lesson_program(x, y, layers, 0.01, EPOCHS),
        "terse": lambda: terse_program(x, y, layers, 0.01, EPOCHS),
    }
    try:
        from sklearn.neural_network import MLPRegressor
    except ImportError:
        print("scikit-learn is not installed: MLPRegressor is left out")
        return runs
    peer = MLPRegressor(
        hidden_layer_sizes=(4, 4), solver="sgd", alpha=0, batch_size=len(task.train), learning_rate_init=0.01,
        momentum=0, shuffle=False, max_iter=EPOCHS, tol=0, n_iter_no_change=10**9,
    )  # fmt: skip
    rows, targets = x.T.copy(), y.T.copy()
    return runs | {"MLPRegressor": lambda: peer.fit(rows, targets)}


def compare() -> None:
    """Prints microseconds per epoch and the ratios, from rounds that alternate between the competitors."""
    warnings.simplefilter("ignore")  # MLPRegressor warns that it has not converged
    runs = competitors()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) / EPOCHS * 1e6)
    print(f"specnet {specnet.__version__}, NumPy {np.__version__}; microseconds per epoch over {ROUNDS} rounds")
    for name, values in times.items():
        ratios = [ours / theirs for ours, theirs in zip(times["specnet"], values, strict=True)]
        of_minima, median = min(times["specnet"]) / min(values), statistics.median(values)
        print(f"{name:12} min {min(values):7.1f}  median {median:7.1f}", end="")
        print(f"  specnet / it: of the minima {of_minima:.2f}, median {statistics.median(ratios):.2f}")


def million() -> None:
    """Trains the million epochs and prints how far losses, weights and predictions are from the stored ones."""
    oracle = json.loads(ORACLE.read_text())
    run = specnet.run(SPEC)
    columns = {"norm_half_square_error": "train_loss_article", "loss": "train_loss_half_sse"}
    for name, key in columns.items():
        logged = zip(run.history["epoch"].tolist(), run.history[f"train.{name}"].tolist(), strict=True)
        worst = max(abs(value / oracle[key][str(epoch)] - 1) for epoch, value in logged)
        print(f"train.{name:24} largest relative difference {worst:.1e}")
    tensors = run.weights.tensors()
    stored = {
        f"layers.{i}.{name}": np.array(layer[name])
        for i, layer in enumerate(oracle["layers_after_epoch"]["1000000"])
        for name in ("W", "b")
    }
    predictions, wanted = run.predict(oracle["predict_inputs"]), np.array(oracle["predictions_after_1000000"])
    test_loss = run.metrics["test.norm_half_square_error"] / oracle["test_loss_article_after_1000000"] - 1
    print(f"weights       largest relative difference {max(_off(tensors[n], w) for n, w in stored.items()):.1e}")
    print(f"predictions   largest relative difference {_off(predictions, wanted):.1e}")
    print(f"test loss     relative difference {abs(test_loss):.1e}")


def _off(got: Array, wanted: Array) -> float:
    return float(np.max(np.abs(got - wanted) / np.abs(wanted)))


if __name__ == "__main__":
    million() if "--million" in sys.argv else compare()
