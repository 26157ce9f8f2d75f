from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_spec, run
from specnet.plan import make_plan
from specnet.preparation import load_data, prepare
from specnet.runs import Watcher
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.task import Epoch
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.runs import Run
    from specnet.spec import Spec

# What the lesson's own program prints and holds at seed 42; the file says how it was made.
ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "article_seed42.json").read_text())
SPEC = Path(__file__).parents[1] / "specs" / "arith_article.toml"
LOGGED = [1, 10, 100, 1000, 10_000]
# The program sums in another order, and 10,000 steps carry the last bits on: 3e-13 was measured in the parameters.
NEAR: dict[str, Any] = {"rtol": 1e-12, "atol": 0}


def tensors(layers: list[dict[str, Any]]) -> dict[str, Array]:
    return {f"layers.{i}.{name}": np.array(layer[name]) for i, layer in enumerate(layers) for name in ("W", "b")}


class Weighing(Watcher):
    """Keeps the parameters as they are after epoch 1000."""

    def planned(self, plan: Plan, weights: Weights) -> None:
        self.weights = weights

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 1000:
            self.after_1000 = {name: array.copy() for name, array in self.weights.tensors().items()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, dict[str, Array]]]:
    """The first 10,000 epochs, and the parameters after some of them."""
    watcher = Weighing()
    out = tmp_path_factory.mktemp("article") / "run"
    result = run(SPEC, set={"training.epochs": 10_000, "training.log_every": 10}, out=out, watcher=watcher)
    return result, {"1000": watcher.after_1000, "10000": result.weights.tensors()}


@pytest.fixture(scope="module")
def start() -> tuple[Spec, Plan, Prepared, Weights]:
    """Everything that is there before training."""
    spec = load_spec(SPEC)
    streams = Streams(spec.seed, spec.rng)
    prepared = prepare(spec, load_data(spec, SPEC.parent, streams), streams)
    plan = make_plan(spec.layers, spec.dataset.plan())
    return spec, plan, prepared, Weights(plan, spec.engine.dtype).initialize(streams)


def test_the_data_is_drawn_from_one_legacy_stream(start: tuple[Spec, Plan, Prepared, Weights]) -> None:
    data = start[2].data
    assert data.inputs.values[:5].tolist() == ORACLE["inputs_first5"]
    np.testing.assert_allclose(data.targets.values[:5], ORACLE["targets_first5"], rtol=1e-15)


def test_the_split_is_in_order(start: tuple[Spec, Plan, Prepared, Weights]) -> None:
    _, _, prepared, _ = start
    assert prepared.train.tolist() == list(range(ORACLE["train_rows"]))
    assert prepared.test.tolist() == list(range(ORACLE["train_rows"], ORACLE["train_rows"] + ORACLE["test_rows"]))


def test_the_scalers_know_the_training_rows_only(start: tuple[Spec, Plan, Prepared, Weights]) -> None:
    _, _, prepared, _ = start
    for name in ("mean", "std"):
        np.testing.assert_allclose(prepared.inputs.scales[0].state[name], ORACLE[f"input_{name}"], **NEAR)
        np.testing.assert_allclose(prepared.targets.scales[0].state[name], ORACLE[f"target_{name}"], **NEAR)


def test_the_parameters_are_drawn_in_the_order_of_the_program(start: tuple[Spec, Plan, Prepared, Weights]) -> None:
    _, plan, _, weights = start
    assert plan.parameter_count == ORACLE["parameters"]
    own, wanted = weights.tensors(), tensors(ORACLE["initial_layers"])
    assert own.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(own[name], array, rtol=1e-15)


@pytest.mark.parametrize(
    ("column", "key"),
    [("train.norm_half_square_error", "train_loss_article"), ("train.loss", "train_loss_half_sse")],
)
def test_the_losses_are_those_that_the_program_prints(
    trained: tuple[Run, dict[str, dict[str, Array]]], column: str, key: str
) -> None:
    history = trained[0].history
    logged = dict(zip(history["epoch"].tolist(), history[column].tolist(), strict=True))
    np.testing.assert_allclose([logged[n] for n in LOGGED], [ORACLE[key][str(n)] for n in LOGGED], **NEAR)


@pytest.mark.parametrize("epoch", ["1000", "10000"])
def test_the_parameters_are_those_of_the_program(trained: tuple[Run, dict[str, dict[str, Array]]], epoch: str) -> None:
    own, wanted = trained[1][epoch], tensors(ORACLE["layers_after_epoch"][epoch])
    assert own.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(own[name], array, **NEAR)
