from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import specnet
from specnet.errors import SpecError
from specnet.registry import Registry
from specnet.spec import load_spec

if TYPE_CHECKING:
    from specnet.errors import Finding

NORMED = [{"type": "dense", "units": 4}, {"type": "batch_norm", "name": "norm"}, {"type": "dense", "units": 3}]
NEEDS = "batch_norm (norm) needs 2 rows in each training batch: "


def spec(rows: int, size: int | str) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "small",
        "dataset": {"type": "arithmetic", "samples": rows},
        "split": {"train": 1.0, "test": 0.0},
        "layers": NORMED,
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2, "batch_size": size},
        "checks": {"parameters_vs_rows": "off"},
    }


def found(document: dict[str, Any]) -> list[Finding]:
    try:
        load_spec(document, registry=Registry([]))
    except SpecError as error:
        return list(error.findings)
    return []


@pytest.mark.parametrize(
    ("rows", "size", "at", "has", "help"),
    [
        (
            5,
            2,
            "training.batch_size",
            "of 5 rows in batches of 2 the last has 1",
            'batch_size = 3 or "full", or another number of training rows',
        ),
        (
            1001,
            100,
            "training.batch_size",
            "of 1,001 rows in batches of 100 the last has 1",
            'batch_size = 101 or "full", or another number of training rows',
        ),
        (3, 2, "training.batch_size", None, 'batch_size = 3 or "full", or another number of training rows'),
        (4, 1, "training.batch_size", "batch_size is 1", "a batch_size of 2 or more"),
        (1, "full", "dataset", "there is 1 in all", "more rows for training"),
    ],
)
def test_p46_a_batch_of_one_row_is_refused_before_there_is_one(
    rows: int, size: int | str, at: str, has: str | None, help: str
) -> None:
    (finding,) = found(spec(rows, size))
    says = NEEDS + (has or "of 3 rows in batches of 2 the last has 1")
    assert (finding.code, finding.dotted, finding.message, finding.help) == ("SN424", at, says, help)


def test_p46_rows_that_only_the_file_tells_are_counted_before_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(5)))
    data = {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]}
    layers = [*NORMED[:2], {"type": "dense", "units": 1}]
    document = {**spec(5, 2), "dataset": data, "layers": layers}
    assert found(document) == []
    with pytest.raises(SpecError) as caught:
        specnet.run(document, out="run", registry=Registry([]))
    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == ("SN424", NEEDS + "of 5 rows in batches of 2 the last has 1")
    assert not Path("run").exists()
    document["training"]["batch_size"] = 1  # and this needs no rows to be known
    assert [finding.code for finding in found(document)] == ["SN424"]
    document["training"]["batch_size"] = 3
    assert specnet.run(document, out="run", registry=Registry([])).status == "finished"


@pytest.mark.parametrize(
    ("rows", "size"), [(5, 3), (5, 5), (6, 2), (2, "full"), (5, "full"), (7, 5)], ids=lambda value: str(value)
)
def test_batches_that_are_large_enough(rows: int, size: int | str) -> None:
    assert found(spec(rows, size)) == []


def test_a_net_without_such_a_layer_takes_single_rows() -> None:
    assert found({**spec(5, 2), "layers": NORMED[::2]}) == []


@given(st.integers(2, 200), st.integers(2, 200))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_the_remedy_is_one(rows: int, size: int) -> None:
    findings = [finding for finding in found(spec(rows, size)) if finding.severity == "error"]
    assert bool(findings) == (size < rows and rows % size == 1)
    for finding in findings:
        remedy = int((finding.help or "").split()[2])
        assert found(spec(rows, remedy)) == []
