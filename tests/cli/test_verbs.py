from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pytest

import specnet
from specnet.cli import VERBS, cli, main
from specnet.component import KINDS
from specnet.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(specnet.__file__).parents[1]
SPECS = Path(__file__).parents[2] / "specs"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "OPENBLAS_NUM_THREADS": "1"}
SPEC = """
format = 1
name = "small"
seed = 3
dataset = { type = "arithmetic", samples = 40 }
scaling = { inputs = "standardize", targets = "standardize" }
layers = [{ type = "dense", units = 2, activation = "relu" }, { type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5, log_every = 2 }
predict = [{ inputs = [[30, 70], [3, 5]] }]
expect = [{ metric = "test.loss", max = 1000.0 }]
"""
CSV_SPEC = SPEC.replace(
    'type = "arithmetic", samples = 40', 'type = "csv", path = "d.csv", inputs = ["a", "b"], targets = ["x", "y", "z"]'
)
CSV = "a,b,x,y,z\n" + "".join(f"{i},{i * i % 7},{i % 3},{i % 5},{i % 11}\n" for i in range(40))
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def call(*args: object) -> Outcome:
    """The command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as caught:
        main([str(arg) for arg in args])
    return Outcome(caught.value.code, out.getvalue(), err.getvalue())


def python(*args: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT, check=False, **options)


def answer(*args: object) -> Any:
    """What a verb prints as JSON."""
    outcome = call(*args, "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")

    def refuse(text: str) -> None:
        raise AssertionError(f"{text} is no JSON")

    return json.loads(outcome.out, parse_constant=refuse)


def refusal(*args: object) -> str:
    outcome = call(*args)
    assert (outcome.code, outcome.out) == (2, "")
    return outcome.err


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "s.toml").write_text(SPEC)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of the spec above; not to be changed."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "s.toml").write_text(SPEC)
    assert call("run", folder / "s.toml", "--out", folder / "run").code == 0
    return folder / "run"


@pytest.fixture
def from_table(tmp_path: Path) -> Path:
    """The run directory of a spec with a CSV file, beside that file."""
    (tmp_path / "t.toml").write_text(CSV_SPEC)
    (tmp_path / "d.csv").write_text(CSV)
    assert call("run", "t.toml", "--out", "run").code == 0
    return tmp_path / "run"


# The group


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["rum"], "Error: there is no verb 'rum'; did you mean 'run'?"),
        (["evalute", "x"], "Error: there is no verb 'evalute'; did you mean 'evaluate'?"),
        (["dance"], "Error: there is no verb 'dance'\n"),
        (["--verison"], "--verison"),
        (["plugins", "lisst"], "there is no verb 'lisst'; did you mean 'list'?"),
    ],
)
def test_what_is_no_verb(args: list[str], says: str) -> None:
    assert says in refusal(*args)


def test_an_exception_inside_is_called_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("specnet.runs.path.make_plan", fail)
    outcome = call("run", "s.toml")
    assert outcome.code == 101
    assert "ZeroDivisionError: boom\n" in outcome.err
    assert outcome.err.endswith("specnet: this is a bug in specnet; please report it with the lines above\n")


def test_too_little_memory_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise MemoryError("Unable to allocate 3 TiB")

    monkeypatch.setattr("specnet.runs.path.load_data", fail)
    outcome = call("run", "s.toml")
    assert (outcome.code, outcome.err) == (2, "SN540 there is not enough memory: Unable to allocate 3 TiB\n")


def test_the_version() -> None:
    assert call("--version") == Outcome(0, f"specnet {specnet.__version__}\n", "")
    done = python("-m", "specnet", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"specnet {specnet.__version__}\n", "")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_tells_every_verb_in_the_order_of_the_table(option: str) -> None:
    code, out, err = call(option)
    assert (code, err) == (0, "")
    assert re.findall(r"^  ([a-z-]+)  +(\S.*)$", out.split("Verbs:")[1], re.MULTILINE) == list(VERBS.items())


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_is_that_of_the_table(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert command.short_help == VERBS[verb]
    code, out, err = call(verb, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: specnet {verb} ")
    assert command.help is not None
    assert command.help.split()[0] in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["rum"], [], ["plugins", "--help"], ["plugins", "lst"]])
def test_what_needs_no_spec_imports_neither_numpy_nor_pydantic(args: list[str]) -> None:
    program = (
        "import sys\nfrom specnet.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(sorted({'numpy', 'pydantic', 'rich', 'pluggy'} & sys.modules.keys()), file=sys.stderr)\n"
    )
    assert python("-c", program, *args).stderr.splitlines()[-1] == "[]"


# run


def test_an_expectation_that_fails_exits_3_and_the_run_is_there() -> None:
    code, out, err = call("run", "s.toml", "--set", "expect.0.max=0.001", "--out", "run")
    assert (code, err) == (3, "")
    assert re.search(r"^            expect test\.loss = [\d.]+ <= 0\.001: FAILED$", out, re.MULTILINE)
    assert out.endswith("finished: run\n")
    assert json.loads(Path("run", "manifest.json").read_text())["status"] == "finished"
    assert json.loads(Path("run", "metrics.json").read_text())["expect"][0]["passed"] is False
    assert call("show", "run").code == 0


def test_an_expectation_of_the_net_is_refused_before_training() -> None:
    args = ["--set", "expect.0={parameters = 16}"]
    code, out, err = call("validate", "s.toml", *args)
    assert (code, err) == (1, "")
    assert out.startswith("--set: SN420 the net has 15 parameters, and 16 are expected (expect.0.parameters) [")
    said = "SN420 the net has 15 parameters, and 16 are expected\n --> --set (expect.0.parameters)\n"
    assert refusal("plan", "s.toml", *args).startswith(said)
    assert not Path("runs").exists()


def test_what_is_no_metric_is_told_too() -> None:
    held = ["--set", "expect=[{parameters = 15}, {output_shape = [3]}, {epochs = {max = 4}}]"]
    code, out, _ = call("run", "s.toml", *held, "--out", "run")
    assert code == 3
    for line in ["parameters = 15, exactly 15: passed", "output_shape = [3], exactly [3]: passed"]:
        assert f"            expect {line}\n" in out
    assert "            expect epochs = 5 <= 4: FAILED\n" in out
    assert "epochs = 5 <= 4: FAILED" in call("show", "run").out
    record = answer("show", "run")
    assert record["epochs"] == 5
    assert [(held["what"], held["passed"]) for held in record["expect"]] == [
        ("parameters", True),
        ("output_shape", True),
        ("epochs", False),
    ]


def test_the_nine_steps_are_told_in_order() -> None:
    code, out, err = call("run", "s.toml", "--out", "run")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "specnet run s.toml"
    steps = [line[:12].rstrip() for line in lines if re.match(r"\d", line)]
    assert steps == ["1 data", "2 split", "3 scaling", "4 net", "5 check", "6-8 train", "9 result"]
    assert "28 rows to train on, 12 to test on, shuffled" in out
    assert "parameters: 15 predicted by the formula, 15 counted" in out
    assert "5 check     28 training rows for 15 parameters" in out
    assert [line.split()[0] for line in lines if re.match(r" +\d+ +[\d.]+ +[\d.]+$", line)] == ["1", "2", "4", "5"]
    assert "expect test.loss = " in out
    assert " <= 1000: passed\n" in out
    assert lines[-1] == "finished: run"


def test_predictions_are_printed_in_the_units_of_the_data() -> None:
    _, out, _ = call("run", "s.toml", "--out", "run")
    header = next(line.split() for line in out.splitlines() if "->" in line and "a+b" in line and "data" not in line)
    assert header == ["a", "b", "->", "a+b", "a-b", "|a-b|"]
    table = [line.split(",") for line in Path("run", "predictions.csv").read_text().splitlines()[1:]]
    for cells in table:
        shown = [f"{float(cell):.6g}" for cell in cells]
        assert " ".join([*shown[:2], "->", *shown[2:]]) in re.sub(" +", " ", out)


def test_p56_the_directory_is_named_once() -> None:
    _, out, _ = call("run", "s.toml")
    (directory,) = Path("runs").iterdir()
    assert out.endswith(f"finished: {directory}\n")
    started = json.loads((directory / "manifest.json").read_text())["started"]
    assert re.sub(r"[-:]", "", started)[:15].replace("T", "-") == re.findall(r"small-(.{15})-", directory.name)[0]


def test_the_later_override_wins() -> None:
    args = ["--set", "training.epochs=2", "--set", "seed=9", "--set", "training.epochs=3"]
    assert call("run", "s.toml", *args, "--out", "run").code == 0
    manifest = json.loads(Path("run", "manifest.json").read_text())
    assert manifest["spec"]["overrides"] == {"training.epochs": "3", "seed": "9"}
    assert json.loads(Path("run", "resolved.json").read_text())["training"]["epochs"] == 3


@pytest.mark.parametrize(("size", "notes"), [("full", 0), (10, 0), (28, 0), (29, 1), (1000, 1)])
def test_p45_a_batch_that_is_larger_than_the_data_is_one_batch(size: int | str, notes: int) -> None:
    _, out, _ = call("run", "s.toml", "--set", f"training.batch_size={size}", "--out", "run")
    assert out.count("warning SN414: ") == notes
    assert notes == 0 or f"            warning SN414: batch_size = {size:,} takes all 28 training rows;" in out
    assert re.search("3 batches of 10 rows" if size == 10 else "1 batch of 28 rows", re.sub(r"\s+", " ", out))


def test_a_constant_column_is_told() -> None:
    Path("t.toml").write_text(CSV_SPEC)
    Path("d.csv").write_text("a,b,x,y,z\n" + "".join(f"{i},7,{i},{i},{i}\n" for i in range(40)))
    code, out, _ = call("run", "t.toml")
    assert code == 0
    assert "            warning: constant in the training rows: b\n" in out


# validate


@pytest.mark.parametrize("specs", [[], ["--set", "seed=1"]])
def test_validate_wants_a_path(specs: list[str]) -> None:
    assert "Missing argument 'PATHS...'" in refusal("validate", *specs)


def test_validate_tells_every_finding_of_every_file() -> None:
    Path("a.toml").write_text(SPEC.replace("seed = 3", 'seed = "3"').replace("units = 2", "unit = 2"))
    Path("b.toml").write_text(SPEC.replace('"mse"', '"least"'))
    code, out, err = call("validate", "a.toml", "s.toml", "b.toml")
    assert (code, err) == (1, "")
    assert re.findall(r"^([a-z.]+):.* (SN\d+)", out, re.MULTILINE) == [
        *(("a.toml", "SN104"), ("a.toml", "SN102"), ("b.toml", "SN203")),
    ]
    assert out.endswith("\n3 errors in 2 of 3 files\n")


def test_validate_exits_2_for_a_file_that_cannot_be_read() -> None:
    Path("a.toml").write_text(SPEC.replace("seed = 3", "seed = -3"))
    code, out, err = call("validate", "missing.toml", "a.toml", "s.toml")
    assert (code, err) == (2, "")
    assert out.startswith("missing.toml: SN001 there is no such file\n")
    assert "SN105 'seed' must be at least 0" in out
    assert out.endswith("\n2 errors in 2 of 3 files\n")


def test_validate_reads_no_data_and_leaves_nothing() -> None:
    Path("t.toml").write_text(CSV_SPEC)
    assert call("validate", "s.toml", "t.toml") == Outcome(0, "2 files valid\n", "")
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["s.toml", "t.toml"]


# plan


def test_plan_refuses_what_run_refuses() -> None:
    Path("s.toml").write_text(SPEC.replace("units = 3", "units = 4"))
    assert "SN406 the last layer gives 4 numbers a row" in refusal("plan", "s.toml")
    assert "none for test = 0.3" in refusal("plan", SPECS / "arith.toml", "--set", "dataset.samples=1")


def test_plan_shows_shapes_parameters_and_marks_defaults() -> None:
    code, out, err = call("plan", "s.toml")
    assert (code, err) == (0, "")
    assert "inputs      2: a, b\ntargets     3: a+b, a-b, |a-b|\nnet         15 parameters\n" in out
    assert re.search(r"layers\.0 +dense units=2 activation=relu +2 -> 2 +W 2x2 \+ b 2 +6\n", out)
    assert re.search(r"layers\.1 +dense units=3 +2 -> 3 +W 3x2 \+ b 3 +9\n", out)
    assert "rows        40: 28 to train on, 12 to test on\n" in out
    for line in ["rng = pcg64", "split.train = 0.7", "training.batch_size = full", "engine.dtype = float64"]:
        assert f"  {line}  (default)\n" in out
    for line in ["seed = 3", "layers.0.units = 2", "optimizer.learning_rate = 0.01", "training.log_every = 2"]:
        assert f"  {line}\n" in out


def test_every_line_of_plan_is_as_set_takes_it() -> None:
    _, out, _ = call("plan", "s.toml")
    lines = [line.split("  (default)")[0].strip() for line in out.split("as --set takes it\n")[1].splitlines()]
    args = [part for line in lines for part in ("--set", line.replace(" = ", "=", 1))]
    assert call("run", "s.toml", *args, "--out", "set").code == 0
    assert call("run", "s.toml", "--out", "unset").code == 0
    assert Path("set", "model.safetensors").read_bytes() == Path("unset", "model.safetensors").read_bytes()


def test_plan_needs_no_data_file() -> None:
    Path("t.toml").write_text(CSV_SPEC)
    code, out, err = call("plan", "t.toml")
    assert (code, err) == (0, "")
    assert "rows        known when the data is read\n" in out
    assert "memory" not in out
    record = answer("plan", "t.toml")
    assert (record["rows"], record["memory"]) == (None, None)


def test_plan_as_json_holds_a_spec_that_trains_to_the_same_bytes() -> None:
    record = answer("plan", "s.toml", "--set", "seed=8")
    assert record["parameters"] == 15
    assert record["inputs"] == ["a", "b"]
    assert record["targets"] == ["a+b", "a-b", "|a-b|"]
    assert record["rows"] == 40
    assert [step["parameters"] for step in record["steps"]] == [{"W": [2, 2], "b": [2]}, {"W": [3, 2], "b": [3]}]
    assert [(step["in_shapes"], step["out_shape"]) for step in record["steps"]] == [([[2]], [2]), ([[2]], [3])]
    Path("resolved.json").write_text(json.dumps(record["resolved"]))
    assert call("run", "resolved.json", "--out", "a").code == 0
    assert call("run", "s.toml", "--set", "seed=8", "--out", "b").code == 0
    assert Path("a", "model.safetensors").read_bytes() == Path("b", "model.safetensors").read_bytes()
    assert answer("plan", "resolved.json")["resolved"] == record["resolved"]


# predict


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("[[1, 2, 3]]", "SN530 a row needs 2 numbers (a, b), not 3 numbers"),
        ("[1]", "SN530 a row needs 2 numbers (a, b), not 1 numbers"),
        ("[[]]", "SN530 a row needs 2 numbers (a, b), not 0 numbers"),
        ("[[1, 2], [3]]", "SN530 rows must be numbers, as many in each row"),
        ("[[1, 2], 3]", "SN530 rows must be numbers, as many in each row"),
        ('[["1", 2]]', "SN530 row 1, column 'a': \"1\" is not a number"),
        ("[[1, 2], [3, true]]", "SN530 row 2, column 'b': true is not a number"),
        ("[[null, 2]]", "SN530 row 1, column 'a': null is no input"),
        ("[[[1, 2]]]", "SN530 row 1, column 'a': a cell is a number, a text, true, false or null"),
        ("[[NaN, 2]]", "SN530 row 1, column 'a': nan is no input"),
        ("[[1, 2], [3, -Infinity]]", "SN530 row 2, column 'b': -inf is not finite"),
        ("[[1e999, 2]]", "SN530 row 1, column 'a': inf is not finite"),
        ("[]", "SN530 --rows takes a list of rows, not []\n  = help: such as '[[30, 70]]'"),
        ("7", "SN530 --rows takes a list of rows, not 7"),
        ('{"a": 1}', "SN530 --rows takes a list of rows, not "),
        ("30, 70", "SN530 --rows is no JSON: "),
        ("", "SN530 --rows is no JSON: "),
        (f"[[1{'0' * 400}, 2]]", "SN530 rows must be numbers, as many in each row"),
        ("[" * 100_000, "SN530 --rows is no JSON: the nesting is too deep"),
    ],
)
def test_rows_that_cannot_be_predicted(trained: Path, rows: str, says: str) -> None:
    assert says in refusal("predict", trained, "--rows", rows)


def test_predict_wants_rows_and_a_run(trained: Path) -> None:
    assert "SN535 predict takes DATA or --rows, and not both\n" in refusal("predict", trained)
    assert "SN535 predict takes DATA or --rows" in refusal("predict", trained, "d.csv", "--rows", "[[1, 2]]")
    assert "SN605 nowhere is not a run directory" in refusal("predict", "nowhere", "--rows", "[1, 2]")


def test_predict(trained: Path) -> None:
    rows = [[30, 70], [3, 5], [888, 122]]
    wanted = specnet.load_run(trained).predict(rows).tolist()
    record = answer("predict", trained, "--rows", json.dumps(rows))
    named = [dict(zip(["predicted_a+b", "predicted_a-b", "predicted_|a-b|"], row, strict=True)) for row in wanted]
    assert record == {"targets": ["a+b", "a-b", "|a-b|"], "predictions": wanted, "answers": named}
    code, out, err = call("predict", trained, "--rows", json.dumps(rows))
    assert (code, err) == (0, "")
    header, *lines = [line.split() for line in out.splitlines()]
    assert header == ["a", "b", "->", "a+b", "a-b", "|a-b|"]
    assert lines == [
        [*(f"{x:g}" for x in row), "->", *(f"{y:.6g}" for y in outputs)]
        for row, outputs in zip(rows, wanted, strict=True)
    ]


def test_a_single_row_may_be_flat(trained: Path) -> None:
    assert call("predict", trained, "--rows", "[30, 70]") == call("predict", trained, "--rows", "[[30, 70]]")
    assert answer("predict", trained, "--rows", "[30, 70]") == answer("predict", trained, "--rows", "[[30, 70]]")


def test_p59_a_prediction_that_overflows_is_said_in_strict_json(tmp_path: Path) -> None:
    Path("s.toml").write_text(SPEC.replace("samples = 40", "samples = 40, high = 1e-100"))
    assert call("run", "s.toml", "--out", "run").code == 0
    (predictions,) = answer("predict", "run", "--rows", "[[1e300, 1]]")["predictions"]
    assert {json.dumps(value) for value in predictions} <= {
        json.dumps({"value": None, "reason": reason}) for reason in ("inf", "-inf", "nan")
    }


# evaluate


def test_evaluate_refuses(trained: Path) -> None:
    assert "SN605 nowhere is not a run directory: there is no such directory" in refusal("evaluate", "nowhere")
    assert "'dev' is not one of 'test', 'train'" in refusal("evaluate", trained, "--split", "dev")


def test_evaluate_has_nothing_to_say_of_a_split_without_rows() -> None:
    split = ["--set", "split.train=1", "--set", "split.test=0", "--set", "expect=[]"]
    assert call("run", "s.toml", *split, "--out", "run").code == 0
    assert refusal("evaluate", "run") == "SN532 the run has no test rows\n"
    assert refusal("evaluate", "run", "--split", "validation") == "SN532 the run has no validation rows\n"
    assert call("evaluate", "run", "--split", "train").out.startswith("train: 40 rows\n")


@pytest.mark.parametrize("content", [CSV.replace("\n1,", "\n2,"), CSV + "1,2,3,4,5\n", CSV.replace("\n", "\r\n")])
def test_evaluate_refuses_other_data(from_table: Path, content: str) -> None:
    Path("d.csv").write_bytes(content.encode())
    err = refusal("evaluate", from_table)
    assert err == f"SN513 the file has changed since the run\n --> {Path('d.csv').resolve()}\n"


def test_evaluate_misses_its_data(from_table: Path) -> None:
    Path("d.csv").unlink()
    err = refusal("evaluate", from_table)
    assert "SN501 d.csv cannot be read: No such file or directory" in err
    assert str(Path("d.csv").resolve()) in err


@pytest.mark.parametrize(("split", "rows"), [("test", 12), ("train", 28)])
def test_p14_the_split_that_was_asked_for_is_measured_as_the_run_did(
    trained: Path, from_table: Path, split: str, rows: int
) -> None:
    for run in (trained, from_table):
        record = answer("evaluate", run, "--split", split)
        assert (record["split"], record["rows"]) == (split, rows)
        stored = json.loads((run / "metrics.json").read_text())["metrics"]
        assert {f"{split}.{name}": value for name, value in record["metrics"].items()} == {
            name: value for name, value in stored.items() if name.startswith(f"{split}.")
        }


def test_evaluate_measures_the_test_rows_unless_told_otherwise(trained: Path) -> None:
    stored = json.loads((trained / "metrics.json").read_text())["metrics"]["test.loss"]
    assert call("evaluate", trained) == Outcome(0, f"test: 12 rows\n  loss  {stored:.6g}\n", "")


def test_a_run_directory_may_be_moved(from_table: Path) -> None:
    before = answer("evaluate", from_table)
    shutil.move(from_table, "elsewhere")
    assert answer("evaluate", "elsewhere") == before


# show


def test_show_refuses_what_is_no_run() -> None:
    Path("empty").mkdir()
    assert refusal("show", "empty") == "SN605 empty is not a run directory: it has no manifest.json\n"
    assert "SN605 s.toml is not a run directory" in refusal("show", "s.toml")


def test_show(trained: Path) -> None:
    code, out, err = call("show", trained)
    assert (code, err) == (0, "")
    run = specnet.load_run(trained)
    assert "run         small: finished, started 20" in out
    assert f"specnet {specnet.__version__}, NumPy " in out
    assert "net         15 parameters" in out
    for number, train, test in zip(*(values.tolist() for values in run.history.values()), strict=True):
        assert f"{number} {train:.6g} {test:.6g}" in re.sub(" +", " ", out)
    assert f"test.loss {run.metrics['test.loss']:.6g}" in re.sub(r"\s+", " ", out)
    assert "predict     in the units of the data\n" in out
    assert "expect test.loss = " in out


def test_show_as_json(trained: Path) -> None:
    record = answer("show", trained)
    run = specnet.load_run(trained)
    assert record["path"] == str(trained)
    assert record["status"] == "finished"
    assert record["parameters"] == 15
    assert record["metrics"] == run.metrics
    assert record["history"] == {name: values.tolist() for name, values in run.history.items()}
    assert record["manifest"] == json.loads((trained / "manifest.json").read_text())
    assert record["silent_units"] == {"layers.0": list(run.silent_units["layers.0"])}


# plugins list


def test_plugins_list() -> None:
    code, out, err = call("--no-plugins", "plugins", "list")
    assert (code, err) == (0, "")
    assert "\nlayer       activation, add, avg_pool, " in out
    assert "\nactivation  elu, exp, gelu, " in out
    record = json.loads(call("--no-plugins", "plugins", "list", "--json").out)
    assert record["builtin"]["loss"] == Registry([]).names("loss")
    assert list(record["builtin"]) == list(KINDS)


# What a terminal and a pipe see


def test_output_fits_80_columns(trained: Path) -> None:
    shutil.copytree(trained, "run")
    small = ["--set", "training.epochs=3", "--set", "dataset.samples=200"]
    shown = [
        call("run", SPECS / "arith.toml", *small, "--out", "r1"),
        call("run", SPECS / "diabetes.toml", "--set", "training.epochs=3", "--out", "r2"),
        *(call("plan", SPECS / name) for name in ("arith.toml", "diabetes.toml", "arith_article.toml")),
        *(call("show", run) for run in ("run", "r1", "r2")),
        *(call("evaluate", run) for run in ("r1", "r2")),
        call("predict", "r1", "--rows", "[[30, 70]]"),
        call("--no-plugins", "plugins", "list"),
        call("--help"),
    ]
    wide = [line for outcome in shown for line in outcome.out.splitlines() if len(line) > 80]
    # What the user has typed is repeated as it is: the path of the spec, and a setting of `plan` in one line each.
    assert [line for line in wide if not line.startswith(("specnet run ", "  dataset.", "  predict."))] == []


def test_a_pipe_sees_no_control_characters() -> None:
    done = python("-m", "specnet", "run", "s.toml", "--set", "training.epochs=3000")
    assert (done.returncode, done.stderr) == (0, "")
    assert CONTROL.findall(done.stdout) == []
    assert done.stdout.count("epoch") == 2


def test_a_pipe_that_is_closed_is_no_bug() -> None:
    program = [sys.executable, "-m", "specnet", "plan", str(SPECS / "arith.toml")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_names_that_the_encoding_of_the_terminal_lacks() -> None:
    Path("t.toml").write_text(CSV_SPEC.replace('"b"', '"Temperatur °C 温度"'), encoding="utf-8")
    Path("d.csv").write_text(CSV.replace(",b,", ",Temperatur °C 温度,"), encoding="utf-8")
    western = {**ENVIRONMENT, "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, "-m", "specnet", "run", "t.toml", "--out", "run"]
    done = subprocess.run(command, capture_output=True, timeout=60, env=western, encoding="cp1252", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"inputs a, Temperatur °C \u6e29\u5ea6" in done.stdout


def test_escape_sequences_in_names_do_not_reach_the_terminal() -> None:
    Path("t.toml").write_text(CSV_SPEC.replace('"b"', r'"b\u001b[31m"'))
    Path("d.csv").write_text(CSV.replace(",b,", ",b\x1b[31m,"))
    outcome = call("run", "t.toml", "--out", "run")
    assert outcome.code == 0
    for shown in (outcome, call("show", "run"), call("plan", "t.toml"), call("predict", "run", "--rows", "[1, 2]")):
        assert "\x1b" not in shown.out
        assert r"b\x1b[31m" in shown.out


@pytest.fixture
def terminal() -> Callable[..., tuple[int, str]]:
    """specnet on a pseudo terminal: the exit code, and everything that was drawn."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo terminals")

    def run(*args: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "specnet", *args],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**ENVIRONMENT, "TERM": "xterm-256color"},
        )
        os.close(theirs)
        drawn = b""
        try:
            while piece := os.read(ours, 65536):
                drawn += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(ours)
        return process.wait(timeout=60), drawn.decode()

    return run


def test_a_terminal_sees_a_bar_with_the_time_that_remains(terminal: Callable[..., tuple[int, str]]) -> None:
    code, drawn = terminal("run", "s.toml", "--set", "training.epochs=20000", "--set", "training.log_every=20000")
    assert code == 0
    assert "━" in drawn
    assert re.search(r"[1-9]\d*/20000", drawn)
    assert re.search(r"-:--:--|\d:\d\d:\d\d", drawn)
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")  # the cursor is back
    assert re.search(r"finished: runs/small-\S+\r\n$", drawn)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, KeyboardInterrupt])
def test_the_bar_is_taken_away_whatever_happens(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def fail(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("specnet.runs.training.fit", fail)
    out = Terminal()
    with redirect_stdout(out), redirect_stderr(io.StringIO()), pytest.raises(SystemExit) as caught:
        main(["run", "s.toml"])
    assert caught.value.code == {RuntimeError: 101, MemoryError: 2, KeyboardInterrupt: 130}[error]
    drawn = out.getvalue()
    assert "\x1b[?25l" in drawn
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")


def test_a_table_of_many_columns_does_not_flood_the_terminal(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(300)]
    lines = [",".join([*names, "y"]), *(",".join(str((i * j) % 7) for j in range(301)) for i in range(40))]
    (tmp_path / "wide.csv").write_text("\n".join(lines) + "\n")
    layer = {"type": "dense", "units": 1}
    spec = {
        "format": 1,
        "name": "wide",
        "dataset": {"type": "csv", "path": "wide.csv", "inputs": names, "targets": ["y"]},
        "layers": [layer],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
        "training": {"epochs": 2},
        "predict": [{"inputs": [[1.0] * 300]}],
    }
    (tmp_path / "wide.json").write_text(json.dumps(spec))
    out = call("run", "wide.json", "--out", "wide").out
    assert "c10, c11, ... (300 in all)" in " ".join(out.split())
    assert re.search(r"^ +row  -> +y\n +1  -> +\S+$", out, re.MULTILINE)
    assert max(map(len, out.splitlines())) <= 80
    assert max(map(len, call("predict", "wide", "--rows", json.dumps([[1.0] * 300])).out.splitlines())) <= 80
