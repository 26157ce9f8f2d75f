"""Baselines: what the mean and a linear model score on the same rows, so that "it trained" is not "it learned"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from specnet.artifacts import finite_or_reasons
from specnet.builtins.logits import sigmoid, softmax
from specnet.component import Undefined
from specnet.component.measures import BaselineName
from specnet.engine.evaluation import BLOCK, Score
from specnet.engine.network import bare_context, quiet
from specnet.runs.linear_models import Kind, LinearModel, fit, work

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Loss, Wanted
    from specnet.component.task import Split, TrainingTask

NAMES: tuple[BaselineName, ...] = get_args(BaselineName)
"""Every baseline, the plainest first."""
_MOST_WORK = 400_000_000
"""Products of a fit: about a second of a slow machine."""
_KINDS: dict[Wanted, Kind] = {
    "logits": "questions",
    "probabilities": "questions",
    "class_logits": "classes",
    "distributions": "classes",
}
_MADE: dict[Wanted, Callable[[Array], Array]] = {
    "probabilities": lambda logits: sigmoid(logits, np),
    "distributions": lambda logits: softmax(logits, np),
}


@dataclass(frozen=True)
class Baseline:
    """The loss and the metrics of a model of few numbers, by the columns of the run's own; or why there are none."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    reason: str | None = None

    def record(self) -> dict[str, Any]:
        """What `metrics.json` holds."""
        if self.reason is not None:
            return {"reason": self.reason}
        return finite_or_reasons(self.metrics)


def baselines(task: TrainingTask) -> dict[str, Baseline]:
    """Each baseline, fitted on the training rows and measured on all parts; nothing is raised."""
    return {name: _measured(name, task) for name in NAMES}


def _measured(name: BaselineName, task: TrainingTask) -> Baseline:
    try:
        x, t = (np.asarray(array, np.float64) for array in (task.train.inputs, _outputs(task)))
        if reason := _not_comparable(name, task.loss, x, t):
            return Baseline(reason=reason)
        with quiet():
            model = _model(name, x, t, task)
            return Baseline({key: value for part in task.splits for key, value in _scores(part, task, model)})
    except Exception as error:  # whatever it is: a model beside the run never costs the run
        return Baseline(reason=f"{type(error).__name__}: {error}".removesuffix(": "))


def _outputs(task: TrainingTask) -> Array:
    """What the outputs ought to be: the targets, or of the number of a class 1 for it and 0 for the others."""
    targets, classes = task.train.targets, task.loss.whole_targets()
    if classes is None or targets.shape[1] != 1 or task.loss.outputs(1) != classes:
        return targets
    ones: Array = np.eye(classes)[targets[:, 0].astype(int)]
    return ones


def _not_comparable(name: BaselineName, loss: Loss, x: Array, t: Array) -> str | None:
    wants = loss.wants()
    if loss.outputs(t.shape[1]) != t.shape[1] and loss.whole_targets() != t.shape[1]:
        return f"{loss.type} takes several outputs for a target"
    if wants == "positive" and name == "linear":
        return f"{loss.type} takes numbers above 0, and a linear model gives any"
    if wants in ("anything", "positive") and not _is_least_at_targets(loss, t):
        return f"{loss.type} is not least where predictions are the targets, which is what it is fitted for"
    products = work(len(x), x.shape[1], t.shape[1], _KINDS.get(wants, "numbers"))
    if name == "linear" and products > _MOST_WORK:
        return f"{len(x):,} rows of {x.shape[1]:,} inputs are too many for a model beside the run"
    return None


def _is_least_at_targets(loss: Loss, t: Array) -> bool:
    """False where the loss means something else by a prediction, such as a logarithm or a side."""
    at = t[:BLOCK]
    step = 1e-3 * (1 + np.abs(at))
    with quiet():
        here, *near = (loss.value(bare_context(at.dtype), y, at) for y in (at, at + step, at - step))
    return all(here <= value for value in near if np.isfinite(value))


def _model(name: BaselineName, x: Array, t: Array, task: TrainingTask) -> Callable[[Array], Array]:
    """From inputs to predictions in the form that the loss takes."""
    wants, weights = task.loss.wants(), task.train.weights
    kind = _KINDS.get(wants, "numbers")
    linear = fit(x, t, kind, weights) if name == "linear" else _mean(x, t, kind, weights)
    made = _MADE.get(wants)
    return linear.predict if made is None else lambda inputs: made(linear.predict(inputs))


def _mean(x: Array, t: Array, kind: Kind, weights: Array | None) -> LinearModel:
    """The mean of the targets; never surer of a class than half a row among all of them allows."""
    mean = np.average(t, axis=0, weights=weights)
    if kind != "numbers":
        mean = np.clip(mean, 0.5 / len(t), 1 - 0.5 / len(t))
        mean = np.log(mean / (1 - mean)) if kind == "questions" else np.log(mean)
    return LinearModel(np.zeros((x.shape[1], t.shape[1])), mean)


def _scores(part: str, task: TrainingTask, model: Callable[[Array], Array]) -> list[tuple[str, float]]:
    split, outputs = task.splits[part], task.loss.outputs(task.train.targets.shape[1])
    comparable = tuple(metric for metric in task.metrics if _gives(task.loss.wants(), metric.wants(outputs)))
    values = _score(split, model, Score(task.loss, comparable))
    left_out = Undefined("a baseline does not give what it is read from")
    names = ("loss", *(metric.type for metric in task.metrics))
    return [(f"{part}.{name}", values.get(name, left_out)) for name in names]


def _gives(form: Wanted, wanted: Wanted) -> bool:
    """Whether predictions in the form of the loss can be read as a metric does."""
    return wanted == "anything" or form == wanted or (form, wanted) == ("distributions", "probabilities")


def _score(split: Split, model: Callable[[Array], Array], score: Score) -> dict[str, float]:
    context = bare_context(split.targets.dtype)
    for start in range(0, len(split), BLOCK):
        rows = slice(start, start + BLOCK)
        prediction = model(np.asarray(split.inputs[rows], np.float64)).astype(split.targets.dtype)
        score.add(context, prediction, split.targets[rows], None if split.weights is None else split.weights[rows])
    return score.values()
