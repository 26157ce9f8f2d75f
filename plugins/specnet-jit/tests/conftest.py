from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder of its own, so that what is tested was compiled by this code."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SPECNET_JIT_CACHE", str(tmp_path_factory.mktemp("jit")))
