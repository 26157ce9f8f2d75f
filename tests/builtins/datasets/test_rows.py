from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from specnet.builtins.datasets.rows import Rows
from specnet.component import DatasetPlan, LoadContext
from specnet.streams import Streams

XOR = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rows": [[0, 0, 0], [0, 1]]}, "rows.1 has 2 numbers, there are 3 columns: a, b, y"),
        ({"rows": [[0]]}, "rows.0 has 1 number, there are 3 columns: a, b, y"),
        ({"rows": [[0, 0, 0, 0]]}, "rows.0 has 4 numbers, there are 3 columns: a, b, y"),
        ({"rows": []}, "rows is empty: write at least one row of numbers"),
        ({"inputs": []}, "Tuple should have at least 1 item after validation, not 0"),
        ({"inputs": ["a", "a"]}, "column 'a' is named 2 times"),
        ({"targets": ["a"]}, "column 'a' is named 2 times"),
        ({"targets": [" "]}, "a column has an empty name"),
        ({"rows": [[0, 0, "1"]]}, "Input should be a valid number"),
        ({"rows": [[0, 0, True]]}, "Input should be a valid number"),
        ({"rows": [[0, 0, float("nan")]]}, "Input should be a finite number"),
    ],
)
def test_what_is_no_table(fields: dict[str, Any], message: str) -> None:
    said: dict[str, Any] = {"inputs": ["a", "b"], "targets": ["y"], "rows": XOR} | fields
    with pytest.raises(ValidationError) as caught:
        Rows(**said)
    assert [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()] == [message]


def test_the_rows_are_those_of_the_spec(tmp_path: Path) -> None:
    dataset = Rows(inputs=("a", "b"), targets=("y",), rows=XOR)  # type: ignore[arg-type]  # lists, as in a file
    assert dataset.plan() == DatasetPlan(("a", "b"), ("y",), 4)
    data = dataset.load(LoadContext(tmp_path, Streams(0).of("data")))
    assert data.inputs.values.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert data.targets.values.tolist() == [[0], [1], [1], [0]]
    assert data.inputs.values.flags.c_contiguous
    assert data.files == ()
