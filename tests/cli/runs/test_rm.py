from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet.artifacts import claimed, remove
from specnet.cli.runs import rm
from specnet.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


def everything(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


# What is refused


def test_what_is_no_run_is_refused_and_nothing_is_removed(
    make: Callable[..., Path], runs: Callable[..., Any], tmp_path: Path
) -> None:
    make("a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "notes.txt").write_text("mine")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "manifest.json").write_text("{}")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "manifest.json").write_text('{"format": 2, "artifacts": {}}')
    before = everything(tmp_path)
    for path, code in (
        ("b", "SN605"),
        ("c", "SN605"),
        ("d", "SN606"),
        ("nowhere", "SN605"),
        (".", "SN605"),
        ("b/notes.txt", "SN605"),
    ):
        outcome = runs("rm", "--yes", "a", path)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith(code), path
    assert everything(tmp_path) == before
    assert runs("rm", "--yes").code == 2  # no run is named


def test_a_run_that_is_being_trained_is_refused(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    path = make("a")
    with claimed(path):
        assert runs("rm", "--yes", "a").err == "SN614 another process is training a\n"
        with pytest.raises(ArtifactError, match="SN614"):
            remove(path)
    assert path.exists()


@posix
def test_a_link_to_a_run_is_refused(make: Callable[..., Path], runs: Callable[..., Any]) -> None:
    make("a")
    Path("latest").symlink_to("a")
    told = "SN617 latest is a link\n  = help: name the directory that it leads to\n"
    assert runs("rm", "--yes", "latest") == (2, "", told)
    assert Path("a/manifest.json").exists()


def test_the_folder_in_which_one_stands_is_refused(
    make: Callable[..., Path], runs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make("a").absolute()
    monkeypatch.chdir(path)
    for name in (".", str(path)):
        assert runs("rm", "--yes", name).err.startswith(f"SN617 {name} holds the current folder\n")
    assert (path / "manifest.json").exists()


def test_no_is_an_answer(make: Callable[..., Path], runs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    make("a")
    make("b")
    asked: list[str] = []
    monkeypatch.setattr(rm.click, "confirm", asked.append)  # type: ignore[attr-defined]
    code, out, _ = runs("rm", "a", "b")
    assert (code, asked) == (1, ["Remove these 2 runs?"])
    assert out.splitlines()[-1] == "nothing was removed"
    assert Path("a").exists()
    assert Path("b").exists()


def test_what_the_system_refuses_is_told(
    make: Callable[..., Path], runs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make("a")

    def denied(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", denied)
        assert runs("rm", "--yes", "a").err == "SN601 cannot write a: Permission denied\n"
    assert (path / "manifest.json").exists()
    assert runs("rm", "--yes", "a").code == 0  # the same command goes on


# What is removed


@posix
def test_links_go_and_what_they_lead_to_stays(
    make: Callable[..., Path], runs: Callable[..., Any], tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    path = make("a")
    (path / "file").symlink_to(outside / "mine.txt")
    (path / "folder").symlink_to(outside)
    (path / "nowhere").symlink_to(tmp_path / "not there")
    (path / "acme").mkdir()
    (path / "acme" / "deep").symlink_to(outside)
    (path / "acme" / "log.txt").write_text("of a tracker")
    assert runs("rm", "--yes", "a").code == 0
    assert not path.exists()
    assert (outside / "mine.txt").read_text() == "mine"


def test_yes_is_an_answer_and_damaged_runs_are_runs(
    make: Callable[..., Path], runs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make("a")
    make("b", checkpoint={"every_epochs": 2})
    Path("a/history.csv").write_text("nothing")
    monkeypatch.setattr(rm.click, "confirm", lambda text: True)  # type: ignore[attr-defined]
    code, out, err = runs("rm", "a", "b", "a")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0].startswith("remove      a: 7 files, ")
    assert lines[1].startswith("remove      b: 8 files, ")
    assert lines[2:] == ["removed a", "removed b"]
    assert not Path("a").exists()
    assert not Path("b").exists()


def test_the_manifest_goes_last(make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("a", checkpoint={"every_epochs": 2})
    gone: list[str] = []
    unlink, rmtree = Path.unlink, shutil.rmtree

    def unlinked(self: Path) -> None:
        gone.append(self.name)
        unlink(self)

    def emptied(folder: Path) -> None:
        gone.append(folder.name)
        rmtree(folder)

    monkeypatch.setattr(Path, "unlink", unlinked)
    monkeypatch.setattr(shutil, "rmtree", emptied)
    remove(path)
    assert gone[-1] == "manifest.json"
    assert "checkpoints" in gone
