from __future__ import annotations

import errno
import hashlib
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from specnet.disk import append, make_parents, read_bytes, replacing, sha256_of, size_of, write_atomic
from specnet.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW = b"old content", b"new content, which is longer"
WINDOWS = os.name == "nt"
A_DIRECTORY = "Permission denied" if WINDOWS else "Is a directory"
NO_DIRECTORY = "No such file or directory" if WINDOWS else "Not a directory"
STEPS = ["open", "write", "fsync", "close", "replace"]


def failing(code: int) -> Callable[..., Any]:
    def fail(*arguments: object, **options: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def message(error: pytest.ExceptionInfo[ArtifactError]) -> str:
    (finding,) = error.value.findings
    return f"{finding.code} {finding.message}"


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "No space left on device (28 bytes needed)"),
        (errno.EIO, "Input/output error"),
        (errno.EACCES, "Permission denied"),
    ],
)
def test_p53_a_failed_step_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int, words: str
) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(OLD)
    monkeypatch.setattr(os, step, failing(code))
    with pytest.raises(ArtifactError) as error:
        write_atomic(path, NEW)
    monkeypatch.undo()
    assert message(error) == f"SN601 cannot write {path}: {words}"
    assert error.value.exit_code == 2
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_p53_the_disk_fills_up_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(OLD)
    write, room = os.write, [10]

    def write_into_what_is_left(descriptor: int, content: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = write(descriptor, content[: room[0]])
        room[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", write_into_what_is_left)
    with pytest.raises(ArtifactError, match=r"No space left on device \(28 bytes needed\)$"):
        write_atomic(path, NEW)
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_p53_a_real_limit_of_the_system(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(OLD)
    script = (
        "import resource, sys; from pathlib import Path; from specnet.disk import write_atomic\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_atomic(Path(sys.argv[1]), b'x' * 5000)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"ArtifactError SN601 cannot write {path}: File too large (5000 bytes needed)\n"
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_during_the_write_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(descriptor: int, content: memoryview) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "model.bin", NEW)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_flushed_is_an_error_when_the_disk_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.bin"
    fsync, calls = os.fsync, []

    def second_fails(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(ArtifactError) as error:
        write_atomic(path, NEW)
    assert message(error) == f"SN601 cannot write {path}: Input/output error"
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == NEW


@pytest.mark.parametrize(
    ("name", "words"),
    [("file/below", NO_DIRECTORY), ("gone/below", "No such file or directory"), ("a\0b", "embedded null")],
)
def test_places_that_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(ArtifactError) as error:
        write_atomic(tmp_path / name, NEW)
    assert message(error).startswith(f"SN601 cannot write {tmp_path / name}: ")
    assert words in message(error)  # Python 3.13 calls the null byte a null character
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_directory_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(ArtifactError, match=r"SN601 cannot write .*taken: "):
        write_atomic(tmp_path / "taken", NEW)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("read", [sha256_of, size_of, lambda path: read_bytes(path, 100)])
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, read: Callable[[Path], object]) -> None:
    for name, words in [("gone", "No such file or directory"), (".", A_DIRECTORY), ("a\0b", "embedded null byte")]:
        with pytest.raises(ArtifactError) as error:
            read(tmp_path / name)
        assert message(error) == f"SN602 cannot read {tmp_path / name}: {words}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in directories")
@pytest.mark.parametrize("read", [sha256_of, size_of, lambda path: read_bytes(path, 100)])
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path, read: Callable[[Path], object]) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArtifactError) as error:
        read(tmp_path / "pipe")
    assert message(error) == f"SN602 cannot read {tmp_path / 'pipe'}: it is not a regular file"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    with pytest.raises(ArtifactError) as error:
        read_bytes(path, len(OLD) - 1)
    assert message(error) == f"SN602 cannot read {path}: it has 11 bytes, the limit is 10"


@pytest.mark.parametrize("size", [3, 30])
def test_a_file_that_shrinks_or_grows_meanwhile_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    fstat, calls = os.fstat, []

    def fstat_then_truncate(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        calls.append(found)
        if len(calls) == 2:  # the first asks what kind of file it is
            os.truncate(path, size)
        return found

    monkeypatch.setattr(os, "fstat", fstat_then_truncate)
    with pytest.raises(ArtifactError) as error:
        read_bytes(path, 100)
    monkeypatch.undo()
    assert message(error) == f"SN602 cannot read {path}: it changed while it was read"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_p54_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path, step: str, when: str) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(OLD)
    script = (
        "import os, sys; from pathlib import Path; from specnet.disk import write_atomic\n"
        "step, when = sys.argv[2:]; real = getattr(os, step)\n"
        "def dies(*arguments, **options):\n"
        "    if when == 'after': real(*arguments, **options)\n"
        "    os._exit(9)\n"
        f"setattr(os, step, dies); write_atomic(Path(sys.argv[1]), {NEW!r})"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path), step, when], check=False).returncode == 9
    assert path.read_bytes() == (NEW if (step, when) == ("replace", "after") else OLD)
    write_atomic(path, NEW)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("exists", [False, True])
def test_content_is_written(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "model.bin"
    if exists:
        path.write_bytes(OLD)
    write_atomic(path, NEW)
    assert read_bytes(path, len(NEW)) == NEW
    assert size_of(path) == len(NEW)
    assert sha256_of(path) == hashlib.sha256(NEW).hexdigest()
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_written_and_read(tmp_path: Path) -> None:
    write_atomic(tmp_path / "empty", b"")
    assert read_bytes(tmp_path / "empty", 0) == b""


def test_a_write_in_small_pieces_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:3]))
    write_atomic(tmp_path / "model.bin", NEW)
    assert (tmp_path / "model.bin").read_bytes() == NEW


def test_the_content_is_on_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noted(step: str) -> Callable[..., Any]:
        real = getattr(os, step)

        def call(*arguments: object, **options: object) -> object:
            order.append(step)
            return real(*arguments, **options)

        return call

    for step in STEPS:
        monkeypatch.setattr(os, step, noted(step))
    write_atomic(tmp_path / "model.bin", NEW)
    flush_directory = [] if WINDOWS else ["fsync", "close"]
    assert order == ["open", "write", "fsync", "close", "replace", "open", *flush_directory]


@pytest.mark.parametrize("step", ["open", "fsync"])
def test_a_system_that_flushes_no_directory_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real, calls = getattr(os, step), []

    def second_refuses(*arguments: object, **options: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError({"open": errno.EACCES, "fsync": errno.EINVAL}[step], "refused")
        return real(*arguments, **options)

    monkeypatch.setattr(os, step, second_refuses)
    write_atomic(tmp_path / "model.bin", NEW)
    assert len(calls) == 2
    assert (tmp_path / "model.bin").read_bytes() == NEW


@pytest.mark.skipif(WINDOWS, reason="Windows has no permission bits")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_atomic(tmp_path / "model.bin", NEW)
    assert (tmp_path / "model.bin").stat().st_mode == (tmp_path / "other").stat().st_mode


# what is added to


def test_what_cannot_be_added_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=f"SN601 cannot write {re.escape(str(tmp_path))}: "):
        append(tmp_path, b"x")
    with pytest.raises(ArtifactError, match="SN601"):
        append(tmp_path / "a\0b", b"x")


def test_the_folders_above_a_file_cannot_stand_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(ArtifactError, match=r"SN601 cannot write .*b: "):
        make_parents(tmp_path / "a" / "b")


def test_what_is_added_stands_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log"
    make_parents(path)
    make_parents(path)
    append(path, b"a")
    append(path, b"b")
    assert path.read_bytes() == b"ab"


# what is written bit by bit


@pytest.mark.parametrize("step", ["open", "fsync"])
def test_p53_a_result_that_cannot_be_finished_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(OLD)
    monkeypatch.setattr(os, step, failing(errno.EIO))
    with pytest.raises(ArtifactError) as error, replacing(path) as file:
        file.write(NEW)
    monkeypatch.undo()
    assert message(error) == f"SN601 cannot write {path}: Input/output error"
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_ends_the_writing_leaves_the_old_file_and_no_other(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(OLD)

    def write_and_fail() -> None:
        with replacing(path) as file:
            file.write(NEW)
            assert path.read_bytes() == OLD
            raise error

    with pytest.raises(error):
        write_and_fail()
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(WINDOWS, reason="Windows has no such files")
def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, what in ((pipe, "it is not a regular file"), (tmp_path, "it is a directory")):
        with pytest.raises(ArtifactError) as error, replacing(path):
            pass
        assert message(error) == f"SN601 cannot write {path}: {what}"
    assert list(tmp_path.iterdir()) == [pipe]


def test_what_was_written_bit_by_bit_is_there_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with replacing(path) as file:
        file.write(b"ab")
        file.seek(0)
        file.write(b"x")
        assert not path.exists()
    assert path.read_bytes() == b"xb"
    assert list(tmp_path.iterdir()) == [path]
