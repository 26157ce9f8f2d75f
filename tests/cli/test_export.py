"""specnet export: what it refuses, and what it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specnet import run
from specnet.cli import main
from specnet.registry import Registry

SPEC = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 40},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
    "training": {"epochs": 1},
}


@pytest.fixture(autouse=True)
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(SPEC, out="out", registry=Registry([]))


def export(*args: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["--no-plugins", "export", "out", *args])
    return ended.value.code


def test_a_form_of_a_plugin_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--to", "onnx") == 2
    assert capsys.readouterr().err.startswith("SN203 unknown exporter 'onnx'\n  = help: pip install specnet-onnx\n")


def test_a_form_that_nobody_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--to", "numpi") == 2
    assert capsys.readouterr().err == "SN203 unknown exporter 'numpi'\n  = help: did you mean 'numpy'?\n"


def test_a_place_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--to", "numpy", "-o", "out/manifest.json/net.py") == 2
    assert capsys.readouterr().err.startswith("SN601 ")


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--to", "numpy") == 0
    said = r"wrote small\.py\n12 test rows: predictions are those of the run, within \S+\n"
    assert re.fullmatch(said, capsys.readouterr().out)
    assert Path("small.py").read_text().startswith('"""small: a net of 9 numbers')


def test_it_is_written_where_it_is_asked_for() -> None:
    assert export("--to", "numpy", "-o", "folder/net.py") == 0
    assert [path.name for path in Path("folder").iterdir()] == ["net.py"]
