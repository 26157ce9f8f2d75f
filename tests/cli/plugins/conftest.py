"""A folder of fake installed distributions, and the command line in this process."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import pytest

from specnet.cli import main


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


Call = Callable[..., Outcome]
Install = Callable[..., None]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*args: object) -> Outcome:
        with pytest.raises(SystemExit) as caught:
            main(["plugins", *map(str, args)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Outcome(caught.value.code, out, err)

    return run


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where `install` puts things; nothing else is installed, and the working directory is empty."""
    folder, here = tmp_path / "site", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("SPECNET_PLUGINS", raising=False)
    monkeypatch.setattr("specnet.registry.distributions", lambda: distributions(path=[str(folder)]))
    yield folder
    files = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
    for name in [name for name, file in files if file and Path(file).is_relative_to(tmp_path)]:
        del sys.modules[name]


@pytest.fixture
def install(site: Path) -> Install:
    """A module under a namespace, or the `src` of a distribution that was written."""

    def put(namespace: str, source: str | Path) -> None:
        module = f"specnet_{namespace}"
        if isinstance(source, Path):
            shutil.copytree(source / "src" / module, site / module)
        else:
            (site / f"{module}.py").write_text(source)
        name = f"specnet-{namespace.replace('_', '-')}"
        info = site / f"{module}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text(f"[specnet]\n{namespace} = {module}\n")
        importlib.invalidate_caches()

    return put
