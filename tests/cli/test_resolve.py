from __future__ import annotations

import io
import json
import shutil
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

from specnet import load_spec, run
from specnet.cli import main
from specnet.component import Activation, Component
from specnet.registry import Registry

if TYPE_CHECKING:
    from specnet.arrays import Array

SPECS = Path(__file__).parents[2] / "specs"
GALLERY = sorted(path.name for path in SPECS.iterdir() if path.suffix in (".toml", ".json"))
SPEC = """
format = 1
name = "small"
dataset = { type = "arithmetic", samples = 40 }
layers = [{ type = "dense", units = 3, activation = "relu" }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 1e-05 }
training = { epochs = 5 }
"""


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def resolve(*args: object) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main(["resolve", *map(str, args)])
    return Outcome(caught.value.code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(SPEC)


# What is refused


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nowhere.toml"], "SN001 there is no such file\n --> nowhere.toml\n"),
        (["."], "SN605 . is not a run directory: it has no manifest.json\n"),
        (["s.toml", "--set", "seed=-1"], "SN105 'seed' must be at least 0, not -1\n --> --set (seed)\n"),
        (["s.toml", "-o", "x.txt"], "SN552 -o takes a .toml or a .json file, not 'x.txt'\n --> x.txt\n"),
        (
            ["s.toml", "-o", "x.toml", "--format", "json"],
            "SN552 -o takes a .toml or a .json file, and with --format json a .json file\n --> x.toml\n",
        ),
        (["s.toml", "-o", "./s.toml"], "SN552 -o would overwrite the spec that is read\n --> s.toml\n"),
        (["s.toml", "-o", "no/x.toml"], "SN601 cannot write no/x.toml: No such file or directory"),
    ],
)
def test_what_is_refused(args: list[str], says: str) -> None:
    code, out, err = resolve(*args)
    assert (code, out) == (2, "")
    assert err.startswith(says)
    assert [path.name for path in Path().iterdir()] == ["s.toml"]
    assert Path("s.toml").read_text() == SPEC


def test_what_only_json_can_say() -> None:
    spec: dict[str, Any] = tomllib.loads(SPEC)
    spec["dataset"] = {"type": "csv", "path": "d.csv", "inputs": ["a\ud800"], "targets": ["x", "y", "z"]}
    Path("s.json").write_text(json.dumps(spec))
    code, out, err = resolve("s.json")
    assert (code, out) == (2, "")
    assert err == (
        "SN552 TOML cannot say '\\ud800', half of a surrogate pair\n --> s.json\n  = help: --format json can say it\n"
    )
    assert resolve("s.json", "--format", "json").code == 0


class Clipped(Activation):
    """min(x, most), or x where there is no most."""

    type: Literal["clipped"] = "clipped"
    most: float | None = 1.0

    def value(self, x: Array, xp: Any) -> Array:
        raise NotImplementedError

    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        raise NotImplementedError


def test_a_null_that_is_no_default_cannot_be_said_in_toml(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithClipped(Registry):
        def find(self, kind: str, name: str) -> type[Component]:
            return Clipped if name == "clipped" else super().find(kind, name)

        def full_name(self, component: type[Component]) -> str:
            return "clipped" if component is Clipped else super().full_name(component)

    monkeypatch.setattr("specnet.cli.resolve.registry_of", lambda ctx: WithClipped([]))
    spec: dict[str, Any] = tomllib.loads(SPEC)
    for most, code in [(None, 2), (2.0, 0)]:
        spec["layers"][0]["activation"] = {"type": "clipped", "most": most}
        Path("s.json").write_text(json.dumps(spec))
        outcome = resolve("s.json")
        assert outcome.code == code
        assert outcome.err.startswith("SN552 TOML cannot say that layers.0.activation.most is null\n") is (code == 2)
        assert json.loads(resolve("s.json", "--format", "json").out)["layers"][0]["activation"]["most"] == most


# What is written


def test_every_line_says_where_its_value_comes_from() -> None:
    code, out, err = resolve("s.toml", "--set", "seed=4", "--set", "layers.0.bias_initializer=zeros")
    assert (code, err) == (0, "")
    head, *lines = out.splitlines()
    assert head == "# s.toml with every default; what it does not say itself is marked"
    for line in [
        'name = "small"',
        "seed = 4  # --set",
        'rng = "pcg64"  # default',
        "[dataset]",
        "samples = 40",
        "low = 0.0  # default",
        "[[layers]]",
        'activation.type = "relu"',
        'weight_initializer.type = "he_normal"  # default',
        'bias_initializer.type = "zeros"  # --set',
        "learning_rate = 1e-05",
        "log_every = 1  # default",
        "predict = []  # default",
        "[scaling]",
    ]:
        assert lines.count(line) == 1, line


def test_what_is_resolved_is_resolved() -> None:
    resolve("s.toml", "--set", "seed=4", "-o", "r.toml")
    assert load_spec("r.toml") == load_spec("s.toml", {"seed": 4})
    _, out, _ = resolve("r.toml")
    assert "# default" not in out
    assert tomllib.loads(out) == tomllib.loads(Path("r.toml").read_text())


def test_json_says_the_same() -> None:
    for args in (["-o", "r.json"], ["-o", "r.JSON", "--format", "json"]):
        assert resolve("s.toml", *args) == Outcome(0, "", "")
    out = resolve("s.toml", "--format", "json").out
    assert json.loads(out) == load_spec("s.toml").model_dump(mode="json")
    assert Path("r.json").read_text() == Path("r.JSON").read_text() == out
    assert load_spec("r.json") == load_spec("s.toml")


@pytest.mark.parametrize("suffix", ["toml", "json"])
@pytest.mark.parametrize("name", GALLERY)
def test_a_resolved_spec_trains_to_the_same_bytes(name: str, suffix: str) -> None:
    few = ["--set", "training.epochs=20", "--set", "training.log_every=5"]
    Path("other", "folder").mkdir(parents=True)
    output = Path("other", "folder", f"r.{suffix}")
    assert resolve(SPECS / name, *few, "-o", output) == Outcome(0, "", "")
    run(SPECS / name, set={"training.epochs": 20, "training.log_every": 5}, out="a")
    run(output, out="b")
    for file in ("model.safetensors", "history.csv"):
        assert Path("a", file).read_bytes() == Path("b", file).read_bytes()


def test_a_relative_path_leads_to_the_same_file_from_another_folder() -> None:
    shutil.copytree(SPECS, "specs")
    Path("other").mkdir()
    assert resolve("specs/diabetes.toml", "-o", "other/r.toml").code == 0
    assert tomllib.loads(Path("other/r.toml").read_text())["dataset"]["path"] == "../specs/data/diabetes.csv"
    assert 'path = "../specs/data/diabetes.csv"\n' in Path("other/r.toml").read_text()
    assert 'path = "data/diabetes.csv"\n' in resolve("specs/diabetes.toml").out
    assert resolve("other/r.toml", "-o", "specs/r.toml").code == 0
    assert tomllib.loads(Path("specs/r.toml").read_text())["dataset"]["path"] == "data/diabetes.csv"


def test_a_run_directory_gives_back_a_spec_that_runs() -> None:
    shutil.copytree(SPECS, "specs")
    first = run("specs/diabetes.toml", set={"training.epochs": 3}, out="runs/x")
    assert resolve("runs/x", "-o", "again.toml").code == 0
    again = run("again.toml", out="runs/y")
    assert again.weights.flat.tobytes() == first.weights.flat.tobytes()
    Path("runs/x/resolved.json").write_text("{}")
    assert "SN607 resolved.json has changed since the run" in resolve("runs/x").err
