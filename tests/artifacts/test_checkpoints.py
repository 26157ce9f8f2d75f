from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from specnet.artifacts import Checkpoints, claimed
from specnet.errors import ArtifactError

if TYPE_CHECKING:
    from pathlib import Path

links = pytest.mark.skipif(os.name == "nt", reason="Windows makes links only for some users")
locks = pytest.mark.skipif(os.name == "nt", reason="Windows locks no directories")


def there(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (path / "checkpoints").iterdir()}


# Refusals


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_p53_p54_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    folder = Checkpoints(tmp_path)
    name = folder.write("epoch-1", b"first")

    def fail(*arguments: object, **options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(ArtifactError) as caught:
        folder.write("epoch-2", b"second")
    monkeypatch.undo()
    assert str(caught.value).startswith(f"SN601 cannot write {tmp_path}/checkpoints/00002-epoch-2.safetensors: ")
    assert there(tmp_path) == {name: b"first"}


def test_what_reads_back_as_something_else_is_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Checkpoints(tmp_path)
    name = folder.write("epoch-1", b"first")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, bytes(len(content))))
    with pytest.raises(ArtifactError) as caught:
        folder.write("epoch-2", b"second")
    monkeypatch.undo()
    assert str(caught.value).endswith("00002-epoch-2.safetensors: it reads back as something else")
    assert there(tmp_path) == {name: b"first"}


def test_what_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path).names() == []
    with pytest.raises(ArtifactError, match="SN602"):
        Checkpoints(tmp_path).read("00001-epoch-1.safetensors")
    (tmp_path / "checkpoints").touch()
    assert Checkpoints(tmp_path).names() == []


@links
def test_p57_a_link_that_leaves_the_run_is_neither_written_nor_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "00001-epoch-1.safetensors").write_bytes(b"foreign")
    run = tmp_path / "run"
    run.mkdir()
    (run / "checkpoints").symlink_to(tmp_path / "elsewhere")
    for use in (lambda: Checkpoints(run).names(), lambda: Checkpoints(run).write("epoch-2", b"")):
        with pytest.raises(ArtifactError, match="SN608 'checkpoints' is a link that leaves"):
            use()
    (run / "checkpoints").unlink()
    (run / "checkpoints").mkdir()
    (run / "checkpoints" / "00001-epoch-1.safetensors").symlink_to(tmp_path / "elsewhere" / "00001-epoch-1.safetensors")
    with pytest.raises(ArtifactError, match="SN608"):
        Checkpoints(run).read("00001-epoch-1.safetensors")


@locks
def test_a_directory_is_claimed_once(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(ArtifactError) as caught, claimed(tmp_path):
        raise AssertionError("claimed twice")
    assert str(caught.value) == f"SN614 another process is training {tmp_path}"
    with claimed(tmp_path), claimed(tmp_path / "nowhere"):
        assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_locked_nothing_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl: Any = pytest.importorskip("fcntl")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    with claimed(tmp_path), claimed(tmp_path):
        pass


# What is kept


def test_numbers_grow_beyond_what_was_removed(tmp_path: Path) -> None:
    folder = Checkpoints(tmp_path)
    names = [folder.write(f"epoch-{i}", b"%d" % i) for i in (3, 2, 1)]
    assert names == ["00001-epoch-3.safetensors", "00002-epoch-2.safetensors", "00003-epoch-1.safetensors"]
    folder.keep({names[0], names[2]})
    assert there(tmp_path) == {names[0]: b"3", names[2]: b"1"}
    assert folder.write("epoch-9", b"9") == "00004-epoch-9.safetensors"
    assert [folder.read(name) for name in folder.names()] == [b"3", b"1", b"9"]


def test_the_order_is_that_of_numbers(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    for name in ("100000-a.safetensors", "99999-b.safetensors", "notes.txt", "1-a.safetensors", "00001-A.safetensors"):
        (tmp_path / "checkpoints" / name).touch()
    assert Checkpoints(tmp_path).names() == ["99999-b.safetensors", "100000-a.safetensors"]
    assert Checkpoints(tmp_path).write("c", b"") == "100001-c.safetensors"


def test_what_cannot_be_removed_stays_until_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Checkpoints(tmp_path)
    names = [folder.write(f"epoch-{i}", b"") for i in (1, 2)]

    def fail(*_: object, **__: object) -> None:
        raise PermissionError("in use")

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", fail)
        folder.keep({names[1]})
    assert folder.names() == names
    folder.keep({names[1]})
    assert folder.names() == [names[1]]


def test_what_was_left_half_written_goes_and_nothing_else(tmp_path: Path) -> None:
    folder = Checkpoints(tmp_path)
    folder.tidy()
    name = folder.write("epoch-1", b"1")
    for place in (tmp_path, tmp_path / "checkpoints"):
        for other in (".0123456789abcdef.tmp", ".notes.tmp", "x.tmp"):
            (place / other).touch()
    folder.tidy()
    assert sorted(there(tmp_path)) == [".notes.tmp", name, "x.tmp"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".notes.tmp", "checkpoints", "x.tmp"]
