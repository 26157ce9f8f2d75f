"""Every built-in through the kit that plugins run, by its defaults and by what else it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from specnet.builtins.activations import Relu
from specnet.builtins.datasets.arithmetic import Arithmetic
from specnet.builtins.datasets.csv import Csv
from specnet.builtins.datasets.idx import Idx
from specnet.builtins.datasets.images import Images
from specnet.builtins.datasets.npz import Npz
from specnet.builtins.engines import NumpyEngine
from specnet.builtins.layers.dense import Dense
from specnet.builtins.losses import MeanSquaredError
from specnet.component import KINDS, Component
from specnet.registry import Registry
from specnet.testing import failures
from specnet.testing.examples import example
from specnet.testing.plugins import contract_of

if TYPE_CHECKING:
    from pathlib import Path

BUILT_IN = [(kind, name) for kind in KINDS for name in Registry([]).names(kind) if name != "arrays"]
"""All but the dataset that has no rows of its own: tests/runs/test_arrays.py has its promises."""
OTHERS: list[Component] = [
    Arithmetic(samples=1, low=-1e-3, high=1e3),
    Dense(units=2, activation=Relu()),
    Dense(units=1),
    MeanSquaredError(convention="half_sum"),
    NumpyEngine(dtype="float32"),
]
"""What the defaults leave out."""
FILES: dict[str, Component] = {
    "csv": Csv(path="data/rows.csv", inputs=("a", "b"), targets=("y",)),
    "npz": Npz(path="data/rows.npz", inputs=("X0", "X1"), targets=("y",)),
    "images": Images(path="data", classes=("cat", "dog"), height=2, width=1),
    "idx": Idx(images="data/images.idx", labels="data/labels.idx", height=2, width=1, classes=2),
}


@pytest.mark.parametrize("case", BUILT_IN, ids=" ".join)
def test_a_built_in_passes_the_kit(case: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.csv").write_text("a,b,y\n1,2,3\n4,5,6\n")
    np.savez(tmp_path / "data" / "rows.npz", X=np.eye(2), y=np.arange(2.0))
    (tmp_path / "data" / "images.idx").write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, *range(4)]))
    for label in ("cat", "dog"):
        (tmp_path / "data" / label).mkdir()
        Image.fromarray(np.array([[1], [2]], np.uint8)).save(tmp_path / "data" / label / "1.png")
    (tmp_path / "data" / "labels.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 1, 0]))
    registry = Registry([])
    component = FILES.get(case[1]) or example(registry.find(*case), registry)
    checks = contract_of(component, tmp_path).run()
    assert failures(checks) == []
    skipped = {check.check: check.detail for check in checks if check.status == "skipped"}
    assert skipped == {}, "all that the kit needs is in the test extra"


@pytest.mark.parametrize("component", OTHERS, ids=str)
def test_what_the_defaults_leave_out_passes_it_too(component: Component) -> None:
    assert failures(contract_of(component).run()) == []
