from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specnet.errors import DataError, Finding
from specnet.tables import block, members
from specnet.tables.array_file import ArrayFile
from specnet.tables.block import WantedColumn

PLACE = ("dataset", "path")


def wanted(*names: str, text: str = "") -> list[WantedColumn]:
    return [WantedColumn(name, name not in text.split(), ("c", i)) for i, name in enumerate(names)]


def saved(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "d.npz", **arrays)
    return folder / "d.npz"


def read(path: Path, *names: str, text: str = "") -> list[list[Any]]:
    parts = list(ArrayFile(path, path.name, PLACE).blocks(wanted(*names, text=text)))
    assert [line for part in parts for line in part.lines.tolist()] == list(
        range(1, 1 + sum(len(p.lines) for p in parts))
    )
    return [[x for part in parts for x in part.columns[i]] for i in range(len(names))]


def refusal(path: Path, *names: str) -> Finding:
    with pytest.raises(DataError) as caught:
        list(ArrayFile(path, path.name, PLACE).blocks(wanted(*(names or ("y",)))))
    (finding,) = caught.value.findings
    assert finding.file == str(path)
    return finding


def npy(shape: object, data: bytes, descr: str = "<f8", version: bytes = b"\1\0") -> bytes:
    """An array file with this header, whatever the data is."""
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    size = struct.pack("<H" if version[0] == 1 else "<I", len(head))
    return b"\x93NUMPY" + version + size + head + data


def archive(folder: Path, *entries: tuple[str, bytes], packed: bool = False) -> Path:
    path = folder / "d.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        for name, data in entries:
            file.writestr(name, data)
    return path


# Refusals


class Canary:
    fired = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (setattr, (Canary, "fired", True))


def test_p10_pickled_objects(tmp_path: Path) -> None:
    path = saved(tmp_path, X=np.array([Canary()], dtype=object), y=np.zeros(1))
    finding = refusal(path)
    assert finding.code == "SN501"
    assert finding.message == (
        "d.npz cannot be read: 'X' holds pickled Python objects, which could run code; store numbers or texts"
    )
    np.save(tmp_path / "d.npy", np.array([Canary()], dtype=object))
    assert "'x' holds pickled Python objects" in refusal(tmp_path / "d.npy", "x").message
    (tmp_path / "raw.npz").write_bytes(b"\x80\x04csome.module\nattribute\n.")
    message = "raw.npz cannot be read: it is neither a .npy nor an .npz file of NumPy"
    assert refusal(tmp_path / "raw.npz").message == message
    assert not Canary.fired


def test_p01_an_array_that_declares_more_than_it_holds(tmp_path: Path) -> None:
    huge = npy((10**6, 10**6), b"\0" * 128)
    (tmp_path / "d.npy").write_bytes(huge)
    tracemalloc.start()
    for path, name in ((tmp_path / "d.npy", "x"), (archive(tmp_path, ("X.npy", huge)), "X")):
        message = f"{path.name} cannot be read: '{name}' declares 8,000,000,000,000 bytes and holds 128"
        assert refusal(path, "X0").message == message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


def test_p01_a_member_that_unpacks_to_far_more_than_it_takes(tmp_path: Path) -> None:
    path = archive(tmp_path, ("X.npy", npy((1 << 29,), b"\0" * (1 << 29), "|u1")), packed=True)
    assert path.stat().st_size < 1e6
    tracemalloc.start()
    message = refusal(path, "X").message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "its member 'X.npy' would unpack to 536,8" in message
    assert peak < 20e6


def test_a_header_that_is_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "d.npy"
    path.write_bytes(b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1) + b"{" * 1000)
    assert refusal(path).message == (
        "d.npy cannot be read: the header of 'x' has 4,294,967,295 bytes, the limit is 10,000"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is neither a .npy nor an .npz file of NumPy"),
        (b"a,y\n1,2\n", "it is neither a .npy nor an .npz file of NumPy"),
        (npy((2,), b"\0" * 15), "'x' declares 16 bytes and holds 15"),
        (npy((2,), b"\0" * 17), "'x' declares 16 bytes and holds 17"),
        (npy((2,), b"\0" * 32, "<c16"), "'x' holds complex128, and neither real numbers of at most 64 bits nor texts"),
        (npy((-1, -2), b"\0" * 16), "'x' declares the shape (-1, -2)"),
        (npy((2,), b"\0" * 16, version=b"\3\0"), "its member 'x' is no array of a version that is read"),
    ],
)
def test_what_is_no_array(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "d.npy").write_bytes(content)
    finding = refusal(tmp_path / "d.npy")
    assert (finding.code, finding.message, finding.path) == ("SN501", f"d.npy cannot be read: {reason}", PLACE)


def test_members_that_are_no_arrays_or_stand_twice(tmp_path: Path) -> None:
    path = archive(tmp_path, ("notes.txt", b"hello"))
    assert refusal(path).message == "d.npz cannot be read: its member 'notes.txt' is no array"
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path, *[("y.npy", npy((1,), b"\0" * 8))] * 2)
    assert refusal(path).message == "d.npz cannot be read: it has two members 'y.npy'"


def test_p52_a_file_that_ends_anywhere_else_is_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path, X=np.arange(6.0).reshape(3, 2), y=np.arange(3)).read_bytes()
    path = tmp_path / "cut.npz"
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        assert refusal(path).code == "SN501"


def test_p52_a_bit_that_has_turned_is_never_read_over(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "d.npz", X=np.random.default_rng(1).normal(size=(30, 2)), y=np.arange(30))
    whole = (tmp_path / "d.npz").read_bytes()
    right = read(tmp_path / "d.npz", "X0", "X1", "y")
    path = tmp_path / "bad.npz"
    for at in range(len(whole)):
        bad = bytearray(whole)
        bad[at] ^= 1 << at % 8
        path.write_bytes(bad)
        try:
            assert read(path, "X0", "X1", "y") == right
        except DataError:
            continue


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = saved(tmp_path, X=np.zeros((3, 2)), label=np.zeros(3))
    finding = refusal(path, "lable")
    assert (finding.code, finding.message) == ("SN504", "column 'lable' is not in the header of d.npz")
    assert (finding.help, finding.path) == ("did you mean 'label'?", ("c", 0))


def test_arrays_of_other_lengths(tmp_path: Path) -> None:
    path = saved(tmp_path, X=np.zeros((3, 2)), y=np.zeros(4), z=np.zeros(7))
    finding = refusal(path, "X0", "y")
    assert finding.code == "SN506"
    assert finding.message == "d.npz: the arrays have not equally many rows: X has 3, y has 4"


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    path = saved(tmp_path, X=np.zeros((3, 2)), X1=np.zeros(3))
    assert refusal(path, "X0").message == "d.npz: column name 'X1' at positions 2 and 3"


def test_no_rows_and_no_columns(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, y=np.zeros(0))).message == "d.npz: 0 data rows"
    assert refusal(saved(tmp_path, y=np.float64(3))).message == "d.npz: no arrays with rows"


def test_infinity_and_texts_are_no_numbers(tmp_path: Path) -> None:
    path = saved(tmp_path, y=[1.0, 2.0, -np.inf], t=["a", "b", "c"])
    finding = refusal(path)
    assert (finding.code, finding.message) == ("SN507", "row 3, column 'y': '-inf' is not a number")
    assert refusal(path, "t").message == "d.npz: column 't' holds <U1, and not numbers"


# What is read


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "f4", "f2", "i1", "u1", "<i8", ">i4", "u8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("limit", [1, 40, 1 << 25])
def test_any_numbers(tmp_path: Path, dtype: str, order: Any, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "BLOCK_BYTES", limit)
    monkeypatch.setattr(block, "ROWS", 2)
    values = np.arange(12).reshape(3, 2, 2).astype(dtype)
    path = saved(tmp_path, X=np.array(values, order=order), y=np.array([1, 0, 1], dtype))
    assert ArrayFile(path, "d.npz").header() == ["X0", "X1", "X2", "X3", "y"]
    assert read(path, "y", "X3", "X0") == [[1, 0, 1], values[:, 1, 1].tolist(), values[:, 0, 0].tolist()]
    np.savez_compressed(path, X=values, y=np.array([1, 0, 1], dtype))
    assert read(path, "X3") == [values[:, 1, 1].tolist()]
    np.save(tmp_path / "d.npy", np.array(values, order=order))
    assert read(tmp_path / "d.npy", "x1") == [values[:, 0, 1].tolist()]


def test_texts_and_missing_values(tmp_path: Path) -> None:
    path = saved(tmp_path, t=["a", "", "b"], k=[1, 2, 3], y=[1.5, np.nan, 3.0], s=np.float64(9))
    t, k, y = read(path, "t", "k", "y", text="t k")
    assert (t, k) == (["a", None, "b"], ["1", "2", "3"])
    assert (y[0], np.isnan(y[1]), y[2]) == (1.5, True, 3.0)
    assert read(path, "y", text="y") == [["1.5", None, "3.0"]]


def test_all_columns_as_texts(tmp_path: Path) -> None:
    path = saved(tmp_path, t=["a", "b"], k=[1, 2])
    (part,) = ArrayFile(path, "d.npz").blocks(wanted("k"), passthrough=True)
    assert part.texts == (["a", "b"], ["1", "2"])


def test_a_large_array_is_read_in_blocks(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.zeros((400_000, 20)))
    tracemalloc.start()
    rows = sum(len(part.lines) for part in ArrayFile(tmp_path / "d.npy", "d.npy").blocks(wanted("x3")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 400_000
    assert peak < 64e6  # the array has exactly that; two copies of a block are in use


def test_an_empty_archive(tmp_path: Path) -> None:
    stream = io.BytesIO()
    zipfile.ZipFile(stream, "w").close()
    (tmp_path / "d.npz").write_bytes(stream.getvalue())
    assert refusal(tmp_path / "d.npz").message == "d.npz: no arrays with rows"
