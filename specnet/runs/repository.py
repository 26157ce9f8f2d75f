"""The git commit that a folder is at, and whether its files differ from it, learned without trusting the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_TIMEOUT = 5.0
"""Seconds; a repository that takes longer is one of which nothing is known."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REFERENCE = re.compile(r"ref: (refs/[^\x00-\x20~^:?*\[\\]+)")
_LIMIT = 64 * 2**20


def repository(folder: Path) -> dict[str, Any] | None:
    """`{"commit": ..., "dirty": ...}`, None outside of a repository and where it cannot be read.

    The commit is read from the files of git. `dirty` says whether a tracked file differs, and is None where that cannot
    be learned. Nothing here raises, and nothing of the repository is executed: its configuration, which may name
    programs, is not read by anybody.
    """
    try:
        tree = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
        own = None if tree is None else _git_folder(tree / ".git")
        commit = None if own is None else _commit(own)
        if tree is None or own is None or commit is None:
            return None
        return {"commit": commit, "dirty": _dirty(tree, own, commit)}
    except (OSError, ValueError, RuntimeError, subprocess.SubprocessError):
        return None


def _git_folder(path: Path) -> Path:
    """`.git` itself, or where it says that it is, as in a further working tree."""
    if path.is_dir():
        return path
    return path.parent / _read(path).removeprefix("gitdir: ").strip()


def _shared(own: Path) -> Path:
    """Where the objects and references are: a further working tree has none of its own."""
    said = own / "commondir"
    return own / _read(said).strip() if said.is_file() else own


def _commit(own: Path) -> str | None:
    head = _read(own / "HEAD").strip()
    match = _REFERENCE.fullmatch(head)
    if match is None:
        return head if _COMMIT.fullmatch(head) else None
    name, shared = match[1], _shared(own)
    if ".." in name:
        return None
    loose = shared / name
    found = _read(loose).strip() if loose.is_file() else _packed(shared / "packed-refs").get(name, "")
    return found if _COMMIT.fullmatch(found) else None


def _packed(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = (line.split(" ", 1) for line in _read(path).splitlines() if line[:1] not in ("#", "^", ""))
    return {name: commit for commit, name in pairs}


def _dirty(tree: Path, own: Path, commit: str) -> bool | None:
    """Asks git from a folder of ours in the repository's place, with its objects and a copy of its index.

    `git status` would run what the configuration of the repository names: monitors, hooks and filters of files.
    """
    git = shutil.which("git")
    if git is None or not Path(git).is_absolute():  # one of the current folder is not the user's
        return None
    with TemporaryDirectory(prefix="specnet-") as folder:
        place = Path(folder)
        for name in ("objects", "refs"):
            (place / name).mkdir()
        (place / "HEAD").write_text(f"{commit}\n")
        (place / "config").write_text(_config(commit))
        (place / "index").write_bytes(_regular(own / "index"))
        done = subprocess.run(  # noqa: S603 - an absolute path and words of our own
            [git, "--no-optional-locks", "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"],
            cwd=folder,
            env=_environment(place, tree, _shared(own)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
    return bool(done.stdout) if done.returncode == 0 else None


def _config(commit: str) -> str:
    """What git must know of the repository, and nothing that it says of itself."""
    core = "[core]\n\tbare = false\n\trepositoryformatversion = 1\n\tfsmonitor = false\n\thooksPath = /dev/null\n"
    return core + ("[extensions]\n\tobjectFormat = sha256\n" if len(commit) == 64 else "")


def _environment(place: Path, tree: Path, shared: Path) -> dict[str, str]:
    """The user's, without anything that speaks to git, and without the user's and the system's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")}
    return {
        **kept,
        "GIT_DIR": str(place),
        "GIT_WORK_TREE": str(tree.absolute()),
        "GIT_OBJECT_DIRECTORY": str((shared / "objects").absolute()),
        "GIT_INDEX_FILE": str(place / "index"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _read(path: Path) -> str:
    return _regular(path).decode()


def _regular(path: Path) -> bytes:
    """The content of a file; a pipe in its place would be waited for."""
    if not path.is_file() or path.stat().st_size > _LIMIT:
        raise ValueError(f"{path} is no file to be read")
    return path.read_bytes()
