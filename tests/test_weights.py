from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from specnet.builtins.layers.dense import Dense
from specnet.component import DatasetPlan
from specnet.plan import Plan, make_plan
from specnet.streams import Streams
from specnet.weights import Weights


@pytest.fixture
def plan() -> Plan:
    return make_plan([Dense(units=3, name="hidden"), Dense(units=1)], DatasetPlan(("a", "b"), ("y",), 10))


def changed(tensors: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: array for name, array in {**tensors, **changes}.items() if array is not None}


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("hidden.W", None, r"tensors \['hidden.W'\] are missing or too many"),
        ("hidden.V", np.zeros(1), r"tensors \['hidden.V'\] are missing or too many"),
        ("hidden.W", np.zeros((2, 3)), r"tensor 'hidden.W' is float64 \(2, 3\), the spec plans float64 \(3, 2\)"),
        ("hidden.b", np.zeros(3, np.float32), r"tensor 'hidden.b' is float32 \(3,\), the spec plans float64 \(3,\)"),
    ],
)
def test_other_tensors_are_not_restored(plan: Plan, name: str, array: Any, message: str) -> None:
    weights = Weights(plan, "float64")
    with pytest.raises(ValueError, match=f"^{message}$"):
        weights.restore(changed(weights.tensors(), **{name: array}))


def test_all_parameters_are_views_into_one_vector(plan: Plan) -> None:
    weights = Weights(plan, "float64")
    weights.flat[:] = np.arange(13)
    tensors = weights.tensors()
    assert {name: array.shape for name, array in tensors.items()} == {
        "hidden.W": (3, 2),
        "hidden.b": (3,),
        "layers.1.W": (1, 3),
        "layers.1.b": (1,),
    }
    np.testing.assert_array_equal(np.concatenate([array.ravel() for array in tensors.values()]), np.arange(13))
    tensors["layers.1.b"][0] = 99
    assert weights.flat[-1] == 99


def test_what_was_stored_is_restored(plan: Plan) -> None:
    weights = Weights(plan, "float64").initialize(Streams(3))
    copy = {name: array.copy() for name, array in weights.tensors().items()}
    np.testing.assert_array_equal(Weights(plan, "float64").restore(copy).flat, weights.flat)


def test_a_layer_starts_alike_whatever_comes_after_it() -> None:
    columns = DatasetPlan(("a", "b"), ("y",), 10)
    short = make_plan([Dense(units=1)], columns)
    long = make_plan([Dense(units=1), Dense(units=1)], columns)
    one, other = (Weights(plan, "float64").initialize(Streams(0)).tensors() for plan in (short, long))
    np.testing.assert_array_equal(one["layers.0.W"], other["layers.0.W"])
    assert not np.array_equal(other["layers.0.b"], other["layers.1.b"])
