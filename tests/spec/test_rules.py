from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from specnet import machine
from specnet.codes import IGNORABLE
from specnet.component import Layer, LayerPlan, Shape
from specnet.spec import examine, lint, load_spec, read_document

if TYPE_CHECKING:
    from specnet.errors import Finding
    from specnet.registry import Registry

Warned = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def warned(minimal: dict[str, Any], registry: Registry) -> Warned:
    """Code and path of what the minimal spec with these sections is warned of, where it can be run."""

    def look(rows: int | None = None, **sections: Any) -> list[tuple[str, str]]:
        spec = load_spec(minimal | sections, None, registry)
        findings = lint(spec, rows)
        assert {finding.severity for finding in findings} <= {"warning"}
        return [(finding.code, finding.dotted) for finding in findings]

    return look


def dense(units: int, **fields: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, **fields}


def message(minimal: dict[str, Any], registry: Registry, **sections: Any) -> tuple[str, str | None]:
    (finding,) = lint(load_spec(minimal | sections, None, registry))
    return finding.message, finding.help


def test_a_good_spec_is_warned_of_nothing(warned: Warned) -> None:
    assert warned() == []


# SN410: parameters against rows

FEW = [("SN410", "layers")]


@pytest.mark.parametrize(("samples", "codes"), [(38, FEW), (39, FEW), (40, [])])
def test_as_many_parameters_as_training_rows(warned: Warned, samples: int, codes: list[tuple[str, str]]) -> None:
    # 4 x 2 + 4 and 3 x 4 + 3 are 27 parameters; 39 rows give 27 to train on
    assert warned(dataset={"type": "arithmetic", "samples": samples}) == codes


def test_parameters_are_held_against_the_rows_that_were_read(warned: Warned) -> None:
    assert warned(rows=39) == [("SN410", "layers")]
    assert warned(rows=40) == []


def test_the_checks_section_turns_it_off_or_into_an_error(
    minimal: dict[str, Any], warned: Warned, registry: Registry
) -> None:
    few = {"type": "arithmetic", "samples": 20}
    assert warned(dataset=few, checks={"parameters_vs_rows": "off"}) == []
    source = read_document(minimal | {"dataset": few, "checks": {"parameters_vs_rows": "error"}})
    _, (finding,) = examine(source, {}, registry)
    assert (finding.code, finding.severity) == ("SN410", "error")
    assert finding.message == "27 parameters for 14 training rows: the net can learn them by heart"


# SN413: a bounded output for targets on both sides of 0

SCALED = {"targets": "standardize"}


def test_an_output_that_cannot_reach_the_scaled_targets(minimal: dict[str, Any], registry: Registry) -> None:
    layers = [dense(4), dense(3, activation="relu")]
    said, help = message(minimal, registry, layers=layers, scaling=SCALED)
    assert said == "the last layer gives values from 0 to inf, the scaled targets lie on both sides of 0 and beyond"
    assert help == "an activation without bounds such as linear, or targets that are not scaled"


@pytest.mark.parametrize(
    ("activation", "scaling", "codes"),
    [
        ("relu", SCALED, [("SN413", "layers.1")]),
        ("linear", SCALED, []),
        ("relu", {"inputs": "standardize"}, []),
    ],
)
def test_a_bounded_output(
    warned: Warned, activation: str, scaling: dict[str, Any], codes: list[tuple[str, str]]
) -> None:
    assert warned(layers=[dense(4), dense(3, activation=activation)], scaling=scaling) == codes


# SN414: a batch that is larger than the training rows


def test_p45_a_batch_larger_than_the_training_rows(minimal: dict[str, Any], registry: Registry) -> None:
    said, help = message(minimal, registry, training={"epochs": 1, "batch_size": 71})
    assert (said, help) == ("batch_size = 71 takes all 70 training rows", 'write batch_size = "full"')


@pytest.mark.parametrize(("size", "codes"), [(70, []), (71, [("SN414", "training.batch_size")]), ("full", [])])
def test_p45_a_batch_that_is_not_larger(warned: Warned, size: object, codes: list[tuple[str, str]]) -> None:
    assert warned(training={"epochs": 1, "batch_size": size}) == codes


# SN415: what is said and changes nothing


@pytest.mark.parametrize(
    ("training", "path", "says"),
    [
        ({"epochs": 5, "log_every": 6}, "log_every", "log_every = 6 is more than the 5 epochs"),
        ({"epochs": 5, "shuffle": True}, "shuffle", "shuffle = true has no effect: one batch holds all rows"),
    ],
)
def test_an_option_without_effect(
    minimal: dict[str, Any], registry: Registry, training: dict[str, Any], path: str, says: str
) -> None:
    (finding,) = lint(load_spec(minimal | {"training": training}, None, registry))
    assert (finding.code, finding.dotted, finding.message) == ("SN415", f"training.{path}", says)
    assert finding.help


@pytest.mark.parametrize(
    "training",
    [
        {"epochs": 5, "log_every": 5},
        {"epochs": 5, "shuffle": False},
        {"epochs": 5, "shuffle": True, "batch_size": 10},
        {"epochs": 1},
    ],
)
def test_an_option_with_effect(warned: Warned, training: dict[str, Any]) -> None:
    assert warned(training=training) == []


# SN416: memory


def test_more_memory_than_the_machine_has(
    minimal: dict[str, Any], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specnet.spec.rules.physical_memory", lambda: 8_000_000)
    said, help = message(minimal, registry, dataset={"type": "arithmetic", "samples": 100_000})
    assert said == "training takes about 0.0 GB, this machine has 0.0 GB"
    assert help == "most of it is for the data"


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"dataset": {"type": "arithmetic", "samples": 10**11}}, "dataset"),
        (
            {
                "layers": [dense(10**10), dense(3)],
                "checks": {"parameters_vs_rows": "off"},
                "training": {"epochs": 1, "batch_size": 1},
            },
            "layers",
        ),
        ({"layers": [dense(1_000), dense(3)], "dataset": {"type": "arithmetic", "samples": 10**10}}, "training"),
    ],
)
def test_what_takes_most_of_the_memory(warned: Warned, sections: dict[str, Any], path: str) -> None:
    assert warned(**sections) == [("SN416", path)]


def test_a_machine_that_does_not_tell_its_memory(warned: Warned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("specnet.spec.rules.physical_memory", lambda: None)
    assert warned(dataset={"type": "arithmetic", "samples": 10**11}) == []


def test_this_machine_has_some_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (machine.physical_memory() or 0) > 10**8

    def unknown(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr("os.sysconf", unknown, raising=False)
    assert machine.physical_memory() is None


# [lint]


def test_a_warning_is_ignored_with_a_reason(warned: Warned) -> None:
    ignore = [{"code": "SN410", "reason": "it is what this spec shows"}]
    assert warned(dataset={"type": "arithmetic", "samples": 20}, lint={"ignore": ignore}) == []
    assert warned(training={"epochs": 1, "log_every": 2}, lint={"ignore": ignore}) == [("SN415", "training.log_every")]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("SN102", "SN102 is an error: only a warning can be ignored"),
        ("SN4", "no code 'SN4': only a warning can be ignored"),
        ("sn410", "no code 'sn410': only a warning can be ignored"),
    ],
)
def test_what_cannot_be_ignored(refused: Callable[..., Finding], code: str, says: str) -> None:
    finding = refused({"lint": {"ignore": [{"code": code, "reason": "so"}]}})
    assert (finding.code, finding.dotted, finding.message) == ("SN422", "lint.ignore.0.code", says)
    assert finding.help == ", ".join(sorted(IGNORABLE))


@pytest.mark.parametrize(
    ("ignore", "code", "path"),
    [
        ({"code": "SN410"}, "SN103", "lint.ignore.0.reason"),
        ({"code": "SN410", "reason": " "}, "SN108", "lint.ignore.0.reason"),
        ({"reason": "x"}, "SN103", "lint.ignore.0.code"),
    ],
)
def test_a_reason_is_required(refused: Callable[..., Finding], ignore: dict[str, str], code: str, path: str) -> None:
    finding = refused({"lint": {"ignore": [ignore]}})
    assert (finding.code, finding.dotted) == (code, path)


def test_an_error_is_not_ignored_as_a_warning(refused: Callable[..., Finding]) -> None:
    few = {"dataset.samples": 20, "checks": {"parameters_vs_rows": "error"}}
    finding = refused(few | {"lint": {"ignore": [{"code": "SN410", "reason": "so"}]}})
    assert finding.code == "SN410"


# Faults of the shape do not hide those of the model, nor the other way round


@pytest.fixture
def told(minimal: dict[str, Any], registry: Registry, tmp_path: Path) -> Callable[..., list[tuple[str, str]]]:
    """Code and path of every finding of the minimal spec with these sections, in the order of the file."""

    def look(**sections: Any) -> list[tuple[str, str]]:
        file = tmp_path / "spec.json"
        file.write_text(json.dumps({key: value for key, value in (minimal | sections).items() if value is not None}))
        spec, findings = examine(read_document(file), {}, registry)
        assert spec is None
        assert all(finding.line for finding in findings)
        return [(finding.code, finding.dotted) for finding in findings]

    return look


@pytest.mark.parametrize(
    ("sections", "findings"),
    [
        (  # a misspelt name, and behind it a misspelt key and its value
            {"layers": [{"type": "dens", "unts": "x"}, dense(3)]},
            [("SN203", "layers.0.type"), ("SN102", "layers.0.unts"), ("SN104", "layers.0.unts")],
        ),
        (  # a broken layer does not hide that its neighbour reads nothing known
            {"layers": [dense(0, name="a"), dense(3, inputs=["a", "b"])]},
            [("SN105", "layers.0.units"), ("SN403", "layers.1.inputs.1")],
        ),
        (  # the width of the last layer is seen beside a broken loss
            {"layers": [dense(2)], "loss": {"type": "mse", "convention": 3}},
            [("SN406", "layers.0"), ("SN107", "loss.convention")],
        ),
        (  # without the columns the wiring is still checked
            {"dataset": {"type": "arithmetic", "samples": 0}, "layers": [dense(3, inputs=["x"])]},
            [("SN105", "dataset.samples"), ("SN403", "layers.0.inputs.0")],
        ),
        (  # one broken expectation does not hide the next
            {"expect": [{"metric": "test.loss"}, {"metric": "tst.loss", "max": 1}]},
            [("SN108", "expect.0"), ("SN409", "expect.1.metric")],
        ),
        (  # and one broken case not the next
            {"predict": [{"inputs": 3}, {"inputs": [[1, 2], [1]]}]},
            [("SN104", "predict.0.inputs"), ("SN408", "predict.1.inputs.1")],
        ),
        (  # a misspelt section is read as if it were right
            {"training": None, "trainig": {"epochs": 0}},
            [("SN102", "trainig"), ("SN105", "trainig.epochs")],
        ),
        (  # an unknown key hides nothing
            {"zzz": 1, "layers": [dense(2)]},
            [("SN406", "layers.0"), ("SN102", "zzz")],
        ),
        (  # warnings stand among the errors
            {"training": {"epochs": 5, "log_every": 9}, "loss": "l2"},
            [("SN203", "loss"), ("SN415", "training.log_every")],
        ),
    ],
)
def test_faults_of_shape_and_of_model_together(
    told: Callable[..., list[tuple[str, str]]], sections: dict[str, Any], findings: list[tuple[str, str]]
) -> None:
    assert sorted(told(**sections)) == sorted(findings)


@pytest.mark.parametrize(
    ("sections", "finding"),
    [
        ({"layers": [dense(4, nam="a"), dense(3, inputs=["a"])]}, ("SN102", "layers.0.nam")),  # probably `name`
        ({"layers": [5, dense(3, inputs=["a"])]}, ("SN201", "layers.0")),  # it may have been called a
        ({"layers": [dense(4, name=1), dense(3, inputs=["a"])]}, ("SN104", "layers.0.name")),
        ({"layers": [dense(4, inputs=3), dense(3)]}, ("SN104", "layers.0.inputs")),
        ({"layers": 3}, ("SN104", "layers")),
        ({"expect": [{"metric": "test.loss", "mxa": 1}]}, ("SN102", "expect.0.mxa")),  # and so it has no bound
        ({"expect": [{"metric": "test.loss", "zzz": 1}]}, ("SN102", "expect.0.zzz")),
        ({"dataset": {"type": "arithmetic", "sampels": 500}}, ("SN102", "dataset.sampels")),
        ({"layers": [dense(4, units_=2), dense(3)]}, ("SN102", "layers.0.units_")),
        ({"metrics": "none"}, ("SN104", "metrics")),
        ({"layers": [dense(4), {"type": "dense", "units": "3"}]}, ("SN104", "layers.1.units")),
        ({"lint": {"ignore": 3}}, ("SN104", "lint.ignore")),
    ],
)
def test_what_follows_from_a_fault_is_not_told(
    told: Callable[..., list[tuple[str, str]]], sections: dict[str, Any], finding: tuple[str, str]
) -> None:
    assert told(**sections) == [finding]


def test_a_layer_that_knows_no_bounds_is_no_fault() -> None:
    class Bare(Layer):
        """A layer as short as it can be."""

        type: Literal["bare"] = "bare"

        def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
            return LayerPlan(in_shapes[0])

        def forward(self, ctx: Any, params: Any, *inputs: Any) -> Any:
            return inputs[0], lambda dy: (dy,)

    assert Bare().bounds() == (float("-inf"), float("inf"))
