from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import specnet
from specnet import load_run, load_spec
from specnet.builtins.layers.embedding import Embedding
from specnet.component import ShapeError
from specnet.errors import DataError, SpecError
from specnet.registry import Registry
from specnet.testing import check_layer, failures
from specnet.testing.numbers import context


def spec(**changes: Any) -> dict[str, Any]:
    """y = the number of a in a table plus that of b in another."""
    return {
        "format": 1,
        "name": "table",
        "dataset": {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]},
        "split": {"train": 1.0, "test": 0.0},
        "layers": [
            {"type": "embedding", "name": "table", "categories": 3, "units": 2},
            {"type": "flatten"},
            {"type": "dense", "units": 1},
        ],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.02},
        "training": {"epochs": 1500},
        "checks": {"parameters_vs_rows": "off"},
        **changes,
    }


@pytest.mark.parametrize(("key", "value"), [("categories", 0), ("categories", (1 << 24) + 1), ("units", 0)])
def test_sizes_that_are_none(key: str, value: int) -> None:
    """Beyond 2**24 float32 does not tell one whole number from the next."""
    with pytest.raises(ValidationError, match=key):
        Embedding.model_validate({"type": "embedding", "categories": 2, "units": 1, key: value})


def test_two_inputs_are_one_too_many() -> None:
    with pytest.raises(ShapeError, match=r"^embedding reads one input, not 2$"):
        Embedding(categories=2, units=1).plan(((3,), (3,)))


@pytest.mark.parametrize(("wrong", "shown"), [(3.0, "3"), (-1.0, "-1"), (0.5, "0.5"), (np.nan, "nan"), (np.inf, "inf")])
def test_what_is_none_of_the_categories(wrong: float, shown: str) -> None:
    layer = Embedding(categories=3, units=1)
    with pytest.raises(DataError) as caught:
        layer.forward(context(), {"W": np.ones((3, 1))}, np.array([[0.0, wrong]]))
    (finding,) = caught.value.findings
    assert finding.code == "SN519"
    assert finding.message == f"embedding reads whole numbers from 0 to 2, and there is {shown} in what it reads"


def test_inputs_that_are_scaled() -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec(scaling={"inputs": "standardize"}), registry=Registry([]))
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN425", "scaling.inputs")
    says = "embedding (table) reads whole numbers from 0 to 2 as they stand, and the inputs are scaled"
    assert (finding.message, finding.help) == (says, "leave the scaling of inputs out")


@pytest.mark.parametrize(("value", "shown"), [(3.0, "3"), (-1.0, "-1"), (0.5, "0.5")])
def test_rows_to_predict_that_cannot_be_read(value: float, shown: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec(predict=[{"inputs": [[0.0, 2.0], [1.0, value]]}]), registry=Registry([]))
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN425", "predict.0.inputs.1")
    assert finding.message == f"embedding (table) reads whole numbers from 0 to 2, not {shown}"


def test_behind_another_layer_the_scaling_is_that_layers_business() -> None:
    layers = [{"type": "activation", "activation": "hard_sigmoid"}, *spec()["layers"]]
    load_spec(spec(layers=layers, scaling={"inputs": "standardize"}), registry=Registry([]))


def test_axes_before_the_last_keep_the_contract() -> None:
    assert failures(check_layer(Embedding(categories=5, units=2), ((2, 3, 2),))) == []


def test_a_row_is_looked_up_and_gets_the_gradients_of_all_its_places() -> None:
    gradients = {"W": np.full((3, 2), np.nan)}
    W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y, pullback = Embedding(categories=3, units=2).forward(
        context(gradients=gradients), {"W": W}, np.array([[2.0, 0.0], [2.0, 2.0]])
    )
    assert y.tolist() == [[[5.0, 6.0], [1.0, 2.0]], [[5.0, 6.0], [5.0, 6.0]]]
    pullback(np.arange(8.0).reshape(2, 2, 2))
    assert gradients["W"].tolist() == [[2.0, 3.0], [0.0, 0.0], [10.0, 13.0]]


def test_a_table_is_learned_and_a_stranger_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = (5.0, -1.0, 2.0), (0.0, 3.0, 1.0)
    rows = [f"{a},{b},{first[a] + second[b]}" for a in range(3) for b in range(3)]
    Path("d.csv").write_text("\n".join(["a,b,y", *rows]))
    result = specnet.run(spec(), out="run", registry=Registry([]))
    assert result.metrics["train.loss"] < 0.01
    again = load_run(result.path, Registry([]))
    assert again.predict([[0.0, 1.0]])[0, 0] == pytest.approx(8.0, abs=0.3)
    with pytest.raises(DataError, match="and there is 3 in what it reads"):
        again.predict([[3.0, 1.0]])
