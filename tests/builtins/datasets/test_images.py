from __future__ import annotations

import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from specnet.builtins.datasets.images import Images
from specnet.component import Data, DatasetPlan, LoadContext
from specnet.errors import DataError, Finding
from specnet.streams import Streams

GREY = np.array([[0, 50, 100], [150, 200, 255]], np.uint8)


def save(path: Path, values: Any, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(values, np.uint8)).save(path, **options)


def load(folder: Path, **fields: Any) -> Data:
    spec = {"path": "d", "classes": ["cat", "dog"], "height": 2, "width": 3, **fields}
    return Images(**spec).load(LoadContext(folder, Streams(0).of("data")))


def pets(folder: Path) -> None:
    save(folder / "d" / "cat" / "b.png", GREY)
    save(folder / "d" / "cat" / "a.png", GREY[::-1])
    save(folder / "d" / "dog" / "c.PNG", GREY // 2)


def refusal(folder: Path, **fields: Any) -> Finding:
    with pytest.raises(DataError) as caught:
        load(folder, **fields)
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"path": ""}, "path is empty: name a folder of folders, relative to the spec file"),
        ({"classes": ["cat"]}, "name at least two classes, each a folder"),
        ({"classes": ["cat", "cat"]}, "class 'cat' is named 2 times"),
        ({"classes": ["cat", ".."]}, "class '..' is not the name of a folder in `path`"),
        ({"classes": ["cat", "../x"]}, "class '../x' is not the name of a folder in `path`"),
        ({"classes": ["cat", "/etc"]}, "class '/etc' is not the name of a folder in `path`"),
        ({"height": 5000}, "Input should be less than or equal to 4096"),
        ({"channels": 4}, "Input should be 1 or 3"),
    ],
)
def test_fields_that_are_refused(fields: dict[str, Any], message: str) -> None:
    said: dict[str, Any] = {"path": "d", "classes": ["cat", "dog"], "height": 2, "width": 3} | fields
    with pytest.raises(ValidationError) as caught:
        Images(**said)
    assert [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()] == [message]


def test_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(tmp_path)
    monkeypatch.setitem(sys.modules, "PIL", None)
    finding = refusal(tmp_path)
    assert (finding.code, finding.message) == ("SN501", "images cannot be read without Pillow")
    assert finding.help == 'pip install "specnet[images]"'


def test_a_folder_that_is_missing_or_empty(tmp_path: Path) -> None:
    save(tmp_path / "d" / "cat" / "a.png", GREY)
    finding = refusal(tmp_path)
    assert (finding.code, finding.path) == ("SN501", ("dataset", "classes", 1))
    assert finding.message == "the folder 'dog' cannot be read: No such file or directory"
    (tmp_path / "d" / "dog").mkdir()
    (tmp_path / "d" / "dog" / "notes.txt").write_text("x")
    finding = refusal(tmp_path)
    assert (finding.code, finding.message) == ("SN505", "the folder 'dog' has no PNG or JPEG files")


@pytest.mark.parametrize(
    ("values", "has"),
    [
        (np.zeros((3, 2)), "2 x 3 pixels of the mode L"),
        (np.zeros((2, 3, 3)), "3 x 2 pixels of the mode RGB"),
        (np.zeros((2, 3, 4)), "3 x 2 pixels of the mode RGBA"),
    ],
)
def test_an_image_of_another_size_or_mode(tmp_path: Path, values: Any, has: str) -> None:
    pets(tmp_path)
    save(tmp_path / "d" / "dog" / "x.png", values)
    finding = refusal(tmp_path)
    assert (finding.code, finding.file) == ("SN506", str((tmp_path / "d" / "dog" / "x.png").resolve()))
    assert finding.message == f"x.png has {has}; width x height are 3 x 2, and 1 channels are L"


def png(width: int, height: int) -> bytes:
    """A file that declares a size and has one byte of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_000, 50_000])
def test_p01_an_image_that_declares_more_than_may_be(tmp_path: Path, side: int) -> None:
    pets(tmp_path)
    (tmp_path / "d" / "cat" / "bomb.png").write_bytes(png(side, side))
    assert refusal(tmp_path).message == "bomb.png declares more pixels than an image may have"


def test_damaged_files(tmp_path: Path) -> None:
    pets(tmp_path)
    whole = (tmp_path / "d" / "cat" / "a.png").read_bytes()
    right = load(tmp_path).inputs.values
    for content in [whole[:end] for end in range(0, len(whole) - 12, 5)] + [b"GIF89a" + whole, png(3, 2), b""]:
        (tmp_path / "d" / "cat" / "a.png").write_bytes(content)
        finding = refusal(tmp_path)
        assert finding.code == "SN501"
        assert finding.message.startswith("a.png cannot be read: ")
    for at in range(len(whole)):
        bad = bytearray(whole)
        bad[at] ^= 1 << at % 8
        (tmp_path / "d" / "cat" / "a.png").write_bytes(bad)
        with suppress(DataError):
            np.testing.assert_array_equal(load(tmp_path).inputs.values, right)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    pets(tmp_path)
    save(tmp_path / "secret.png", GREY)
    try:
        (tmp_path / "d" / "dog" / "x.png").symlink_to(tmp_path / "secret.png")
    except OSError:
        pytest.skip("no links here")
    assert refusal(tmp_path).message == "dog/x.png is not a regular file in the folder"


def test_pixels_and_classes(tmp_path: Path) -> None:
    pets(tmp_path)
    data = load(tmp_path)
    assert data.inputs.values.tolist() == [
        GREY[::-1].ravel().tolist(),
        GREY.ravel().tolist(),
        (GREY // 2).ravel().tolist(),
    ]
    assert data.targets.names == ("label=cat", "label=dog")
    assert data.targets.values.tolist() == [[1, 0], [1, 0], [0, 1]]
    assert [file.name for file in data.files] == ["a.png", "b.png", "c.PNG"]
    assert load(tmp_path, classes=["dog", "cat"]).targets.values.tolist() == [[1, 0], [0, 1], [0, 1]]


def test_colours_come_last(tmp_path: Path) -> None:
    values = np.arange(18).reshape(2, 3, 3)
    save(tmp_path / "d" / "cat" / "a.png", values)
    save(tmp_path / "d" / "dog" / "a.jpg", values, quality=95)
    data = load(tmp_path, channels=3)
    assert data.inputs.values[0].tolist() == list(range(18))
    np.testing.assert_allclose(data.inputs.values[1], np.arange(18), atol=12)  # JPEG keeps about that much


def test_the_plan_is_known_from_the_spec() -> None:
    plan = Images(path="d", classes=("a", "b"), height=2, width=1, channels=3).plan()
    assert plan == DatasetPlan(("x0", "x1", "x2", "x3", "x4", "x5"), ("label=a", "label=b"))
