from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet.errors import Finding
from specnet.spec import Spec, load_spec, read_document
from specnet.spec.document import walk

if TYPE_CHECKING:
    from specnet.registry import Registry

Findings = Callable[..., tuple[Finding, ...]]
Place = tuple[str | int, ...]
Fault = tuple[dict[str, Any], str]

TOML = """\
format = 1
name = "full"
seed = 7
rng = "mt19937"
requires = ["pydantic>=2"]
metrics = ["norm_half_square_error"]

[dataset]
type = "arithmetic"
samples = 50
low = -1
high = 1.0

[split]
train = 0.8
validation = 0.1
test = 0.1
shuffle = false

[scaling]
inputs = "standardize"
targets = { type = "standardize" }

[[layers]]
type = "dense"
name = "hidden"
inputs = ["inputs"]
units = 4
activation = "relu"
weight_initializer = "he_normal"
bias_initializer = { type = "zeros" }

[[layers]]
type = "dense"
name = "output"
inputs = ["hidden"]
units = 3

[loss]
type = "mse"
convention = "half_sum"

[optimizer]
type = "gradient_descent"
learning_rate = 1e-1

[training]
epochs = 5
batch_size = 8
shuffle = false
log_every = 2

[gradient_clipping]
mode = "global_norm"
limit = 1.0

[early_stopping]
patience = 2

[checkpoint]
every_epochs = 2
every_seconds = 60
keep_last = 2
keep_best = true

[checks]
parameters_vs_rows = "off"

[[lint.ignore]]
code = "SN410"
reason = "there are as few rows as a test needs"

[engine]
type = "numpy"
dtype = "float32"

[[predict]]
inputs = [[1, 2], [3.0, 4]]

[[expect]]
metric = "test.loss"
min = 0
max = 10
"""


# P63: a corpus of specs with one fault each, made from the full spec


def changed(data: dict[str, Any], path: Place, change: Callable[[Any, Any], None]) -> dict[str, Any]:
    """A copy of the data in which `change` has had the holder of a path and the last part of it."""
    copy = deepcopy(data)
    holder: Any = copy
    for part in path[:-1]:
        holder = holder[part]
    change(holder, path[-1])
    return copy


def renamed(data: dict[str, Any], path: Place, name: str) -> dict[str, Any]:
    """The key at a path under another name, where it stood."""

    def change(holder: dict[str, Any], key: str) -> None:
        items = [(name if own == key else own, value) for own, value in holder.items()]
        holder.clear()
        holder.update(items)

    return changed(data, path, change)


def put(data: dict[str, Any], path: Place, value: object) -> dict[str, Any]:
    return changed(data, path, lambda holder, key: holder.__setitem__(key, value))


def with_value(data: dict[str, Any], path: str, toml: str) -> str:
    """The data as TOML, with one value written as it is given."""
    parts = [int(part) if part.isdecimal() else part for part in path.split(".")]
    text = "\n".join(f"{key} = {inline(value)}" for key, value in put(data, tuple(parts), "?").items())
    return text.replace("'?'", toml)


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def dotted(*path: str | int) -> str:
    return ".".join(map(str, path))


def misspellings(name: str) -> set[str]:
    """One letter less, more, twice or out of its place: at the beginning, in the middle and at the end."""
    made = {f"{name}x"}
    for i in {0, len(name) // 2, len(name) - 1}:
        less, more, twice = name[:i] + name[i + 1 :], f"{name[:i]}x{name[i:]}", name[: i + 1] + name[i:]
        made |= {less, more, twice, less[: i - 1] + name[i] + less[i - 1 :]}
    return made - {name, ""}


def misspelt_keys(full: dict[str, Any]) -> Iterator[Fault]:
    for path, _ in walk(full):
        if path and isinstance(path[-1], str):
            siblings = {str(other[-1]) for other, _ in walk(full) if other[:-1] == path[:-1] and other}
            for name in misspellings(path[-1]) - siblings:
                yield renamed(full, path, name), dotted(*path[:-1], name)


def unknown_keys(full: dict[str, Any]) -> Iterator[Fault]:
    for path, value in walk(full):
        if isinstance(value, dict):
            yield put(full, (*path, "qqq"), 1), dotted(*path, "qqq")


def missing_keys(full: dict[str, Any]) -> Iterator[Fault]:
    needed: list[Place] = [
        *((key,) for key in ("format", "name", "dataset", "layers", "loss", "optimizer", "training")),
        *((*owner, "type") for owner, value in walk(full) if isinstance(value, dict) and "type" in value),
        ("layers", 0, "units"),
        ("layers", 1, "units"),
        ("optimizer", "learning_rate"),
        ("training", "epochs"),
        ("predict", 0, "inputs"),
        ("expect", 0, "metric"),
    ]
    for path in needed:
        at = path[:-1] if path[-1] in ("type", "metric") else path  # whoever lacks these is named as a whole
        yield changed(full, path, lambda holder, key: holder.pop(key)), dotted(*at)


def wrong_types(full: dict[str, Any]) -> Iterator[Fault]:
    wrong: list[tuple[type, list[object]]] = [
        (bool, [1, 0.0, "false", None, [], {}]),
        (int, [True, "4", 2.5, None, [], {}]),
        (float, [True, "0.5", [], {}]),
        (str, [5, True, 2.5, None, []]),
        (list, [5, "text", True, None, {}]),
        (dict, [5, True, None, []]),
    ]
    optional = {("scaling", "inputs"), ("scaling", "targets"), ("layers", 0, "inputs"), ("layers", 1, "inputs")}
    optional |= {("early_stopping",), ("gradient_clipping",), ("checkpoint",)}
    optional |= {("checkpoint", "every_epochs"), ("checkpoint", "every_seconds")}
    for path, value in walk(full):
        for kind, values in wrong if path else []:
            if type(value) is kind:
                for other in values:
                    may_be_none = path in optional or (path[-1] == "name" and len(path) > 1)
                    if not (other is None and may_be_none) and not (path[-1] == "batch_size" and other == 4):
                        # an expectation without a metric holds nothing
                        empty = path[0] == "expect" and path[-1] == "metric" and other is None
                        yield put(full, path, other), dotted(*(path[:-1] if empty else path))


def unknown_values(full: dict[str, Any]) -> Iterator[Fault]:
    free = {"name", "metric", "reason"}
    for path, value in walk(full):
        if isinstance(value, str) and path[-1] not in free and path[0] != "requires" and "inputs" not in path[2:]:
            for name in misspellings(value):
                if name != "elu":  # relu without its r
                    yield put(full, path, name), dotted(*path)
    for path in [("layers", 0, "inputs", 0), ("layers", 1, "inputs", 0), ("expect", 0, "metric")]:
        for name in ("zzz", "inputz", "test.los"):
            yield put(full, path, name), dotted(*path)


def out_of_range(full: dict[str, Any]) -> Iterator[Fault]:
    ranges: dict[Place, list[object]] = {
        ("format",): [0, 2, 1.0],
        ("seed",): [-1, 2**32, 10**400],
        ("name",): ["", "a/b", "nul", "a" * 59],
        ("dataset", "samples"): [0, -1],
        ("layers", 0, "units"): [0, -1],
        ("training", "epochs"): [0, -1],
        ("training", "batch_size"): [0, -1, "half"],
        ("training", "log_every"): [0, -1],
        ("optimizer", "learning_rate"): [0, -0.1],
        ("split", "train"): [0, 1.1, -1],
        ("split", "test"): [1, -0.5],
        ("predict", 0, "inputs", 1): [[], [1], [1, 2, 3]],
    }
    for path, values in ranges.items():
        for value in values:
            yield put(full, path, value), dotted(*path)
    for path, value, at in [
        (("split", "train"), 0.7, "split"),
        (("dataset", "low"), 1.0, "dataset"),
        (("expect", 0, "max"), -1, "expect.0"),
        (("dataset", "samples"), 2**62, "dataset"),
        (("layers", 0, "units"), 2**62, "layers.0"),
        (("layers", 1, "units"), 4, "layers.1"),
        (("layers", 1, "inputs"), ["inputs"], "layers.0"),
        (("layers", 0, "inputs"), ["output"], "layers.0.inputs"),
        (("layers", 0, "inputs"), ["inputs", "inputs"], "layers.0"),
        (("layers", 0, "inputs"), [], "layers.0.inputs"),
        (("layers", 1, "name"), "hidden", "layers.1.name"),
        (("layers", 1, "name"), "inputs", "layers.1.name"),
        (("metrics",), ["norm_half_square_error"] * 2, "metrics.1"),
        (("predict", 0, "inputs"), [], "predict.0.inputs"),
        (("layers",), [], "layers"),
    ]:
        yield put(full, path, value), at


@pytest.mark.parametrize(
    ("corpus", "least"),
    [
        (misspelt_keys, 400),
        (unknown_keys, 15),
        (missing_keys, 25),
        (wrong_types, 200),
        (unknown_values, 150),
        (out_of_range, 40),
    ],
)
def test_p63_one_fault_is_one_finding_at_its_place(
    full: dict[str, Any], findings: Findings, corpus: Callable[[dict[str, Any]], Iterator[Fault]], least: int
) -> None:
    assert findings(full) == ()
    faults = list(corpus(full))
    seen = [(path, findings(data)) for data, path in faults]
    wrong = [f"{path}: {list(map(str, found))}" for path, found in seen if [f.dotted for f in found] != [path]]
    assert not wrong, f"{len(wrong)} of {len(faults)}:\n" + "\n".join(wrong)
    assert len(faults) >= least


INDEPENDENT: list[tuple[Place, object, str]] = [
    (("seed",), -1, "seed"),
    (("nmae",), "x", "nmae"),
    (("dataset", "type"), "arithmetics", "dataset.type"),
    (("split", "train"), 0.7, "split"),
    (("layers", 0, "units"), "4", "layers.0.units"),
    (("layers", 1, "activation", "typ"), "relu", "layers.1.activation.typ"),
    (("loss",), {}, "loss"),
    (("requires", 0), "no-such-plugin", "requires.0"),
    (("predict", 0, "inputs", 1, 0), None, "predict.0.inputs.1.0"),
    (("expect", 0, "max"), -1, "expect.0"),
]


@pytest.mark.parametrize("pair", list(combinations(INDEPENDENT, 2)), ids=lambda pair: " ".join(at for _, _, at in pair))
def test_p63_two_independent_faults_are_two_findings(
    full: dict[str, Any], findings: Findings, pair: tuple[tuple[Place, object, str], ...]
) -> None:
    for path, value, _ in pair:
        full = put(full, path, value)
    at = {at for _, _, at in pair}
    if at == {"dataset.type", "requires.0"}:
        at = {"requires.0"}  # an unknown name may be of the plugin that is missing
    found = [finding.dotted for finding in findings(full)]
    assert (len(found), set(found)) == (len(at), at)


# Numbers that are none


@pytest.mark.parametrize(
    "path", ["optimizer.learning_rate", "dataset.low", "split.test", "expect.0.max", "predict.0.inputs.1.0"]
)
@pytest.mark.parametrize(
    ("toml", "shown"), [("nan", "nan"), ("-nan", "nan"), ("inf", "inf"), ("-inf", "-inf"), ("1e999", "inf")]
)
def test_p59_a_number_of_toml_is_finite(
    tmp_path: Path, full: dict[str, Any], findings: Findings, path: str, toml: str, shown: str
) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(with_value(full, path, toml))
    (finding,) = findings(file)
    key = "item 0" if path.endswith("0") else f"'{path.rpartition('.')[2]}'"
    assert (finding.code, finding.dotted, finding.file) == ("SN106", path, str(file))
    assert finding.message == f"{key} must be a finite number, not {shown}"


@pytest.mark.parametrize(("number", "shown"), [("1e999", "inf"), ("-1e999", "-inf")])
def test_p59_a_number_of_json_is_finite(
    tmp_path: Path, full: dict[str, Any], findings: Findings, number: str, shown: str
) -> None:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(put(full, ("optimizer", "learning_rate"), "?")).replace('"?"', number))
    (finding,) = findings(file)
    assert (finding.code, finding.dotted, finding.file) == ("SN106", "optimizer.learning_rate", str(file))
    assert finding.message == f"'learning_rate' must be a finite number, not {shown}"


@pytest.mark.parametrize("text", ["inf", "nan", "1e999"])
def test_p59_an_integer_is_not_infinite(tmp_path: Path, full: dict[str, Any], findings: Findings, text: str) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(with_value(full, "layers.0.units", text))
    (finding,) = findings(file)
    assert (finding.code, finding.dotted) == ("SN104", "layers.0.units")


@pytest.mark.parametrize("path", ["seed", "training.epochs", "dataset.low", "predict.0.inputs.1.0", "name", "zzz"])
@pytest.mark.parametrize("number", [f"0x{'f' * 5_000}", "1" + "0" * 309, "-1" + "0" * 309])
def test_an_integer_beyond_every_number(
    tmp_path: Path, full: dict[str, Any], findings: Findings, path: str, number: str
) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(with_value(full, path, number))
    (finding,) = findings(file)
    key = "item 0" if path.endswith("0") else f"'{path.rpartition('.')[2]}'"
    assert (finding.code, finding.dotted, finding.file) == ("SN106", path, str(file))
    assert finding.message == f"{key} is beyond the range of float64"


def test_each_integer_beyond_every_number_is_a_finding(minimal: dict[str, Any], findings: Findings) -> None:
    minimal["seed"] = -(10**400)
    minimal["training"]["epochs"] = 10**400
    assert [finding.dotted for finding in findings(minimal)] == ["seed", "training.epochs"]


def test_the_largest_integer_that_is_a_number(minimal: dict[str, Any], findings: Findings) -> None:
    assert findings(minimal | {"expect": [{"metric": "train.loss", "max": int(sys.float_info.max)}]}) == ()


# Places


def test_a_finding_names_the_file_it_is_about(tmp_path: Path, minimal: dict[str, Any], findings: Findings) -> None:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(minimal | {"seed": -1, "layers": []}))
    assert [(finding.file, finding.dotted) for finding in findings(file)] == [
        (str(file), "layers"),
        (str(file), "seed"),
    ]
    assert [finding.file for finding in findings(read_document(file))] == [str(file)] * 2
    assert [finding.file for finding in findings({})] == ["<mapping>"] * 7
    file.write_text("{")
    assert [finding.file for finding in findings(file)] == [str(file)]


@pytest.mark.parametrize("value", ["10.7", "0", "-1", "1e3", '"8"', "true", "[]"])
def test_p60_toml_and_json_are_refused_in_the_same_words(
    tmp_path: Path, full: dict[str, Any], findings: Findings, value: str
) -> None:
    toml, text = tmp_path / "spec.toml", tmp_path / "spec.json"
    toml.write_text(with_value(full, "layers.0.units", value))
    text.write_text(json.dumps(put(full, ("layers", 0, "units"), "?")).replace('"?"', value))
    (one,), (other,) = findings(toml), findings(text)
    assert (one.code, one.message, one.path, one.help) == (other.code, other.message, other.path, other.help)
    assert (one.file, other.file) == (str(toml), str(text))


# Specs


def test_toml_json_and_a_mapping_give_the_same_spec(tmp_path: Path, full: dict[str, Any], registry: Registry) -> None:
    (tmp_path / "spec.toml").write_text(TOML)
    (tmp_path / "spec.json").write_text(json.dumps(full))
    spec = load_spec(tmp_path / "spec.toml", None, registry)
    assert load_spec(str(tmp_path / "spec.json"), None, registry) == spec
    assert load_spec(full, None, registry) == spec
    assert load_spec(read_document(tmp_path / "spec.toml"), None, registry) == spec


def test_a_spec_comes_back_from_its_dump(minimal: dict[str, Any], full: dict[str, Any], registry: Registry) -> None:
    for data in (minimal, full):
        spec = load_spec(data, None, registry)
        dumped = json.loads(json.dumps(spec.model_dump(mode="json"), allow_nan=False))
        assert Spec.model_validate(dumped, context={"registry": registry}) == spec
        assert load_spec(dumped, None, registry) == spec


def test_the_dump_of_a_spec_that_says_everything_is_what_it_says(full: dict[str, Any], registry: Registry) -> None:
    # only some of these keys may be said at once
    full["expect"][0] |= dict.fromkeys(["better_than", "parameters", "output_shape", "epochs"])
    full["split"] |= dict.fromkeys(["stratify", "time", "column", "parts", "validation_path", "test_path"])
    full["split"] |= dict.fromkeys(["folds", "fold"])
    assert load_spec(full, None, registry).model_dump(mode="json") == full


def test_p58_loading_leaves_a_mapping_and_a_document_as_they_were(full: dict[str, Any], registry: Registry) -> None:
    before = deepcopy(full)
    document = read_document(full)
    first = load_spec(full, {"layers.0.activation.type": "linear", "split.shuffle": "true"}, registry)
    assert full == before
    assert load_spec(document, {"layers.0.activation.type": "linear", "split.shuffle": "true"}, registry) == first
    assert document == read_document(full)
    assert load_spec(full, None, registry) != first


def test_p58_a_spec_does_not_follow_the_mapping_that_it_came_from(full: dict[str, Any], registry: Registry) -> None:
    spec = load_spec(full, None, registry)
    dumped, number = spec.model_dump_json(), hash(spec)
    full["layers"][0]["units"] = 99
    full["predict"][0]["inputs"][0][0] = 99
    assert (spec.model_dump_json(), hash(spec)) == (dumped, number)


def test_without_a_registry_the_installed_one_is_used(minimal: dict[str, Any], registry: Registry) -> None:
    assert load_spec(minimal) == load_spec(minimal, None, registry)


def test_a_spec_is_loaded_without_numpy(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(TOML)
    (tmp_path / "bad.toml").write_text(TOML.replace("units = 3", 'units = "3"'))
    program = (
        "import sys; from specnet.errors import SpecError; from specnet.spec import load_spec\n"
        "load_spec('good.toml', {'seed': '5'})\n"
        "try: load_spec('bad.toml')\n"
        "except SpecError as error: print(error.findings[0].dotted)\n"
        "print('numpy' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SPECNET_PLUGINS": ""}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "layers.1.units\nFalse\n"


DEAR = [
    *("numpy", "rich", "safetensors", "difflib", "json", "specnet.records"),
    *("specnet.spec.draft", "specnet.spec.slips", "specnet.spec.repair", "specnet.spec.folders", "specnet.cli.fixing"),
    *(f"specnet.builtins.{room}" for room in ("schedules", "smooth_activations", "regression_losses")),
]


def test_a_valid_spec_pays_only_for_what_it_uses(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(TOML)
    program = (
        "import sys\n"
        "from specnet.cli import cli\n"
        "cli.main(['validate', 'good.toml'], standalone_mode=False)\n"
        "print([name for name in DEAR if name in sys.modules])\n".replace("DEAR", repr(DEAR))
        + "from specnet.builtins.activations import Relu\n"
        "from specnet.builtins.losses import MeanAbsoluteError\n"
        "print([cls.__name__ for cls in (MeanAbsoluteError, Relu) if cls.__pydantic_complete__])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SPECNET_PLUGINS": ""}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1 file valid\n[]\n['Relu']\n"


@pytest.mark.parametrize("value", [1, "a note", True])
def test_p63_a_value_is_not_held_against_the_key_that_its_own_may_have_been_meant_for(
    findings: Callable[..., tuple[Finding, ...]], minimal: dict[str, Any], value: object
) -> None:
    """'comment' is like 'momentum', but not so like it that a value of 1 would be a momentum out of its range."""
    (finding,) = findings(put(minimal, ("optimizer", "comment"), value))
    assert (finding.code, finding.dotted) == ("SN102", "optimizer.comment")


def test_every_class_of_a_spec_is_built_so_that_any_pydantic_dumps_it(minimal: dict[str, Any]) -> None:
    program = (
        "import json, sys; from specnet.component import Declaration; from specnet.spec import load_spec\n"
        "def built(value):\n"
        "    if isinstance(value, tuple): return all(map(built, value))\n"
        "    if not isinstance(value, Declaration): return True\n"
        "    return type(value).__pydantic_complete__ and all(map(built, vars(value).values()))\n"
        "print(built(load_spec(json.loads(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", program, json.dumps(minimal)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SPECNET_PLUGINS": ""}
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "True\n"
