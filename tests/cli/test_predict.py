"""specnet predict on files: what goes in comes out, row by row, with the predictions behind it."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import specnet
from specnet.cli import main
from specnet.runs import load_run

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(Path(specnet.__file__).parents[1]),
    "COLUMNS": "80",
    "OPENBLAS_NUM_THREADS": "1",
}
COLOURS = ("blue", "green", "red")
HOUSES: dict[str, Any] = {
    "format": 1,
    "name": "houses",
    "dataset": {
        "type": "csv",
        "path": "houses.csv",
        "delimiter": ";",
        "decimal": ",",
        "missing": ["NA"],
        "columns": [
            {"type": "number", "name": "area", "missing": "median"},
            {"type": "category", "name": "colour", "categories": list(COLOURS), "unknown": "ignore"},
            {"type": "number", "name": "rooms", "missing": "drop"},
            {"type": "text", "name": "id"},
            {"type": "number", "name": "price", "role": "target"},
        ],
    },
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "adam", "learning_rate": 0.05},
    "training": {"epochs": 300},
}
PLAIN: dict[str, Any] = {
    **HOUSES,
    "name": "plain",
    "dataset": {"type": "csv", "path": "plain.csv", "inputs": ["a", "b"], "targets": ["y"]},
}
KINDS: dict[str, Any] = {
    **HOUSES,
    "name": "kinds",
    "dataset": {
        "type": "csv",
        "path": "kinds.csv",
        "inputs": ["a", "b"],
        "columns": [{"type": "category", "name": "kind", "categories": ["low", "mid", "top"], "role": "target"}],
    },
    "scaling": {"inputs": "standardize"},
    "layers": [{"type": "dense", "units": 3}],
    "loss": {"type": "categorical_cross_entropy", "from_logits": True},
}


def written(name: str, rows: list[list[Any]], delimiter: str = ",", bom: bool = False) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n" if bom else "\n").writerows(rows)
    Path(name).write_bytes(("\ufeff" if bom else "").encode() + text.getvalue().encode())


def houses() -> list[list[Any]]:
    random = np.random.default_rng(5)
    rows = []
    for i in range(40):
        area, colour, rooms = random.uniform(20, 90), COLOURS[i % 3], int(random.integers(1, 6))
        price = 1000 * area + 5000 * (colour == "red") + 100 * rooms
        cells = ["NA" if i == 7 else f"{area:.2f}", colour, rooms, f"h{i}", f"{price:.1f}"]
        rows.append([str(cell).replace(".", ",") for cell in cells])
    return rows


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data and the runs `houses`, `plain` and `kinds`, which nobody changes."""
    folder = tmp_path_factory.mktemp("trained")
    before = Path.cwd()
    os.chdir(folder)
    try:
        written("houses.csv", [["area", "colour", "rooms", "id", "price"], *houses()], ";", bom=True)
        grid = [(a, b) for a in range(6) for b in range(6)]
        written("plain.csv", [["a", "b", "y"], *([a, b, 1000 + 3 * a - b] for a, b in grid)])
        kinds = [[a, b, ("low", "mid", "top")[(a > 1) + (a > 3)]] for a, b in grid]
        written("kinds.csv", [["a", "b", "kind"], *kinds])
        for spec in (HOUSES, PLAIN, KINDS):
            Path(f"{spec['name']}.json").write_text(json.dumps(spec))
            specnet.run(f"{spec['name']}.json", out=f"runs/{spec['name']}")
    finally:
        os.chdir(before)
    return folder / "runs"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def call(capfdbinary: pytest.CaptureFixture[bytes], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(arg) for arg in args])
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    code = caught.value.code
    assert isinstance(code, int)
    return code, out.decode(), err.decode()


def python(*args: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "specnet", *map(str, args)]
    return subprocess.run(command, input=data, capture_output=True, timeout=120, env=ENVIRONMENT, check=False)


def predicted(*args: object, file: str = "out.csv", delimiter: str = ",") -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a file that was predicted without a fault."""
    with pytest.raises(SystemExit) as caught:
        main(["predict", *map(str, args), "-o", file])
    assert caught.value.code == 0
    with Path(file).open(newline="", encoding="utf-8-sig") as stream:
        header, *rows = csv.reader(stream, delimiter=delimiter)
    return header, rows


# What is refused


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--format", "text"], "SN535 --format text goes with --rows\n"),
        (["-o", "out.xlsx"], "SN535 no format is called .xlsx\n  = help: say which it is: --format csv|json|"),
        (["--format", "npy"], "SN535 npy is no format for standard output\n  = help: name a file: -o out.npy\n"),
        (["--rows", "[[1, 2]]"], "SN535 predict takes DATA or --rows, and not both\n"),
        (["-o", "new.csv"], "SN535 the result would take the place of the data\n"),
        (["--decimal", ","], "SN535 decimal = ',' is the delimiter as well\n"),
        (["--delimiter", ";;"], "SN535 delimiter = ';;' is not one character\n"),
        (["--delimiter", ";"], "SN504 column 'a' is not in the header of new.csv\n"),
        (["-o", "no/out.csv"], "SN601 cannot write no/out.csv: No such file or directory\n"),
        (["-o", "."], "SN601 cannot write .: it is a directory\n"),
    ],
)
def test_what_does_not_go_together(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes], args: list[str], says: str
) -> None:
    Path("new.csv").write_text("a,b\n1,2\n")
    args = [*args, "--format", "csv"] if args[:2] == ["-o", "."] else args
    code, out, err = call(capfdbinary, "predict", trained / "plain", "new.csv", *args)
    assert (code, out) == (2, "")
    assert says in err
    assert [path.name for path in Path.cwd().iterdir()] == ["new.csv"]


@pytest.mark.parametrize("args", [["-o", "x.csv"], ["--only-predictions"], ["--decimal", ","], ["--delimiter", ";"]])
def test_options_of_files_go_with_files(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes], args: list[str]
) -> None:
    code, out, err = call(capfdbinary, "predict", trained / "plain", "--rows", "[[1, 2]]", *args)
    assert (code, out, err) == (2, "", "SN535 the options of files go with DATA\n")


def test_a_column_that_the_result_is_to_have(trained: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    Path("new.csv").write_text("a,b,predicted_y\n1,2,3\n")
    code, out, err = call(capfdbinary, "predict", trained / "plain", "new.csv")
    assert (code, out) == (2, "")
    assert err == (
        "SN534 the data has a column 'predicted_y' already\n --> new.csv\n"
        "  = help: rename it in the data, or leave the columns of the data out: --only-predictions\n"
    )
    assert predicted(trained / "plain", "new.csv", "--only-predictions")[0] == ["predicted_y"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n3,x\n", "SN507 row 3, column 'b': 'x' is not a number\n"),
        ("a,b\n1,2\n,4\n", "SN507 row 3, column 'a' is empty\n"),
        ("a,c\n1,2\n", "SN504 column 'b' is not in the header of new.csv\n"),
        ("a,b\n", "SN505 new.csv: 0 data rows\n"),
        ("a,b\n1,2\n3\n", "SN506 row 3 has 1 cell, the header has 2\n"),
    ],
)
def test_a_row_that_cannot_be_predicted_leaves_no_file(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes], text: str, says: str
) -> None:
    Path("new.csv").write_text(text)
    Path("out.csv").write_text("before")
    code, out, err = call(capfdbinary, "predict", trained / "plain", "new.csv", "-o", "out.csv")
    assert (code, out) == (2, "")
    assert says in err
    assert Path("out.csv").read_text() == "before"
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["new.csv", "out.csv"]


def test_a_number_that_its_scaler_cannot_take_is_told_with_its_row(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    written("plain.csv", [["a", "b", "y"], *([i, i % 3, i] for i in range(20))])
    specnet.run({**PLAIN, "scaling": {"inputs": "log1p"}}, set={"training.epochs": 1}, out="run")
    Path("new.csv").write_text("a,b\n1,2\n3,-7\n")
    code, _, err = call(capfdbinary, "predict", "run", "new.csv")
    assert code == 2
    assert "SN514 row 3: column 'b' holds -7, and log1p takes numbers from -1 to inf" in err
    assert " --> new.csv:3\n" in err


# P03


def test_p03_an_unknown_category_is_refused_with_its_column_its_value_and_its_row(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    strict = json.loads(json.dumps(HOUSES))
    strict["dataset"]["columns"][1]["unknown"] = "error"
    strict["dataset"]["path"] = str(trained.parent / "houses.csv")
    specnet.run(strict, set={"training.epochs": 1}, out="strict")
    Path("new.csv").write_text("rooms;colour;area\n1;red;2,5\n1;pink;2,5\n")
    code, out, err = call(capfdbinary, "predict", "strict", "new.csv")
    assert (code, out) == (2, "")
    assert "SN507 row 3, column 'colour': 'pink' is not one of the categories\n --> new.csv:3\n" in err


@pytest.mark.parametrize("unknown", ["ignore", "own"])
def test_p03_unknown_categories_that_are_taken_are_counted(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes], unknown: str
) -> None:
    spec = json.loads(json.dumps(HOUSES))
    spec["dataset"]["columns"][1]["unknown"] = unknown
    spec["dataset"]["path"] = str(trained.parent / "houses.csv")
    specnet.run(spec, set={"training.epochs": 1}, out="run")
    lines = "".join(f"2;{colour};30\n" for colour in (*COLOURS, "pink", "grey"))
    Path("new.csv").write_text("rooms;colour;area\n" + lines)
    code, out, err = call(capfdbinary, "predict", "run", "new.csv")
    assert code == 0
    assert err == "5 rows predicted\ncolour: 2 rows with something that the spec does not list\n"
    answers = [line.split(";")[-1] for line in out.splitlines()[1:]]
    assert answers[3] == answers[4]
    assert len(set(answers)) == 4, "what is not known is none of the known ones"


# P04


def test_p04_columns_are_found_by_name_in_any_order(trained: Path) -> None:
    random = np.random.default_rng(1)
    a, b = random.uniform(-9, 9, (2, 50)).tolist()
    written("one.csv", [["a", "b"], *map(list, zip(a, b, strict=True))])
    written("two.csv", [["note", "b", "a"], *map(list, zip([f"n{i}" for i in range(50)], b, a, strict=True))])
    one, two = (predicted(trained / "plain", name, "--only-predictions")[1] for name in ("one.csv", "two.csv"))
    assert one == two
    wanted = load_run(trained / "plain").predict(np.column_stack([a, b]))[:, 0].tolist()
    assert [float(cell) for (cell,) in one] == wanted


def test_p04_an_archive_with_names_is_read_by_them(trained: Path) -> None:
    np.savez("new.npz", b=np.array([2.0, 4.0]), other=np.array([7, 8]), a=np.array([1.0, 3.0]))
    _, rows = predicted(trained / "plain", "new.npz", "--only-predictions")
    assert [float(cell) for (cell,) in rows] == load_run(trained / "plain").predict([[1, 2], [3, 4]])[:, 0].tolist()


@pytest.mark.parametrize("name", ["new.npy", "new.npz"])
@pytest.mark.parametrize("width", [1, 3])
def test_p04_an_array_without_names_has_as_many_columns_as_the_run(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes], name: str, width: int
) -> None:
    x = np.zeros((4, width))
    np.save(name, x) if name.endswith("npy") else np.savez(name, data=x)
    code, out, err = call(capfdbinary, "predict", trained / "plain", name)
    assert (code, out) == (2, "")
    assert f"SN536 {name} has {width} columns without names, the run has 2 inputs\n --> {name}\n" in err
    assert "  = help: give these, in this order: a, b; or an .npz file with an array for each, by name\n" in err


def test_p04_an_array_without_names_is_taken_by_position(trained: Path) -> None:
    x = np.random.default_rng(2).uniform(-9, 9, (30, 2))
    np.save("new.npy", x)
    np.savez("new.npz", x=x, y=np.zeros(30))
    wanted = load_run(trained / "plain").predict(x)[:, 0].tolist()
    for name in ("new.npy", "new.npz"):
        _, rows = predicted(trained / "plain", name, "--only-predictions")
        assert [float(cell) for (cell,) in rows] == wanted


def test_p04_other_arrays_with_names_are_not_taken_by_position(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    np.savez("new.npz", width=np.zeros(3), height=np.zeros(3))
    code, _, err = call(capfdbinary, "predict", trained / "plain", "new.npz")
    assert code == 2
    assert "SN504 column 'a' is not in the header of new.npz\n" in err


# P05


@pytest.mark.parametrize("cell", ["", "?", "12"])
def test_p05_every_row_is_predicted_whatever_stands_in_the_target(trained: Path, cell: str) -> None:
    written("new.csv", [["a", "b", "y"], *([i, i + 1, cell] for i in range(9))])
    header, rows = predicted(trained / "plain", "new.csv")
    assert header == ["a", "b", "y", "predicted_y"]
    assert [row[:3] for row in rows] == [[str(i), str(i + 1), cell] for i in range(9)]
    assert all(float(row[3]) for row in rows)


def test_p05_a_row_that_training_would_leave_out_has_an_empty_prediction(
    trained: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    Path("new.csv").write_text("rooms;colour;area\n1;red;NA\n;red;5\nNA;red;5\n2;red;5\n")
    code, out, err = call(capfdbinary, "predict", trained / "houses", "new.csv")
    assert code == 0
    assert [bool(line.split(";")[3]) for line in out.splitlines()[1:]] == [True, False, False, True]
    assert err == ("4 rows predicted\n2 rows without a prediction: training leaves rows with such gaps out\n")
    (only,) = [call(capfdbinary, "predict", trained / "houses", "new.csv", "--only-predictions")[1]]
    assert only.splitlines()[2] == '""', "an empty line would be no row"


# P12, P24


def test_p12_predictions_are_in_the_units_of_the_data(trained: Path) -> None:
    written("new.csv", [["a", "b"], [0, 0], [5, 0]])
    _, rows = predicted(trained / "plain", "new.csv")
    assert [round(float(row[2])) for row in rows] == [1000, 1015]


def test_p24_rows_are_scaled_as_in_training_bit_for_bit(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from specnet.builtins.engines import NumpyEngine
    from specnet.preparation import load_data, prepare
    from specnet.streams import Streams

    run = load_run(trained / "houses")
    streams = Streams(run.spec.seed, run.spec.rng)
    prepared = prepare(run.spec, load_data(run.spec, trained.parent, streams), streams)
    before = prepared.split(np.arange(40), "float64").inputs
    seen: list[Any] = []
    known = NumpyEngine.predict

    def seeing(self: NumpyEngine, plan: Any, weights: Any, inputs: Any) -> Any:
        seen.append(inputs)
        return known(self, plan, weights, inputs)

    monkeypatch.setattr(NumpyEngine, "predict", seeing)
    predicted(trained / "houses", trained.parent / "houses.csv", delimiter=";")
    assert np.array_equal(np.concatenate(seen), before)


# What comes through


def test_the_columns_of_the_data_come_through_untouched(trained: Path) -> None:
    odd = ["007", "1.50", ' "quoted" ', "a,b", "two\nlines", "", "é温", "=1+1"]
    written("new.csv", [["note", "b", "a"], *([note, "2.0", " 1"] for note in odd)])
    header, rows = predicted(trained / "plain", "new.csv")
    assert header == ["note", "b", "a", "predicted_y"]
    assert [row[:3] for row in rows] == [[note, "2.0", " 1"] for note in odd]
    assert len({row[3] for row in rows}) == 1


def test_a_spreadsheet_is_written_as_it_was_read(trained: Path) -> None:
    source = trained.parent / "houses.csv"
    _, rows = predicted(trained / "houses", source, delimiter=";")
    content = Path("out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfarea;colour;rooms;id;price;predicted_price\n")
    assert [row[:5] for row in rows] == houses()
    wanted = load_run(trained / "houses").answers(
        [
            [None if area == "NA" else float(area.replace(",", ".")), colour, float(rooms)]
            for area, colour, rooms, *_ in houses()
        ]
    )
    assert [float(row[5].replace(",", ".")) for row in rows] == wanted["predicted_price"].tolist()
    assert all("." not in row[5] for row in rows)


def test_other_marks_than_those_of_the_run(trained: Path) -> None:
    Path("new.tsv").write_text("b\ta\n2,5\t1\n")
    header, rows = predicted(trained / "plain", "new.tsv", "--delimiter", "\\t", "--decimal", ",", delimiter="\t")
    assert header == ["b", "a", "predicted_y"]
    assert float(rows[0][2].replace(",", ".")) == load_run(trained / "plain").predict([[1, 2.5]])[0, 0]


def test_classes_have_probabilities(trained: Path) -> None:
    written("new.csv", [["a", "b"], [0, 1], [5, 1]])
    header, rows = predicted(trained / "kinds", "new.csv")
    assert header == ["a", "b", "predicted_kind", *(f"probability_kind_{name}" for name in ("low", "mid", "top"))]
    assert [row[2] for row in rows] == ["low", "top"]
    logits = load_run(trained / "kinds").predict([[0, 1], [5, 1]])
    wanted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.array([row[3:] for row in rows], float), wanted, rtol=1e-12)


@pytest.mark.parametrize("column", [
    {"type": "boolean", "name": "kind", "role": "target"},
    {"type": "category", "name": "kind", "categories": ["false", "true"], "encoding": "index", "role": "target"},
])  # fmt: skip
@pytest.mark.parametrize("from_logits", [True, False])
def test_a_yes_or_no_has_the_probability_of_each(column: dict[str, Any], from_logits: bool) -> None:
    written("t.csv", [["a", "kind"], *([i, "true" if i > 10 else "false"] for i in range(20))])
    layer = {"type": "dense", "units": 1} | ({} if from_logits else {"activation": "sigmoid"})
    loss = {"type": "binary_cross_entropy", "from_logits": from_logits}
    dataset = {"type": "csv", "path": "t.csv", "inputs": ["a"], "columns": [column]}
    specnet.run({**KINDS, "dataset": dataset, "layers": [layer], "loss": loss}, out="run")
    written("new.csv", [["a"], [0], [19]])
    header, rows = predicted("run", "new.csv")
    assert set(header[2:]) == {"probability_kind_false", "probability_kind_true"}
    assert [row[1] for row in rows] == ["false", "true"]
    raw = load_run("run").predict([[0], [19]])[:, 0]
    yes = 1 / (1 + np.exp(-raw)) if from_logits else raw
    found = [float(row[header.index("probability_kind_true")]) for row in rows]
    np.testing.assert_allclose(found, yes, rtol=1e-12)
    np.testing.assert_allclose(
        [float(row[header.index("probability_kind_false")]) for row in rows], 1 - yes, atol=1e-15
    )


@pytest.mark.parametrize("texts", [True, False])
def test_classes_that_are_numbers_have_probabilities_too(trained: Path, texts: bool) -> None:
    rows = [[i, i % 6, "ab"[i > 9] if texts else int(i > 9)] for i in range(20)]
    written("t.csv", [["a", "b", "kind"], *rows])
    column = {"type": "category", "name": "kind", "categories": ["a", "b"], "encoding": "index", "role": "target"}
    plain = {"type": "number", "name": "kind", "role": "target"}
    dataset = {"type": "csv", "path": "t.csv", "inputs": ["a", "b"], "columns": [column if texts else plain]}
    loss = {"type": "sparse_categorical_cross_entropy", "classes": 2, "from_logits": True}
    changes = {"dataset": dataset, "layers": [{"type": "dense", "units": 2}], "loss": loss}
    specnet.run({**KINDS, **changes}, out="run")
    header, found = predicted("run", "t.csv")
    first, second = "ab" if texts else ("0", "1")
    names = ["predicted_kind", f"probability_kind_{first}", f"probability_kind_{second}"]
    assert header == ["a", "b", "kind", *names]
    assert {row[3] for row in found} == ({"a", "b"} if texts else {"0.0", "1.0"})
    logits = load_run("run").predict([[0, 0]])
    wanted = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose([[float(cell) for cell in found[0][4:]]], wanted, rtol=1e-12)


def test_classes_of_a_loss_without_probabilities_have_none(trained: Path) -> None:
    spec = {**KINDS, "dataset": {**KINDS["dataset"], "path": str(trained.parent / "kinds.csv")}, "loss": "mse"}
    specnet.run(spec, out="run")
    written("new.csv", [["a", "b"], [0, 1], [5, 1]])
    assert predicted("run", "new.csv") == (["a", "b", "predicted_kind"], [["0", "1", "low"], ["5", "1", "top"]])


def test_a_run_on_data_without_a_file_takes_columns_by_the_names_of_its_inputs() -> None:
    spec = {**PLAIN, "dataset": {"type": "arithmetic", "samples": 40}, "layers": [{"type": "dense", "units": 3}]}
    specnet.run(spec, set={"training.epochs": 1}, out="run")
    Path("new.csv").write_text("b,a\n70,30\n")
    header, rows = predicted("run", "new.csv", "--only-predictions")
    assert header == ["predicted_a+b", "predicted_a-b", "predicted_|a-b|"]
    assert [list(map(float, row)) for row in rows] == load_run("run").predict([[30, 70]]).tolist()


# Formats


def test_every_format_has_the_same_numbers(trained: Path) -> None:
    x = np.random.default_rng(3).uniform(0, 5, (70_000, 2))  # more than one block
    np.save("new.npy", x)
    for name in ("out.csv", "out.json", "out.jsonl", "out.npy", "out.npz"):
        with pytest.raises(SystemExit) as caught:
            main(["predict", str(trained / "kinds"), "new.npy", "--only-predictions", "-o", name])
        assert caught.value.code == 0
    answers = load_run(trained / "kinds").answers(x)
    numbers = np.column_stack([column for name, column in answers.items() if name.startswith("probability")])
    assert np.load("out.npy").tobytes() == numbers.tobytes()
    with np.load("out.npz") as archive:
        assert list(archive) == list(answers)
        for name, column in answers.items():
            assert archive[name].tolist() == column.tolist()
    records = json.loads(Path("out.json").read_text())
    assert records == [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [list(record.values()) for record in records] == [
        list(row) for row in zip(*(c.tolist() for c in answers.values()), strict=True)
    ]
    _, *rows = csv.reader(io.StringIO(Path("out.csv").read_text()))
    assert [[row[0], *map(float, row[1:])] for row in rows] == [list(record.values()) for record in records]


def test_gaps_in_every_format(trained: Path) -> None:
    Path("new.csv").write_text("rooms;colour;area\n;red;5\n2;red;5\n")
    for name in ("out.json", "out.npy", "out.npz"):
        with pytest.raises(SystemExit):
            main(["predict", str(trained / "houses"), "new.csv", "-o", name])
    first, second = json.loads(Path("out.json").read_text())
    assert first == {"rooms": "", "colour": "red", "area": "5", "predicted_price": None}
    assert np.load("out.npy").tolist()[1] == [second["predicted_price"]]
    assert np.isnan(np.load("out.npy")[0, 0])
    with np.load("out.npz") as archive:
        assert np.isnan(archive["predicted_price"]).tolist() == [True, False]


# Streams


def test_standard_input_to_standard_output(trained: Path) -> None:
    done = python("predict", trained / "plain", "-", data=b"a,b\n1,2\n")
    assert (done.returncode, done.stderr) == (0, b"1 row predicted\n")
    assert done.stdout.startswith(b"a,b,predicted_y\n1,2,")
    assert python("predict", trained / "plain", "-", data=b"a,b\n1,x\n").stderr.startswith(
        b"SN507 row 2, column 'b': 'x' is not a number\n --> <stdin>:2\n"
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_is_closed_ends_it_quietly(trained: Path, unbuffered: str) -> None:
    written("new.csv", [["a", "b"], *([i, i] for i in range(60_000))])
    program = [sys.executable, "-m", "specnet", "predict", str(trained / "plain"), "new.csv"]
    environment = {**ENVIRONMENT, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_an_interruption_leaves_no_file(trained: Path) -> None:
    Path("out").mkdir()
    program = [sys.executable, "-m", "specnet", "predict", str(trained / "plain"), "-", "-o", "out/new.csv"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"a,b\n" + b"1,2\n" * 10)
        process.stdin.flush()
        until = time.monotonic() + 60
        while not list(Path("out").iterdir()) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().strip() == b"interrupted"
        process.wait(timeout=60)
    assert process.returncode == 130
    assert list(Path("out").iterdir()) == []


def test_memory_does_not_grow_with_the_rows(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks and the network go when they were used, without waiting for the collector of cycles."""
    import gc
    import weakref

    from specnet.engine.network import Network
    from specnet.runs.serving import Serving, dialect_of, table_at

    np.save("new.npy", np.zeros((300_000, 2)))
    run = load_run(trained / "plain")
    alive: list[weakref.ref[Any]] = []
    networks: weakref.WeakSet[Network] = weakref.WeakSet()
    made = Network.__init__

    def making(self: Network, *args: Any, **options: Any) -> None:
        networks.add(self)
        made(self, *args, **options)

    monkeypatch.setattr(Network, "__init__", making)
    gc.collect()
    gc.disable()
    for _, columns in Serving(run, table_at(Path("new.npy"), dialect_of(run, None, None)), False).blocks():
        alive.append(weakref.ref(columns["predicted_y"]))
        assert sum(ref() is not None for ref in alive) <= 2
        assert len(networks) <= 1
    gc.enable()
    assert len(alive) == 5


# --rows


def test_rows_hold_texts_and_gaps(trained: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    rows = '[[30.5, "red", 2], [null, "blue", 1], [1, "red", null]]'
    code, out, err = call(capfdbinary, "predict", trained / "houses", "--rows", rows)
    assert (code, err) == (0, "")
    header, *lines = [line.split() for line in out.splitlines()]
    assert header == ["area", "colour", "rooms", "->", "price"]
    assert [line[:4] for line in lines] == [
        ["30.5", "red", "2", "->"],
        ["null", "blue", "1", "->"],
        ["1", "red", "null", "->"],
    ]
    assert lines[2][4] == "-"
    _, out, _ = call(capfdbinary, "predict", trained / "houses", "--rows", rows, "--format", "json")
    record = json.loads(out)
    assert record["answers"][2] == {"predicted_price": {"value": None, "reason": "nan"}}
    assert [answer["predicted_price"] for answer in record["answers"][:2]] == [
        row[0] for row in record["predictions"][:2]
    ]


def test_rows_of_classes_fit_80_columns(trained: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    _, out, _ = call(capfdbinary, "predict", trained / "kinds", "--rows", "[[0, 1], [5, 1]]")
    assert out.splitlines()[0].split() == ["a", "b", "->", "kind", "p(kind_low)", "p(kind_mid)", "p(kind_top)"]
    long = [f"a rather long name of a class {i}" for i in range(3)]
    written("kinds.csv", [["a", "b", "kind"], *([i, i % 4, long[i % 3]] for i in range(36))])
    spec = json.loads(json.dumps(KINDS))
    spec["dataset"]["columns"][0]["categories"] = long
    specnet.run(spec, set={"training.epochs": 1}, out="run")
    _, out, _ = call(capfdbinary, "predict", "run", "--rows", "[[0, 1], [5, 1]]")
    assert max(map(len, out.splitlines())) <= 80
    assert [line.split()[0] for line in out.splitlines()[::5]] == ["row", "row"]
    assert "p(kind_a rather long name of a class 2)" in out
