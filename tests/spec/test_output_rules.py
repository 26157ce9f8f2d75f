from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pytest

from specnet.codes import IGNORABLE
from specnet.component import Activation, Loss, Wanted
from specnet.spec import lint, load_spec

if TYPE_CHECKING:
    from specnet.errors import Finding
    from specnet.registry import Registry

Refused = Callable[[dict[str, Any]], "Finding"]
Findings = Callable[..., "tuple[Finding, ...]"]
BINARY = {"type": "binary_cross_entropy", "from_logits": True}
FROM_P = {"type": "binary_cross_entropy", "from_logits": False}
CLASSES = {"type": "categorical_cross_entropy", "from_logits": True}
FROM_ROWS = {"type": "categorical_cross_entropy", "from_logits": False}
RATES = {"type": "poisson", "log_input": False}
NUMBERED = {"type": "sparse_categorical_cross_entropy", "classes": 4, "from_logits": True}


def dense(activation: str | None = None, units: int = 3) -> dict[str, Any]:
    return {"type": "dense", "units": units, **({} if activation is None else {"activation": activation})}


def alone(activation: str) -> dict[str, Any]:
    return {"type": "activation", "activation": activation}


# SN412: what the loss applies is there already


@pytest.mark.parametrize(
    ("layers", "loss", "message"),
    [
        (
            [dense("sigmoid")],
            BINARY,
            "binary_cross_entropy applies a sigmoid, and the output already is numbers from 0 to 1",
        ),
        (
            [dense(), alone("sigmoid")],
            {"type": "focal"},
            "focal applies a sigmoid, and the output already is numbers from 0 to 1",
        ),
        (
            [dense(), "softmax"],
            CLASSES,
            "categorical_cross_entropy applies a softmax, and the output already is rows that sum to 1",
        ),
        (
            [dense(), "log_softmax"],
            BINARY,
            "binary_cross_entropy applies a sigmoid, and the output already is logarithms, never above 0",
        ),
        (
            [dense("hard_sigmoid")],
            {"type": "kl_divergence", "from_logits": True},
            "kl_divergence applies a softmax, and the output already is numbers from 0 to 1",
        ),
    ],
)
def test_a_sigmoid_or_softmax_too_many(refused: Refused, layers: list[Any], loss: Any, message: str) -> None:
    finding = refused({"layers": layers, "loss": loss})
    assert (finding.code, finding.dotted, finding.severity) == ("SN412", f"layers.{len(layers) - 1}", "error")
    assert finding.message == message
    assert finding.help == f"take what makes it so out of the net, or tell {message.split()[0]} that it is there"


# SN418: what the loss takes is not there


@pytest.mark.parametrize(
    ("layers", "loss", "message"),
    [
        ([dense()], FROM_P, "binary_cross_entropy takes numbers from 0 to 1, the last layer gives numbers of any size"),
        (
            [dense("relu")],
            FROM_P,
            "binary_cross_entropy takes numbers from 0 to 1, the last layer gives numbers that may be greater than 1",
        ),
        (
            [dense("sigmoid")],
            FROM_ROWS,
            "categorical_cross_entropy takes rows that sum to 1, the last layer gives numbers from 0 to 1",
        ),
        (
            [dense(), "log_softmax"],
            {"type": "kl_divergence", "from_logits": False},
            "kl_divergence takes rows that sum to 1, the last layer gives logarithms, never above 0",
        ),
        ([dense("tanh")], RATES, "poisson takes numbers above 0, the last layer gives numbers of any size"),
    ],
)
def test_a_sigmoid_or_softmax_too_few(refused: Refused, layers: list[Any], loss: Any, message: str) -> None:
    finding = refused({"layers": layers, "loss": loss})
    assert (finding.code, finding.dotted, finding.severity) == ("SN418", f"layers.{len(layers) - 1}", "error")
    assert finding.message == message
    assert finding.help == f"let {message.split()[0]} make them, where it can, or the last layer"


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ([dense()], BINARY),
        ([dense("relu")], BINARY),
        ([dense("sigmoid")], FROM_P),
        ([dense(), "softmax"], FROM_P),
        ([dense()], CLASSES),
        ([dense(), "log_softmax"], CLASSES),
        ([dense(), "softmax"], FROM_ROWS),
        ([dense("sigmoid"), dense()], BINARY),
        ([dense(), "softmax", dense()], CLASSES),
        ([dense("softplus")], RATES),
        ([dense("exp")], RATES),
        ([dense(), "softmax"], RATES),
        ([dense()], {"type": "poisson", "log_input": True}),
        ([dense("sigmoid")], "mse"),
        ([dense("leaky_relu")], FROM_P),  # it tells no bounds, and is held to nothing
    ],
)
def test_what_fits_together(findings: Findings, minimal: dict[str, Any], layers: list[Any], loss: Any) -> None:
    assert findings(minimal | {"layers": layers, "loss": loss}) == ()


# SN417: a distribution over one unit


@pytest.mark.parametrize(
    ("layer", "message"),
    [("softmax", "softmax over one unit is always 1"), ("log_softmax", "log_softmax over one unit is always 0")],
)
def test_a_softmax_over_one_unit(refused: Refused, layer: str, message: str) -> None:
    finding = refused({"layers": [dense(units=1), layer, dense()]})
    assert (finding.code, finding.dotted, finding.message) == ("SN417", "layers.1", message)
    assert finding.help == "a unit for each class, or a sigmoid for one of two"


def test_a_softmax_over_two_units(findings: Findings, minimal: dict[str, Any]) -> None:
    assert findings(minimal | {"layers": [dense(units=2), "softmax", dense()]}) == ()


# SN419: outputs and targets that a loss cannot be had of


def test_classes_with_one_output(refused: Refused, tmp_path: Any) -> None:
    data = {"type": "csv", "path": "rows.csv", "inputs": ["a"], "targets": ["b"]}
    finding = refused({"dataset": data, "layers": [dense(units=1)], "loss": CLASSES})
    assert (finding.code, finding.dotted) == ("SN419", "loss")
    wanted = "categorical_cross_entropy needs an output for each class: of one class there is nothing to learn"
    assert finding.message == wanted


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (BINARY, "binary_cross_entropy takes targets from 0 to 1 as they stand, and they are scaled"),
        (CLASSES, "categorical_cross_entropy takes targets from 0 to 1 as they stand, and they are scaled"),
        (
            {"type": "poisson", "log_input": True},
            "poisson takes targets of 0 and more as they stand, and they are scaled",
        ),
    ],
)
def test_scaled_targets(refused: Refused, loss: Any, message: str) -> None:
    finding = refused({"loss": loss, "scaling": {"targets": "standardize"}})
    assert (finding.code, finding.dotted, finding.message) == ("SN419", "scaling.targets", message)
    assert finding.help == "leave the scaling of targets out"


def test_scaled_targets_of_a_bounded_output_are_one_fault(refused: Refused) -> None:
    sigmoid = {"layers": [dense("sigmoid")], "loss": FROM_P, "scaling": {"targets": "standardize"}}
    assert refused(sigmoid).code == "SN419"


def test_scaled_targets_that_are_numbers_of_classes(refused: Refused) -> None:
    finding = refused({"layers": [dense(units=12)], "loss": NUMBERED, "scaling": {"targets": "standardize"}})
    says = (
        "sparse_categorical_cross_entropy takes other outputs than targets, and the scaling of these cannot be undone"
    )
    assert (finding.code, finding.dotted, finding.message) == ("SN419", "scaling.targets", says)


def test_as_many_outputs_as_the_loss_takes_for_the_targets(
    refused: Refused, findings: Findings, minimal: dict[str, Any]
) -> None:
    finding = refused({"layers": [dense()], "loss": NUMBERED})
    assert (finding.code, finding.dotted) == ("SN406", "layers.0")
    assert finding.message == (
        "the last layer gives 3 numbers a row, the dataset has 3 targets (a+b, a-b, |a-b|), "
        "for which the loss takes 12 outputs"
    )
    measured = [{"type": "sparse_accuracy", "classes": 4}]
    assert findings(minimal | {"layers": [dense(units=12)], "loss": NUMBERED, "metrics": measured}) == ()


def test_as_many_class_weights_as_classes(refused: Refused) -> None:
    finding = refused({"loss": {**CLASSES, "class_weights": [1, 2]}})
    says = "categorical_cross_entropy has 2 class_weights, and there are 3 classes"
    assert (finding.code, finding.dotted, finding.message) == ("SN419", "loss", says)


@pytest.mark.parametrize(
    ("loss", "units", "metric", "message"),
    [
        (NUMBERED, 12, "accuracy", "accuracy takes 3 outputs for 3 targets, and sparse_categorical_cross_entropy 12"),
        (
            "mse",
            3,
            {"type": "sparse_accuracy", "classes": 2},
            "sparse_accuracy takes 6 outputs for 3 targets, and mse 3",
        ),
    ],
)
def test_a_metric_that_reads_other_outputs_than_the_loss(
    refused: Refused, loss: Any, units: int, metric: Any, message: str
) -> None:
    finding = refused({"layers": [dense(units=units)], "loss": loss, "metrics": [metric]})
    assert (finding.code, finding.dotted, finding.message) == ("SN419", "metrics.0", message)
    assert finding.help == "one that reads targets as the loss does"


def test_scaled_inputs_and_other_losses(findings: Findings, minimal: dict[str, Any]) -> None:
    assert findings(minimal | {"loss": BINARY, "scaling": {"inputs": "standardize"}}) == ()
    assert findings(minimal | {"loss": "hinge", "scaling": {"targets": "standardize"}}) == ()


# What a part that says nothing of itself is held to


def test_a_component_that_says_nothing_is_held_to_nothing(minimal: dict[str, Any], registry: Registry) -> None:
    class Bare(Activation):
        """Twice x."""

        type: Literal["bare"] = "bare"

        def value(self, x: Any, xp: Any) -> Any:
            return 2 * x

        def slope(self, x: Any, y: Any, xp: Any) -> Any:
            return 2 + 0 * x

    class Own(Loss):
        """Zero."""

        type: Literal["own"] = "own"
        wanted: Wanted
        """What it says that it wants."""

        def value(self, *_: Any) -> float:
            return 0.0

        def gradient(self, *_: Any) -> Any:
            return 0

        def wants(self) -> Wanted:
            return self.wanted

    assert Bare().gives() == "anything"
    spec = load_spec(minimal, None, registry)
    layers = (*spec.layers[:-1], spec.layers[-1].model_copy(update={"activation": Bare()}))
    for wanted in ("logits", "class_logits", "positive", "probabilities", "distributions"):
        assert lint(spec.model_copy(update={"layers": layers, "loss": Own(wanted=wanted)})) == []
        codes = [finding.code for finding in lint(spec.model_copy(update={"loss": Own(wanted=wanted)}))]
        assert codes == ([] if "logits" in wanted else ["SN418"])


def test_they_are_errors_that_cannot_be_ignored() -> None:
    assert not {"SN412", "SN417", "SN418", "SN419"} & IGNORABLE


# Metrics


@pytest.mark.parametrize(
    ("layers", "metric", "code", "message"),
    [
        (
            [dense(), "softmax"],
            {"type": "log_loss", "from_logits": True},
            "SN412",
            "log_loss applies a softmax, and the output already is rows that sum to 1",
        ),
        (
            [dense()],
            {"type": "log_loss", "from_logits": False},
            "SN418",
            "log_loss takes rows that sum to 1, the last layer gives numbers of any size",
        ),
        ([dense()], {"type": "top_k", "k": 3}, "SN419", "top_k with k = 3 is always 1 for 3 outputs"),
    ],
)
def test_what_a_metric_cannot_be_had_of(
    refused: Refused, layers: list[Any], metric: Any, code: str, message: str
) -> None:
    finding = refused({"layers": layers, "metrics": ["r2", metric]})
    assert (finding.code, finding.dotted, finding.message) == (code, "metrics.1", message)


def test_one_output_without_a_threshold(refused: Refused) -> None:
    data = {"type": "csv", "path": "rows.csv", "inputs": ["a"], "targets": ["b"]}
    finding = refused({"dataset": data, "layers": [dense(units=1)], "metrics": ["accuracy"]})
    assert (finding.code, finding.dotted) == ("SN419", "metrics.0")
    assert finding.message == "accuracy of one output needs a threshold: 0.5 for probabilities, 0 for logits"


def test_metrics_that_fit(findings: Findings, minimal: dict[str, Any]) -> None:
    measured = ["accuracy", "f1", {"type": "log_loss", "from_logits": True}, {"type": "top_k", "k": 2}, "roc_auc"]
    assert findings(minimal | {"metrics": measured}) == ()
