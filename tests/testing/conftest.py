"""What the tests of the kit ask: which checks failed, and which there are besides those of every component."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from specnet.testing import Check, failures

SHARED = {
    "name",
    "docstring",
    "fields documented",
    "closed",
    "dump and load",
    "json round trip",
    "pickle",
    "json schema",
}
"""Faults are planted in classes that say nothing of themselves; tests/testing/test_component.py asks for these."""


@pytest.fixture
def seen() -> Callable[[Sequence[Check]], set[str]]:
    """The names of the checks that failed, each with a detail."""

    def names(checks: Sequence[Check]) -> set[str]:
        failed = [check for check in failures(checks) if check.check not in SHARED]
        assert all(check.detail for check in failed)
        return {check.check for check in failed}

    return names


@pytest.fixture
def alone() -> Callable[[Sequence[Check]], set[str]]:
    """The names of the checks of one kind."""

    def names(checks: Sequence[Check]) -> set[str]:
        found = [check.check for check in checks]
        assert len(set(found)) == len(found)
        assert set(found) > SHARED
        return set(found) - SHARED

    return names
