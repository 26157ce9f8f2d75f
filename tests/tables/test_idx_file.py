from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from specnet.errors import DataError
from specnet.tables.block import WantedColumn
from specnet.tables.idx_file import IdxFile


def idx(kind: int, shape: tuple[int, ...], data: bytes) -> bytes:
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + data


def file(folder: Path, content: bytes) -> IdxFile:
    (folder / "d.idx").write_bytes(content)
    return IdxFile(folder / "d.idx", "d.idx", place=("p",))


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(DataError) as caught:
        list(
            file(folder, content).blocks([])
            if content == b""
            else file(folder, content).blocks([WantedColumn("x", True)])
        )
    (finding,) = caught.value.findings
    assert (finding.code, finding.path) == ("SN501", ("p",))
    return finding.message.removeprefix("d.idx cannot be read: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is no IDX file: those of MNIST begin with 00 00 08"),
        (b"\0\0\7\1", "it is no IDX file: those of MNIST begin with 00 00 08"),
        (b"\0\0\x08\0", "it is no IDX file: those of MNIST begin with 00 00 08"),
        (b"a,y\n1,2\n", "it is no IDX file: those of MNIST begin with 00 00 08"),
        (b"\0\0\x08\3\0\0", "its header ends too early"),
        (idx(8, (3,), b"ab"), "x declares 3 values and ends too early"),
        (idx(8, (2,), b"abc"), "x declares 2 values and holds more"),
        (idx(8, (2**32 - 1,), b"abc"), "x declares 4294967295 values and ends too early"),
        (idx(8, (9, 2**31, 2), b"abc"), "it declares rows of 4,294,967,296 values, the limit is 67,108,864"),
        (gzip.compress(idx(8, (3,), b"abc"), mtime=0)[:-9], "its gzip data ends too early"),
    ],
)
def test_what_is_no_idx_file(tmp_path: Path, content: bytes, message: str) -> None:
    assert refusal(tmp_path, content) == message


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("kind", "dtype"), [(8, ">u1"), (9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
)
def test_images_are_columns(tmp_path: Path, packed: bool, kind: int, dtype: str) -> None:
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    content = idx(kind, (2, 3, 4), values.tobytes())
    images = file(tmp_path, gzip.compress(content, mtime=0) if packed else content)
    assert images.header() == [f"x{i}" for i in range(12)]
    (part,) = images.blocks([WantedColumn("x11", True), WantedColumn("x0", True), WantedColumn("x4", False)])
    assert part.lines.tolist() == [1, 2]
    assert [list(column) for column in part.columns] == [
        [11, 23],
        [0, 12],
        [str(values[0, 1, 0]), str(values[1, 1, 0])],
    ]


def test_labels_are_one_column(tmp_path: Path) -> None:
    (tmp_path / "l").write_bytes(idx(8, (3,), b"\3\0\7"))
    labels = IdxFile(tmp_path / "l", "l", "y")
    assert labels.header() == ["y"]
    (part,) = labels.blocks([WantedColumn("y", False)])
    assert part.columns == (["3", "0", "7"],)
