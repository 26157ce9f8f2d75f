from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_run, resume, run
from specnet.artifacts import RunDirectory, decode_indices, encode_indices, encode_tensors
from specnet.errors import ArtifactError, DataError, SpecError
from specnet.registry import Registry
from specnet.runs import Watcher
from specnet.runs.evaluation import evaluate
from specnet.runs.sources import RESOLVED
from specnet.runs.split_rows import SPLIT
from specnet.runs.stored import RESULTS

if TYPE_CHECKING:
    from specnet.component.task import Epoch

SPEC = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 1}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
    "training": {"epochs": 4},
    "checkpoint": {"every_epochs": 1},
}


class Killed(Watcher):
    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 3:
            raise MemoryError


@pytest.fixture(autouse=True)
def data() -> None:
    Path("d.csv").write_text("x,y\n" + "".join(f"{i},{(i * i) % 17}\n" for i in range(30)))


def measured() -> tuple[int, dict[str, float]]:
    found = evaluate(load_run("out"))
    return found.rows, found.metrics


def resealed(parts: dict[str, Any] | None, path: str = "out", status: str = "finished") -> None:
    """The run with other rows of its parts, or as an older version has left it, without any."""
    directory = RunDirectory.open(Path(path))
    rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    if parts is None:
        Path(path, SPLIT).unlink()
    else:
        named = {"train": [], "validation": [], "test": [], **parts}
        directory.write_bytes(SPLIT, encode_indices({part: np.array(rows, int) for part, rows in named.items()}))
    directory.seal({**rest, "status": status}, RESULTS if status == "running" else ())


def stored(path: str = "out") -> dict[str, list[int]]:
    return {part: rows.tolist() for part, rows in decode_indices(Path(path, SPLIT).read_bytes()).items()}


# Refusals


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"train": [0, 1], "test": [30]}, "it names row 30, and there are 30"),
        ({"train": [0, -1], "test": [2]}, "it names row -1, and there are 30"),
        ({"train": [0, 1], "test": [1]}, "it names a row twice"),
        ({"train": [0, 1], "more": [2]}, "it must list the rows of train, validation, test"),
        ({"train": [[0, 1]]}, "it must list the rows of train, validation, test"),
    ],
)
def test_rows_that_do_not_fit_the_data(parts: dict[str, Any], message: str) -> None:
    run(SPEC, out="out")
    resealed(parts)
    with pytest.raises(ArtifactError) as error:
        evaluate(load_run("out"))
    (finding,) = error.value.findings
    assert (finding.code, finding.message) == ("SN609", f"{SPLIT} does not fit the data: {message}")


def test_a_changed_file_of_rows() -> None:
    run(SPEC, out="out")
    Path("out", SPLIT).write_bytes(encode_indices({"train": np.arange(3)}))
    with pytest.raises(ArtifactError, match=r"SN607 split\.safetensors has changed since the run"):
        load_run("out")


def test_rows_are_whole_numbers_and_weights_are_none() -> None:
    with pytest.raises(ArtifactError, match="'test' has dtype 'F64', which is none of I64"):
        decode_indices(encode_tensors({"test": np.zeros(3)}, {}))


def test_sn518_names_the_row_by_its_line_and_its_file() -> None:
    Path("d.csv").write_text('x,"y\n"\n1,0\n2,1\n3,1\n')
    Path("t.csv").write_text('x,"y\n"\n1,1\n2,7\n')
    spec = {**SPEC, "dataset": {**SPEC["dataset"], "targets": ["y\n"]}, "scaling": {}}  # type: ignore[dict-item]
    with pytest.raises(DataError) as error:
        run({**spec, "split": {"test_path": "t.csv"}, "loss": {"type": "binary_cross_entropy", "from_logits": True}})
    (finding,) = error.value.findings
    assert (finding.code, finding.message[:50]) == ("SN518", "row 4 of t.csv is no target of binary_cross_entrop")


def test_the_rules_wait_for_the_rows_that_a_column_names() -> None:
    Path("d.csv").write_text("x,y,part\n1,2,train\n2,3,train\n" + "3,4,test\n" * 30)
    dataset = {**SPEC["dataset"], "columns": [{"type": "text", "name": "part"}]}  # type: ignore[dict-item]
    with pytest.raises(SpecError, match="SN410 2 parameters for 2 training rows"):
        run({**SPEC, "dataset": dataset, "split": {"column": "part"}, "checks": {"parameters_vs_rows": "error"}})


# What is stored


def test_the_rows_of_each_part_are_stored_and_sealed() -> None:
    made = run({**SPEC, "split": {"train": 0.5, "validation": 0.2, "test": 0.3}}, out="out")
    parts = stored()
    assert list(map(len, (parts["train"], parts["validation"], parts["test"]))) == [15, 6, 9]
    assert sorted(row for rows in parts.values() for row in rows) == list(range(30))
    assert SPLIT in RunDirectory.open(made.path).manifest["artifacts"]
    assert encode_indices(decode_indices(Path("out", SPLIT).read_bytes())) == Path("out", SPLIT).read_bytes()


def test_evaluate_measures_the_stored_rows() -> None:
    made = run(SPEC, out="out")
    rows, metrics = measured()
    assert (rows, metrics["loss"]) == (9, made.metrics["test.loss"])
    resealed({"train": stored()["train"], "test": stored()["test"][:4]})
    rows, metrics = measured()
    assert rows == 4
    assert metrics["loss"] != made.metrics["test.loss"]


def test_a_run_of_an_older_version_parts_its_rows_as_its_spec_says() -> None:
    made = run(SPEC, out="out")
    resealed(None)
    assert measured() == (9, {"loss": made.metrics["test.loss"]})


def test_the_files_of_the_parts_are_among_the_data_of_the_run() -> None:
    Path("t.csv").write_text("x,y\n1,2\n2,3\n")
    made = run({**SPEC, "split": {"test_path": "t.csv"}}, out="out")
    assert [Path(file).name for file in made.manifest["data"]] == ["d.csv", "t.csv"]
    assert measured()[0] == 2
    Path("t.csv").write_text("x,y\n1,2\n2,4\n")
    with pytest.raises(DataError, match="SN513 the file has changed since the run"):
        evaluate(load_run("out"))


# A run that goes on


def killed() -> dict[str, list[int]]:
    with pytest.raises(MemoryError):
        run(SPEC, out="out", watcher=Killed())
    return stored()


def test_a_run_goes_on_with_the_rows_that_it_began_with() -> None:
    parts = killed()
    swapped = {**parts, "train": parts["train"][::-1]}
    resealed(swapped, status="running")
    resume("out")
    assert stored() == swapped


@pytest.mark.parametrize("killed_again", [False, True])
def test_a_run_without_stored_rows_gets_them_when_it_goes_on(killed_again: bool) -> None:
    parts, whole = killed(), run(SPEC, out="whole")
    resealed(None, status="running")
    if killed_again:  # between the two seals of a run that goes on
        directory = RunDirectory.open(Path("out"))
        rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
        Path("out", SPLIT).write_bytes(b"of another time")
        directory.seal({**rest, RESOLVED: directory.read_json(RESOLVED)}, (*RESULTS, RESOLVED, SPLIT))
    assert resume("out").metrics == whole.metrics
    assert stored() == parts
    assert load_run("out").metrics == whole.metrics


def test_other_data_is_parted_anew() -> None:
    parts = killed()
    with Path("d.csv").open("a") as file:
        file.write("100,3\n" * 10)
    assert resume("out", allow_change=["data"]).status == "finished"
    assert sorted(row for rows in stored().values() for row in rows) == list(range(40))
    assert len(stored()["train"]) == 28 != len(parts["train"])
    assert json.loads(Path("out", "manifest.json").read_text())["artifacts"].keys() >= {SPLIT}


def test_a_fold_is_evaluated_and_goes_on_as_the_fold_that_it_is() -> None:
    fold = {**SPEC, "split": {"folds": 3, "fold": 2}}
    whole = run(fold, out="whole", registry=Registry([]))
    with pytest.raises(MemoryError):
        run(fold, out="out", watcher=Killed())
    assert resume("out").metrics == whole.metrics
    assert measured() == (7, {"loss": whole.metrics["test.loss"]})
