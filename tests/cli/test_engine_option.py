from __future__ import annotations

from pathlib import Path

import pytest

from specnet import load_run
from specnet.cli import main
from specnet.errors import SpecError
from specnet.registry import Registry

SPEC = Path(__file__).parents[2] / "specs" / "diabetes.toml"


def code_of(*args: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(args)
    return int(exited.value.code or 0)


def test_an_engine_that_another_distribution_has_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert code_of("--no-plugins", "run", str(SPEC), "--engine", "jit", "--out", str(out)) == 2
    assert not out.exists()
    said = capsys.readouterr().err
    assert said.splitlines()[:2] == ["SN203 unknown engine 'jit'", " --> --set (engine.type)"]


@pytest.mark.parametrize("name", ["jit", "jit.jit"])
def test_what_is_installed_by_nobody_is_named(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        Registry([]).find("engine", name)
    assert caught.value.findings[0].help == "install specnet-jit: pip install specnet-jit"


@pytest.mark.parametrize(("kind", "name"), [("activation", "jit"), ("engine", "jitt"), ("engine", "specnet-jit")])
def test_nothing_is_to_be_installed_for_other_names(kind: str, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        Registry([]).find(kind, name)
    assert "pip install" not in (caught.value.findings[0].help or "")


def test_the_engine_of_the_option_runs_and_is_recorded(tmp_path: Path) -> None:
    changes = ["--set", "training.epochs=2", "--set", "expect=[]"]
    assert code_of("run", str(SPEC), "--engine", "numpy", *changes, "--out", str(tmp_path / "run")) == 0
    run = load_run(tmp_path / "run")
    assert run.spec.engine.type == "numpy"
    assert run.manifest["spec"]["overrides"]["engine.type"] == "numpy"
