from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.errors import Finding, SpecError, UsageError
from specnet.registry import Registry, Selection, load_registry
from specnet.spec import Spec, load_spec, parse_assignment
from specnet.spec.overrides import apply

Findings = Callable[..., tuple[Finding, ...]]

BUILTINS = load_registry(Selection(allowed=frozenset()))


def changed(data: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    return apply(data, overrides, Spec, BUILTINS)


def value_of(dotted: str, text: object) -> Any:
    """What the data of an empty spec holds after one assignment."""
    data: Any = changed({}, {dotted: text})
    for part in dotted.split("."):
        data = data[part]
    return data


# Refusals: the assignment


@pytest.mark.parametrize("text", ["", "=", "=5", "  =5", "seed", "training.epochs 100"])
def test_an_assignment_without_a_path_or_an_equals_sign(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_assignment(text)
    assert caught.value.findings == (
        Finding("SN110", f"--set takes path=value, not {text!r}", help="such as training.epochs=100"),
    )


# Refusals: the path


@pytest.mark.parametrize(
    ("dotted", "message"),
    [
        ("layers.2.units", "layers is a list of 2, counted from 0"),
        ("layers.2", "layers is a list of 2, counted from 0"),
        ("layers.-1.units", "layers is a list of 2, counted from 0"),
        ("layers.1e0.units", "layers is a list of 2, counted from 0"),
        ("layers.\u0661.units", "layers is a list of 2, counted from 0"),
        ("layers.\u00b2.units", "layers is a list of 2, counted from 0"),
        ("layers.units", "layers is a list of 2, counted from 0"),
        (f"layers.{'9' * 5_000}.units", "layers is a list of 2, counted from 0"),
        ("predict.0.inputs", "predict is a table"),
        ("name.first", "name is 'small'"),
        ("training.epochs.first", "training.epochs is 20"),
        ("training.epochs.first.last", "training.epochs is 20"),
        ("loss.type.name", "loss.type is 'mse'"),
        ("training.0", "training is a table"),
        ("0", "the spec is a table"),
        ("0.units", "the spec is a table"),
    ],
)
def test_a_path_that_leads_nowhere(minimal: dict[str, Any], findings: Findings, dotted: str, message: str) -> None:
    (finding,) = findings(minimal, {dotted: "1"})
    assert (finding.code, finding.file) == ("SN109", "--set")
    assert finding.message == f"--set {dotted}: {message}"
    assert finding.dotted == dotted


@pytest.mark.parametrize(
    ("dotted", "path"),
    [
        ("training.epoch", "training.epoch"),
        ("sede", "sede"),
        ("optimiser.learning_rate", "optimiser"),
        ("layers.0.unit", "layers.0.unit"),
        ("layers.0.activation.slope", "layers.0.activation.slope"),
        ("a..b", "a"),
        ("", ""),
    ],
)
def test_a_key_that_is_merely_unknown_is_left_to_the_validator(
    minimal: dict[str, Any], findings: Findings, dotted: str, path: str
) -> None:
    (finding,) = findings(minimal, {dotted: "1"})
    assert (finding.code, finding.dotted, finding.file) == ("SN102", path, "--set")


def test_a_path_has_a_limit(minimal: dict[str, Any], findings: Findings) -> None:
    (finding,) = findings(minimal, {".".join("a" * 2_000): "1"})
    assert (finding.code, finding.file) == ("SN109", "--set")
    assert finding.message == f"--set {'a.' * 20}...: the path is too deep"


# Refusals: the value


@pytest.mark.parametrize("text", ["1e3", "5.0", "1.", "ten", "", "true", "0x", "1_", "1__0", "_1", "007", "1\n2"])
def test_p60_what_is_no_integer_is_not_made_one(minimal: dict[str, Any], findings: Findings, text: str) -> None:
    (finding,) = findings(minimal, {"layers.0.units": text})
    assert (finding.code, finding.dotted, finding.file) == ("SN104", "layers.0.units", "--set")
    assert finding.message.startswith("'units' must be an integer, not ")


@pytest.mark.parametrize("text", ["NO", "no", "off", "yes", "on", "True", "FALSE", "0", "1", '"true"', ""])
def test_p62_text_is_no_truth_value(minimal: dict[str, Any], findings: Findings, text: str) -> None:
    (finding,) = findings(minimal, {"training.shuffle": text})
    shown = text if text in ("0", "1") else repr(text.strip('"'))
    assert (finding.code, finding.file) == ("SN104", "--set")
    assert finding.message == f"'shuffle' must be true or false, not {shown}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("nan", "nan"), ("inf", "inf"), ("-inf", "-inf"), ("1e999", "inf"), ("NaN", "nan"), ("-Infinity", "-inf")],
)
def test_p59_a_number_is_finite(minimal: dict[str, Any], findings: Findings, text: str, shown: str) -> None:
    (finding,) = findings(minimal, {"optimizer.learning_rate": text})
    assert (finding.code, finding.file) == ("SN106", "--set")
    assert finding.message == f"'learning_rate' must be a finite number, not {shown}"


@pytest.mark.parametrize("text", ["[" * 5_000, '{"a":' * 5_000])
def test_a_value_that_is_nested_too_deep_is_text(minimal: dict[str, Any], findings: Findings, text: str) -> None:
    (finding,) = findings(minimal, {"layers": text})
    assert finding.code == "SN104"
    assert finding.message.startswith(f"'layers' must be a list, not '{text[:20]}")


def test_a_value_is_one_value(minimal: dict[str, Any], findings: Findings) -> None:
    (finding,) = findings(minimal, {"seed": '1\nname = "other"'})
    assert finding.message == "'seed' must be an integer, not '1\\nname = \"other\"'"


# Assignments


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("training.epochs=100", "training.epochs", "100"),
        ("name=", "name", ""),
        (" name = small ", "name", " small "),
        ("dataset.path=./x=1.csv", "dataset.path", "./x=1.csv"),
        ("a==", "a", "="),
    ],
)
def test_p64_an_assignment_is_parted_at_the_first_equals_sign(text: str, path: str, value: str) -> None:
    assert parse_assignment(text) == (path, value)


def test_p64_a_path_with_an_equals_sign_is_the_one_that_is_opened(minimal: dict[str, Any]) -> None:
    minimal["dataset"] = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["x", "y", "z"]}
    path, value = parse_assignment("dataset.path=./x=1.csv")
    assert load_spec(minimal, {path: value}, BUILTINS).dataset.path == "./x=1.csv"  # type: ignore[attr-defined]


# Values, read as the place wants them


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("5E-4", 0.0005),
        ("1.", 1.0),
        (".5", 0.5),
        ("+.5e1", 5.0),
        ("+1e-3", 0.001),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("0.1", 0.1),
        ("3", 3),
        ("007", 7.0),
        ("1.e2", 100.0),
    ],
)
def test_p61_numbers_are_numbers(minimal: dict[str, Any], text: str, value: float) -> None:
    spec = load_spec(minimal, {"optimizer.learning_rate": text}, BUILTINS)
    assert spec.optimizer.learning_rate == value  # type: ignore[attr-defined]
    assert type(value_of("optimizer.learning_rate", text)) is type(value)


@given(x=st.floats(allow_nan=False, allow_infinity=False))
@settings(derandomize=True, deadline=None)
def test_p61_every_float_is_read_as_it_was_written(x: float) -> None:
    texts = [repr(x), f"{x:.17g}", f"{x:+.16E}", repr(x).replace("e", "E")]
    assert [float(value_of("seed", text)) for text in texts] == [x] * len(texts)


@given(n=st.integers(-(10**30), 10**30))
@settings(derandomize=True, deadline=None)
def test_p61_every_integer_is_read_as_it_was_written(n: int) -> None:
    for text in (str(n), f"{n:_}", f"{n:+}"):
        value = value_of("seed", text)
        assert (type(value), value) == (int, n)


@given(text=st.text("0123456789._eE+-", min_size=1, max_size=8))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_p61_what_looks_like_a_number_is_the_number_of_python_or_text(text: str) -> None:
    value = value_of("seed", text)
    assert value == text or (value == float(text) and (isfinite(value) or "e" in text.lower()))


@pytest.mark.parametrize(
    ("dotted", "text"),
    [
        ("name", "2.0.1b"),
        ("name", "007"),
        ("name", "1e3"),
        ("name", "true"),
        ("name", "2020-01-01"),
        ("layers.0.name", "nan"),
    ],
)
def test_p66_text_stays_as_it_was_typed(minimal: dict[str, Any], dotted: str, text: str) -> None:
    spec = load_spec(minimal, {dotted: text}, BUILTINS)
    assert text in (spec.name, spec.layers[0].name)


@pytest.mark.parametrize(
    ("dotted", "text"),
    [
        ("dataset.path", "1e3.csv"),
        ("dataset.path", "007"),
        ("dataset.path", '"quoted".csv'),
        ("dataset.path", r"C:\new\table.csv"),
        ("dataset.path", "[1]"),
        ("dataset.inputs.0", "1e3"),
        ("dataset.targets.2", "true"),
        ("expect.0.metric", "1.5"),
    ],
)
def test_p66_text_of_components_and_of_lists_stays_as_it_was_typed(
    minimal: dict[str, Any], dotted: str, text: str
) -> None:
    minimal["dataset"] = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["x", "y", "z"]}
    minimal["expect"] = [{"metric": "test.loss", "max": 1}]
    data: Any = changed(minimal, {dotted: text})
    for part in dotted.split("."):
        data = data[int(part) if isinstance(data, list) else part]
    assert data == text


@pytest.mark.parametrize(
    ("dotted", "text", "value"),
    [
        ("training.shuffle", "true", True),
        ("training.shuffle", "false", False),
        ("training.batch_size", "full", "full"),
        ("training.batch_size", '"full"', "full"),
        ("training.batch_size", "16", 16),
        ("rng", "mt19937", "mt19937"),
        ("engine", "numpy", "numpy"),
        ("engine", '{type = "numpy", dtype = "float32"}', {"type": "numpy", "dtype": "float32"}),
        ("engine", '{"type": "numpy", "dtype": "float32"}', {"type": "numpy", "dtype": "float32"}),
        ("predict", "[{inputs = [[1, 2]]}]", [{"inputs": [[1, 2]]}]),
        ("requires", '["a>=1", "b"]', ["a>=1", "b"]),
        ("split", "null", None),
        ("seed", "0x10", 16),
        ("seed", " 5 ", 5),
    ],
)
def test_other_values_are_those_of_toml_and_json(dotted: str, text: str, value: object) -> None:
    assert value_of(dotted, text) == value
    assert type(value_of(dotted, text)) is type(value)


@pytest.mark.parametrize("value", [5, 2.5, True, None, ["a"], {"type": "mse"}])
def test_what_is_no_text_is_taken_as_it_is(value: object) -> None:
    assert value_of("loss", value) == value


# Where a value goes


def test_the_way_to_a_value_is_made(minimal: dict[str, Any]) -> None:
    spec = load_spec(minimal, {"split.train": "0.9", "split.test": "0.1"}, BUILTINS)
    assert (spec.split.train, spec.split.test) == (0.9, 0.1)
    assert spec.split.model_fields_set == {"train", "test"}


@pytest.mark.parametrize("dotted", ["layers.0.activation.type", "layers.00.activation"])
def test_a_name_that_is_short_for_a_table_can_be_changed_inside(minimal: dict[str, Any], dotted: str) -> None:
    assert load_spec(minimal, {dotted: "linear"}, BUILTINS).layers[0].activation.type == "linear"  # type: ignore[attr-defined]


def test_a_short_name_becomes_the_table_that_it_is_short_for() -> None:
    data = {"layers": [{"type": "dense", "units": 1, "activation": "relu"}], "dataset": "arithmetic"}
    assert changed(data, {"layers.0.activation.beta": "2", "dataset.samples": "5"}) == {
        "layers": [{"type": "dense", "units": 1, "activation": {"type": "relu", "beta": 2}}],
        "dataset": {"type": "arithmetic", "samples": 5},
    }


def test_overrides_are_applied_in_their_order(minimal: dict[str, Any]) -> None:
    overrides = {"dataset": '{type = "arithmetic"}', "dataset.samples": "7", "training.epochs": "3"}
    spec = load_spec(minimal, overrides, BUILTINS)
    assert (spec.dataset.samples, spec.training.epochs) == (7, 3)  # type: ignore[attr-defined]


def test_p65_what_depends_on_a_value_follows_it(minimal: dict[str, Any]) -> None:
    spec = load_spec(minimal, {"training.epochs": "5000"}, BUILTINS)
    assert (spec.training.epochs, spec.training.log_every) == (5000, 500)
    assert load_spec(minimal, {"split.test": "0.0", "split.train": "1.0"}, BUILTINS).columns() == ["train.loss"]


def test_p65_the_resolved_spec_is_the_same_without_overrides(full: dict[str, Any]) -> None:
    overrides = {"training.epochs": "77", "layers.0.activation": "linear", "optimizer.learning_rate": "1e-3"}
    spec = load_spec(full, overrides, BUILTINS)
    assert load_spec(spec.model_dump(mode="json"), None, BUILTINS) == spec


def test_p58_neither_the_data_nor_the_overrides_are_changed(minimal: dict[str, Any]) -> None:
    overrides = {
        "layers": [{"type": "dense", "units": 2, "activation": "relu"}, {"type": "dense", "units": 1}],
        "layers.1.units": "3",
        "layers.0.activation.type": "linear",
        "split": {"train": 0.5},
        "split.test": 0.5,
    }
    before = deepcopy((minimal, overrides))
    spec = load_spec(minimal, overrides, BUILTINS)
    assert (minimal, overrides) == before
    assert load_spec(minimal, overrides, BUILTINS) == spec
    assert spec.layers[1].units == 3  # type: ignore[attr-defined]


# Whose fault it is


def test_a_fault_of_an_override_is_placed_there(tmp_path: Path, minimal: dict[str, Any], findings: Findings) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(minimal))
    for overrides, dotted in [
        ({"layers.0.units": "0"}, "layers.0.units"),
        ({"layers.1.units": "5"}, "layers.1"),
        ({"split.train": "0.5"}, "split"),
        ({"loss.typ": "mse"}, "loss.typ"),
        ({"sections.a": "1"}, "sections"),
        ({"dataset.type": "csv"}, "dataset.path"),
        ({"expect": '[{metric = "test.los", max = 1}]'}, "expect.0.metric"),
        ({"requires": '["no-such-plugin"]'}, "requires.0"),
        ({"training.epochs": f"0x{'f' * 5_000}"}, "training.epochs"),
    ]:
        finding = findings(path, overrides)[0]
        assert (finding.file, finding.dotted) == ("--set", dotted)


def test_a_fault_of_the_file_stays_in_the_file(tmp_path: Path, minimal: dict[str, Any], findings: Findings) -> None:
    minimal["split"] = {"train": 0.7, "test": 0.2}
    minimal["training"] = {"epochs": 0}
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(minimal))
    file = str(path)
    overrides = {"split.shuffle": "false", "training.shuffle": "false", "seed": "-1", "optimizer.typo": "x"}
    found = findings(path, overrides)
    assert [(finding.file, finding.dotted) for finding in found] == [
        ("--set", "seed"),
        ("--set", "optimizer.typo"),
        (file, "training.epochs"),
        (file, "split"),
    ]


def test_a_help_that_an_override_has_changed_does_not_move_a_fault(
    tmp_path: Path, minimal: dict[str, Any], findings: Findings
) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({**minimal, "zzz": 1}))
    (finding,) = findings(path, {"seed": "3"})
    assert (finding.file, finding.dotted) == (str(path), "zzz")


def test_a_path_that_leads_nowhere_is_a_spec_error(registry: Registry) -> None:
    with pytest.raises(SpecError) as error:
        apply({"layers": []}, {"layers.0": "dense"}, Spec, registry)
    assert [finding.file for finding in error.value.findings] == ["--set"]
