from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specnet import run
from specnet.cli import main
from specnet.component.task import Split
from specnet.runs import Watcher

HEAD = """
format = 1
name = "checked"
layers = [{ type = "dense", units = 1 }]
loss = "mse"
optimizer = { type = "adam", learning_rate = 0.01 }
training = { epochs = 1 }
"""
CLASSES = """
format = 1
name = "checked"
layers = [{ type = "dense", units = 3 }]
loss = { type = "categorical_cross_entropy", from_logits = true }
optimizer = { type = "adam", learning_rate = 0.01 }
training = { epochs = 1 }
"""
PLAIN = """
[dataset]
type = "csv"
path = "d.csv"
inputs = ["a", "b"]
targets = ["y"]
"""
RNG = np.random.Generator(np.random.PCG64(3))
A, B, Y = RNG.normal(size=(3, 100))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(rows: Any, header: str = "a,b,y") -> None:
    Path("d.csv").write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")


def check(
    capsys: pytest.CaptureFixture[str], spec: str = HEAD + PLAIN, *options: str, exit: int = 1
) -> list[dict[str, Any]]:
    Path("s.toml").write_text(spec)
    with pytest.raises(SystemExit) as caught:
        main(["--no-plugins", "check", "s.toml", "--output", "json", *options])
    out = capsys.readouterr().out
    assert caught.value.code == exit, out
    told: list[dict[str, Any]] = json.loads(out)["findings"]
    return told


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [finding["code"] for finding in found]


def one(found: list[dict[str, Any]]) -> str:
    assert len(found) == 1, found
    return f"{found[0]['code']} {found[0]['message']}"


def test_a_spec_that_cannot_be_read_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--no-plugins", "check", "none.toml"])
    assert caught.value.code == 2
    assert "SN001" in capsys.readouterr().out


def test_data_that_cannot_be_read_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(check(capsys, exit=2)) == ["SN501"]


def test_faults_of_the_spec_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(check(capsys, HEAD.replace("units", "unist") + PLAIN)) == ["SN102"]


def test_every_missing_column_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, B, Y, strict=True), "A1,bb,y")
    found = check(capsys)
    assert codes(found) == ["SN504", "SN504"]
    assert found[1]["help"] == "did you mean 'bb'?"


def test_every_cell_is_told_and_the_rest_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[list[object]] = [[1, 2, 3]] * 20
    rows[3], rows[5] = [1, "x", 3], [1, 2, ""]
    rows[10:18] = [["1,5" if i % 2 else "NA", 2, 3] for i in range(8)]
    Path("d.csv").write_text("\n".join(["a;b;y", *(";".join(map(str, row)) for row in rows)]) + "\n")
    found = check(capsys, HEAD + PLAIN + 'delimiter = ";"\n')
    assert set(codes(found)) == {"SN507"}
    assert sorted(finding["message"] for finding in found) == [
        "column 'a': 8 cells in all cannot be taken, the first are told",
        *(f"row {12 + i}, column 'a': {('1,5' if i % 2 else 'NA')!r} is not a number" for i in range(5)),
        "row 5, column 'b': 'x' is not a number",
        "row 7, column 'y' is empty",
    ]


def test_texts_that_are_not_listed_are_told_with_their_rows(capsys: pytest.CaptureFixture[str]) -> None:
    write([[c, i, i * i] for i, c in enumerate("xyzx" * 10)])
    columns = '[[dataset.columns]]\ntype = "category"\nname = "a"\ncategories = ["x", "y"]\n'
    found = check(capsys, HEAD + PLAIN.replace('"a", ', "") + columns)
    assert found[0]["message"] in (
        "row 4, column 'a': 'z' is not one of the categories",
        "column 'a': 10 cells in all cannot be taken, the first are told",
    )
    assert len(found) == 6


def test_a_row_of_another_width_ends_the_reading(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.csv").write_text("a,b,y\n1,2,3\n4,5\n")
    assert one(check(capsys)) == "SN506 row 3 has 2 cells, the header has 3"


def test_a_category_that_is_never_there(capsys: pytest.CaptureFixture[str]) -> None:
    write([[c, b, y] for c, b, y in zip("xyzx" * 25, B, Y, strict=True)])
    columns = (
        '[[dataset.columns]]\ntype = "category"\nname = "a"\ncategories = ["x", "y", "z", "zz"]\nunknown = "own"\n'
    )
    found = check(capsys, HEAD + PLAIN.replace('"a", ', "") + columns)
    assert one(found) == "SN571 'a=zz' is listed, and no row of the data has it"


def test_numbers_that_look_like_classes(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip([1, 2, 3, 2] * 25, B, Y, strict=True))
    assert one(check(capsys)) == "SN570 the input 'a' holds the whole numbers from 1 to 3, as classes do"


def test_amounts_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip([0, 1] * 50, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] * 9 + [2] + [0] * 9, Y, strict=True))
    assert check(capsys, exit=0) == []


def test_a_constant_column_and_one_that_is_mostly_empty(capsys: pytest.CaptureFixture[str]) -> None:
    write([[7, b if i % 3 == 0 else "", y] for i, (b, y) in enumerate(zip(B, Y, strict=True))])
    columns = '[[dataset.columns]]\ntype = "number"\nname = "b"\nmissing = "mean"\n'
    found = check(capsys, HEAD + PLAIN.replace(', "b"', "") + columns)
    assert [finding["message"] for finding in found] == [
        "the column 'a' is constant in the training rows",
        "column 'b' is empty in 66 of 100 cells: what stands for them is most of it",
    ]


def test_inputs_that_are_each_other_or_the_target(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, A, Y, strict=True))
    assert one(check(capsys)) == "SN574 the inputs 'a' and 'b' are the same in all training rows"
    write(zip(A, 2.54 * Y + 1, Y, strict=True))
    message = "SN577 the input 'b' and the target 'y' differ by a factor and a constant alone in all training rows"
    assert one(check(capsys)) == message


def test_rows_that_are_trained_on_and_measured(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(zip(A, B, Y, strict=True))
    write(rows + rows[:70])
    found = check(capsys, HEAD + PLAIN + "[split]\nshuffle = false\n")
    assert one(found) == "SN578 51 of 51 test rows stand among the training rows, to the last digit"
    write(rows + rows[:1])
    assert check(capsys, HEAD + PLAIN + "[split]\nshuffle = false\n", exit=0) == []


def test_targets_that_the_last_layer_cannot_give(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, B, 100 + Y, strict=True))
    bounded = HEAD.replace("units = 1", 'units = 1, activation = "sigmoid"')
    found = one(check(capsys, bounded + PLAIN))
    assert found.startswith("SN576 the last layer gives numbers from 0 to 1, the targets of 70 of 70 training rows")
    write(zip(A, B, [0, 1] * 50, strict=True))
    assert check(capsys, bounded + PLAIN, exit=0) == []


def test_classes_with_hardly_any_rows(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        [[a, b, *np.eye(3, dtype=int)[0 if i != 5 else 1]] for i, (a, b) in enumerate(zip(A, B, strict=True))],
        "a,b,p,q,r",
    )
    spec = CLASSES + PLAIN.replace('"y"', '"p", "q", "r"') + "[split]\nshuffle = false\n"
    assert [finding["message"] for finding in check(capsys, spec, "--select", "SN575")] == [
        "1 of 70 training rows are 'q': a net that never says so is hardly wrong",
        "none of 70 training rows is 'r': there is nothing to tell it by",
    ]


def test_targets_that_the_loss_does_not_take(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, B, [0, 1, 1, 2] * 25, strict=True))
    spec = HEAD.replace('"mse"', '{ type = "binary_cross_entropy", from_logits = true }') + PLAIN
    assert set(codes(check(capsys, spec, "--select", "SN518"))) == {"SN518"}


def test_parts_and_batches_of_very_few_rows(capsys: pytest.CaptureFixture[str]) -> None:
    write(list(zip(A, B, Y, strict=True))[:73])
    spec = HEAD.replace("epochs = 1", "epochs = 1, batch_size = 32") + PLAIN + "[split]\ntrain = 0.9\ntest = 0.1\n"
    assert [finding["message"] for finding in check(capsys, spec)] == [
        "of 66 training rows in batches of 32 the last has 2",
        "7 test rows: what they score is mostly chance",
    ]


def test_what_the_rules_of_the_spec_know_only_with_rows(capsys: pytest.CaptureFixture[str]) -> None:
    write(list(zip(A, B, Y, strict=True)))
    spec = HEAD.replace("epochs = 1", "epochs = 1, batch_size = 320") + PLAIN
    assert one(check(capsys, spec)) == "SN414 batch_size = 320 takes all 70 training rows"


def test_a_warning_that_the_spec_ignores_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, A, Y, strict=True))
    ignore = '[[lint.ignore]]\ncode = "SN574"\nreason = "both are wanted"\n'
    assert check(capsys, HEAD + PLAIN + ignore, exit=0) == []


def test_people_see_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.csv").write_text("a,b,y\n1,red,3\n2,,4\n3.5,blue,5\n4,red,6\n")
    columns = '[[dataset.columns]]\ntype = "category"\nname = "b"\ncategories = ["blue", "red"]\nmissing = "own"\n'
    Path("s.toml").write_text(HEAD + PLAIN.replace(', "b"', "") + columns)
    with pytest.raises(SystemExit):
        main(["--no-plugins", "check", "s.toml"])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["a", "number", "input", "0", "1", "to", "4"] in lines
    assert ["b", "category", "input", "1", "(a", "value", "of", "its", "own)", "blue,", "red"] in lines
    assert ["rows", "4:", "3", "to", "train", "on,", "1", "to", "test", "on"] in lines


def test_what_a_formula_makes_is_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    spec = HEAD.replace("units = 1", "units = 3") + '[dataset]\ntype = "arithmetic"\nsamples = 30\n'
    assert check(capsys, spec, exit=0) == []


class _Told(Watcher):
    def __init__(self) -> None:
        self.codes: list[str] = []
        self.messages: list[str] = []

    def checked(self, plan: Any, rows: int, warnings: Any) -> None:
        self.codes = [finding.code for finding in warnings]
        self.messages = [finding.message for finding in warnings]


def test_a_run_tells_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    write([(a, a, y) for a, y in zip(A, Y, strict=True)])
    Path("s.toml").write_text(HEAD + PLAIN)
    told = _Told()
    run("s.toml", out="out", watcher=told)
    assert told.codes == ["SN574"]
    write([(a, 1, y) for a, y in zip(A, Y, strict=True)])
    told = _Told()
    run("s.toml", out="out2", watcher=told)
    assert told.codes == []  # that a column is constant is said where it is scaled


def test_of_large_data_a_part_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from specnet.inspection import doubts
    from specnet.preparation import load_data, prepare
    from specnet.spec import load_spec
    from specnet.streams import Streams

    rows = list(zip(A, B, Y, strict=True))
    write(rows + rows)
    Path("s.toml").write_text(HEAD + PLAIN + "[split]\ntrain = 0.5\ntest = 0.5\nshuffle = false\n")
    spec, streams = load_spec("s.toml"), Streams(0)
    prepared = prepare(spec, load_data(spec, Path(), streams), streams)
    (found,) = doubts(spec, prepared, most=20)
    assert found.message.startswith("20 of 20 test rows that were looked at stand among the training rows")
    assert isinstance(prepared.split(prepared.test, "float64"), Split)


def test_a_run_tells_of_three_and_check_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"c{i}" for i in range(6)]
    write(zip(A, *([(A * (i + 2)).round(12) for i in range(6)]), Y, strict=True), ",".join(["a", *names, "y"]))
    spec = HEAD + PLAIN.replace('"b"', ", ".join(f'"{name}"' for name in names))
    assert codes(check(capsys, spec)) == ["SN574"] * 6
    told = _Told()
    run("s.toml", out="out", watcher=told)
    assert told.codes == ["SN574"] * 4
    assert told.messages[-1] == "and so it is 3 times more"


def test_columns_that_are_alike_at_first_are_not_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    a, y = RNG.normal(size=(2, 3000))
    b = a.copy()
    b[1500:] += 1
    write(zip(a, b, y, strict=True))
    assert check(capsys, HEAD + PLAIN + "[split]\nshuffle = false\n", exit=0) == []


def test_what_is_reconstructed_is_no_leak(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, B, Y, strict=True))
    dataset = '{ type = "csv", path = "d.csv", inputs = ["a", "b"], targets = ["y"] }'
    spec = HEAD.replace("units = 1", "units = 2") + f'[dataset]\ntype = "reconstruction"\nsource = {dataset}\n'
    assert check(capsys, spec, exit=0) == []


def test_numbers_of_classes_are_classes_to_a_loss_that_takes_them(capsys: pytest.CaptureFixture[str]) -> None:
    write(zip(A, B, [0, 1, 2, 1] * 24 + [0, 1, 2, 3], strict=True))
    loss = '{ type = "sparse_categorical_cross_entropy", classes = 5, from_logits = true }'
    spec = HEAD.replace('"mse"', loss).replace("units = 1", "units = 5") + PLAIN + "[split]\nshuffle = false\n"
    assert [finding["message"] for finding in check(capsys, spec)] == [
        "none of 70 training rows is 'y 3': there is nothing to tell it by",
        "none of 70 training rows is 'y 4': there is nothing to tell it by",
    ]
