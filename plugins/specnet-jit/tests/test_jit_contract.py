from __future__ import annotations

import pytest
from specnet_jit.engine import Jit

from specnet.testing import check_engine, failures


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_keeps_what_an_engine_promises(dtype: str) -> None:
    assert not failures(check_engine(Jit(dtype=dtype)))  # type: ignore[arg-type]
