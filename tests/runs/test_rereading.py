from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specnet import load_run, run
from specnet.runs.export import test_rows as rows_of_the_test

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "two_files",
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]},
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.001},
    "training": {"epochs": 2},
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(8)))
    Path("t.csv").write_text("x,y\n100,200\n101,202\n")


def test_the_cells_of_rows_with_a_file_of_their_own_are_read_there() -> None:
    run({**SPEC, "split": {"test_path": "t.csv"}}, out="out")
    assert rows_of_the_test(load_run("out")) == ("test", [[100], [101]])


def test_cells_come_in_the_order_of_the_rows() -> None:
    trained = run({**SPEC, "seed": 3, "split": {"train": 0.5, "test": 0.5}}, out="out")
    name, cells = rows_of_the_test(trained)
    assert (name, len(cells)) == ("test", 4)
    assert sorted(cells) != cells, "the rows were shuffled"
