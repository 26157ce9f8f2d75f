from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from importlib.metadata import EntryPoint
from math import inf
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import click
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field, PlainValidator, ValidationError, model_validator

from specnet import load_spec
from specnet.component import KINDS, Activation, AnyActivation, AnyLayer, Component, Declaration, Layer, Many
from specnet.errors import SpecError
from specnet.filenames import is_plain
from specnet.hookspecs import hookimpl
from specnet.registry import Plugin, Registry
from specnet.spec import Spec, read_document
from specnet.spec.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from specnet.spec.dialects import Dialect

Path_ = tuple[str | int, ...]
ROOT = Path(__file__).parents[2]
GALLERY = sorted(path for path in (ROOT / "specs").iterdir() if path.suffix in (".toml", ".json"))
DATA = {path.name: read_document(path).data for path in GALLERY}
BUILTINS = Registry([])
SCHEMAS: dict[Dialect, dict[str, Any]] = {"7": schema(BUILTINS), "2020-12": schema(BUILTINS, "2020-12")}
ENGINES = {"7": jsonschema.Draft7Validator, "2020-12": jsonschema.Draft202012Validator}
each_draft = pytest.mark.parametrize("draft", ENGINES)
each_spec = pytest.mark.parametrize("name", DATA)


def faults(data: object, written: dict[str, Any] = SCHEMAS["7"]) -> list[tuple[Path_, str]]:
    """Where, and what: every error of the engine, those within branches too."""
    found = []
    for engine in ENGINES.values():
        if engine.META_SCHEMA["$schema"] == written["$schema"]:
            found += [(tuple(error.absolute_path), error.message) for error in engine(written).iter_errors(data)]
    return sorted(found, key=repr)


def alone(kind: str) -> list[str]:
    """The built-in names that will do alone, as the model says."""

    def will_do(cls: type[Component]) -> bool:
        try:
            cls.model_validate({"type": cls.model_fields["type"].default}, context={"registry": BUILTINS})
        except ValidationError:
            return False
        return True

    return [name for name in BUILTINS.names(kind) if will_do(BUILTINS.find(kind, name))]


def no_name(kind: str, value: str) -> str:
    """What is said of a text that is no name which will do alone."""
    names = alone(kind)
    return f"{value!r} is not one of {names}" if names else f"{value!r} is not of type 'object'"


def no_type(kind: str, value: object) -> str:
    return f"{value!r} is not one of {BUILTINS.names(kind)}"


def paths(data: Any, *above: str | int) -> Iterator[Path_]:
    """Every key and index below the data."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in parts:
        yield (*above, part)
        yield from paths(value, *above, part)


def at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def changed(data: dict[str, Any], path: Path_, value: Any = ...) -> dict[str, Any]:
    """A copy with another value at a path, or with nothing there."""
    copy = deepcopy(data)
    holder = at(copy, path[:-1])
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return copy


# One fault


KEYS = [(name, path) for name, data in DATA.items() for path in paths(data) if isinstance(path[-1], str)]


@each_draft
@pytest.mark.parametrize(("name", "path"), KEYS)
def test_a_misspelt_key_is_refused_at_its_table(draft: Dialect, name: str, path: Path_) -> None:
    *above, key = path
    spec = changed(DATA[name], path)
    at(spec, tuple(above))[f"{key}x"] = at(DATA[name], path)
    left_out = faults(changed(DATA[name], path), SCHEMAS[draft])
    assert left_out in ([], [(tuple(above), f"{key!r} is a required property")])
    unknown = (tuple(above), f"Additional properties are not allowed ('{key}x' was unexpected)")
    # Which keys a component may have is not known before its type is.
    assert faults(spec, SCHEMAS[draft]) == sorted([*left_out, *([] if key == "type" else [unknown])], key=repr)


@pytest.mark.parametrize("key", ["format", "name", "dataset", "layers", "loss", "optimizer", "training"])
def test_a_missing_key_is_refused(key: str) -> None:
    assert faults(changed(DATA["arith.json"], (key,))) == [((), f"{key!r} is a required property")]


SINGLE: list[tuple[Path_, object, str]] = [
    (("format",), 2, "1 was expected"),
    (("format",), True, "1 was expected"),
    (("name",), "a b", "'a b' does not match '^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$'"),
    (("name",), "a" * 59, f"'{'a' * 59}' is too long"),
    (("seed",), -1, "-1 is less than the minimum of 0"),
    (("seed",), 2**32, "4294967296 is greater than or equal to the maximum of 4294967296"),
    (("seed",), 1.5, "1.5 is not of type 'integer'"),
    (("seed",), True, "True is not of type 'integer'"),
    (("rng",), "mt", "'mt' is not one of ['pcg64', 'mt19937']"),
    (("requires",), ["a", 1], ""),
    (("nmae",), "x", "Additional properties are not allowed ('nmae' was unexpected)"),
    (("$schema",), 1, "1 is not of type 'string'"),
    (("dataset",), "arithmetics", no_name("dataset", "arithmetics")),
    (("dataset",), 3, "3 is not of type 'string', 'object'"),
    (("dataset", "type"), "arithmetics", no_type("dataset", "arithmetics")),
    (("dataset", "type"), 1, no_type("dataset", 1)),
    (("dataset", "samples"), 0, "0 is less than or equal to the minimum of 0"),
    (("dataset", "low"), "0", "'0' is not of type 'number'"),
    (("dataset", "low"), None, "None is not of type 'number'"),
    (("dataset", "high"), inf, "inf is greater than the maximum of 1.7976931348623157e+308"),
    (("dataset", "low"), -(10**400), f"-1{'0' * 400} is less than the minimum of -1.7976931348623157e+308"),
    (("split", "test"), 1, "1 is greater than or equal to the maximum of 1"),
    (("split", "shuffle"), 0, "0 is not of type 'boolean'"),
    (("scaling", "inputs"), "zscore", no_name("scaler", "zscore")),
    (("layers",), [], "[] should be non-empty"),
    (("layers",), {"type": "dense", "units": 3}, "{'type': 'dense', 'units': 3} is not of type 'array'"),
    (("layers", 0), "dense", no_name("layer", "dense")),  # units are missing: the name alone will not do
    (("layers", 0), {"units": 4}, "'type' is a required property"),
    (("layers", 1, "type"), "dens", no_type("layer", "dens")),
    (("layers", 1, "units"), 0, "0 is less than or equal to the minimum of 0"),
    (("layers", 1, "name"), "1st", "'1st' does not match '^[A-Za-z][A-Za-z0-9_-]*$'"),
    (("layers", 1, "activation"), "rleu", no_name("activation", "rleu")),
    (("layers", 1, "activation"), {"type": "rleu"}, no_type("activation", "rleu")),
    (
        ("layers", 1, "activation"),
        {"type": "relu", "slope": 1},
        "Additional properties are not allowed ('slope' was unexpected)",
    ),
    (("layers", 1, "activation"), None, "None is not of type 'string', 'object'"),
    (("loss", "convention"), "sum", "'sum' is not one of ['mean', 'half_sum']"),
    (("optimizer", "learning_rate"), 0.0, "0.0 is less than or equal to the minimum of 0"),
    (("training", "epochs"), "3", "'3' is not of type 'integer'"),
    (("training", "batch_size"), "half", "'half' is not one of ['full']"),
    (("training", "batch_size"), 0, "0 is less than or equal to the minimum of 0"),
    (("training", "batch_size"), 1.5, "1.5 is not of type 'integer', 'string'"),
    (("predict", 0, "inputs", 1, 0), [30], "[30] is not of type 'number', 'string', 'boolean'"),
    (("expect", 0, "max"), "1", "'1' is not of type 'number', 'null'"),
]


@each_draft
@pytest.mark.parametrize(("path", "value", "message"), SINGLE)
def test_one_fault_is_one_error_at_its_place(draft: Dialect, path: Path_, value: object, message: str) -> None:
    ((place, said),) = faults(changed(DATA["arith.json"], path, value), SCHEMAS[draft])
    inside = {"requires": ("requires", 1)}.get(str(path[0]), path)
    if "'type'" not in said and "Additional" not in said:
        assert place == (inside if value != {"type": "rleu"} else (*path, "type"))
    else:
        assert place in (path, path[:-1])
    assert said == (message or "1 is not of type 'string'")


# What the schema cannot see, each rule with a spec that breaks it

BEYOND: dict[str, tuple[str, Path_, object]] = {
    r"train \+ (validation \+ )?test = .*, and must be 1": ("arith.json", ("split", "train"), 0.5),
    r"low = .* must be less than high = .*": ("arith.json", ("dataset", "low"), 200),
    r"a \+ b or a - b is beyond the range of float64 with .*": ("arith.json", ("dataset", "high"), 1e308),
    r"an expectation has exactly one of .*": ("arith.json", ("expect", 0, "metric"), None),
    r"min and max stand beside a metric; .*": ("arith.json", ("expect", 0), {"parameters": 47, "max": 1}),
    r"an expectation needs a min or a max": ("arith.json", ("expect", 0, "max"), None),
    r"min = .* is greater than max = .*": ("arith.json", ("expect", 0, "min"), 1),
    r"'(con|nul)' is no file name on every system: .*": ("arith.json", ("name",), "nul"),
    r"path is empty: .*": ("diabetes.toml", ("dataset", "path"), " "),
    r"there is no (input|target): .*": ("diabetes.toml", ("dataset", "inputs"), []),
    r"column '.*' is named .*": ("diabetes.toml", ("dataset", "inputs"), ["a", "a"]),
    r"column '.*' is in both inputs and targets": ("diabetes.toml", ("dataset", "targets"), ["age"]),
}


def refused(data: dict[str, Any], registry: Registry) -> list[str]:
    """What the model says against it, without what a JSON Schema cannot say: rules of code, and that 1.0 is no 1."""
    try:
        Spec.model_validate(data, context={"registry": registry})
    except ValidationError as error:
        return [
            detail["msg"]
            for detail in error.errors()
            if not (isinstance(detail["input"], float) and detail["input"].is_integer())
            and detail["type"] != "default_factory_not_called"  # said of another key, because of this one
            and not any(re.fullmatch(f"Value error, {rule}", detail["msg"]) for rule in BEYOND)
        ]
    return []


def accepts(data: dict[str, Any], registry: Registry) -> bool:
    try:
        Spec.model_validate(data, context={"registry": registry})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("rule", BEYOND)
def test_a_rule_that_only_code_knows(rule: str, registry: Registry) -> None:
    name, path, value = BEYOND[rule]
    spec = changed(DATA[name], path, value)
    assert faults(spec) == []
    with pytest.raises(ValidationError) as caught:
        Spec.model_validate(spec, context={"registry": registry})
    ((said),) = [detail["msg"] for detail in caught.value.errors()]
    assert re.fullmatch(f"Value error, {rule}", said)


@each_draft
@each_spec
def test_the_gallery_is_accepted(draft: Dialect, name: str) -> None:
    assert faults(DATA[name], SCHEMAS[draft]) == []


def test_everything_that_can_be_said_is_accepted(full: dict[str, Any], minimal: dict[str, Any]) -> None:
    assert faults(full) == faults(minimal) == []


@each_spec
def test_a_resolved_spec_is_accepted(name: str, registry: Registry) -> None:
    assert faults(json.loads(load_spec(DATA[name], registry=registry).model_dump_json())) == []


VALUES: list[Any] = [
    *(None, True, 0, 1, -1, 7, 2**32, 0.5, 1.0, -0.25, 1e308, inf, -(10**400)),
    *("", "full", "relu", "dense", "mse", "zeros", "standardize", "a b", "nul", "x", "mt19937", "half_sum", "csv"),
    *([], [1], ["x"], [[1, 2]], [{}], {}, {"type": "relu"}, {"type": "zeros", "x": 1}, {"type": None}, {"x": 1}),
    {"type": "dense", "units": 3},
    {"inputs": [[1.5]]},
    {"metric": "x", "min": 0},
]


def agree(data: dict[str, Any], registry: Registry) -> None:
    """The schema refuses nothing that the model accepts, and what the model refuses unless only its code can."""
    found = faults(data)
    assert not (found and accepts(data, registry)), found
    said = refused(data, registry)
    assert found or not said, said


def test_schema_and_model_agree_on_every_value_at_every_place(registry: Registry) -> None:
    places: dict[tuple[str, Path_], tuple[str, Path_]] = {}
    for name, path in ((name, path) for name, data in DATA.items() for path in paths(data)):
        alike = tuple(part if isinstance(part, str) else 0 for part in path)
        places.setdefault((DATA[name]["dataset"]["type"], alike), (name, path))
    assert len(places) > 60
    for name, path in places.values():
        for value in VALUES:
            agree(changed(DATA[name], path, value), registry)


@pytest.mark.parametrize("kind", [kind for kind, base in KINDS.items() if base.in_specs])
def test_no_component_is_refused_that_its_class_accepts(kind: str) -> None:
    definitions = SCHEMAS["7"]["definitions"]
    written = jsonschema.Draft7Validator({"$ref": f"#/definitions/{kind}", "definitions": definitions})
    for name in alone(kind):
        cls = BUILTINS.find(kind, name)
        assert written.is_valid(name)
        for key in cls.model_fields.keys() - {"type"}:
            for value in VALUES:
                table = {"type": name, key: value}
                with suppress(ValidationError):
                    cls.model_validate(table, context={"registry": BUILTINS})
                    # no component has a number that load_spec refuses everywhere
                    assert written.is_valid(table) or value == -(10**400), table


@settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_schema_and_model_agree_on_several_changes(registry: Registry, data: st.DataObject) -> None:
    spec = DATA[data.draw(st.sampled_from(sorted(DATA)))]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(paths(spec))))
        key = data.draw(st.sampled_from([path[-1], "x", "inputs", "name", "min"])) if path else "x"
        path = (*path[:-1], key) if isinstance(path[-1], str) else path
        spec = changed(spec, path, data.draw(st.sampled_from(VALUES)))
    agree(spec, registry)


@settings(derandomize=True, deadline=None)
@given(st.text("aZ9._-é ", max_size=60))
def test_schema_and_model_agree_on_names(name: str) -> None:
    taken = not faults({**DATA["arith.json"], "name": name})
    assert taken == (is_plain(name) and len(name) <= 58)


# The schema itself


@each_draft
def test_the_schema_is_one(draft: Dialect) -> None:
    ENGINES[draft].check_schema(SCHEMAS[draft])
    text = json.dumps(SCHEMAS[draft])
    assert SCHEMAS[draft]["$schema"] == ENGINES[draft].META_SCHEMA["$schema"]
    assert "oneOf" not in text
    assert "x-specnet" not in text
    assert re.findall('"(?:anyOf|title)"', text) == ['"title"']
    own, other = ("definitions", "$defs") if draft == "7" else ("$defs", "definitions")
    assert other not in text
    references = set(re.findall(r'"\$ref": "(.*?)"', text))
    assert references == {f"#/{own}/{name}" for name in SCHEMAS[draft][own]}


def test_draft_7_has_nothing_beside_a_reference() -> None:
    def look(value: Any) -> None:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(inner)
        assert not isinstance(value, dict) or "$ref" not in value or len(value) == 1

    look(SCHEMAS["7"])


def test_every_component_has_a_definition_with_its_type_required() -> None:
    registry = Registry([])
    definitions = SCHEMAS["7"]["definitions"]
    for kind in (kind for kind, base in KINDS.items() if base.in_specs):
        assert definitions[kind]["description"]
        for name in registry.names(kind):
            found = definitions[f"{kind}.{name}"]
            assert found["properties"]["type"] == {"const": name}
            assert found["required"][0] == "type"
            assert found["additionalProperties"] is False
            assert found["description"] == (registry.find(kind, name).__doc__ or "").split("\n")[0]


def test_what_an_editor_shows_of_a_key() -> None:
    dense = SCHEMAS["7"]["definitions"]["layer.dense"]["properties"]
    assert dense["units"] == {
        "description": "Numbers that come out for one row.",
        "exclusiveMinimum": 0,
        "type": "integer",
    }
    assert dense["activation"] == {
        "default": "linear",
        "description": "The f, elementwise.",
        "allOf": [{"$ref": "#/definitions/activation"}],
    }
    newer = SCHEMAS["2020-12"]["$defs"]["layer.dense"]["properties"]["activation"]
    assert newer == {"default": "linear", "description": "The f, elementwise.", "$ref": "#/$defs/activation"}
    about = [(BUILTINS.find("activation", name).__doc__ or "").split("\n")[0] for name in alone("activation")]
    assert "y = x." in about
    kind = SCHEMAS["7"]["definitions"]["activation"]
    assert kind["examples"] == alone("activation")
    assert kind["allOf"][0]["then"] == {
        "enum": alone("activation"),
        "enumDescriptions": about,
        "x-taplo": {"docs": {"enumValues": about}},
    }


def test_the_stored_schema_is_that_of_today() -> None:
    stored = (ROOT / "docs" / "specnet.schema.json").read_text(encoding="utf-8")
    assert stored == json.dumps(SCHEMAS["7"], indent=2) + "\n", (
        "specnet --no-plugins schema -o docs/specnet.schema.json"
    )


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.name)
def test_every_file_of_the_gallery_names_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        assert text.startswith("#:schema ../docs/specnet.schema.json\n")
    else:
        assert json.loads(text)["$schema"] == "../docs/specnet.schema.json"


def checked(*files: Path) -> tuple[int, str]:
    schemafile = ["--schemafile", str(ROOT / "docs" / "specnet.schema.json")]
    command = [sys.executable, "-m", "check_jsonschema", *schemafile, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.skipif(not hasattr(click.ParamType, "__class_getitem__"), reason="check-jsonschema wants a newer click")
def test_another_program_finds_the_faults_and_none_in_the_gallery(tmp_path: Path) -> None:
    assert checked(*GALLERY) == (0, "ok -- validation done\n")
    text = (ROOT / "specs" / "arith.toml").read_text(encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text(
        text.replace("samples", "sample").replace('"relu"', '"rleu"').replace("epochs = 15_000", 'epochs = "1"'),
        encoding="utf-8",
    )
    code, out = checked(bad)
    assert code == 1
    assert [line.strip().removeprefix(f"{bad}::") for line in out.splitlines()[1:]] == [
        "$.dataset: Additional properties are not allowed ('sample' was unexpected)",
        f"$.layers[0].activation: {no_name('activation', 'rleu')}",
        f"$.layers[1].activation: {no_name('activation', 'rleu')}",
        "$.training.epochs: '1' is not of type 'integer'",
    ]


# The key by which a file names its schema

HELP = (
    "in TOML the first line says it, as a comment: #:schema ./specnet.schema.json; "
    "in JSON it is text, and stands at the top of the file"
)


@pytest.mark.parametrize("changes", [{"$schema": 1}, {"$schema": None}, {"training.$schema": "x"}])
def test_a_key_for_the_schema_at_another_place(
    refused: Callable[[dict[str, Any]], Any], changes: dict[str, Any]
) -> None:
    finding = refused(changes)
    assert (finding.code, finding.message, finding.help) == ("SN102", "unknown key '$schema'", HELP)


def test_toml_names_its_schema_in_a_comment(tmp_path: Path, registry: Registry) -> None:
    text = (ROOT / "specs" / "arith.toml").read_text(encoding="utf-8")
    (tmp_path / "spec.toml").write_text('"$schema" = "./x.json"\n' + text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path / "spec.toml", registry=registry)
    (finding,) = caught.value.findings
    assert (finding.code, finding.path, finding.line, finding.help) == ("SN102", ("$schema",), 1, HELP)


def test_json_names_its_schema_by_a_key_that_leaves_no_trace(
    tmp_path: Path, minimal: dict[str, Any], registry: Registry
) -> None:
    named = {"$schema": "./specnet.schema.json", **minimal}
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(named))
    assert read_document(path).data == minimal
    spec = load_spec(path, registry=registry)
    assert spec == load_spec(minimal, registry=registry) == load_spec(named, registry=registry)
    assert "schema" not in spec.model_dump_json()
    assert faults(named) == []


# Plugins


class Curve(Activation):
    def value(self, x: Any, xp: Any) -> Any:
        return x

    def slope(self, x: Any, y: Any, xp: Any) -> Any:
        return x


class Snake(Curve):
    """x + sin(a x)**2 / a.

    From a paper.
    """

    type: Literal["snake"] = "snake"
    a: float = Field(default=1.0, gt=0)
    """The frequency."""


class Other(Curve):
    """Another."""

    type: Literal["other"] = "other"
    a: int


def twin_of_snake() -> type[Component]:
    class Snake(Curve):
        """Has the name of another class."""

        type: Literal["snake"] = "snake"
        b: Many[AnyActivation] = ()

    return Snake


class Wave(Declaration):
    """A table in a component.

    More of it.
    """

    height: float
    inner: Wave | None = None


class Odd(Curve):
    """What no schema can say in full."""

    type: Literal["odd"] = "odd"
    before: Annotated[int, BeforeValidator(int)] = 1
    plain: Annotated[int, PlainValidator(int)] = 1
    either: int | str | None = None
    word: str = Field(default="a", pattern=r"^\w+$")
    letters: str = Field(default="a", pattern="^[a-z]+$")
    pair: tuple[int, str] | None = None
    wave: Wave | None = None
    waves: Many[Wave] = ()
    kept: Literal["x"] | None = None


class Endless(Curve):
    """Its default is no JSON."""

    type: Literal["endless"] = "endless"
    a: object = inf


class Early(Curve):
    """Its code sees the table first."""

    type: Literal["early"] = "early"
    a: int

    @model_validator(mode="before")
    @classmethod
    def _renamed(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {"a": data["old"], "type": data["type"]} if "old" in data else data


class Residual(Layer):
    """y = x + the layers of x."""

    type: Literal["residual"] = "residual"
    layers: Many[AnyLayer] = Field(min_length=1)

    def plan(self, in_shapes: Any) -> Any:
        return None

    def forward(self, ctx: Any, params: Any, *inputs: Any) -> Any:
        return None


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plugin]:
    """An installed plugin that offers these classes."""

    def make(namespace: str, *classes: type[Component]) -> Plugin:
        name = f"specnet_fake_{namespace}"
        module = ModuleType(name)

        @hookimpl
        def specnet_components() -> list[type[Component]]:
            return list(classes)

        vars(module).update(SPECNET_API=1, specnet_components=specnet_components)
        monkeypatch.setitem(sys.modules, name, module)
        return Plugin(namespace, f"specnet-{namespace}", "1.2", EntryPoint(namespace, name, "specnet"))

    return make


def torn(namespace: str) -> Plugin:
    return Plugin(namespace, f"specnet-{namespace}", "1.2", EntryPoint(namespace, "no_such_module", "specnet"))


def with_activation(activation: object) -> dict[str, Any]:
    return changed(DATA["arith.json"], ("layers", 0, "activation"), activation)


def both(activation: object, registry: Registry) -> tuple[bool, bool]:
    """Whether the schema takes it, and whether the model does."""
    spec = with_activation(activation)
    return not faults(spec, schema(registry)), accepts(spec, registry)


def test_a_broken_plugin_is_left_out(plugin: Callable[..., Plugin]) -> None:
    registry = Registry([torn("aaa"), plugin("acme", Snake), torn("zzz")])
    names = schema(registry)["definitions"]["activation"]["examples"]
    assert names == [*alone("activation"), "acme.snake", "snake"]


def test_a_component_of_a_plugin(plugin: Callable[..., Plugin]) -> None:
    registry = Registry([plugin("acme", Snake, Other)])
    written = schema(registry)
    assert written["definitions"].keys() - SCHEMAS["7"]["definitions"].keys() == {
        "activation.acme.other",
        "activation.acme.snake",
    }
    assert written["definitions"]["activation.acme.snake"] == {
        "description": "x + sin(a x)**2 / a.",
        "type": "object",
        "properties": {
            "type": {"enum": ["acme.snake", "snake"]},
            "a": {
                "default": 1.0,
                "description": "The frequency.",
                "exclusiveMinimum": 0,
                "maximum": sys.float_info.max,
                "type": "number",
            },
        },
        "required": ["type"],
        "additionalProperties": False,
    }
    for name in ("acme.snake", "snake", {"type": "acme.snake", "a": 2}, {"type": "snake"}, {"type": "other", "a": 1}):
        assert both(name, registry) == (True, True)
    for name in ("acme.snaek", "acne.snake", "other", {"type": "snake", "a": 0}, {"type": "acme.relu"}):
        assert both(name, registry) == (False, False)


def test_a_bare_name_of_two_plugins_is_no_name(plugin: Callable[..., Plugin]) -> None:
    registry = Registry([plugin("acme", Snake), plugin("zoo", twin_of_snake())])
    assert schema(registry)["definitions"]["activation"]["examples"] == [
        *alone("activation"),
        "acme.snake",
        "zoo.snake",
    ]
    for name, taken in (("acme.snake", True), ("zoo.snake", True), ("snake", False), ({"type": "snake"}, False)):
        assert both(name, registry) == (taken, taken)


def test_a_built_in_is_not_shadowed(plugin: Callable[..., Plugin]) -> None:
    class Relu(Curve):
        """Another relu."""

        type: Literal["relu"] = "relu"
        a: float = 1.0

    registry = Registry([plugin("acme", Relu)])
    definitions = schema(registry)["definitions"]
    assert definitions["activation.relu"] == SCHEMAS["7"]["definitions"]["activation.relu"]
    assert definitions["activation"]["examples"] == [*alone("activation"), "acme.relu"]
    assert both({"type": "relu", "a": 1}, registry) == (False, False)
    assert both({"type": "acme.relu", "a": 1}, registry) == (True, True)


def test_classes_of_one_name_rename_nothing(plugin: Callable[..., Plugin]) -> None:
    one, two = plugin("acme", Snake), plugin("zoo", twin_of_snake())
    alone, together = schema(Registry([one]))["definitions"], schema(Registry([one, two]))["definitions"]
    assert alone.keys() < together.keys()
    assert together["activation.zoo.snake"]["properties"]["b"]["items"] == {"$ref": "#/definitions/activation"}


def test_layers_in_layers(plugin: Callable[..., Plugin]) -> None:
    registry = Registry([plugin("acme", Residual)])
    deep = {"type": "acme.residual", "layers": [{"type": "residual", "layers": [{"type": "dense", "units": "4"}]}]}
    spec = changed(DATA["arith.json"], ("layers", 0), deep)
    place = ("layers", 0, "layers", 0, "layers", 0, "units")
    assert faults(spec, schema(registry)) == [(place, "'4' is not of type 'integer'")]
    assert faults(changed(spec, place, 4), schema(registry)) == []


@each_draft
@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        ({}, True),
        ({"before": "7", "plain": "7"}, True),
        ({"either": "x"}, True),
        ({"either": None}, True),
        ({"either": 1.5}, False),
        ({"word": "é"}, True),
        ({"letters": "a1"}, False),
        ({"pair": None}, True),
        ({"pair": [1]}, False),
        ({"wave": {"height": 1, "inner": {"height": 2}}}, True),
        ({"wave": {"height": 1, "inner": {"hight": 2}}}, False),
        ({"waves": [{"height": 1}]}, True),
        ({"waves": [{}]}, False),
        ({"kept": None}, True),
        ({"kept": "y"}, False),
    ],
)
def test_fields_of_every_sort(plugin: Callable[..., Plugin], draft: Dialect, keys: dict[str, Any], taken: bool) -> None:
    registry = Registry([plugin("acme", Odd)])
    written = schema(registry, draft)
    ENGINES[draft].check_schema(written)
    spec = with_activation({"type": "acme.odd", **keys})
    assert (not faults(spec, written), accepts(spec, registry)) == (taken, taken)
    inner = written["definitions" if draft == "7" else "$defs"]["activation.acme.odd:Wave"]
    assert inner["description"] == "A table in a component."


@each_draft
def test_a_pair(plugin: Callable[..., Plugin], draft: Dialect) -> None:
    registry = Registry([plugin("acme", Odd)])
    for pair, taken in (([1, "a"], True), (["a", 1], False), ([1, "a", 2], False)):
        found = faults(with_activation({"type": "odd", "pair": pair}), schema(registry, draft))
        assert (not found) == taken


def test_a_class_that_cannot_be_described_is_open(plugin: Callable[..., Plugin]) -> None:
    registry = Registry([plugin("acme", Endless, Snake)])
    found = schema(registry)["definitions"]["activation.acme.endless"]
    assert found["description"] == "Its default is no JSON. Its keys cannot be described: ValueError."
    for name in ("endless", {"type": "acme.endless", "a": 3}, "snake"):
        assert both(name, registry) == (True, True)


def test_a_table_that_code_sees_first_is_open(plugin: Callable[..., Plugin]) -> None:
    registry = Registry([plugin("acme", Early)])
    assert both({"type": "early", "old": 3}, registry) == (True, True)
    assert both({"type": "early", "a": 3}, registry) == (True, True)


def test_a_name_with_odd_letters(plugin: Callable[..., Plugin]) -> None:
    class Strange(Curve):
        """Strange."""

        type: Literal["a/b~c%d {e}"] = "a/b~c%d {e}"
        wave: Wave | None = None

    registry = Registry([plugin("acme", Strange)])
    for key, taken in (("height", True), ("hight", False)):
        assert both({"type": "acme.a/b~c%d {e}", "wave": {key: 1, "inner": {"height": 1}}}, registry) == (taken, taken)


def test_the_same_registry_gives_the_same_bytes(plugin: Callable[..., Plugin]) -> None:
    plugins = [plugin("acme", Snake, Other), plugin("zoo", Odd)]
    texts = {json.dumps(schema(Registry(order))) for order in (plugins, plugins, plugins[::-1])}
    assert len(texts) == 1
