from __future__ import annotations

from specnet_jit.engine import Jit

from specnet.testing import check_engine, failures


def test_it_keeps_what_an_engine_promises() -> None:
    assert not failures(check_engine(Jit()))
