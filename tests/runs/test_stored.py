from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet import load_run, load_spec, run
from specnet.artifacts import RunDirectory, decode_tensors, encode_tensors
from specnet.cli import main
from specnet.component import Initializer, Shape
from specnet.errors import ArtifactError, SpecError
from specnet.registry import Registry, Selection, load_registry
from specnet.runs import Verdict
from specnet.runs.stored import begin
from specnet.spec import read_document
from specnet.spec.expectations import Expectation

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.arrays import Array
    from specnet.runs import Run
    from specnet.streams import Random

SPECS = Path(__file__).parents[2] / "specs"
NOW = datetime(2024, 2, 29, 23, 5, 9)
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "dataset": {"type": "arithmetic", "samples": 40},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 4, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 5},
    "checks": {"parameters_vs_rows": "off"},
    "predict": [{"inputs": [[30, 70]]}],
    "expect": [{"metric": "test.loss", "max": 1000}, {"metric": "train.loss", "min": 1e-9, "max": 1e-3}],
}


@pytest.fixture
def trained() -> Run:
    return run(SPEC, out="out")


def refusal(path: str | Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        load_run(path)
    (finding,) = caught.value.findings
    return str(finding)


def resealed(change: Callable[[dict[str, Array]], dict[str, Array]]) -> str:
    """What is said of the run directory `out` when its tensors were changed by a hand that can seal."""
    directory = RunDirectory.open(Path("out"))
    tensors, meta = decode_tensors(directory.read_bytes("model.safetensors"))
    directory.write_bytes("model.safetensors", encode_tensors(change(tensors), meta))
    manifest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    directory.seal(manifest)
    return refusal("out")


# What is no run


def test_what_is_no_run_directory(trained: Run) -> None:
    Path("empty").mkdir()
    assert refusal("nowhere") == "SN605 nowhere is not a run directory: there is no such directory"
    assert refusal("empty") == "SN605 empty is not a run directory: it has no manifest.json"
    assert refusal("out/history.csv").startswith("SN605 out/history.csv is not a run directory")


@pytest.mark.parametrize(
    "name", ["model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json", "spec.json"]
)
def test_a_file_that_has_changed(trained: Run, name: str) -> None:
    path = Path("out", name)
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    assert f"SN607 {name} has changed since the run: it had {len(content)} bytes and has {len(content) + 1}" in refusal(
        "out"
    )
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert f"SN607 {name} has changed since the run: its SHA-256 is another" in refusal("out")
    path.unlink()
    assert f"SN607 {name} has changed since the run: it is no longer there" in refusal("out")
    path.write_bytes(content)
    assert load_run("out").metrics == trained.metrics


def test_a_manifest_that_has_changed(trained: Run) -> None:
    path = Path("out", "manifest.json")
    path.write_text(path.read_text().replace('"seed": 3', '"seed": 4'))
    assert "SN607 manifest.json has changed since the run: its own digest is another" in refusal("out")


def test_a_run_that_was_killed_before_its_end() -> None:
    document = read_document(write())
    directory = RunDirectory.create(None, "small", NOW, None)
    begin(directory, document, load_spec(document), {}, {"seed": 3})
    names = ["manifest.json", "resolved.json", "spec.json", "split.safetensors"]
    assert sorted(path.name for path in directory.path.iterdir()) == names
    assert refusal(directory.path) == (
        f"SN610 the run has no result: its status is 'running'\n --> {directory.path}\n"
        f"  = help: if no process is training it, specnet resume {directory.path}"
    )
    (directory.path / "model.safetensors").write_bytes(b"half of")  # it was killed while it was saved
    assert "SN610 the run has no result: its status is 'running'" in refusal(directory.path)


@pytest.mark.parametrize("verb", [["predict", "--rows", "[1, 2]"], ["evaluate"], ["show"]])
def test_every_verb_refuses_such_a_run(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    document = read_document(write())
    begin(RunDirectory.create(None, "small", NOW, Path("out")), document, load_spec(document), {}, {"seed": 3})
    with pytest.raises(SystemExit) as caught:
        main([verb[0], "out", *verb[1:]])
    assert caught.value.code == 2
    assert "SN610 the run has no result" in capsys.readouterr().err


def write() -> str:
    Path("s.json").write_text(json.dumps(SPEC))
    return "s.json"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: {**t, "layers.0.W": t["layers.0.W"].T.copy()}, "'layers.0.W' is float64 (2, 4), the spec plans"),
        (lambda t: {**t, "layers.1.b": t["layers.1.b"].astype("f4")}, "'layers.1.b' is float32 (3,), the spec plans"),
        (lambda t: {**t, "layers.2.b": t["layers.1.b"]}, "['layers.2.b'] are missing or too many"),
        (lambda t: {k: v for k, v in t.items() if k != "layers.0.b"}, "['layers.0.b'] are missing or too many"),
        (lambda t: {k: v for k, v in t.items() if k != "scaling/inputs.std"}, "'scaling/inputs.std' is missing"),
        (lambda t: {k: v for k, v in t.items() if "/targets" not in k}, "'scaling/targets."),
        (lambda t: {**t, "scaling/inputs.mean": np.zeros(3)}, "'scaling/inputs.mean' is (3,), the spec plans (2,)"),
        (lambda t: {**t, "scaling/inputs.mean": np.zeros((2, 1))}, "'scaling/inputs.mean' is (2, 1), the spec"),
        (lambda t: {**t, "scaling/inputs.mean": np.zeros((3, 2))}, "'scaling/inputs' gives (3, 2) for one row of 2"),
        (lambda t: {**t, "scaling/outputs.mean": np.ones(3)}, "['scaling/outputs.mean'] are missing or too"),
    ],
)
def test_tensors_that_do_not_fit_the_spec(
    trained: Run, change: Callable[[dict[str, Array]], dict[str, Array]], says: str
) -> None:
    message = resealed(change)
    assert message.startswith("SN609 model.safetensors does not fit the spec: ")
    assert message.endswith(" --> out")
    assert says in message


def test_a_run_whose_plugin_is_missing(biased: Registry) -> None:
    run(DEAD, out="out", registry=biased)
    with pytest.raises(SpecError, match="SN205 no installed plugin has the namespace 'test'"):
        load_run("out", load_registry(Selection(allowed=frozenset())))
    assert load_run("out", biased).status == "finished"


# What is read back


def test_a_run_is_found_wherever_it_is(trained: Run) -> None:
    shutil.copytree("out", "a copy")
    loaded = load_run("a copy")
    assert loaded.path == Path("a copy")
    assert replace(loaded, path=trained.path).metrics == trained.metrics
    assert loaded.weights.flat.tobytes() == trained.weights.flat.tobytes()


def test_the_model_tells_its_columns(trained: Run) -> None:
    _, meta = decode_tensors(Path("out", "model.safetensors").read_bytes())
    assert meta == {"format": 1, "inputs": ["a", "b"], "targets": ["a+b", "a-b", "|a-b|"]}


def test_without_scaling_there_is_nothing_to_undo() -> None:
    trained = run({**SPEC, "scaling": {}, "optimizer": {**SPEC["optimizer"], "learning_rate": 1e-6}}, out="out")
    tensors, _ = decode_tensors(Path("out", "model.safetensors").read_bytes())
    assert not [name for name in tensors if name.startswith("scaling/")]
    assert load_run("out").predict([[30, 70]]).tobytes() == trained.predict([[30, 70]]).tobytes()


# Verdicts


@pytest.mark.parametrize(
    ("value", "low", "high", "passed"),
    [
        (1.0, None, 1.0, True),
        (1.0, 1.0, None, True),
        (1.0, 1.0, 1.0, True),
        (np.nextafter(1.0, 2), None, 1.0, False),
        (np.nextafter(1.0, 0), 1.0, None, False),
        (float("nan"), None, 1.0, False),
        (float("nan"), 1.0, None, False),
        (float("inf"), None, 1e308, False),
        (float("inf"), 1.0, None, True),
    ],
)
def test_bounds_are_included_and_nan_is_within_none(
    value: float, low: float | None, high: float | None, passed: bool
) -> None:
    assert Verdict(Expectation(metric="test.loss", min=low, max=high), value).passed is passed


@pytest.mark.parametrize(
    ("held", "value", "passed"),
    [
        ({"parameters": 47}, 47, True),
        ({"parameters": 47}, 48, False),
        ({"parameters": {"min": 40, "max": 47}}, 47, True),
        ({"parameters": {"min": 40, "max": 47}}, 48, False),
        ({"epochs": {"max": 0}}, 0, True),
        ({"epochs": 0}, 1, False),
        ({"epochs": {"min": 3}}, 2, False),
        ({"output_shape": (3,)}, (3,), True),
        ({"output_shape": (3,)}, (3, 1), False),
    ],
)
def test_a_number_or_a_shape_is_held_exactly_and_bounds_are_included(
    held: dict[str, Any], value: int | tuple[int, ...], passed: bool
) -> None:
    assert Verdict(Expectation(**held), value).passed is passed


def test_verdicts_are_kept(trained: Run) -> None:
    assert [verdict.passed for verdict in trained.verdicts] == [True, False]
    loss = trained.metrics["train.loss"]
    assert json.loads(Path("out", "metrics.json").read_text())["expect"][1] == {
        "what": "train.loss",
        "value": loss,
        "equals": None,
        "min": 1e-9,
        "max": 1e-3,
        "passed": False,
    }
    assert load_run("out").verdicts == trained.verdicts


def test_what_is_no_metric_is_kept_too() -> None:
    held = [{"parameters": 27}, {"output_shape": [3]}, {"epochs": 5}, {"epochs": {"max": 4}}]
    trained = run({**SPEC, "expect": held}, out="out")
    assert [(verdict.what, verdict.value, verdict.passed) for verdict in trained.verdicts] == [
        ("parameters", 27, True),
        ("output_shape", (3,), True),
        ("epochs", 5, True),
        ("epochs", 5, False),
    ]
    stored = json.loads(Path("out", "metrics.json").read_text())
    assert stored["epochs"] == 5
    assert stored["expect"][1:] == [
        {"what": "output_shape", "value": [3], "equals": [3], "min": None, "max": None, "passed": True},
        {"what": "epochs", "value": 5, "equals": 5, "min": None, "max": None, "passed": True},
        {"what": "epochs", "value": 5, "equals": None, "min": None, "max": 4, "passed": False},
    ]
    loaded = load_run("out")
    assert (loaded.epochs, loaded.verdicts) == (5, trained.verdicts)


# Silent units


class Drowned(Initializer):
    """-1e3 for the first of the units, 0 for the others."""

    type: Literal["drowned"] = "drowned"

    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        values: Array = np.zeros(shape)
        values[0] = -1e3
        return values


@pytest.fixture
def biased(offering: Callable[..., Registry]) -> Registry:
    return offering(Drowned)


DEAD: dict[str, Any] = {
    **SPEC,
    "layers": [{**SPEC["layers"][0], "bias_initializer": "test.drowned"}, SPEC["layers"][1]],
    "expect": [],
}


def test_dead_units_are_counted_and_kept(biased: Registry) -> None:
    result = run(DEAD, out="out", registry=biased)
    assert result.silent_units == {"layers.0": (1, 4)}
    assert json.loads(Path("out", "metrics.json").read_text())["silent_units"] == {"layers.0": [1, 4]}
    assert load_run("out", biased).silent_units == result.silent_units
    hidden = result.weights.tensors()
    assert hidden["layers.0.b"][0] == -1e3  # nothing has flowed through it


def test_the_dead_unit_of_the_lesson_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(SPECS / "arith_article.toml")
    with pytest.raises(SystemExit) as caught:
        main(["run", spec, "--set", "training.epochs=400", "--set", "training.log_every=400", "--out", "out"])
    assert caught.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    wanted = "1 of 8 hidden units is dead (layers.1: 1 of 4): the same output for every training row"
    assert f"warning: {wanted} finished: out" in told
    with pytest.raises(SystemExit):
        main(["show", "out"])
    assert wanted in " ".join(capsys.readouterr().out.split())


def test_living_units_are_not_mentioned(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert trained.silent_units == {"layers.0": (0, 4)}
    with pytest.raises(SystemExit):
        main(["show", "out"])
    assert "dead" not in capsys.readouterr().out


# How a run shows itself


def test_a_run_in_words(trained: Run) -> None:
    assert repr(trained) == (
        f"<Run 'small' finished: train.loss={trained.metrics['train.loss']:.6g}, "
        f"test.loss={trained.metrics['test.loss']:.6g}; out>"
    )


def test_a_run_in_a_notebook_is_escaped() -> None:
    result = run(SPEC, out="<b>&'out'")
    html = result._repr_html_()
    assert "<code>&lt;b&gt;&amp;&#x27;out&#x27;</code>" in html
    assert "<b>" not in html
    assert "small: finished, 27 parameters" in html
    assert f"<tr><td>test.loss</td><td>{result.metrics['test.loss']:.6g}</td></tr>" in html
    assert "<tr><td>expect test.loss</td><td>passed</td></tr>" in html
    assert "<tr><td>expect train.loss</td><td>FAILED</td></tr>" in html
