from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from specnet.builtins.classification_metrics import F1, Accuracy, LogLoss, Precision, Recall, RocAuc, TopK
from specnet.builtins.metrics import (
    AbsolutePercentageError,
    CoefficientOfDetermination,
    ExplainedVariance,
    RootMeanSquaredError,
    SquaredError,
)
from specnet.component import ShapeError, Undefined
from specnet.errors import SpecError
from specnet.registry import Registry
from specnet.testing import check_metric, failures

if TYPE_CHECKING:
    from specnet.arrays import Array

SKLEARN = json.loads((Path(__file__).parents[1] / "reference" / "metrics.json").read_text())["rows"]
reference = pytest.mark.parametrize("row", SKLEARN, ids=lambda row: f"{row['type']} {row['fields']}")


def metric_of(row: dict[str, Any]) -> Any:
    return Registry([]).find("metric", row["type"]).model_validate({"type": row["type"], **row["fields"]})


def of(metric: Any, prediction: Any, target: Any, *cuts: int) -> Any:
    p, t = np.array(prediction, np.float64), np.array(target, np.float64)
    state = metric.start()
    for start, end in zip((0, *cuts), (*cuts, len(p)), strict=True):
        batch = p[start:end].copy()
        state = metric.add(state, batch, t[start:end], np)
        batch[:] = np.nan  # the engine writes its next batch into the same memory
    return metric.result(state)


# What is refused, and what is undefined


@pytest.mark.parametrize(
    ("metric", "outputs", "says"),
    [
        (Accuracy(), 1, "of one output needs a threshold: 0.5 for probabilities, 0 for logits"),
        (F1(), 1, "of one output needs a threshold: 0.5 for probabilities, 0 for logits"),
        (TopK(k=3), 3, "with k = 3 is always 1 for 3 outputs"),
        (TopK(k=3), 1, "with k = 3 is always 1 for 1 output"),
    ],
    ids=str,
)
def test_outputs_that_a_metric_cannot_be_had_of(metric: Any, outputs: int, says: str) -> None:
    with pytest.raises(ShapeError) as caught:
        metric.check(outputs)
    assert str(caught.value) == says
    metric.check(outputs + 3)


def test_one_output_with_a_threshold_is_taken() -> None:
    Accuracy(threshold=0.5).check(1)
    Precision(threshold=0.0).check(1)


@pytest.mark.parametrize(
    ("metric", "prediction", "target", "reason"),
    [
        (CoefficientOfDetermination(), [[1.0]], [[2.0]], "it needs at least 2 rows"),
        (ExplainedVariance(), [[1.0]], [[2.0]], "it needs at least 2 rows"),
        (CoefficientOfDetermination(), [[1, 1], [2, 2]], [[1, 0.1], [3, 0.1]], "target 2 is the same in every row"),
        (AbsolutePercentageError(), [[1], [11]], [[0], [10]], "1 of 2 targets are 0"),
        (Precision(), [[1, 0, 0], [1, 0, 0]], [[1, 0, 0], [0, 1, 0]], "output 2 is never predicted"),
        (Recall(), [[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 0]], "output 3 is never the target"),
        (F1(), [[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 0]], "output 3 is neither predicted nor the target"),
        (Precision(threshold=0.5, average="micro"), [[0.1], [0.5]], [[1], [0]], "every output is never predicted"),
        (RocAuc(), [[0.1, 0.2], [0.3, 0.1]], [[0, 1], [1, 1]], "the targets of output 2 are all yes"),
        (RocAuc(), [[0.1], [0.3]], [[0], [0]], "the targets of output 1 are all no"),
    ],
    ids=str,
)
def test_p16_p31_what_is_undefined_says_why(metric: Any, prediction: Any, target: Any, reason: str) -> None:
    for cuts in ((), (1,))[: len(target)]:
        value = of(metric, prediction, target, *cuts)
        assert isinstance(value, Undefined)
        assert np.isnan(value)
        assert value.reason == reason


def test_an_undefined_number_comes_back_with_its_reason() -> None:
    value = pickle.loads(pickle.dumps(Undefined("so")))  # noqa: S301  # it was made here
    assert (type(value), value.reason, repr(value), f"{value:.3g}") == (Undefined, "so", "Undefined('so')", "nan")


@pytest.mark.parametrize(("name", "known"), [("auc", "roc_auc"), ("r2_score", "r2"), ("f1_score", "f1")])
def test_what_others_call_it_is_a_hint(name: str, known: str) -> None:
    with pytest.raises(SpecError) as caught:
        Registry([]).find("metric", name)
    assert caught.value.findings[0].help == f"here it is called {known!r}"


# The numbers of others


def test_every_metric_has_a_reference() -> None:
    own = {"norm_half_square_error"}  # the lesson's, known to nobody else
    assert sorted({row["type"] for row in SKLEARN} | own) == Registry([]).names("metric")


@reference
def test_the_value_is_that_of_scikit_learn(row: dict[str, Any]) -> None:
    metric = metric_of(row)
    outputs = metric.outputs(len(row["target"][0]))
    assert outputs == len(row["prediction"][0])
    metric.check(outputs)
    for cuts in ((), (1,), (4, 5, 16)):
        assert of(metric, row["prediction"], row["target"], *cuts) == pytest.approx(row["value"], rel=1e-12)


@reference
def test_it_keeps_the_contract(row: dict[str, Any]) -> None:
    assert failures(check_metric(metric_of(row))) == []


def test_what_a_log_loss_takes_depends_on_the_outputs() -> None:
    assert [LogLoss(from_logits=True).wants(n) for n in (1, 2)] == ["logits", "class_logits"]
    assert [LogLoss(from_logits=False).wants(n) for n in (1, 2)] == ["probabilities", "distributions"]
    assert of(LogLoss(from_logits=True), [[-1000.0]], [[1.0]]) == 1000.0  # P25
    assert of(LogLoss(from_logits=True), [[0.0, -1000.0]], [[0.0, 1.0]]) == 1000.0


def test_of_equal_outputs_the_first_is_the_class() -> None:
    flat = np.zeros((2, 3))
    assert of(Accuracy(), flat, [[1, 0, 0], [0, 1, 0]]) == 0.5
    assert of(TopK(k=1), flat, [[1, 0, 0], [0, 1, 0]]) == 0.5
    assert of(TopK(k=2), flat, [[0, 0, 1], [0, 1, 0]]) == 0.5


def test_an_output_on_the_threshold_is_a_no() -> None:
    assert of(Accuracy(threshold=0.5), [[0.5], [0.51]], [[0], [1]]) == 1.0


def test_r2_keeps_its_digits_far_from_zero() -> None:
    far = 1e9 + np.arange(1000.0)[:, None] / 1000
    assert of(CoefficientOfDetermination(), far + 0.1, far, *range(7, 1000, 7)) == pytest.approx(0.88, abs=1e-3)


# Laws

numbers = arrays(np.float64, (9, 2), elements=st.floats(-1e3, 1e3))
cuts = st.lists(st.integers(1, 8), unique=True).map(sorted)
ALL: list[Any] = [
    metric_of(row)
    for row in SKLEARN
    if row["type"] not in ("top_k", "sparse_accuracy") and row["fields"] != {"from_logits": False}
]


def near(a: float, b: float) -> bool:
    if isinstance(a, Undefined) or isinstance(b, Undefined):
        return getattr(a, "reason", a) == getattr(b, "reason", b)
    return abs(a - b) <= 1e-6 * max(1, abs(b))


@given(numbers, arrays(np.float64, (9, 2), elements=st.integers(-3, 3).map(float)), cuts, st.permutations(range(9)))
@settings(derandomize=True, max_examples=40)
def test_batches_and_the_order_of_rows_change_nothing(p: Array, t: Array, at: list[int], order: list[int]) -> None:
    for metric in ALL:
        value = of(metric, p, t)
        assert near(of(metric, p, t, *at), value)
        assert near(of(metric, p[order], t[order]), value)


@given(numbers, st.floats(0.1, 10), st.floats(-100, 100))
@settings(derandomize=True)
def test_r2_and_roc_auc_do_not_see_the_units(t: Array, factor: float, shift: float) -> None:
    p = np.round(t[::-1], 3)
    t = np.round(t, 3)
    yes = (t > 0) * 1.0
    for metric, target, moved in ((CoefficientOfDetermination(), t, t * factor + shift), (RocAuc(), yes, yes)):
        assert near(of(metric, p * factor + shift, moved), of(metric, p, target))


@given(numbers, numbers)
@settings(derandomize=True)
def test_the_square_of_rmse_is_mse(p: Array, t: Array) -> None:
    assert of(RootMeanSquaredError(), p, t) ** 2 == pytest.approx(of(SquaredError(), p, t), rel=1e-12)


@given(
    arrays(np.float64, (9, 1), elements=st.integers(-4, 4).map(float)), st.lists(st.booleans(), min_size=9, max_size=9)
)
@settings(derandomize=True)
def test_roc_auc_is_the_share_of_pairs_in_the_right_order(p: Array, yes: list[bool]) -> None:
    """The definition, pair by pair."""
    is_yes = np.array(yes)
    value = of(RocAuc(), p, is_yes[:, None])
    pairs = np.sign(p[is_yes] - p[~is_yes].T) / 2 + 0.5
    assert isinstance(value, Undefined) if pairs.size == 0 else value == pytest.approx(pairs.mean(), rel=1e-12)
