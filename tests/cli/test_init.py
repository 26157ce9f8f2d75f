from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specnet import load_spec, run
from specnet.cli import main
from specnet.initial import drafting
from specnet.spec import check

RNG = np.random.Generator(np.random.PCG64(8))
X, Z, NOISE = RNG.normal(size=(3, 120)).round(3)
LINE = (2 * X - Z + 0.1 * NOISE).round(3)
CURVE = (X * X + 0.05 * NOISE).round(3)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPECNET_PLUGINS", "")
    monkeypatch.setattr(drafting, "MOST_TRIED", 0)


@pytest.fixture
def trying(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec is trained before it promises anything, as it is outside of most tests."""
    monkeypatch.setattr(drafting, "MOST_TRIED", 1000)


def write(columns: dict[str, Any], name: str = "d.csv", delimiter: str = ",") -> None:
    lines = [delimiter.join(columns), *(delimiter.join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def init(*options: str, exit: int = 0, data: str = "d.csv", target: str = "y") -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--no-plugins", "init", data, "--target", target, *options])
    assert caught.value.code == exit


def made(*options: str, target: str = "y") -> dict[str, Any]:
    """The spec that is written, which a strict `validate` has nothing against."""
    init("-o", "s.toml", "--force", *options, target=target)
    assert check(Path("s.toml"), {}, drafting_registry()).findings == ()
    return tomllib.loads(Path("s.toml").read_text(encoding="utf-8"))


def drafting_registry() -> Any:
    from specnet.registry import Registry

    return Registry([])


# What is refused


@pytest.mark.parametrize(
    ("columns", "target", "options", "said"),
    [
        ({"x": X, "y": LINE}, "yy", [], "SN580 there is no column 'yy' to be the target"),
        ({"x": X, "y": [1] * 120}, "y", [], "SN580 the target 'y' holds one value: there is nothing to learn"),
        ({"x": X[:9], "y": LINE[:9]}, "y", [], "SN580 9 rows are too few to train and to test on: at least 10"),
        ({"x": [1] * 120, "y": LINE}, "y", [], "SN580 no column can be an input"),
        ({"x": X, "y": ["a", "b"] * 60}, "y", ["--task", "regression"], "SN580 the target 'y' holds texts"),
        ({"x": X, "y": [f"t{i}" for i in range(120)]}, "y", [], "SN580 the target 'y' holds 120 different values"),
        (
            {"x": X, "y": LINE, "t": ["a", "b"] * 60},
            "y",
            ["--target", "t"],
            "SN580 the target 't' holds texts: of several",
        ),
        (
            {"x": X, "y": LINE, "t": Z},
            "y",
            ["--target", "t", "--task", "classes"],
            "SN580 several targets are classes when",
        ),
    ],
)
def test_a_table_of_which_no_spec_can_be_made(
    columns: dict[str, Any], target: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(columns)
    init(*options, exit=2, target=target)
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    init(exit=2)
    assert "SN501 d.csv cannot be read" in capsys.readouterr().err


def test_a_spec_that_is_there_stays(capsys: pytest.CaptureFixture[str]) -> None:
    write({"x": X, "y": LINE})
    Path("s.toml").write_text("mine")
    init("-o", "s.toml", exit=2)
    assert "SN581 the file is there already" in capsys.readouterr().err
    assert Path("s.toml").read_text() == "mine"
    init("-o", "s.json", exit=2)
    assert "SN581 -o takes a .toml file, not 's.json'" in capsys.readouterr().err


# How the file is written


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x,y\n{rows}", {}),
        ("\ufeffx;y\n{rows}", {"delimiter": ";"}),
        ("x\ty\n{rows}", {"delimiter": "\t"}),
        ("x|y\n{rows}", {"delimiter": "|"}),
        ("x;y\n{german}", {"delimiter": ";", "decimal": ","}),
        ("x;y\n{grouped}", {"delimiter": ";", "decimal": ",", "thousands": "."}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_dialect_is_told_from_the_file(content: str, said: dict[str, str], encoding: str) -> None:
    mark = said.get("delimiter", ",")
    rows = "".join(f"{1000 + x:.2f}{mark}{y:.2f}\n" for x, y in zip(X, LINE, strict=True))
    german = rows.replace(".", ",")
    grouped = german.replace("1000,", "1.000,").replace("1001,", "1.001,").replace("1002,", "1.002,")
    text = content.format(rows=rows, german=german, grouped=grouped)
    Path("d.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    dataset = made()["dataset"]
    keys = ("delimiter", "decimal", "thousands", "encoding")
    wanted = said | ({"encoding": "utf-16"} if encoding == "utf-16" else {})
    assert {key: dataset[key] for key in keys if key in dataset} == wanted
    assert (dataset["inputs"], dataset["targets"]) == (["x"], ["y"])


def test_a_file_of_windows() -> None:
    rows = "".join(f"{x},{y},{'für' if y > 0 else 'gegen'}\n" for x, y in zip(X, LINE, strict=True))
    Path("d.csv").write_bytes(f"Größe,b,y\n{rows}".encode("cp1252"))
    dataset = made()["dataset"]
    assert dataset["encoding"] == "cp1252"
    assert dataset["inputs"] == ["Größe", "b"]
    assert dataset["columns"][0]["categories"] == ["für", "gegen"]


# What the columns are


def test_kinds_are_told_from_the_texts() -> None:
    write(
        {
            "nr": range(1, 121),
            "x": ["NA" if i % 10 == 0 else x for i, x in enumerate(X)],
            "colour": ["red", "", "blue", "red"] * 30,
            "flag": ["yes", "no"] * 60,
            "ja": ["ja", "nein"] * 60,
            "day": [f"{1 + i % 28:02}.{1 + i % 12:02}.2024" for i in range(120)],
            "stamp": [f"20{10 + i % 9}-03-01" for i in range(120)],
            "code": [f"k{i}" for i in range(120)],
            "street": [f"s{i % 60}" for i in range(120)],
            "empty": [""] * 120,
            "year": [2024] * 120,
            "y": LINE,
        }
    )
    dataset = made()["dataset"]
    assert dataset["missing"] == ["NA"]
    assert "inputs" not in dataset
    assert dataset["columns"] == [
        {"type": "number", "name": "x", "missing": "median"},
        {"type": "category", "name": "colour", "categories": ["blue", "red"], "missing": "own"},
        {"type": "boolean", "name": "flag"},
        {"type": "boolean", "name": "ja", "true": ["ja"], "false": ["nein"]},
        {"type": "date", "name": "day", "format": "%d.%m.%Y", "parts": ["month", "day"]},
        {"type": "date", "name": "stamp", "parts": ["year"]},
        {"type": "text", "name": "code"},
    ]
    text = Path("s.toml").read_text()
    assert '# left out: "nr", because its numbers name the rows\n' in text
    assert '# left out: "street", because it holds 60 different texts\n' in text
    assert '# left out: "empty", because it is empty\n' in text
    assert '# left out: "year", because it is constant\n' in text


def test_names_and_texts_that_toml_has_to_quote() -> None:
    name, texts = 'a "b" \\ c', ['"', "\\", "'"]
    lines = [f'"{name.replace(chr(34), chr(34) * 2)}",y,x']
    lines += [
        f'"{texts[i % 3].replace(chr(34), chr(34) * 2)}",{y},{x}' for i, (x, y) in enumerate(zip(X, LINE, strict=True))
    ]
    Path("d.csv").write_text("\n".join(lines))
    (column,) = made()["dataset"]["columns"]
    assert (column["name"], column["categories"]) == (name, sorted(texts))


# What is learned


def test_numbers_are_a_regression() -> None:
    write({"x": X, "z": Z, "y": LINE})
    spec = made("--seed", "7")
    assert (spec["loss"], spec["metrics"], spec["seed"]) == ("mse", ["r2"], 7)
    assert spec["scaling"] == {"inputs": "standardize", "targets": "standardize"}
    assert spec["dataset"]["inputs"] == ["x", "z"]
    assert len(Path("s.toml").read_text().splitlines()) <= 25


@pytest.mark.parametrize(
    ("values", "plain", "column"),
    [
        (["0", "1"], True, None),
        (["no", "yes"], False, ["no", "yes"]),
        (["1", "2"], False, ["1", "2"]),
        (["2", "10"], False, ["2", "10"]),
    ],
)
def test_of_two_classes_the_probability_of_the_second(values: list[str], plain: bool, column: list[str] | None) -> None:
    write({"x": X, "z": Z, "y": [values[int(y > 0)] for y in LINE]})
    spec = made()
    assert spec["loss"] == {"type": "binary_cross_entropy", "from_logits": False}
    assert spec["layers"][-1] == {"type": "dense", "units": 1, "activation": "sigmoid"}
    assert spec["dataset"].get("targets") == (["y"] if plain else None)
    if column is not None:
        assert spec["dataset"]["columns"][0]["categories"] == column
    result = run("s.toml", out="out")
    assert result.metrics["test.accuracy"] > 0.8


def test_of_several_classes_one_each() -> None:
    write({"x": X, "z": Z, "y": ["low" if y < -1 else "high" if y > 1 else "mid" for y in LINE]})
    spec = made()
    assert spec["loss"] == {"type": "categorical_cross_entropy", "from_logits": False}
    assert [layer["type"] for layer in spec["layers"]] == ["dense", "dense", "softmax"]
    assert spec["dataset"]["columns"][0]["categories"] == ["high", "low", "mid"]


def test_a_few_whole_numbers_are_classes_unless_it_is_said() -> None:
    write({"x": X, "z": Z, "y": [min(3, max(1, round(y + 2))) for y in LINE]})
    assert made()["loss"]["type"] == "categorical_cross_entropy"
    assert made("--task", "regression")["loss"] == "mse"


def test_several_targets() -> None:
    write({"x": X, "y": LINE, "t": Z})
    assert made("--target", "t")["dataset"]["targets"] == ["y", "t"]
    write({"x": X, "y": [int(x > 0) for x in X], "t": [int(x <= 0) for x in X]})
    assert made("--target", "t")["loss"]["type"] == "categorical_cross_entropy"


def test_rows_without_a_target_are_left_out() -> None:
    write({"x": X, "y": ["" if i < 5 else y for i, y in enumerate(LINE)]})
    assert made()["dataset"]["columns"] == [{"type": "number", "name": "y", "role": "target", "missing": "drop"}]


# What it promises


@pytest.mark.usefixtures("trying")
def test_it_promises_to_beat_the_linear_model_where_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    write({"x": X, "z": Z, "y": CURVE})
    assert made()["expect"] == [{"metric": "test.loss", "better_than": "linear"}]
    err = capsys.readouterr().err
    assert "tried: test.loss 0." in err
    result = run("s.toml", out="out")
    assert [verdict.passed for verdict in result.verdicts] == [True]
    assert result.metrics["test.loss"] < result.baselines["linear"].metrics["test.loss"]


@pytest.mark.usefixtures("trying")
def test_it_says_so_where_it_did_not(capsys: pytest.CaptureFixture[str]) -> None:
    write({"x": X, "z": Z, "y": (2 * X - Z).round(6)})
    assert made()["expect"] == [{"metric": "test.loss", "better_than": "mean"}]
    assert "it does not beat the linear model" in capsys.readouterr().err
    assert " # not the linear model, which was as good: test.loss " in Path("s.toml").read_text()


def test_of_large_data_it_is_not_tried(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(drafting, "MOST_TRIED", 119)
    monkeypatch.setattr(drafting, "run", None)
    write({"x": X, "y": CURVE})
    assert made()["expect"] == [{"metric": "test.loss", "better_than": "mean"}]
    assert "not tried, because there are more than 119 rows" in capsys.readouterr().err


@pytest.mark.usefixtures("trying")
def test_an_input_that_is_the_target_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    write({"x": X, "gross": (1.19 * LINE).round(9), "y": LINE})
    made()
    assert "warning SN577: the input 'gross' and the target 'y' differ by" in capsys.readouterr().err


@pytest.mark.usefixtures("trying")
def test_it_is_the_same_again_and_leads_to_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    write({"x": X, "y": CURVE})
    init()
    first = capsys.readouterr().out
    assert 'path = "d.csv"' in first
    init()
    assert capsys.readouterr().out == first
    init("-o", "below/s.toml")
    spec = load_spec("below/s.toml")
    assert getattr(spec.dataset, "path") == "../d.csv"  # noqa: B009 - of a csv
    assert run("below/s.toml", set={"training.epochs": 1}, out="out").status == "finished"


def test_many_inputs_are_a_list_of_several_lines() -> None:
    write({**{f"column_{i}": RNG.normal(size=30).round(2) for i in range(30)}, "y": LINE[:30]})
    assert len(made()["dataset"]["inputs"]) == 30
    assert max(map(len, Path("s.toml").read_text().split("[dataset]")[1].splitlines())) <= 110


@pytest.mark.usefixtures("trying")
def test_a_table_of_few_rows_has_no_validation() -> None:
    write({"x": X[:20], "y": LINE[:20]})
    spec = made()
    assert spec["split"] == {"train": 0.7, "test": 0.3}
    assert "early_stopping" not in spec
