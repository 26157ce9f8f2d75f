from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from specnet_swish import Swish

import specnet
from specnet.testing import contract_tests

SPEC = Path(__file__).parent.parent / "specs" / "swish.toml"

test_contract = contract_tests("swish", examples=[Swish(beta=beta) for beta in (0.0, 0.5, 1.0, 3.0, -1.0)])


def test_swish_of_one_is_the_logistic_of_one() -> None:
    assert Swish().value(np.array(1.0), np) == pytest.approx(1 / (1 + np.exp(-1)), rel=1e-15)


def test_the_spec_trains_and_meets_its_expectation(tmp_path: Path) -> None:
    run = specnet.run(SPEC, out=tmp_path / "run")
    assert [verdict.passed for verdict in run.verdicts] == [True]
    assert run.manifest["plugins"] == {"specnet-swish": "0.1.0"}
    assert (specnet.load_run(run.path).predict([[30, 70]]) == run.predict([[30, 70]])).all()
