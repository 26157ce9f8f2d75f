from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from specnet.builtins.datasets.idx import Idx
from specnet.component import Data, DatasetPlan, LoadContext
from specnet.errors import DataError, Finding
from specnet.streams import Streams


def write(path: Path, values: Any, kind: int = 8, packed: bool = False) -> None:
    data = np.asarray(values, {8: ">u1", 13: ">f4"}[kind])
    content = struct.pack(f">BBBB{data.ndim}I", 0, 0, kind, data.ndim, *data.shape) + data.tobytes()
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)


def load(folder: Path, **fields: Any) -> Data:
    spec = {"images": "i", "labels": "l", "height": 1, "width": 2, "classes": 3, **fields}
    return Idx(**spec).load(LoadContext(folder, Streams(0).of("data")))


def refusal(folder: Path, **fields: Any) -> Finding:
    with pytest.raises(DataError) as caught:
        load(folder, **fields)
    (finding,) = caught.value.findings
    return finding


IMAGES = [[[0, 255]], [[1, 2]], [[3, 4]]]


@pytest.mark.parametrize("field", ["images", "labels"])
def test_paths_are_not_empty(field: str) -> None:
    paths: dict[str, Any] = {"images": "i", "labels": "l"} | {field: ""}
    with pytest.raises(ValidationError, match="path is empty: name an IDX file"):
        Idx(**paths)


def test_images_of_another_size(tmp_path: Path) -> None:
    write(tmp_path / "i", IMAGES)
    write(tmp_path / "l", [0, 1, 2])
    finding = refusal(tmp_path, width=3)
    assert (finding.code, finding.path) == ("SN506", ("dataset", "height"))
    assert finding.message == "i: an image has 2 values, and 1 x 3 are 3"


def test_p26_a_label_that_is_no_class(tmp_path: Path) -> None:
    write(tmp_path / "i", IMAGES)
    write(tmp_path / "l", [0, 3, 2])
    finding = refusal(tmp_path)
    assert (finding.code, finding.line, finding.file) == ("SN507", 2, str(tmp_path / "l"))
    assert finding.message == "row 2, column 'label': 3 is no class from 0 to 2"


def test_more_images_than_labels(tmp_path: Path) -> None:
    write(tmp_path / "i", IMAGES)
    write(tmp_path / "l", [0, 1])
    finding = refusal(tmp_path)
    assert (finding.code, finding.message) == ("SN506", "i has 3 images, l 2 labels")


def test_nan_is_no_pixel(tmp_path: Path) -> None:
    write(tmp_path / "i", [[[0, 1]], [[2, np.nan]]], kind=13)
    write(tmp_path / "l", [0, 1])
    finding = refusal(tmp_path)
    assert (finding.message, finding.line) == ("row 2, column 'x1' is empty: NaN is no value", 2)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "i", IMAGES)
    finding = refusal(tmp_path)
    assert (finding.code, finding.path) == ("SN501", ("dataset", "labels"))
    assert finding.message == "l cannot be read: No such file or directory"


@pytest.mark.parametrize("packed", [False, True])
def test_pixels_and_classes(tmp_path: Path, packed: bool) -> None:
    write(tmp_path / "i", IMAGES, packed=packed)
    write(tmp_path / "l", [2, 0, 1], packed=packed)
    data = load(tmp_path)
    assert data.inputs.names == ("x0", "x1")
    assert data.inputs.values.tolist() == [[0, 255], [1, 2], [3, 4]]
    assert data.targets.names == ("label=0", "label=1", "label=2")
    assert data.targets.values.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert data.files == ((tmp_path / "i").resolve(), (tmp_path / "l").resolve())


def test_the_plan_is_that_of_mnist() -> None:
    plan = Idx(images="i", labels="l").plan()
    assert plan == DatasetPlan(tuple(f"x{i}" for i in range(784)), tuple(f"label={k}" for k in range(10)))
