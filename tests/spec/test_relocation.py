from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest

from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Many, SpecPath
from specnet.spec import Spec, load_spec
from specnet.spec.relocation import relocated

if TYPE_CHECKING:
    from specnet.component import Finder
    from specnet.registry import Registry


class Files(Dataset):
    """Files in every way that a field may hold them."""

    type: Literal["files"] = "files"
    one: SpecPath = "one.csv"
    perhaps: SpecPath | None = None
    several: Many[SpecPath] = ()
    text: str = "no/path"

    def plan(self) -> DatasetPlan:
        return DatasetPlan(("a", "b"), ("x", "y", "z"), 100)

    def load(self, ctx: LoadContext) -> Data:
        raise NotImplementedError


class WithFiles:
    """A registry that has these files as well."""

    def __init__(self, registry: Finder) -> None:
        self.names = registry.names
        self._full_name = registry.full_name
        self._find = registry.find

    def find(self, kind: str, name: str) -> type[Component]:
        return Files if name == "files" else self._find(kind, name)

    def full_name(self, component: type[Component]) -> str:
        return "files" if component is Files else self._full_name(component)


@pytest.fixture
def spec(minimal: dict[str, Any], registry: Registry) -> Spec:
    minimal["dataset"] = {"type": "files", "several": ["a.csv", "sub/b.csv", "../c.csv"], "perhaps": "p.csv"}
    return load_spec(minimal, None, cast("Registry", WithFiles(registry)))


def files(spec: Spec) -> Files:
    assert isinstance(spec.dataset, Files)
    return spec.dataset


# What stays


def test_in_its_own_folder_a_spec_is_what_it_was(spec: Spec, tmp_path: Path) -> None:
    assert relocated(spec, tmp_path, tmp_path / "x" / "..") is spec


def test_a_spec_without_files_is_what_it_was(minimal: dict[str, Any], registry: Registry, tmp_path: Path) -> None:
    spec = load_spec(minimal, None, registry)
    assert relocated(spec, tmp_path, tmp_path / "x") is spec


def test_absolute_paths_and_other_texts_stay(spec: Spec, tmp_path: Path) -> None:
    away = str(tmp_path / "away.csv")
    moved = spec.model_copy(update={"dataset": files(spec).model_copy(update={"one": away})})
    dataset = files(relocated(moved, tmp_path, tmp_path / "x"))
    assert (dataset.one, dataset.text) == (away, "no/path")


# What is rewritten


def test_every_file_is_found_from_the_new_folder(spec: Spec, tmp_path: Path) -> None:
    dataset = files(relocated(spec, tmp_path / "specs", tmp_path / "runs" / "x"))
    assert (dataset.one, dataset.perhaps) == ("../../specs/one.csv", "../../specs/p.csv")
    assert dataset.several == ("../../specs/a.csv", "../../specs/sub/b.csv", "../../c.csv")


def test_there_and_back_is_where_it_was(spec: Spec, tmp_path: Path) -> None:
    there = relocated(spec, tmp_path / "a", tmp_path / "b" / "c")
    assert files(relocated(there, tmp_path / "b" / "c", tmp_path / "a")) == files(spec)


def test_links_are_followed(spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "c.csv").write_text("c")
    (tmp_path / "out" / "deep").mkdir(parents=True)
    try:
        (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
        (tmp_path / "new").symlink_to(tmp_path / "out" / "deep")
    except OSError:
        pytest.skip("this system has no links")
    dataset = files(relocated(spec, tmp_path / "link", tmp_path / "new"))
    assert (tmp_path / "new" / dataset.several[2]).read_text() == "c"


def test_another_drive_is_named_in_full(spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, start: Path) -> str:
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    monkeypatch.setattr(os.path, "relpath", refuse)
    assert files(relocated(spec, tmp_path, tmp_path / "x")).one == (tmp_path.resolve() / "one.csv").as_posix()
