from __future__ import annotations

import json
from copy import deepcopy
from math import inf, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "metrics": [{"type": "norm_half_square_error"}],
    "dataset": {"type": "arithmetic", "samples": 40, "low": 0.0, "high": 100.0},
    "split": {"train": 0.7, "test": 0.3},
    "scaling": {"inputs": {"type": "standardize"}, "targets": "standardize"},
    "layers": [
        {
            "type": "dense",
            "units": 2,
            "activation": {"type": "relu"},
            "weight_initializer": {"type": "he_normal"},
        },
        {"type": "dense", "units": 3},
    ],
    "loss": {"type": "mse"},
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 5},
    "checks": {"parameters_vs_rows": "off"},
    "engine": {"type": "numpy"},
    "predict": [{"inputs": [[30, 70]]}],
    "expect": [{"metric": "test.loss", "max": 1000.0}],
}
CSV = {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["x", "y", "z"]}
FEW_ROWS = {"dataset.samples": 10, "checks.parameters_vs_rows": "error"}


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The spec above with the value at each dotted path set, or taken out where it is `...`."""
    spec = deepcopy(SPEC)
    for path, value in changes:
        holder: Any = spec
        *parents, last = (int(part) if part.isdecimal() else part for part in path.split("."))
        for part in parents:
            holder = holder[part]
        if value is ...:
            del holder[last]
        else:
            holder[last] = value
    return spec


def write(spec: dict[str, Any]) -> str:
    Path("s.json").write_text(json.dumps(spec))
    return "s.json"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What stderr says when the arguments are refused: exit 2, no traceback, and not a file more or less."""

    def call(*args: str) -> str:
        before = sorted(Path.cwd().rglob("*"))
        with pytest.raises(SystemExit) as caught:
            main(args)
        out, err = capsys.readouterr()
        assert caught.value.code == 2, err
        assert "Traceback" not in out + err
        assert sorted(Path.cwd().rglob("*")) == before
        return err

    return call


# The file


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.toml", "SN001 there is no such file\n --> missing.toml"),
        ("no/folder/s.json", "SN001 there is no such file\n --> no/folder/s.json"),
        ("folder.toml", "SN001 is a folder, not a file\n --> folder.toml"),
        ("folder", "SN001 is a folder, not a file\n --> folder"),
        ("", "SN001 is a folder, not a file"),
        ("s.yaml", "SN001 a spec is a .toml or a .json file, not 's.yaml'\n --> s.yaml"),
    ],
)
def test_what_is_no_spec_file(refused: Callable[..., str], name: str, says: str) -> None:
    Path("folder").mkdir()
    Path("folder.toml").mkdir()
    Path("s.yaml").write_text("format: 1")
    assert says in refused("run", name)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("s.toml", b"", ("SN005 the file is empty", "s.toml", "= help:")),
        ("s.json", b" \n\t\n", ("SN005 the file is empty", "s.json", "= help:")),
        ("s.toml", b'format = 1\nname = "\xe9"\n', ("SN002 byte 0xe9 is not UTF-8", "s.toml:2")),
        ("s.toml", b"format = 1\nname = small\n", ("SN003 not TOML: Invalid value", "s.toml:2:8", "quotes")),
        ("s.toml", b"format: 1\n", ("SN003", "s.toml:1:7", "joined by `=`")),
        (
            "s.toml",
            b"[dataset]\n[dataset]\n",
            ("SN004 'dataset' stands twice: first in line 1, column 2", "s.toml:2:2"),
        ),
        ("s.json", b'{"format": 1,}', ("SN003 not JSON:", "s.json:1:")),
        ("s.json", b'{"seed": 1,\n "seed": 2}', ("SN004 'seed' stands twice: first in line 1, column 2", "s.json:2:2")),
        ("s.json", b"[1]", ("SN003 a spec is one JSON object", "s.json")),
        ("s.json", b"[" * 100_000, ("SN003 the nesting is too deep", "s.json")),
        ("s.json", b'{"format": NaN}', ("SN003 not JSON: NaN is no number", "s.json")),
    ],
)
def test_what_cannot_be_read(refused: Callable[..., str], name: str, content: bytes, says: tuple[str, ...]) -> None:
    Path(name).write_bytes(content)
    err = refused("run", name)
    for part in says:
        assert part in err


# Keys and values: the place is the dotted path of the fault

# What the key that is meant would accept: only the key is wrong.
VALUES = {"shufle": True, "bias_initialiser": "zeros", "convension": "mean", "dtyp": "float32"}


@pytest.mark.parametrize(
    ("table", "key", "help"),
    [
        ("", "sed", None),
        ("", "colour", "keys that may stand here: rng, requires"),
        ("dataset", "lo", None),
        ("split", "shufle", "did you mean 'shuffle'?"),
        ("scaling", "target", None),
        ("scaling.inputs", "robust", None),
        ("layers.0", "bias_initialiser", "did you mean 'bias_initializer'?"),
        ("layers.0.activation", "slope", None),
        ("layers.0.weight_initializer", "scale", None),
        ("layers.1", "dropout", "keys that may stand here: name, inputs, trainable, activation"),
        ("loss", "convension", "did you mean 'convention'?"),
        (
            "optimizer",
            "rho",
            "keys that may stand here: weight_decay, decay_biases, momentum, nesterov, dampening",
        ),
        ("training", "batchsize", "did you mean 'batch_size'?"),
        ("checks", "rows", None),
        ("engine", "dtyp", "did you mean 'dtype'?"),
        ("metrics.0", "name", None),
        ("predict.0", "targets", None),
        ("expect.0", "mim", "did you mean 'min'?"),
    ],
)
def test_an_unknown_key_at_every_level(refused: Callable[..., str], table: str, key: str, help: str | None) -> None:
    path = f"{table}.{key}".lstrip(".")
    value = VALUES.get(key, 1)
    err = refused("run", write(changed((path, value))))
    assert f"SN102 unknown key '{key}'\n --> s.json" in err
    assert f"({path})" in err
    assert help is None or f"= help: {help}" in err
    assert err.count("SN") == 1


@pytest.mark.parametrize("path", ["format", "name", "dataset", "layers", "loss", "optimizer", "training"])
def test_a_missing_section(refused: Callable[..., str], path: str) -> None:
    err = refused("run", write(changed((path, ...))))
    assert f"SN103 missing key '{path}'\n --> s.json" in err
    assert f"({path})" in err


def test_a_misspelt_key_is_one_fault(refused: Callable[..., str]) -> None:
    err = refused("run", write(changed(("layers.1", {"type": "dense", "unit": 3}))))
    assert err.count("SN") == 1
    assert "SN102 unknown key 'unit'" in err
    assert "(layers.1.unit)" in err
    assert "= help: did you mean 'units'?" in err


WRONG_VALUES: list[tuple[str, Any, str]] = [
    # of another type
    ("format", "1", "SN107"),
    ("format", 2, "SN107"),
    ("name", 7, "SN104 'name' must be text, not 7"),
    ("seed", 1.5, "SN104 'seed' must be an integer, not 1.5"),
    ("seed", "3", "SN104 'seed' must be an integer, not '3'"),
    ("dataset", [], "a name or a table with a 'type', not []"),
    ("split", 0.7, "SN104 'split' must be a table, not 0.7"),
    ("split.shuffle", 1, "SN104 'shuffle' must be true or false, not 1"),
    ("split.shuffle", "no", "SN104 'shuffle' must be true or false, not 'no'"),
    ("layers", {}, "SN104 'layers' must be a list, not a table"),
    ("layers.0", None, "SN201"),
    ("layers.0.units", 4.0, "SN104 'units' must be an integer, not 4.0"),
    ("training", "long", "SN104 'training' must be a table, not 'long'"),
    ("predict.0.inputs", [1, 2], "SN104"),
    ("expect", {"metric": "test.loss"}, "SN104 'expect' must be a list, not a table"),
    # a truth value is no number
    ("seed", True, "SN104 'seed' must be an integer, not true"),
    ("dataset.samples", True, "SN104 'samples' must be an integer, not true"),
    ("dataset.low", False, "SN104 'low' must be a number, not false"),
    ("layers.0.units", True, "SN104 'units' must be an integer, not true"),
    ("training.epochs", True, "SN104 'epochs' must be an integer, not true"),
    ("training.batch_size", True, "SN108"),
    ("optimizer.learning_rate", True, "SN104 'learning_rate' must be a number, not true"),
    # a text is no number
    ("layers.0.units", "4", "SN104 'units' must be an integer, not '4'"),
    ("optimizer.learning_rate", "0.01", "SN104 'learning_rate' must be a number, not '0.01'"),
    ("training.epochs", "5", "SN104 'epochs' must be an integer, not '5'"),
    ("training.batch_size", "8", "SN108"),
    ("split.train", "0.7", "SN104 'train' must be a number, not '0.7'"),
    # outside of its range
    ("seed", -1, "SN105 'seed' must be at least 0, not -1"),
    ("seed", 2**32, "SN105 'seed' must be less than 4294967296, not 4294967296"),
    ("dataset.samples", 0, "SN105 'samples' must be greater than 0, not 0"),
    ("dataset.low", 100.0, "SN108 low = 100.0 must be less than high = 100.0"),
    ("layers.0.units", 0, "SN105 'units' must be greater than 0, not 0"),
    ("layers.0.units", -4, "SN105 'units' must be greater than 0, not -4"),
    ("optimizer.learning_rate", 0, "SN105 'learning_rate' must be greater than 0.0, not 0"),
    ("optimizer.learning_rate", -0.1, "SN105 'learning_rate' must be greater than 0.0, not -0.1"),
    ("training.epochs", 0, "SN105 'epochs' must be greater than 0, not 0"),
    ("training.log_every", 0, "SN105 'log_every' must be greater than 0, not 0"),
    ("training.batch_size", 0, "SN108"),
    ("layers", [], "SN108 'layers' needs at least 1 of them"),
    ("name", "a/b", "SN108"),
    ("name", "", "SN108"),
    ("rng", "mt1993", "SN107"),
    ("checks.parameters_vs_rows", "eror", "SN107"),
    ("loss.convention", "sum", "SN107"),
    # fractions that do not add up
    ("split.train", 0.6, "SN108 train + test = 0.9, and must be 1"),
    ("split.train", 1.0, "SN108 train + test = 1.3, and must be 1"),
    ("split.test", 0.30000001, "SN108 train + test = 1.00000001, and must be 1"),
    ("split.train", 0.0, "SN105 'train' must be greater than 0.0, not 0.0"),
    # names
    ("dataset", "arithmetics", "SN203 unknown dataset 'arithmetics'"),
    ("scaling.inputs", "sphere", "SN203 unknown scaler 'sphere'"),
    ("layers.0.type", "dens", "SN203 unknown layer 'dens'"),
    ("layers.0.activation", "rleu", "SN203 unknown activation 'rleu'"),
    ("layers.0.weight_initializer.type", "he_norm", "SN203 unknown initializer 'he_norm'"),
    ("loss.type", "least", "SN203 unknown loss 'least'"),
    ("optimizer.type", "sgd", "SN203 unknown optimizer 'sgd'"),
    ("engine.type", "torch", "SN203 unknown engine 'torch'"),
    ("metrics.0.type", "adjusted", "SN203 unknown metric 'adjusted'"),
    ("layers.0.activation", "nobody.snake", "SN205 no installed plugin has the namespace 'nobody'"),
    ("loss", {}, "SN202 loss has no 'type'"),
    ("optimizer.type", 3, "SN202 'type' must be text, not 3"),
    ("requires", ["specnet-nobody>=1"], "SN211 specnet-nobody is not installed"),
    # the model
    ("layers.1.units", 2, "SN406 the last layer gives 2 numbers a row, the dataset has 3 targets (a+b, a-b, |a-b|)"),
    ("layers.0.inputs", ["nobody"], "SN403 no layer is named 'nobody'"),
    ("predict.0.inputs", [[1, 2, 3]], "SN408 this row has 3 numbers, the dataset has 2 inputs (a, b)"),
    ("expect.0.metric", "test.los", "SN409 no metric of this spec is called 'test.los'"),
    ("expect.0.min", 2000.0, "SN108 min = 2000.0 is greater than max = 1000.0"),
]


@pytest.mark.parametrize(("path", "value", "says"), WRONG_VALUES, ids=[f"{path}={v}" for path, v, _ in WRONG_VALUES])
def test_a_wrong_value(refused: Callable[..., str], path: str, value: Any, says: str) -> None:
    err = refused("run", write(changed((path, value))))
    assert says in err
    assert " --> s.json" in err
    # A fault between two keys is the fault of their table.
    assert f"({path}" in err or f"({path.rpartition('.')[0]})" in err


@pytest.mark.parametrize(
    ("path", "value", "help"),
    [
        ("optimizer.type", "sgd", "here it is called 'gradient_descent'"),
        ("layers.0.activation", "rleu", "did you mean 'relu'?"),
        ("layers.0.activation", "wobble", "known: elu, exp, gelu, "),
        ("checks.parameters_vs_rows", "eror", "did you mean 'error'?"),
        ("expect.0.metric", "test.los", "did you mean 'test.loss'?"),
        ("loss", {}, "known: binary_cross_entropy, "),
        ("requires", ["specnet-nobody>=1"], 'pip install "specnet-nobody>=1"'),
    ],
)
def test_what_would_do_is_said(refused: Callable[..., str], path: str, value: Any, help: str) -> None:
    assert f"= help: {help}" in refused("run", write(changed((path, value))))


@pytest.mark.parametrize("path", ["optimizer.learning_rate", "dataset.high", "split.train", "expect.0.max"])
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_p59_no_number_of_a_spec_is_nan_or_infinite(refused: Callable[..., str], path: str, value: float) -> None:
    err = refused("run", write(changed((path, value))))
    assert "SN003 not JSON:" in err  # NaN and Infinity are no JSON at all
    key = path.rpartition(".")[2]
    err = refused("run", write(SPEC), "--set", f"{path}={value}")
    assert f"SN106 '{key}' must be a finite number, not {value}\n --> --set ({path})" in err


def test_p59_a_number_that_overflows_is_infinite(refused: Callable[..., str]) -> None:
    Path("s.json").write_text(json.dumps(SPEC).replace('"high": 100.0', '"high": 1e999'))
    assert "SN106 'high' must be a finite number, not inf" in refused("run", "s.json")


@pytest.mark.parametrize("bound", [1e308, 1.7e308])
def test_sums_of_the_dataset_are_finite(refused: Callable[..., str], bound: float) -> None:
    err = refused("run", write(changed(("dataset.low", -bound), ("dataset.high", bound))))
    assert f"SN108 a + b or a - b is beyond the range of float64 with -{bound} <= a, b < {bound}\n" in err
    assert "(dataset)" in err


def test_every_fault_is_told_at_once(refused: Callable[..., str]) -> None:
    spec = changed(("seed", "3"), ("layers.0.units", 0), ("loss.type", "mean"), ("training.epoch", 3))
    err = refused("run", write(spec))
    assert [line.split()[0] for line in err.splitlines() if line.startswith("SN")] == [
        "SN104",
        "SN105",
        "SN203",
        "SN102",
    ]


# Memory


@pytest.mark.parametrize("path", ["dataset.samples", "layers.0.units"])
def test_more_than_any_memory_holds(refused: Callable[..., str], path: str) -> None:
    assert "SN540 there is not enough memory" in refused("run", write(changed((path, 10**13))))


# --set and other options


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        (
            "training.epoch=3",
            "SN102 unknown key 'epoch'\n --> --set (training.epoch)\n  = help: did you mean 'epochs'?",
        ),
        ("sead=3", "SN102 unknown key 'sead'\n --> --set (sead)"),
        ("layers.7.units=3", "SN109 --set layers.7.units: layers is a list of 2, counted from 0"),
        ("layers.first.units=3", "SN109 --set layers.first.units: layers is a list of 2, counted from 0"),
        ("seed.low=3", "SN109 --set seed.low: seed is 3"),
        ("layers.0.units=many", "SN104 'units' must be an integer, not 'many'\n --> --set (layers.0.units)"),
        ("layers.0.units=1.5", "SN104 'units' must be an integer, not 1.5\n --> --set (layers.0.units)"),
        ("layers.0.units=true", "SN104 'units' must be an integer, not true\n --> --set (layers.0.units)"),
        ("layers.0.units=", "SN104 'units' must be an integer, not ''\n --> --set (layers.0.units)"),
        ("training.epochs", "SN110 --set takes path=value, not 'training.epochs'\n  = help: such as"),
        ("=3", "SN110 --set takes path=value, not '=3'"),
    ],
)
def test_a_wrong_override(refused: Callable[..., str], assignment: str, says: str) -> None:
    assert says in refused("run", write(SPEC), "--set", assignment)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["run"], "Missing argument 'SPEC'"),
        (["run", "a.toml", "b.toml"], "unexpected extra argument"),
        (["run", "s.json", "--sett", "a=1"], "No such option"),
        (["run", "s.json", "--set"], "requires an argument"),
        (["--no-plugin", "nobody", "run", "s.json"], "SN206 no installed plugin is called 'nobody'"),
    ],
)
def test_a_wrong_command_line(refused: Callable[..., str], args: list[str], says: str) -> None:
    write(SPEC)
    assert says in refused(*args)


# --out


@pytest.mark.parametrize("kind", ["directory", "file"])
def test_out_exists(refused: Callable[..., str], kind: str) -> None:
    Path("out").mkdir() if kind == "directory" else Path("out").write_text("mine")
    err = refused("run", write(SPEC), "--out", "out")
    assert "SN604 out exists; a run directory is never overwritten" in err
    assert "= help: name another directory, or none" in err


@pytest.mark.parametrize("out", ["file/run", "file/a/b"])
def test_out_below_a_regular_file(refused: Callable[..., str], out: str) -> None:
    Path("file").write_text("mine")
    assert f"SN601 cannot write {out}: " in refused("run", write(SPEC), "--out", out)
    assert Path("file").read_text() == "mine"


@pytest.mark.parametrize("out", [[], ["--out", "there/run"]])
def test_a_folder_that_nobody_may_write_to(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, out: list[str]
) -> None:
    def refuse(self: Path, *args: Any, **options: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    spec = write(SPEC)
    monkeypatch.setattr(Path, "mkdir", refuse)  # chmod does not stop a superuser
    err = refused("run", spec, *out)
    assert "SN601 cannot write " in err
    assert err.endswith(": Permission denied\n")


# Data


HEADER = "a,b,x,y,z\n"
ROWS = "1,2,3,4,5\n" * 20


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + ROWS + "1,two,3,4,5\n", ("SN507 row 22, column 'b': 'two' is not a number", "d.csv:22", "inputs.1")),
        (HEADER + "1,2,3,4,\n" + ROWS, ("SN507 row 2, column 'z' is empty", "d.csv:2", "targets.2")),
        (HEADER + "1,2,nan,4,5\n", ("SN507 row 2, column 'x': 'nan' is not a number", "d.csv:2", "targets.0")),
        (HEADER + ROWS + "1,2,3\n", ("SN506 row 22 has 3 cells, the header has 5", "d.csv:22")),
        ("a,B,x,y,z\n" + ROWS, ("SN504 column 'b' is not in the header of d.csv", "d.csv:1", "inputs.1")),
        (HEADER, ("SN505 d.csv: 0 data rows", "d.csv", "add rows below the header")),
        ("", ("SN503 d.csv: no header", "d.csv:1", "name the columns")),
        (None, ("SN501 d.csv cannot be read: No such file or directory", "d.csv", "relative paths start")),
    ],
)
def test_a_wrong_table(refused: Callable[..., str], content: str | None, says: tuple[str, ...]) -> None:
    if content is not None:
        Path("d.csv").write_text(content)
    err = refused("run", write(changed(("dataset", CSV))))
    for part in says:
        assert part in err


@pytest.mark.parametrize(
    ("samples", "split", "says"),
    [
        (1, {"train": 0.3, "test": 0.7}, "none for train = 0.3\n --> (split.train)"),
        (1, {"train": 0.7, "test": 0.3}, "none for test = 0.3\n --> (split.test)"),
        (3, {"train": 0.1, "test": 0.9}, "SN512 3 rows leave none for train = 0.1\n --> (split.train)"),
    ],
)
def test_p13_a_split_that_leaves_nothing(
    refused: Callable[..., str], samples: int, split: dict[str, float], says: str
) -> None:
    err = refused("run", write(changed(("dataset.samples", samples), ("split", split))))
    assert says in err
    assert "= help: more rows, or a larger fraction" in err


def test_numbers_that_the_type_of_the_net_does_not_hold(refused: Callable[..., str]) -> None:
    single = {"type": "numpy", "dtype": "float32"}
    big: dict[str, Any] = {"dataset.low": 1e39, "dataset.high": 1e40, "scaling": {}, "engine": single}
    err = refused("run", write(changed(*big.items())))
    assert "SN510 column 'a' holds numbers too large for float32\n --> (dataset)" in err


# Parameters against rows


def test_more_parameters_than_rows_are_an_error_where_the_spec_says_so(refused: Callable[..., str]) -> None:
    err = refused("run", write(changed(*FEW_ROWS.items())))
    assert err == (
        "SN410 15 parameters for 7 training rows: the net can learn them by heart\n"
        " --> s.json:1:291 (layers)\n"
        "  = help: fewer units, or more rows\n"
    )


@pytest.mark.parametrize(("level", "warned"), [("warn", True), ("off", False)])
def test_more_parameters_than_rows_otherwise(capsys: pytest.CaptureFixture[str], level: str, warned: bool) -> None:
    spec = write(changed(("dataset.samples", 10), ("checks.parameters_vs_rows", level)))
    with pytest.raises(SystemExit) as caught:
        main(["run", spec, "--out", "out"])
    out, err = capsys.readouterr()
    assert (caught.value.code, err) == (0, "")
    assert ("warning SN410: 15 parameters for 7 training rows" in out) == warned
    assert Path("out", "manifest.json").is_file()
