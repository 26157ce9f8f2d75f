from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet.artifacts import RunDirectory, encode_tensors
from specnet.artifacts.strict_json import to_json
from specnet.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2024, 2, 29, 23, 5, 9)
PLAIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
BAD_NAMES = [
    *("val/loss", "a/../../b", "../up", "/etc/passwd", "..", ".", "", ".hidden", "-option", "a\\b", "C:x", "a:b"),
    *("a\0b", "a\n", "é", "a b", "x" * 81, "dot.", "con", "NUL.txt", "Com1.csv", "lpt9", "a*", "~"),
]
links = pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators only")


def findings(error: pytest.ExceptionInfo[ArtifactError]) -> list[str]:
    return [f"{finding.code} {finding.message}" for finding in error.value.findings]


def new(tmp_path: Path) -> RunDirectory:
    return RunDirectory.create(tmp_path, "arith", NOW, None)


def sealed(tmp_path: Path, **manifest: object) -> RunDirectory:
    run = new(tmp_path)
    run.write_text("spec.toml", 'name = "arith"\n')
    run.write_csv("history.csv", ["epoch", "train.loss"], [[1, 0.1], [2, 1 / 3]])
    run.write_bytes("model.safetensors", encode_tensors({"0.W": np.arange(4.0).reshape(2, 2)}, {"mean": [0.5]}))
    return run.seal({"seed": 42, **manifest})


def forge(path: Path, **changes: object) -> None:
    """A manifest by the hand of someone who knows how its own digest is made."""
    manifest = json.loads((path / "manifest.json").read_text())
    del manifest["sha256"]
    manifest.update(changes)
    manifest["sha256"] = hashlib.sha256(to_json(manifest)).hexdigest()
    (path / "manifest.json").write_bytes(to_json(manifest))


# creation


@pytest.mark.parametrize(
    "kind", ["empty directory", "full directory", "file", pytest.param("link to nothing", marks=links)]
)
def test_a_directory_that_exists_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    elif kind == "link to nothing":
        out.symlink_to(tmp_path / "nothing")
    else:
        out.mkdir()
    if kind == "full directory":
        (out / "manifest.json").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ArtifactError) as error:
        RunDirectory.create(None, "arith", NOW, out)
    assert str(error.value) == (
        f"SN604 {out} exists; a run directory is never overwritten\n"
        "  = help: name another directory, or none: each run then gets one of its own below runs"
    )
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "Permission denied"),
        (errno.EROFS, "Read-only file system"),
        (errno.ENOSPC, "No space left on device"),
    ],
)
@pytest.mark.parametrize("fails_at", [1, 2, 3])
@pytest.mark.parametrize("fresh", [False, True])
def test_p53_a_directory_that_cannot_be_made_leaves_no_parent_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str, fails_at: int, fresh: bool
) -> None:
    mkdir, calls = os.mkdir, []

    def fails(path: Path, mode: int = 0o777) -> None:
        calls.append(path)
        if len(calls) == fails_at:
            raise OSError(code, os.strerror(code), path)
        mkdir(path, mode)

    monkeypatch.setattr(os, "mkdir", fails)
    root = tmp_path / "a" / "b"
    with pytest.raises(ArtifactError) as error:
        RunDirectory.create(root, "arith", NOW, None if fresh else root / "out")
    monkeypatch.undo()
    (message,) = findings(error)
    name = r"arith-20240229-230509-[0-9a-f]{4}" if fresh else "out"
    assert re.fullmatch(f"SN601 cannot write {re.escape(str(root))}.{name}: {words}", message)
    assert error.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_parents_that_were_there_stay_when_the_directory_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path, mode: int = 0o777) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / "mine").mkdir()
    monkeypatch.setattr(os, "mkdir", fails)
    with pytest.raises(ArtifactError, match="SN601"):
        RunDirectory.create(None, "arith", NOW, tmp_path / "mine" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("out", ["out", "a/out"])
def test_a_directory_that_cannot_be_flushed_is_removed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    def fails(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(ArtifactError, match=r"SN601 cannot write .*: Input/output error"):
        RunDirectory.create(None, "arith", NOW, tmp_path / out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["file", "file/deeper", pytest.param("link to nothing", marks=links), "a\0b"])
def test_a_directory_below_what_is_none_cannot_be_made(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    if below == "link to nothing":
        (tmp_path / below).symlink_to(tmp_path / "nothing")
    before = sorted(tmp_path.rglob("*"))
    for arguments in [(tmp_path / below, "arith", NOW, None), (None, "arith", NOW, tmp_path / below / "out")]:
        with pytest.raises(ArtifactError, match=r"^SN601 cannot write "):
            RunDirectory.create(*arguments)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["a/../../b", "..", "", "x" * 60, "con.v1", "a:b"])
def test_p57_a_run_name_that_is_no_file_name_makes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArtifactError, match=r"^SN608 .* is not a file name for a run directory"):
        RunDirectory.create(tmp_path, name, NOW, None)
    assert list(tmp_path.iterdir()) == []


def test_random_digits_that_are_all_taken_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda count: "beef")
    first = new(tmp_path)
    with pytest.raises(ArtifactError) as error:
        new(tmp_path)
    assert findings(error) == [f"SN604 {first.path} exists; a run directory is never overwritten"]


def test_random_digits_that_are_taken_are_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter(["beef", "beef", "beef", "cafe"])
    monkeypatch.setattr(secrets, "token_hex", lambda count: next(digits))
    assert [new(tmp_path).path.name[-4:] for _ in range(2)] == ["beef", "cafe"]


@pytest.mark.parametrize("name", ["a", "arith", "0", "A.b_c-d", "x" * 58, "CON", "nul"])
def test_p55_p56_a_generated_name_is_a_file_name_everywhere_and_holds_the_time_it_was_given(
    tmp_path: Path, name: str
) -> None:
    path = RunDirectory.create(tmp_path / "runs", name, NOW, None).path
    assert PLAIN.match(path.name)
    assert re.fullmatch(re.escape(name) + r"-20240229-230509-[0-9a-f]{4}", path.name)
    assert path.parent == tmp_path / "runs"
    assert list(path.iterdir()) == []


def test_the_default_root_is_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RunDirectory.create(None, "arith", NOW, None).path.parent == Path("runs")


def test_a_given_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "out"
    assert RunDirectory.create(tmp_path / "ignored", "arith", NOW, out).path == out
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert list(out.iterdir()) == []


def test_twenty_runs_at_the_same_moment_have_twenty_directories(tmp_path: Path) -> None:
    start = Barrier(20)

    def create(_: int) -> Path:
        start.wait()
        return RunDirectory.create(tmp_path / "deep" / "runs", "arith", NOW, None).path

    with ThreadPoolExecutor(20) as pool:
        paths = set(pool.map(create, range(20)))
    assert len(paths) == 20
    assert set((tmp_path / "deep" / "runs").iterdir()) == paths


def test_of_twenty_runs_into_one_directory_one_gets_it(tmp_path: Path) -> None:
    start = Barrier(20)

    def create(_: int) -> str:
        start.wait()
        try:
            RunDirectory.create(None, "arith", NOW, tmp_path / "out")
        except ArtifactError as error:
            return error.findings[0].code
        return "made"

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(create, range(20))) == ["SN604"] * 19 + ["made"]


# writing


@pytest.mark.parametrize("name", BAD_NAMES)
def test_p57_a_name_that_is_no_plain_file_name_is_neither_written_nor_read(tmp_path: Path, name: str) -> None:
    run = new(tmp_path / "runs")
    for use in (lambda: run.write_text(name, "x"), lambda: run.write_bytes(name, b"x"), lambda: run.read_bytes(name)):
        with pytest.raises(ArtifactError) as error:
            use()
        assert findings(error) == [f"SN608 {name!r} is not a file name for a run directory"]
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "runs", run.path]


@links
@pytest.mark.parametrize("target", ["outside", "/", "here"])
def test_p57_a_link_that_leaves_the_directory_is_neither_written_nor_read(tmp_path: Path, target: str) -> None:
    run = new(tmp_path / "runs")
    (tmp_path / "outside").write_text("mine")
    (run.path / "here").symlink_to(tmp_path / target if target == "outside" else target)
    for use in (lambda: run.write_text("here", "x"), lambda: run.read_bytes("here")):
        with pytest.raises(ArtifactError) as error:
            use()
        assert findings(error) == [f"SN608 'here' is a link that leaves {run.path}"]
    assert (tmp_path / "outside").read_text() == "mine"


@pytest.mark.parametrize("name", ["manifest.json", "MANIFEST.json"])
def test_the_manifest_is_written_by_the_seal_alone(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArtifactError) as error:
        new(tmp_path).write_json(name, {})
    assert findings(error) == [f"SN608 {name!r} is written by the seal alone"]


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_p53_a_full_disk_keeps_the_files_and_the_seal_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    run = sealed(tmp_path)
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}

    def full(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    for use in (lambda: run.write_text("spec.toml", "xyz"), lambda: run.write_text("new", "xyz"), lambda: run.seal({})):
        with pytest.raises(ArtifactError, match=r"SN601 cannot write .*: No space left on device \(\d+ bytes needed\)"):
            use()
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    assert RunDirectory.open(run.path) == run


def test_a_directory_that_is_gone_cannot_be_written_or_sealed(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.path.rmdir()
    uses: dict[str, Callable[[], object]] = {
        "a": lambda: run.write_text("a", "x"),
        "manifest.json": lambda: run.seal({}),
    }
    for name, use in uses.items():
        with pytest.raises(ArtifactError) as error:
            use()
        assert findings(error) == [f"SN601 cannot write {run.path / name}: No such file or directory"]


def test_p59_a_json_file_is_strict_or_not_written(tmp_path: Path) -> None:
    run = new(tmp_path)
    with pytest.raises(ValueError, match="Out of range float values"):
        run.write_json("metrics.json", {"loss": float("nan")})
    with pytest.raises(ValueError, match="Out of range float values"):
        run.seal({"loss": float("inf")})
    assert list(run.path.iterdir()) == []


def test_files_read_back_before_and_after_the_seal(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.write_text("spec.toml", "é = 1\r\n")
    run.write_bytes("blob", bytes(range(256)))
    run.write_json("metrics.json", {"b": 0.1, "a": None})
    run.write_csv("history.csv", ["epoch", "loss"], [[1, 1 / 3]])
    for state in (run, run.seal({}), RunDirectory.open(run.path)):
        assert state.read_bytes("spec.toml") == "é = 1\r\n".encode()
        assert state.read_bytes("blob") == bytes(range(256))
        assert state.read_json("metrics.json") == {"b": 0.1, "a": None}
        assert state.read_csv("history.csv") == (["epoch", "loss"], [["1", "0.3333333333333333"]])
    assert (run.path / "metrics.json").read_bytes() == b'{\n  "a": null,\n  "b": 0.1\n}\n'


# opening


@pytest.mark.parametrize("state", ["gone", "a file", "below a file", "empty", "a\0b"])
def test_what_is_no_run_directory_is_not_opened(tmp_path: Path, state: str) -> None:
    path = tmp_path / state
    words = f"SN605 {path} is not a run directory: there is no such directory"
    if state == "a file":
        path.write_text("mine")
    elif state == "below a file":
        (tmp_path / "file").write_text("mine")
        path = tmp_path / "file" / "below"
        words = f"SN605 {path} is not a run directory: there is no such directory"
    elif state == "empty":
        path.mkdir()
        words = f"SN605 {path} is not a run directory: it has no manifest.json"
    elif state == "a\0b":
        words = f"SN602 cannot read {path / 'manifest.json'}: embedded null byte"
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(path)
    assert findings(error) == [words]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "its manifest.json is not strict JSON: Expecting value: line 1 column 1 (char 0)"),
        (b'{"format": 1, "format": 1}', "its manifest.json is not strict JSON: the key 'format' is there twice"),
        (b'{"format": NaN}', "its manifest.json is not strict JSON: NaN is not a number in JSON"),
        (b"[" * 100_000, "its manifest.json is not strict JSON: it is nested too deeply"),
        (b"[]", "its manifest.json names no format"),
        (b"{}", "its manifest.json names no format"),
        (b'{"format": 1}', "its manifest.json does not list its files"),
        (b'{"format": 1, "artifacts": []}', "its manifest.json does not list its files"),
        (b'{"format": 1, "artifacts": {"a": {}}}', "its manifest.json does not list its files"),
        (
            b'{"format": 1, "artifacts": {"a": {"sha256": 1, "bytes": 1}}}',
            "its manifest.json does not list its files",
        ),
        (
            b'{"format": 1, "artifacts": {"a": {"sha256": "", "bytes": true}}}',
            "its manifest.json does not list its files",
        ),
    ],
)
def test_p59_a_manifest_that_is_none_is_not_opened(tmp_path: Path, content: bytes, words: str) -> None:
    run = sealed(tmp_path)
    (run.path / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(run.path)
    assert findings(error) == [f"SN605 {run.path} is not a run directory: {words}"]


def test_a_manifest_of_any_size_is_not_read(tmp_path: Path) -> None:
    run = sealed(tmp_path)
    with (run.path / "manifest.json").open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(run.path)
    assert findings(error) == [
        f"SN602 cannot read {run.path / 'manifest.json'}: it has 1099511627776 bytes, the limit is 16777216"
    ]


@pytest.mark.parametrize("found", [0, 2, "1", True, 1.0, None])
def test_another_format_is_refused_and_both_are_named(tmp_path: Path, found: object) -> None:
    run = sealed(tmp_path)
    forge(run.path, format=found)
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(run.path)
    assert str(error.value) == (
        f"SN606 {run.path} has format {found!r}, this version of specnet reads format 1\n"
        "  = help: use the version of specnet that has written it"
    )


def test_a_changed_manifest_is_refused(tmp_path: Path) -> None:
    run = sealed(tmp_path)
    path = run.path / "manifest.json"
    text = path.read_text()
    for changed in (text.replace('"seed": 42', '"seed": 43'), text + "\n", text.replace("\n", "\r\n")):
        path.write_bytes(changed.encode())
        with pytest.raises(ArtifactError) as error:
            RunDirectory.open(run.path)
        assert findings(error) == ["SN607 manifest.json has changed since the run: its own digest is another"]


def test_every_changed_file_is_named_with_its_place_and_a_way_out(tmp_path: Path) -> None:
    run = sealed(tmp_path)
    model = bytearray((run.path / "model.safetensors").read_bytes())
    model[-1] ^= 1
    (run.path / "model.safetensors").write_bytes(model)
    (run.path / "history.csv").write_bytes(b"")
    (run.path / "spec.toml").unlink()
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(run.path)
    assert findings(error) == [
        "SN607 history.csv has changed since the run: it had 44 bytes and has 0",
        "SN607 model.safetensors has changed since the run: its SHA-256 is another",
        "SN607 spec.toml has changed since the run: it is no longer there",
    ]
    assert str(error.value).startswith(
        "SN607 history.csv has changed since the run: it had 44 bytes and has 0\n"
        f" --> {run.path / 'history.csv'}\n"
        "  = help: bring back the file as the run has written it, or run the spec again\n"
    )


def test_a_file_that_became_a_directory_is_refused(tmp_path: Path) -> None:
    run = sealed(tmp_path)
    (run.path / "spec.toml").unlink()
    (run.path / "spec.toml").mkdir()
    with pytest.raises(ArtifactError, match=r"SN602 cannot read .*spec\.toml: "):
        RunDirectory.open(run.path)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_p57_a_manifest_that_lists_what_is_no_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    run = sealed(tmp_path)
    forge(run.path, artifacts={name: {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}})
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(run.path)
    assert findings(error) == [f"SN608 {name!r} is not a file name for a run directory"]


@links
@pytest.mark.parametrize("name", ["spec.toml", "manifest.json"])
def test_p57_a_listed_file_that_is_a_link_out_of_the_directory_is_refused(tmp_path: Path, name: str) -> None:
    run = sealed(tmp_path / "runs")
    (run.path / name).rename(tmp_path / "outside")
    (run.path / name).symlink_to(tmp_path / "outside")
    with pytest.raises(ArtifactError) as error:
        RunDirectory.open(run.path)
    assert findings(error) == [f"SN608 {name!r} is a link that leaves {run.path}"]


def test_a_sealed_directory_gives_out_only_what_it_lists(tmp_path: Path) -> None:
    run = sealed(tmp_path)
    (run.path / "later.json").write_text("{}")
    for state in (run, RunDirectory.open(run.path)):
        with pytest.raises(ArtifactError) as error:
            state.read_json("later.json")
        assert findings(error) == [f"SN602 cannot read {run.path / 'later.json'}: the manifest does not list it"]


def test_a_file_that_changes_after_the_opening_is_refused(tmp_path: Path) -> None:
    run = RunDirectory.open(sealed(tmp_path).path)
    (run.path / "spec.toml").write_bytes(b'name = "arity"\n')
    with pytest.raises(ArtifactError) as error:
        run.read_bytes("spec.toml")
    assert findings(error) == ["SN607 spec.toml has changed since the run: its SHA-256 is another"]


def test_a_file_of_another_kind_is_not_read_as_json_or_as_a_table(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.write_text("metrics.json", '{"loss": NaN}')
    run.write_text("history.csv", "a,b\n1\n")
    with pytest.raises(ArtifactError) as error:
        run.read_json("metrics.json")
    assert findings(error) == [f"SN602 cannot read {run.path / 'metrics.json'}: NaN is not a number in JSON"]
    with pytest.raises(ArtifactError) as error:
        run.read_csv("history.csv")
    assert findings(error) == [f"SN602 cannot read {run.path / 'history.csv'}: row 1 has 1 values for 2 columns"]
    with pytest.raises(ArtifactError) as error:
        run.read_csv("gone.csv")
    assert findings(error) == [f"SN602 cannot read {run.path / 'gone.csv'}: No such file or directory"]


def damaged(path: Path, content: bytes) -> int:
    """1 when the directory opens although `path` holds `content`; anything but ArtifactError passes through."""
    path.write_bytes(content)
    try:
        RunDirectory.open(path.parent)
    except ArtifactError:
        return 0
    return 1


@pytest.mark.parametrize("name", ["spec.toml", "history.csv", "model.safetensors", "manifest.json"])
def test_p52_no_truncation_of_any_file_is_loaded(tmp_path: Path, name: str) -> None:
    path = sealed(tmp_path).path / name
    content = path.read_bytes()
    assert sum(damaged(path, content[:length]) for length in range(len(content))) == 0
    assert damaged(path, content) == 1


@pytest.mark.parametrize("name", ["spec.toml", "history.csv", "model.safetensors", "manifest.json"])
def test_p52_no_single_flipped_bit_of_any_file_is_loaded(tmp_path: Path, name: str) -> None:
    path = sealed(tmp_path).path / name
    content = path.read_bytes()
    silent = 0
    for position in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[position // 8] ^= 1 << position % 8
        silent += damaged(path, bytes(flipped))
    assert silent == 0
    assert damaged(path, content) == 1


def test_p52_no_several_flipped_bits_over_all_files_are_loaded(tmp_path: Path) -> None:
    directory = sealed(tmp_path).path
    contents = {path: path.read_bytes() for path in sorted(directory.iterdir())}
    rng = random.Random(52)  # noqa: S311 - a test with a seed
    silent = 0
    for _ in range(4500):
        path = rng.choice(list(contents))
        flipped = bytearray(contents[path])
        for position in rng.sample(range(8 * len(flipped)), rng.randint(2, 6)):
            flipped[position // 8] ^= 1 << position % 8
        silent += damaged(path, bytes(flipped))
        path.write_bytes(contents[path])
    assert silent == 0


# sealing


def test_the_seal_lists_every_file_and_adds_to_the_manifest(tmp_path: Path) -> None:
    run = sealed(tmp_path, note="é")
    assert RunDirectory.open(run.path) == run
    manifest: dict[str, Any] = dict(run.manifest)
    assert re.fullmatch("[0-9a-f]{64}", manifest.pop("sha256"))
    names = ["history.csv", "model.safetensors", "spec.toml"]
    assert manifest == {
        "format": 1,
        "seed": 42,
        "note": "é",
        "artifacts": {
            name: {
                "sha256": hashlib.sha256((run.path / name).read_bytes()).hexdigest(),
                "bytes": (run.path / name).stat().st_size,
            }
            for name in names
        },
    }
    assert sorted(path.name for path in run.path.iterdir()) == sorted([*names, "manifest.json"])


def test_the_manifest_is_written_last(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.write_text("spec.toml", "x")
    with pytest.raises(ArtifactError, match=r"it has no manifest\.json$"):
        RunDirectory.open(run.path)
    run.seal({})
    assert list(RunDirectory.open(run.path).manifest["artifacts"]) == ["spec.toml"]


def test_what_the_run_has_not_written_is_not_listed(tmp_path: Path) -> None:
    run = new(tmp_path)
    (run.path / ".0123456789abcdef.tmp").write_text("left by a kill")
    (run.path / "my notes.txt").write_text("mine")
    (run.path / "checkpoints").mkdir()
    run.write_text("spec.toml", "x")
    if os.name != "nt":
        (run.path / "link").symlink_to(run.path / "spec.toml")
    assert list(run.seal({}).manifest["artifacts"]) == ["spec.toml"]
    assert list(RunDirectory.open(run.path).manifest["artifacts"]) == ["spec.toml"]


def test_a_directory_can_be_sealed_again(tmp_path: Path) -> None:
    run = sealed(tmp_path, status="running")
    run.write_text("metrics.json", "{}")
    again = run.seal({"status": "finished"})
    assert RunDirectory.open(run.path) == again
    assert again.manifest["status"] == "finished"
    assert again.read_json("metrics.json") == {}


def test_keys_that_json_turns_into_texts_do_not_break_the_seal(tmp_path: Path) -> None:
    run = new(tmp_path).seal({"classes": {9: "a", 10: "b"}, "shape": (2, 3)})
    assert run.manifest["classes"] == {"9": "a", "10": "b"}
    assert run.manifest["shape"] == [2, 3]
    assert RunDirectory.open(run.path) == run


def test_a_directory_opens_from_wherever_it_is_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sealed(tmp_path / "runs")
    moved = run.path.rename(tmp_path / "moved elsewhere")
    assert RunDirectory.open(moved).manifest == run.manifest
    monkeypatch.chdir(moved)
    assert RunDirectory.open(Path()).read_csv("history.csv")[1] == [["1", "0.1"], ["2", "0.3333333333333333"]]


@links
def test_a_directory_opens_through_a_link(tmp_path: Path) -> None:
    run = sealed(tmp_path / "runs")
    (tmp_path / "latest").symlink_to(run.path)
    assert RunDirectory.open(tmp_path / "latest").manifest == run.manifest
