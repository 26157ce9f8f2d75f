from __future__ import annotations

from specnet_jit.engine import Jit

from specnet.testing import check_engine, failures

REFUSED = {
    "weights of rows": "rows with weights are refused before the first step, with SN428",
    "reactions": "a schedule that reacts to the training is refused before the first step, with SN428",
}
"""What it says that it cannot do; a check that passes after all fails here."""


def test_it_keeps_what_an_engine_promises() -> None:
    assert not failures(check_engine(Jit(), expected_failures=REFUSED))
