from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from specnet.errors import Finding
from specnet.spec import load_spec
from specnet.spec.lint import lint

if TYPE_CHECKING:
    from specnet.registry import Registry

Findings = Callable[..., tuple[Finding, ...]]
Refused = Callable[[dict[str, Any]], Finding]


def dense(units: int, **fields: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, **fields}


# SN401 to SN406: the wiring, placed in the file


@pytest.mark.parametrize(
    ("layers", "code", "path", "message"),
    [
        (
            [dense(3, inputs=["inputs", "inputs"])],
            "SN401",
            "layers.0",
            "dense reads one input with one axis of columns, not (2,), (2,)",
        ),
        ([dense(4, name="a"), dense(3, name="a")], "SN402", "layers.1.name", "the name 'a' belongs to layers.0"),
        ([dense(3, inputs=["hidden"])], "SN403", "layers.0.inputs.0", "no layer is named 'hidden'"),
        ([dense(3, inputs=[])], "SN403", "layers.0.inputs", "a layer reads at least one input"),
        ([dense(3, name="a", inputs=["a"])], "SN404", "layers.0.inputs", "this layer waits for itself"),
        ([dense(4), dense(3, inputs=["inputs"])], "SN405", "layers.0", "nothing reads this layer"),
        (
            [dense(2)],
            "SN406",
            "layers.0",
            "the last layer gives 2 numbers a row, the dataset has 3 targets (a+b, a-b, |a-b|)",
        ),
        (
            [dense(2**62), dense(3)],
            "SN411",
            "layers.0",
            "with this layer there are more parameters than an array holds",
        ),
    ],
)
def test_a_fault_of_the_wiring(
    refused: Refused, layers: list[dict[str, Any]], code: str, path: str, message: str
) -> None:
    finding = refused({"layers": layers})
    assert (finding.code, finding.dotted, finding.message) == (code, path, message)


def test_more_rows_than_an_array_holds(refused: Refused) -> None:
    finding = refused({"dataset.samples": 2**62})
    assert (finding.code, finding.dotted) == ("SN411", "dataset")


# SN407: metrics


def test_a_metric_twice(refused: Refused) -> None:
    finding = refused({"metrics": ["norm_half_square_error", {"type": "norm_half_square_error"}]})
    assert (finding.code, finding.dotted) == ("SN407", "metrics.1")
    assert finding.message == "the column 'norm_half_square_error' stands twice in the history"


def test_a_metric_three_times_is_two_findings(minimal: dict[str, Any], findings: Findings) -> None:
    found = findings({**minimal, "metrics": ["norm_half_square_error"] * 3})
    assert [finding.dotted for finding in found] == ["metrics.1", "metrics.2"]


def test_a_metric_that_is_called_like_the_loss(minimal: dict[str, Any], registry: Registry) -> None:
    spec = load_spec({**minimal, "metrics": ["norm_half_square_error"]}, None, registry)
    named_loss = spec.metrics[0].model_copy(update={"type": "loss"})
    (finding,) = lint(spec.model_copy(update={"metrics": (named_loss,)}))
    assert (finding.code, finding.dotted) == ("SN407", "metrics.0")
    assert finding.message == "the column 'loss' stands twice in the history"


# SN408: test cases


@pytest.mark.parametrize(("row", "has"), [([], "0 numbers"), ([1], "1 number"), ([1, 2, 3], "3 numbers")])
def test_a_row_with_another_number_of_columns(refused: Refused, row: list[int], has: str) -> None:
    finding = refused({"predict": [{"inputs": [[1, 2]]}, {"inputs": [[3, 4], row]}]})
    assert (finding.code, finding.dotted) == ("SN408", "predict.1.inputs.1")
    assert finding.message == f"this row has {has}, the dataset has 2 inputs (a, b)"


def test_a_row_for_one_column(minimal: dict[str, Any], findings: Findings) -> None:
    minimal["dataset"] = {"type": "csv", "path": "d.csv", "inputs": ["a"], "targets": ["x", "y", "z"]}
    (finding,) = findings({**minimal, "predict": [{"inputs": [[1, 2]]}]})
    assert finding.message == "this row has 2 numbers, the dataset has 1 input (a)"


def test_each_such_row_is_a_finding(minimal: dict[str, Any], findings: Findings) -> None:
    found = findings({**minimal, "predict": [{"inputs": [[1], [1, 2], [1, 2, 3]]}, {"inputs": [[]]}]})
    assert [finding.dotted for finding in found] == ["predict.0.inputs.0", "predict.0.inputs.2", "predict.1.inputs.0"]


# Several, and none


def test_faults_of_the_model_are_seen_at_once(minimal: dict[str, Any], findings: Findings) -> None:
    minimal |= {
        "layers": [dense(2)],
        "metrics": ["norm_half_square_error"] * 2,
        "predict": [{"inputs": [[1]]}],
        "expect": [{"metric": "loss", "max": 1}],
    }
    assert [finding.code for finding in findings(minimal)] == ["SN406", "SN407", "SN408", "SN409"]


def test_a_sound_spec(full: dict[str, Any], registry: Registry) -> None:
    full["expect"] += [{"metric": f"{part}.norm_half_square_error", "max": 1} for part in ("train", "test")]
    assert lint(load_spec(full, None, registry)) == []
