from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest
from pydantic import BaseModel, Field, ValidationError

from specnet.builtins.layers.dense import Dense
from specnet.builtins.scalers import Standardize
from specnet.component import Activation, AnyActivation, Component
from specnet.errors import Finding, SpecError
from specnet.filenames import is_plain
from specnet.registry import Registry
from specnet.spec import Spec, load_spec

if TYPE_CHECKING:
    from specnet.arrays import Array

Findings = Callable[..., tuple[Finding, ...]]
Refused = Callable[[dict[str, Any]], Finding]

SLOTS = [
    ("dataset", "dataset", ", ".join(Registry([]).names("dataset"))),
    ("scaling.inputs", "scaler", ", ".join(Registry([]).names("scaler"))),
    ("scaling.targets", "scaler", ", ".join(Registry([]).names("scaler"))),
    ("layers.0", "layer", ", ".join(Registry([]).names("layer"))),
    ("layers.1.activation", "activation", ", ".join(Registry([]).names("activation"))),
    ("layers.1.weight_initializer", "initializer", ", ".join(Registry([]).names("initializer"))),
    ("layers.1.bias_initializer", "initializer", ", ".join(Registry([]).names("initializer"))),
    ("loss", "loss", ", ".join(Registry([]).names("loss"))),
    ("optimizer", "optimizer", ", ".join(Registry([]).names("optimizer"))),
    ("metrics", "metric", ", ".join(Registry([]).names("metric"))),
    ("engine", "engine", "numpy"),
]
FREE = (
    "keys that may stand here: "
    "seed, rng, requires, metrics, split, scaling, gradient_clipping, early_stopping, checkpoint, checks, lint, "
    "engine, predict, expect"
)
SPLIT_KEYS = "stratify, time, column, parts, validation_path, test_path, folds, fold, train, validation, test, shuffle"
slots = pytest.mark.parametrize(("path", "kind", "known"), SLOTS, ids=[path for path, _, _ in SLOTS])


def in_slot(path: str, value: object) -> tuple[str, dict[str, Any]]:
    """Where the value stands, and the change that puts it there."""
    return (f"{path}.0", {path: [value]}) if path == "metrics" else (path, {path: value})


# Slots: refusals


@slots
@pytest.mark.parametrize(("value", "shown"), [(1, "1"), (True, "true"), ([], "[]"), (2.5, "2.5")])
def test_a_component_is_a_name_or_a_table(
    refused: Refused, path: str, kind: str, known: str, value: object, shown: str
) -> None:
    at, change = in_slot(path, value)
    finding = refused(change)
    assert (finding.code, finding.dotted, finding.help) == ("SN201", at, None)
    assert finding.message == f"{kind} must be a name or a table with a 'type', not {shown}"


@slots
def test_a_table_without_a_type(refused: Refused, path: str, kind: str, known: str) -> None:
    at, change = in_slot(path, {})
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN202", at)
    assert (finding.message, finding.help) == (f"{kind} has no 'type'", f"known: {known}")


@slots
@pytest.mark.parametrize(("value", "shown"), [(1, "1"), (True, "true"), (None, "nothing"), ({}, "a table")])
def test_a_type_is_text(refused: Refused, path: str, kind: str, known: str, value: object, shown: str) -> None:
    at, change = in_slot(path, {"type": value})
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN202", f"{at}.type")
    assert (finding.message, finding.help) == (f"'type' must be text, not {shown}", f"known: {known}")


@slots
@pytest.mark.parametrize("key", ["tpye", "typ", "typee", "Type"])
def test_a_misspelt_type_is_an_unknown_key(refused: Refused, path: str, kind: str, known: str, key: str) -> None:
    needed: dict[str, dict[str, Any]] = {
        "layer": {"activation": "linear"},
        "initializer": {"value": 0.5},
        "loss": {"from_logits": True},
        "optimizer": {"learning_rate": 0.1},
    }
    at, change = in_slot(path, {key: known.split(",")[0], **needed.get(kind, {})})
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN102", f"{at}.{key}")
    assert (finding.message, finding.help) == (f"unknown key '{key}'", "did you mean 'type'?")


# Sections: refusals


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2, "2"), (0, "0"), (True, "true"), (1.0, "1.0"), ("1", "'1'"), (None, "nothing"), ([1], "[1]")],
)
def test_the_format_is_the_integer_1(refused: Refused, value: object, shown: str) -> None:
    finding = refused({"format": value})
    assert (finding.code, finding.dotted) == ("SN107", "format")
    assert (finding.message, finding.help) == (f"'format' must be 1, not {shown}", None)


@pytest.mark.parametrize("key", ["format", "name", "dataset", "layers", "loss", "optimizer", "training"])
def test_what_a_spec_must_say(refused: Refused, key: str) -> None:
    finding = refused({key: ...})
    assert (finding.code, finding.dotted) == ("SN103", key)
    assert (finding.message, finding.help) == (f"missing key '{key}'", None)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"training.epochs": ...}, "training.epochs"),
        ({"predict": [{}]}, "predict.0.inputs"),
        ({"layers.0.units": ...}, "layers.0.units"),
        ({"optimizer.learning_rate": ...}, "optimizer.learning_rate"),
        ({"optimizer": "gradient_descent"}, "optimizer.learning_rate"),
    ],
)
def test_what_a_section_or_a_component_must_say(refused: Refused, change: dict[str, Any], path: str) -> None:
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN103", path)
    assert finding.message == f"missing key '{path.rpartition('.')[2]}'"


def test_an_empty_spec_lacks_each_of_them(findings: Findings) -> None:
    keys = ["format", "name", "dataset", "layers", "loss", "optimizer", "training"]
    assert [finding.message for finding in findings({})] == [f"missing key '{key}'" for key in keys]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("seed", "an integer"),
        ("training.epochs", "an integer"),
        ("training.log_every", "an integer"),
        ("layers.0.units", "an integer"),
        ("dataset.samples", "an integer"),
    ],
)
@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "true"), ("8", "'8'"), (10.0, "10.0"), (10.7, "10.7"), (1e3, "1000.0"), ([8], "[8]"), (None, "nothing")],
)
def test_p60_an_integer_is_an_integer(refused: Refused, path: str, wanted: str, value: object, shown: str) -> None:
    finding = refused({path: value})
    assert (finding.code, finding.dotted) == ("SN104", path)
    assert finding.message == f"'{path.rpartition('.')[2]}' must be {wanted}, not {shown}"


@pytest.mark.parametrize(
    "path", ["optimizer.learning_rate", "dataset.low", "split.train", "expect.0.max", "predict.0.inputs.0.1"]
)
@pytest.mark.parametrize(("value", "shown"), [(True, "true"), ("0.5", "'0.5'"), ([0.5], "[0.5]"), ({}, "a table")])
def test_a_number_is_a_number(minimal: dict[str, Any], refused: Refused, path: str, value: object, shown: str) -> None:
    if (path, value) == ("optimizer.learning_rate", {}):
        return  # a table there is a schedule
    minimal["expect"] = [{"metric": "test.loss", "min": 0.0}]
    minimal["predict"] = [{"inputs": [[1.0, 2.0]]}]
    finding = refused({path: value})
    key = "item 1" if path.endswith("1") else f"'{path.rpartition('.')[2]}'"
    if path.endswith("1") and isinstance(value, bool | str):  # a cell may be a text, and not of this column
        assert (finding.code, finding.dotted) == ("SN408", path)
        assert finding.message == f"the column 'b': {shown} is no number"
        return
    assert (finding.code, finding.dotted) == ("SN104", path)
    assert finding.message == f"{key} must be a number, not {shown}"


@pytest.mark.parametrize("path", ["training.shuffle", "split.shuffle"])
@pytest.mark.parametrize(("value", "shown"), [("NO", "'NO'"), ("off", "'off'"), ("true", "'true'"), (0, "0"), (1, "1")])
def test_p62_a_truth_value_is_true_or_false(refused: Refused, path: str, value: object, shown: str) -> None:
    finding = refused({path: value})
    assert (finding.code, finding.dotted) == ("SN104", path)
    assert finding.message == f"'shuffle' must be true or false, not {shown}"


@pytest.mark.parametrize("path", ["name", "expect.0.metric", "layers.0.name", "requires.0", "layers.0.inputs.0"])
@pytest.mark.parametrize(("value", "shown"), [(7, "7"), (True, "true"), (2.0, "2.0"), ({}, "a table")])
def test_text_is_text(minimal: dict[str, Any], refused: Refused, path: str, value: object, shown: str) -> None:
    minimal["expect"] = [{"metric": "test.loss", "min": 0.0}]
    minimal["requires"] = ["pydantic"]
    minimal["layers"][0]["inputs"] = ["inputs"]
    finding = refused({path: value})
    key = "item 0" if path.endswith("0") else f"'{path.rpartition('.')[2]}'"
    assert (finding.code, finding.dotted) == ("SN104", path)
    assert finding.message == f"{key} must be text, not {shown}"


@pytest.mark.parametrize("path", ["split", "scaling", "training", "checks", "predict.0", "expect.0"])
@pytest.mark.parametrize(("value", "shown"), [(5, "5"), ("x", "'x'"), ([], "[]")])
def test_a_section_is_a_table(refused: Refused, path: str, value: object, shown: str) -> None:
    section, dot, _ = path.partition(".")
    finding = refused({section: [value] if dot else value})
    assert (finding.code, finding.dotted) == ("SN104", path)
    assert finding.message == f"{'item 0' if dot else repr(section)} must be a table, not {shown}"


@pytest.mark.parametrize("path", ["layers", "metrics", "requires", "predict", "expect", "layers.0.inputs"])
@pytest.mark.parametrize(("value", "shown"), [(5, "5"), ("dense", "'dense'"), ({"a": 1}, "a table")])
def test_a_list_is_a_list(refused: Refused, path: str, value: object, shown: str) -> None:
    finding = refused({path: value})
    assert (finding.code, finding.dotted) == ("SN104", path)
    assert finding.message == f"'{path.rpartition('.')[2]}' must be a list, not {shown}"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("seed", -1, "'seed' must be at least 0, not -1"),
        ("seed", 2**32, "'seed' must be less than 4294967296, not 4294967296"),
        ("layers.0.units", 0, "'units' must be greater than 0, not 0"),
        ("layers.0.units", -1, "'units' must be greater than 0, not -1"),
        ("dataset.samples", 0, "'samples' must be greater than 0, not 0"),
        ("training.epochs", 0, "'epochs' must be greater than 0, not 0"),
        ("training.epochs", -5, "'epochs' must be greater than 0, not -5"),
        ("training.log_every", 0, "'log_every' must be greater than 0, not 0"),
        ("optimizer.learning_rate", 0.0, "'learning_rate' must be greater than 0.0, not 0.0"),
        ("optimizer.learning_rate", -1, "'learning_rate' must be greater than 0.0, not -1"),
        ("split.train", 0, "'train' must be greater than 0.0, not 0"),
        ("split.train", 1.5, "'train' must be at most 1.0, not 1.5"),
        ("split.test", -0.1, "'test' must be at least 0.0, not -0.1"),
        ("split.test", 1, "'test' must be less than 1.0, not 1"),
        ("split.validation", -0.1, "'validation' must be at least 0.0, not -0.1"),
        ("split.validation", 1, "'validation' must be less than 1.0, not 1"),
        ("gradient_clipping", {"mode": "norm", "limit": 0}, "'limit' must be at least 1e-30, not 0"),
        ("gradient_clipping", {"mode": "value", "limit": 1e39}, "'limit' must be at most 1e+30, not 1e+39"),
        ("early_stopping", {"patience": -1}, "'patience' must be at least 0, not -1"),
        ("early_stopping", {"patience": 1, "every": 0}, "'every' must be greater than 0, not 0"),
        ("early_stopping", {"patience": 1, "min_delta": -1e-9}, "'min_delta' must be at least 0.0, not -1e-09"),
    ],
)
def test_p42_p60_ranges(refused: Refused, path: str, value: Any, message: str) -> None:
    finding = refused({path: value})
    key = message.split("'")[1]
    at = f"{path}.{key}" if isinstance(value, dict) else path
    assert (finding.code, finding.dotted, finding.message) == ("SN105", at, message)


@pytest.mark.parametrize("value", [0, -1, True, 8.0, "8", "Full", "", None, [8]])
def test_a_batch_is_full_or_a_number_of_rows(refused: Refused, value: object) -> None:
    finding = refused({"training.batch_size": value})
    assert (finding.code, finding.dotted) == ("SN108", "training.batch_size")
    assert finding.message.startswith("'batch_size': must be \"full\" or an integer greater than 0, not ")


@pytest.mark.parametrize(
    ("path", "value", "message", "help"),
    [
        ("rng", "mt1993", "'rng' must be 'pcg64' or 'mt19937', not 'mt1993'", "did you mean 'mt19937'?"),
        ("rng", "xorshift", "'rng' must be 'pcg64' or 'mt19937', not 'xorshift'", None),
        ("rng", 5, "'rng' must be 'pcg64' or 'mt19937', not 5", None),
        ("rng", ["pcg64"], "'rng' must be 'pcg64' or 'mt19937', not ['pcg64']", None),
        (
            "checks.parameters_vs_rows",
            "warning",
            "'parameters_vs_rows' must be 'error', 'warn' or 'off', not 'warning'",
            "did you mean 'warn'?",
        ),
        (
            "loss.convention",
            "half-sum",
            "'convention' must be 'mean' or 'half_sum', not 'half-sum'",
            "did you mean 'half_sum'?",
        ),
        (
            "engine",
            {"type": "numpy", "dtype": "float16"},
            "'dtype' must be 'float64' or 'float32', not 'float16'",
            "did you mean 'float64'?",
        ),
    ],
)
def test_a_misspelt_value_of_a_few(refused: Refused, path: str, value: object, message: str, help: str | None) -> None:
    finding = refused({path: value})
    assert (finding.code, finding.message, finding.help) == ("SN107", message, help)
    assert finding.dotted == (path if path != "engine" else "engine.dtype")


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "../a", ".a", "a.", "con", "NUL.txt", "a:b", "a b", "é", "a\n"])
def test_p55_a_run_is_named_so_that_every_system_has_a_folder_for_it(refused: Refused, name: str) -> None:
    finding = refused({"name": name})
    assert (finding.code, finding.dotted) == ("SN108", "name")
    assert finding.message == (
        f"{name!r} is no file name on every system: letters, digits and . _ -, no device of Windows"
    )


def test_p55_a_name_leaves_room_for_the_time_of_the_run(refused: Refused, minimal: dict[str, Any]) -> None:
    name = "a" * 58
    assert load_spec({**minimal, "name": name}).name == name
    assert is_plain(f"{name}-20250101-235959-abcd")
    finding = refused({"name": "b" * 59})
    assert (finding.code, finding.dotted) == ("SN108", "name")
    assert finding.message == f"'name' must have at most 58 characters, not '{'b' * 56}..."


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b", "a\n", "-a"])
def test_a_layer_is_named_by_one_word(refused: Refused, name: str) -> None:
    finding = refused({"layers.0.name": name})
    assert (finding.code, finding.dotted) == ("SN108", "layers.0.name")
    assert finding.message == f"'name' must match ^[A-Za-z][A-Za-z0-9_-]*$, not {name!r}"


@pytest.mark.parametrize(
    ("split", "total"),
    [
        ({"train": 0.7, "test": 0.2}, "0.9"),
        ({"train": 0.8}, "1.1"),
        ({"test": 0.2}, "0.9"),
        ({"train": 1.0}, "1.3"),
        ({"train": 0.7, "test": 0.30000000000000004}, "1.00000000000000004"),
        ({"train": 1e-05, "test": 0.9}, "0.90001"),
        ({"train": 1, "test": 1e-40}, "1.0000000000000000000000000000000000000001"),
        ({"train": 0.7, "test": 0.2, "validation": 0.0}, "0.9"),
    ],
)
def test_fractions_add_up_to_one(refused: Refused, split: dict[str, float], total: str) -> None:
    finding = refused({"split": split})
    assert (finding.code, finding.dotted) == ("SN108", "split")
    assert finding.message == f"train + test = {total}, and must be 1"


@pytest.mark.parametrize(
    ("split", "total"),
    [
        ({"validation": 0.15}, "1.15"),
        ({"train": 0.7, "validation": 0.1, "test": 0.1}, "0.9"),
        ({"train": 0.7, "validation": 0.1, "test": 0.2000000000000001}, "1.0000000000000001"),
    ],
)
def test_fractions_with_validation_add_up_to_one(refused: Refused, split: dict[str, float], total: str) -> None:
    assert refused({"split": split}).message == f"train + validation + test = {total}, and must be 1"


@pytest.mark.parametrize(("path", "value"), [("layers", []), ("predict", [{"inputs": []}])])
def test_a_list_that_is_not_empty(refused: Refused, path: str, value: list[Any]) -> None:
    finding = refused({path: value})
    at = path if path == "layers" else "predict.0.inputs"
    assert (finding.code, finding.dotted) == ("SN108", at)
    assert finding.message == f"'{at.rpartition('.')[2]}' needs at least 1 of them"


ONE = "an expectation has exactly one of metric, parameters, output_shape, epochs; this one has "
COUNT = "must be an integer of at least 0, or a table with min or max"


@pytest.mark.parametrize(
    ("expectation", "path", "message"),
    [
        ({}, "", ONE + "none of them"),
        ({"max": 1}, "", ONE + "none of them"),
        ({"metric": "test.loss", "max": 1, "epochs": 20}, "", ONE + "metric and epochs"),
        ({"parameters": 27, "output_shape": [3]}, "", ONE + "parameters and output_shape"),
        ({"metric": "test.loss"}, "", "an expectation needs a min or a max"),
        ({"metric": "test.loss", "min": 2, "max": 1.5}, "", "min = 2.0 is greater than max = 1.5"),
        ({"parameters": {}}, ".parameters", "an expectation needs a min or a max"),
        ({"epochs": {"min": 3, "max": 2}}, ".epochs", "min = 3 is greater than max = 2"),
        (
            {"parameters": 27, "max": 30},
            "",
            "min and max stand beside a metric; for parameters write parameters = { min = ..., max = ... }",
        ),
        (
            {"output_shape": [3], "min": 0},
            "",
            "min and max stand beside a metric; for output_shape write a list of integers",
        ),
        ({"parameters": -1}, ".parameters", f"'parameters': {COUNT}, not -1"),
        ({"parameters": 27.0}, ".parameters", f"'parameters': {COUNT}, not 27.0"),
        ({"parameters": True}, ".parameters", f"'parameters': {COUNT}, not true"),
        ({"epochs": "20"}, ".epochs", f"'epochs': {COUNT}, not '20'"),
        ({"epochs": [20]}, ".epochs", f"'epochs': {COUNT}, not [20]"),
    ],
)
def test_an_expectation_that_holds_nothing_or_too_much(
    refused: Refused, expectation: dict[str, Any], path: str, message: str
) -> None:
    finding = refused({"expect": [expectation]})
    assert (finding.code, finding.dotted, finding.message) == ("SN108", f"expect.0{path}", message)


@pytest.mark.parametrize(
    ("expectation", "code", "path", "message"),
    [
        ({"parameters": {"mx": 300}}, "SN102", "parameters.mx", "unknown key 'mx'"),
        ({"epochs": {"max": 2.5}}, "SN104", "epochs.max", "'max' must be an integer, not 2.5"),
        ({"epochs": {"max": -1}}, "SN105", "epochs.max", "'max' must be at least 0, not -1"),
        ({"output_shape": 3}, "SN104", "output_shape", "'output_shape' must be a list, not 3"),
        ({"output_shape": ["3"]}, "SN104", "output_shape.0", "item 0 must be an integer, not '3'"),
    ],
)
def test_what_stands_inside_an_expectation(
    refused: Refused, expectation: dict[str, Any], code: str, path: str, message: str
) -> None:
    finding = refused({"expect": [expectation]})
    assert (finding.code, finding.dotted, finding.message) == (code, f"expect.0.{path}", message)


@pytest.mark.parametrize(
    ("change", "path", "help"),
    [
        ({"sede": 1}, "sede", "did you mean 'seed'?"),
        ({"zzz": 1}, "zzz", FREE),
        ({"training.batchsize": 1}, "training.batchsize", "did you mean 'batch_size'?"),
        ({"split.zzz": 0.1}, "split.zzz", f"keys that may stand here: {SPLIT_KEYS}"),
        ({"scaling.input": "standardize"}, "scaling.input", "did you mean 'inputs'?"),
        ({"checks.rows": "off"}, "checks.rows", "keys that may stand here: parameters_vs_rows"),
        ({"dataset.sample": 5}, "dataset.sample", "did you mean 'samples'?"),
        ({"dataset.hgih": 5}, "dataset.hgih", "did you mean 'high'?"),
        ({"loss.reduction": "sum"}, "loss.reduction", "keys that may stand here: convention"),
        ({"layers.0.activatoin": "relu"}, "layers.0.activatoin", "did you mean 'activation'?"),
        ({"layers.1.activatoin": "relu"}, "layers.1.activatoin", "did you mean 'activation'?"),
        ({"layers.1.activation": {"type": "relu", "slope": 1}}, "layers.1.activation.slope", None),
        ({"layers.1.weight_initializer": {"type": "zeros", "scale": 1}}, "layers.1.weight_initializer.scale", None),
        ({"metrics": [{"type": "norm_half_square_error", "p": 1}]}, "metrics.0.p", None),
        ({"predict": [{"inputs": [[1, 2]], "name": "x"}]}, "predict.0.name", None),
        ({"expect": [{"metric": "test.loss", "max": 1, "mim": 0}]}, "expect.0.mim", "did you mean 'min'?"),
        ({"engine": {"type": "numpy", "dtyp": "float32"}}, "engine.dtyp", "did you mean 'dtype'?"),
        (
            {"optimizer.rho": 0.9},
            "optimizer.rho",
            "keys that may stand here: weight_decay, decay_biases, momentum, nesterov, dampening",
        ),
        ({"training.": 1}, "training.", "keys that may stand here: batch_size, shuffle, log_every"),
    ],
)
def test_p63_an_unknown_key_at_every_level(
    refused: Refused, change: dict[str, Any], path: str, help: str | None
) -> None:
    finding = refused(change)
    assert (finding.code, finding.dotted) == ("SN102", path)
    assert finding.message == f"unknown key {path.rpartition('.')[2]!r}"
    assert finding.help == help


@pytest.mark.parametrize(
    ("change", "path", "meant"),
    [
        ({"loss": ..., "los": "mse"}, "los", "loss"),
        ({"format": ..., "formt": 1}, "formt", "format"),
        ({"training": ..., "trainig": {"epochs": 2}}, "trainig", "training"),
        ({"training": {"epoch": 2}}, "training.epoch", "epochs"),
        ({"layers.1.units": ..., "layers.1.unit": 3}, "layers.1.unit", "units"),
        ({"optimizer.learning_rate": ..., "optimizer.lr": 1}, None, None),
        ({"optimizer.learning_rate": ..., "optimizer.learningrate": 1}, "optimizer.learningrate", "learning_rate"),
        ({"predict": [{"input": [[1, 2]]}]}, "predict.0.input", "inputs"),
        ({"expect": [{"metrc": "test.loss", "max": 1}]}, "expect.0.metrc", "metric"),
        ({"expect": [{"metric": "test.loss", "mx": 1}]}, "expect.0.mx", "max"),
    ],
)
def test_p63_a_missing_key_that_stands_there_misspelt_is_one_fault(
    minimal: dict[str, Any], refused: Refused, findings: Findings, change: dict[str, Any], path: str | None, meant: str
) -> None:
    if path is None:  # near to nothing: one key too many and one too few
        minimal["optimizer"] = {"type": "gradient_descent", "lr": 1}
        assert [finding.code for finding in findings(minimal)] == ["SN103", "SN102"]
        return
    finding = refused(change)
    assert (finding.code, finding.dotted, finding.help) == ("SN102", path, f"did you mean '{meant}'?")


@pytest.mark.parametrize(
    ("change", "path", "message", "help"),
    [
        ({"layers.0.type": "dens"}, "layers.0.type", "unknown layer 'dens'", "did you mean 'dense'?"),
        ({"layers.0.type": "Dense"}, "layers.0.type", "unknown layer 'Dense'", "did you mean 'dense'?"),
        ({"layers.0.activation": "relo"}, "layers.0.activation", "unknown activation 'relo'", "did you mean 'relu'?"),
        (
            {"layers.0.activation": {"type": "bent"}},
            "layers.0.activation.type",
            "unknown activation 'bent'",
            f"known: {', '.join(Registry([]).names('activation'))}",
        ),
        (
            {"optimizer.type": "sgd"},
            "optimizer.type",
            "unknown optimizer 'sgd'",
            "here it is called 'gradient_descent'",
        ),
        ({"loss": "l2"}, "loss", "unknown loss 'l2'", "here it is called 'mse'"),
        (
            {"layers.0.activation": "softmax"},
            "layers.0.activation",
            "unknown activation 'softmax'",
            "'softmax' is a name of another kind: layer",
        ),
        ({"dataset": "mse"}, "dataset", "unknown dataset 'mse'", "'mse' is a name of another kind: loss, metric"),
        (
            {"scaling.inputs": "standardise"},
            "scaling.inputs",
            "unknown scaler 'standardise'",
            "did you mean 'standardize'?",
        ),
        (
            {"metrics": ["zzz"]},
            "metrics.0",
            "unknown metric 'zzz'",
            f"known: {', '.join(Registry([]).names('metric'))}",
        ),
        ({"engine": "nmupy"}, "engine", "unknown engine 'nmupy'", "did you mean 'numpy'?"),
        ({"loss": ""}, "loss", "unknown loss ''", f"known: {', '.join(Registry([]).names('loss'))}"),
    ],
)
def test_an_unknown_name(refused: Refused, change: dict[str, Any], path: str, message: str, help: str) -> None:
    finding = refused(change)
    assert (finding.code, finding.dotted, finding.message, finding.help) == ("SN203", path, message, help)


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "specnet.plugins.__import__", "a.b", "numpy."])
def test_p71_a_name_is_looked_up_and_never_imported(refused: Refused, name: str) -> None:
    finding = refused({"layers.0.activation": name})
    assert (finding.code, finding.dotted) == ("SN205", "layers.0.activation")
    assert finding.message == f"no installed plugin has the namespace {name.partition('.')[0]!r}"


def test_a_name_without_a_registry_to_look_in(minimal: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"look the dataset up in: use load_spec\(\) \["):
        Spec.model_validate(minimal)


# Specs


def test_what_a_spec_leaves_out_has_its_default(minimal: dict[str, Any], registry: Registry) -> None:
    spec = load_spec(minimal, None, registry)
    assert spec.model_dump(mode="json", exclude=set(minimal)) == {
        "seed": 0,
        "rng": "pcg64",
        "requires": [],
        "metrics": [],
        "split": {
            **dict.fromkeys(
                ("stratify", "time", "column", "parts", "validation_path", "test_path", "folds", "fold"), None
            ),
            "train": 0.7,
            "validation": 0.0,
            "test": 0.3,
            "shuffle": True,
        },
        "scaling": {"inputs": None, "targets": None},
        "gradient_clipping": None,
        "early_stopping": None,
        "checkpoint": None,
        "checks": {"parameters_vs_rows": "warn"},
        "lint": {"ignore": []},
        "engine": {"type": "numpy", "dtype": "float64"},
        "predict": [],
        "expect": [],
    }
    assert spec.training.model_dump() == {"epochs": 20, "batch_size": "full", "shuffle": True, "log_every": 2}


@pytest.mark.parametrize(("epochs", "every"), [(1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (50_000, 5_000)])
def test_a_tenth_of_the_epochs_is_logged(minimal: dict[str, Any], registry: Registry, epochs: int, every: int) -> None:
    minimal["training"] = {"epochs": epochs}
    assert load_spec(minimal, None, registry).training.log_every == every
    minimal["training"]["log_every"] = 7
    assert load_spec(minimal, None, registry).training.log_every == 7


def test_wrong_epochs_are_not_also_wrong_in_what_follows_from_them(refused: Refused) -> None:
    assert refused({"training.epochs": "many"}).dotted == "training.epochs"


def test_an_explicit_zero_is_kept(minimal: dict[str, Any], registry: Registry) -> None:
    minimal |= {
        "seed": 0,
        "split": {"train": 1, "test": 0, "shuffle": False},
        "dataset": {"type": "arithmetic", "low": 0, "high": 1},
        "expect": [{"metric": "train.loss", "min": 0, "max": 0}],
    }
    spec = load_spec(minimal, None, registry)
    assert (spec.seed, spec.split.test, spec.split.shuffle) == (0, 0.0, False)
    assert (spec.expect[0].min, spec.expect[0].max) == (0.0, 0.0)
    assert {"seed", "split", "expect"} <= spec.model_fields_set


@pytest.mark.parametrize("size", [1, 8, 10**9, "full"])
def test_a_batch_of_any_size(minimal: dict[str, Any], registry: Registry, size: int | str) -> None:
    minimal["training"]["batch_size"] = size
    assert load_spec(minimal, None, registry).training.batch_size == size


def test_an_integer_is_accepted_where_a_float_is_meant(minimal: dict[str, Any], registry: Registry) -> None:
    minimal["optimizer"]["learning_rate"] = 1
    minimal["predict"] = [{"inputs": [[30, 70], [1e20, 10**20]]}]
    spec = load_spec(minimal, None, registry)
    rate = spec.model_dump()["optimizer"]["learning_rate"]
    assert (type(rate), rate) == (float, 1.0)
    assert [type(x) for row in spec.predict[0].inputs for x in row] == [float] * 4
    assert spec.predict[0].inputs[1] == (1e20, 1e20)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("dataset", "arithmetic"),
        ("scaling.inputs", "standardize"),
        ("layers.1.activation", "relu"),
        ("layers.0.weight_initializer", "zeros"),
        ("loss", "mse"),
        ("metrics.0", "norm_half_square_error"),
        ("engine", "numpy"),
    ],
)
def test_a_name_is_short_for_a_table_with_that_type(
    full: dict[str, Any], registry: Registry, path: str, name: str
) -> None:
    short = load_spec(full, {path: name}, registry)
    assert short == load_spec(full, {path: {"type": name}}, registry)
    assert name in {component.type for component in short.components()}


def test_a_spec_is_frozen_through_and_through(full: dict[str, Any], registry: Registry) -> None:
    spec = load_spec(full, None, registry)
    assert hash(spec) == hash(load_spec(full, None, registry))
    tables: list[tuple[BaseModel, str]] = [
        (spec, "seed"),
        (spec.split, "train"),
        (spec.training, "epochs"),
        (spec.scaling, "inputs"),
        (spec.predict[0], "inputs"),
        (spec.expect[0], "max"),
        *((component, "type") for component in spec.components()),
    ]
    for table, field in tables:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(table, field, getattr(table, field))


def test_every_component_of_a_spec_can_be_seen(full: dict[str, Any], registry: Registry) -> None:
    kinds = [(component.kind, component.type) for component in load_spec(full, None, registry).components()]
    layer = ["linear", "he_normal", "he_normal"]
    assert sorted(kinds) == sorted(
        [
            ("metric", "norm_half_square_error"),
            ("dataset", "arithmetic"),
            *[("scaler", "standardize")] * 2,
            *[("layer", "dense")] * 2,
            ("activation", "relu"),
            ("initializer", "he_normal"),
            ("initializer", "zeros"),
            *zip(["activation", "initializer", "initializer"], layer, strict=True),
            ("loss", "mse"),
            ("optimizer", "gradient_descent"),
            ("engine", "numpy"),
        ]
    )


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({}, ["train.loss", "test.loss"]),
        ({"split": {"train": 1.0, "test": 0.0}}, ["train.loss"]),
        ({"split": {"train": 0.7, "validation": 0.3, "test": 0}}, ["train.loss", "validation.loss"]),
        ({"split": {"train": 0.7, "validation": 0.15, "test": 0.15}}, ["train.loss", "validation.loss", "test.loss"]),
        (
            {"metrics": ["norm_half_square_error"]},
            ["train.loss", "train.norm_half_square_error", "test.loss", "test.norm_half_square_error"],
        ),
    ],
)
def test_the_columns_of_the_history(
    minimal: dict[str, Any], registry: Registry, fields: dict[str, Any], columns: list[str]
) -> None:
    assert load_spec({**minimal, **fields}, None, registry).columns() == columns


# Components of third parties


class Snake(Activation):
    """x + sin(rate x)."""

    type: Literal["snake"] = "snake"
    rate: float = Field(default=1.0, gt=0)
    inner: AnyActivation | None = None

    def value(self, x: Array, xp: Any) -> Array:
        raise NotImplementedError

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        raise NotImplementedError


class Acme:
    """A registry in which the namespace acme has a snake."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def find(self, kind: str, name: str) -> type[Component]:
        return Snake if (kind, name) == ("activation", "acme.snake") else self._registry.find(kind, name)

    def names(self, kind: str) -> list[str]:
        return self._registry.names(kind)

    def full_name(self, component: type[Component]) -> str:
        return "acme.snake" if component is Snake else self._registry.full_name(component)


@pytest.fixture
def acme(registry: Registry) -> Registry:
    return cast("Registry", Acme(registry))


def test_faults_inside_a_qualified_component(minimal: dict[str, Any], acme: Registry) -> None:
    for activation, code, path in [
        ({"type": "acme.snake", "rate": 0}, "SN105", "rate"),
        ({"type": "acme.snake", "rat": 1}, "SN102", "rat"),
        (
            {"type": "acme.snake", "inner": {"type": "acme.snake", "inner": {"type": "relo"}}},
            "SN203",
            "inner.inner.type",
        ),
        ({"type": "acme.snake", "inner": {"type": "acme.snake", "rate": "1"}}, "SN104", "inner.rate"),
    ]:
        minimal["layers"][0]["activation"] = activation
        with pytest.raises(SpecError) as error:
            load_spec(minimal, None, acme)
        (finding,) = error.value.findings
        assert (finding.code, finding.dotted) == (code, f"layers.0.activation.{path}")


def test_a_qualified_name_is_kept(minimal: dict[str, Any], acme: Registry) -> None:
    snake = {"type": "acme.snake", "rate": 2.0, "inner": {"type": "acme.snake", "rate": 1.0, "inner": {"type": "relu"}}}
    minimal["layers"][0]["activation"] = snake
    spec = load_spec(minimal, None, acme)
    assert spec.model_dump(mode="json")["layers"][0]["activation"] == snake
    assert load_spec(spec.model_dump(mode="json"), None, acme) == spec
    assert [c.type for c in spec.components() if c.kind == "activation"] == [
        "acme.snake",
        "acme.snake",
        "relu",
        "linear",
    ]


def test_a_component_that_is_made_already_is_taken_as_it_is(minimal: dict[str, Any], registry: Registry) -> None:
    snake = Snake(rate=3.0)
    layer = Dense.model_validate({"units": 2, "activation": snake})
    assert layer.activation is snake
    with pytest.raises(ValidationError, match="there is no registry"):
        Dense.model_validate({"units": 2, "activation": Standardize()})
