from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from specnet import resume, run
from specnet.errors import DivergenceError
from specnet.runs import repository as module
from specnet.runs.repository import repository

GIT = shutil.which("git")
pytestmark = pytest.mark.skipif(GIT is None, reason="there is no git")
posix = pytest.mark.skipif(os.name == "nt", reason="the canaries are shell scripts")
ME = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def git(*args: str, folder: Path | None = None) -> str:
    assert GIT is not None
    environment = {**os.environ, **ME, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run([GIT, *args], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "tree"
    folder.mkdir()
    git("init", "-q", "-b", "main", folder=folder)
    (folder / "a.txt").write_text("a\n")
    git("add", ".", folder=folder)
    git("commit", "-q", "-m", "one", folder=folder)
    return folder


def canary(tree: Path, fired: Path) -> Path:
    script = tree.parent / "canary.sh"
    script.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{fired}'\ncat\n")
    script.chmod(0o755)
    return script


# What a repository may not do


@posix
def test_nothing_that_a_repository_names_is_executed(tree: Path, tmp_path: Path) -> None:
    fired = tmp_path / "fired"
    script = canary(tree, fired)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external", "core.askPass"):
        git("config", key, str(script), folder=tree)
    for action in ("clean", "smudge", "process"):
        git("config", f"filter.bad.{action}", str(script), folder=tree)
    git("config", "diff.bad.textconv", str(script), folder=tree)
    git("config", "core.hooksPath", str(tree / "hooks"), folder=tree)
    (tree / "hooks").mkdir()
    for hook in ("post-index-change", "pre-commit", "post-checkout", "fsmonitor-watchman"):
        for folder in (tree / "hooks", tree / ".git" / "hooks"):
            folder.mkdir(exist_ok=True)
            shutil.copy(script, folder / hook)
    (tree / ".gitattributes").write_text("* filter=bad diff=bad\n")
    os.utime(tree / "a.txt", (1, 1))  # git then has to look into the file, by way of the filters
    found = repository(tree)
    assert found is not None
    assert found["dirty"] is False
    assert not fired.exists()
    git("status", folder=tree)
    assert fired.exists()  # they are armed


@posix
def test_a_git_of_the_current_folder_is_not_run(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fired = tmp_path / "fired"
    shutil.copy(canary(tree, fired), tree / "git")
    monkeypatch.chdir(tree)
    for path in (".", "", f".{os.pathsep}{os.environ['PATH']}"):
        monkeypatch.setenv("PATH", path)
        found = repository(tree)
        assert found is not None
        assert found["dirty"] is None
    assert not fired.exists()


def test_what_speaks_to_git_in_the_environment_is_not_heard(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"commit": git("rev-parse", "HEAD", folder=tree), "dirty": False}
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.setenv(name, "nowhere")
    assert repository(tree) == wanted


def test_nothing_is_written_into_the_repository(tree: Path) -> None:
    os.utime(tree / "a.txt", (1, 1))
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tree.rglob("*")}
    assert repository(tree) is not None
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tree.rglob("*")} == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".git/HEAD", ""),
        (".git/HEAD", "ref: ../../../etc/passwd\n"),
        (".git/HEAD", "ref: refs/heads/../../../a.txt\n"),
        (".git/HEAD", "ref: refs/heads/none\n"),
        (".git/HEAD", "\xff\xfe"),
        (".git/HEAD", "deadbeef\n"),
        (".git/refs/heads/main", "not a commit\n"),
        (".git/packed-refs", "broken\n"),
    ],
)
def test_a_repository_that_makes_no_sense_is_none(tree: Path, name: str, content: str) -> None:
    if name == ".git/packed-refs":
        (tree / ".git/refs/heads/main").unlink()
    (tree / name).write_text(content, encoding="latin-1")
    assert repository(tree) is None


def test_a_file_that_names_a_folder_which_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
    assert repository(tmp_path) is None


@posix
def test_a_pipe_is_not_waited_for(tree: Path) -> None:
    (tree / ".git/HEAD").unlink()
    os.mkfifo(tree / ".git/HEAD")
    assert repository(tree) is None


@posix
def test_a_git_that_takes_too_long_is_left(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(module, "_TIMEOUT", 0.05)
    assert repository(tree) is None


# What is learned


def test_outside_of_a_repository_there_is_nothing(tmp_path: Path) -> None:
    assert repository(tmp_path) is None


def test_the_commit_and_whether_a_tracked_file_differs(tree: Path) -> None:
    commit = git("rev-parse", "HEAD", folder=tree)
    (tree / "new.txt").write_text("untracked\n")
    assert repository(tree) == {"commit": commit, "dirty": False}
    (tree / "deep" / "er").mkdir(parents=True)
    assert repository(tree / "deep" / "er") == {"commit": commit, "dirty": False}
    (tree / "a.txt").write_text("b\n")
    assert repository(tree) == {"commit": commit, "dirty": True}
    git("add", "a.txt", folder=tree)
    assert repository(tree) == {"commit": commit, "dirty": True}
    git("commit", "-q", "-m", "two", folder=tree)
    assert repository(tree) == {"commit": git("rev-parse", "HEAD", folder=tree), "dirty": False}
    (tree / "a.txt").unlink()
    assert (repository(tree) or {})["dirty"] is True


def test_a_packed_reference_a_detached_head_and_a_further_working_tree(tree: Path, tmp_path: Path) -> None:
    wanted = {"commit": git("rev-parse", "HEAD", folder=tree), "dirty": False}
    git("pack-refs", "--all", folder=tree)
    git("gc", "-q", folder=tree)
    assert repository(tree) == wanted
    git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "other", folder=tree)
    assert repository(tmp_path / "other") == wanted
    git("checkout", "-q", "--detach", folder=tree)
    assert repository(tree) == wanted


def test_a_repository_without_a_commit_or_without_git(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "fresh"
    bare.mkdir()
    git("init", "-q", folder=bare)
    assert repository(bare) is None
    monkeypatch.setenv("PATH", str(bare))
    assert (repository(tree) or {})["dirty"] is None


def test_a_run_keeps_it_and_a_resumption_what_it_was_before(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    spec = {
        "format": 1,
        "name": "small",
        "dataset": {"type": "arithmetic", "samples": 40},
        "layers": [{"type": "dense", "units": 3}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
        "training": {"epochs": 2},
        "checkpoint": {"every_epochs": 1},
    }
    first = {"commit": git("rev-parse", "HEAD", folder=tree), "dirty": False}
    result = run(spec, out="out")
    assert result.manifest["repository"] == first
    git("commit", "-q", "--allow-empty", "-m", "two", folder=tree)
    again = resume("out", epochs=3)
    assert again.manifest["repository"] == {"commit": git("rev-parse", "HEAD", folder=tree), "dirty": False}
    assert again.manifest["resumed"][0]["before"]["repository"] == first
    monkeypatch.setattr(module, "_git_folder", lambda path: (_ for _ in ()).throw(OSError("gone")))
    with pytest.raises(DivergenceError):  # whatever is wrong with the repository, the run is the run
        run(spec, set={"optimizer.learning_rate": 1e300}, out="none")
