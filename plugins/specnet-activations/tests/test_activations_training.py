from __future__ import annotations

from pathlib import Path

import activation_table
import pytest
from activation_cases import CASES

import specnet
from specnet.errors import SpecError

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "specs" / "two_bends.toml"


def test_a_name_that_it_has_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="has no activation 'mush'") as caught:
        specnet.load_spec(SPEC, {"layers.0.activation": "activations.mush"})
    assert caught.value.findings[0].help == "did you mean 'mish'?"


def test_the_spec_trains_and_meets_its_expectation(tmp_path: Path) -> None:
    run = specnet.run(SPEC, out=tmp_path / "run")
    assert [verdict.passed for verdict in run.verdicts] == [True]
    assert run.manifest["plugins"] == {"specnet-activations": "0.1.0"}
    assert (specnet.load_run(run.path).predict([[30, 70]]) == run.predict([[30, 70]])).all()


@pytest.mark.parametrize("name", sorted({case.type for case in CASES}))
def test_each_is_found_by_its_name_and_trains(name: str, tmp_path: Path) -> None:
    changes = {"layers.0.activation": f"activations.{name}", "training.epochs": 3, "expect": []}
    run = specnet.run(SPEC, set=changes, out=tmp_path / "run")
    assert run.status == "finished"


def test_the_table_of_the_readme_is_that_of_the_code() -> None:
    assert activation_table.table() in activation_table.README.read_text(encoding="utf-8")
