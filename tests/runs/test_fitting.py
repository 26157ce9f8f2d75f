from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from specnet import load_spec, run
from specnet.builtins.losses import MeanSquaredError
from specnet.component import Loss
from specnet.component.task import Split
from specnet.errors import DataError
from specnet.preparation import Prepared, load_data, prepare
from specnet.registry import Registry
from specnet.runs.fitting import task_of, weights_fault
from specnet.streams import Streams

SPEC = {
    "format": 1,
    "name": "weights",
    "dataset": {"type": "arithmetic", "samples": 20},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 2},
}


class Root(Loss):
    """The root of the mean of the squares of all errors, which is no mean over rows."""

    type: Literal["root"] = "root"

    def value(self, *_: Any) -> float:
        return 0.0

    def gradient(self, *_: Any) -> Any:
        return 0


def split(*weights: float) -> Split:
    rows = np.ones((len(weights), 1))
    return Split(rows, rows, np.array(weights))


def test_a_loss_of_all_rows_together_cannot_weigh_them() -> None:
    fault = weights_fault(Root(), split(1.0, 2.0), "train")
    assert fault is not None
    says = "the rows have weights, and root says no loss of single rows that they could weigh"
    assert (fault.code, fault.dotted, fault.message) == ("SN521", "loss", says)
    assert weights_fault(Root(), replace(split(1.0), weights=None), "train") is None


def test_weights_of_which_nothing_is_left() -> None:
    fault = weights_fault(MeanSquaredError(), split(0.0, 0.0), "test")
    assert fault is not None
    assert (fault.code, fault.dotted) == ("SN521", "dataset")
    assert fault.message == "no row of test has a weight above 0"
    assert weights_fault(MeanSquaredError(), split(0.0, 0.5), "test") is None


def test_weights_from_a_file_are_rows_that_stand_in_it_as_often(tmp_path: Path) -> None:
    rows = [f"{i},{(i * i) % 7},{(3 * i) % 5}" for i in range(12)]
    counts = [(i * 2) % 3 for i in range(12)]
    header = "a,b,y"
    (tmp_path / "weighed.csv").write_text(
        "\n".join([header + ",n", *(f"{r},{n}" for r, n in zip(rows, counts, strict=True))])
    )
    (tmp_path / "repeated.csv").write_text(
        "\n".join([header, *(r for r, n in zip(rows, counts, strict=True) for _ in range(n))])
    )
    trained = []
    for file, more in (("weighed", [{"type": "number", "name": "n", "role": "weight"}]), ("repeated", [])):
        dataset = {"type": "csv", "path": str(tmp_path / f"{file}.csv"), "inputs": ["a", "b"], "targets": ["y"]}
        spec = {**SPEC, "dataset": dataset | {"columns": more}, "layers": [{"type": "dense", "units": 1}]}
        spec |= {"split": {"train": 1.0, "test": 0.0}, "training": {"epochs": 20}}
        trained.append(run(spec, out=tmp_path / file, registry=Registry([])))
    first, second = trained
    np.testing.assert_allclose(first.weights.flat, second.weights.flat, rtol=1e-9)
    np.testing.assert_allclose(first.history["train.loss"], second.history["train.loss"], rtol=1e-9)
    assert first.metrics["train.loss"] == pytest.approx(second.metrics["train.loss"], rel=1e-9)


def test_they_are_refused_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load_spec(SPEC, registry=Registry([]))
    streams = Streams(1)
    prepared = prepare(spec, load_data(spec, None, streams), streams)  # type: ignore[arg-type]  # no file is read
    whole = Prepared.split

    def weighed(self: Prepared, index: Any, dtype: str) -> Split:
        return replace(whole(self, index, dtype), weights=np.zeros(len(index)))

    assert task_of(spec, prepared, streams, lambda: False).train.weights is None
    monkeypatch.setattr(Prepared, "split", weighed)
    with pytest.raises(DataError, match="no row of train has a weight above 0"):
        task_of(spec, prepared, streams, lambda: False)
