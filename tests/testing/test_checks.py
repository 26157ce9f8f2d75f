from __future__ import annotations

from collections.abc import Callable

import pytest

from specnet.builtins.activations import Relu
from specnet.testing import Check, check_activation, failures, summary
from specnet.testing.checks import Broken, Contract, Unchecked

PASSED, FAILED, SKIPPED = Check("a", "passed"), Check("b", "failed", "off by 1"), Check("c", "skipped", "no")


def kept() -> str:
    return "3 shapes"


def raises(error: Exception) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


CONTRACT = Contract(
    {"words": raises(Broken("there are none"))},
    ({"shape": kept, "portable": raises(Unchecked("not installed"))}, {"slope": raises(Broken("off"))}, {"last": kept}),
)


# Green must mean something


@pytest.mark.parametrize("checks", [[], [SKIPPED]], ids=["none", "all skipped"])
@pytest.mark.parametrize("ask", [failures, summary])
def test_nothing_checked_is_no_success(ask: Callable[[list[Check]], object], checks: list[Check]) -> None:
    with pytest.raises(ValueError, match=r"^no check has run$"):
        ask(checks)


def test_an_expected_failure_of_no_check_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^a failure is expected of 'slopes', which is no check; did you mean 'slope'\?$"
    ):
        check_activation(Relu(), expected_failures={"slopes": "it is wrong"})
    with pytest.raises(ValueError, match=r"which is no check; there are: words, shape, portable, slope, last, global "):
        CONTRACT.run({"zzz": "why"})


def test_an_expected_failure_that_passes_is_a_failure() -> None:
    checks = check_activation(Relu(), expected_failures={"slope": "wrong at 0"})
    assert failures(checks) == [Check("slope", "xpassed", "wrong at 0 - 24 shapes")]
    assert summary(checks) == "ran 22: 21 passed, 1 passed unexpectedly"


# What becomes of a promise


def test_failures_are_those_that_did_not_pass() -> None:
    assert failures([PASSED, FAILED, SKIPPED]) == [FAILED]


def test_the_stages_after_a_broken_one_are_skipped() -> None:
    assert CONTRACT.run() == [
        Check("words", "failed", "there are none"),
        Check("shape", "passed", "3 shapes"),
        Check("portable", "skipped", "not installed"),
        Check("slope", "failed", "off"),
        Check("last", "skipped", "it needs: slope"),
        Check("global random state", "passed"),
    ]
    assert CONTRACT.names == [check.check for check in CONTRACT.run()]


def test_an_expected_failure_carries_its_reason() -> None:
    checks = CONTRACT.run({"slope": "issue 7", "last": "issue 8"})
    assert checks[3] == Check("slope", "xfailed", "issue 7 - off")
    assert checks[4] == Check("last", "skipped", "issue 8 - it needs: slope")
    assert failures(checks) == [checks[0]]


def test_an_error_of_a_component_is_a_failure_of_the_check() -> None:
    (check,) = Contract({"slope": raises(TypeError("no xp"))}, draws=False).run()
    assert check == Check("slope", "failed", "it raised TypeError: no xp")
    assert str(check) == "slope: failed, it raised TypeError: no xp"


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["passed"], "ran 1: 1 passed"),
        (["passed"] * 23 + ["xfailed"], "ran 24: 23 passed, 1 expected failure"),
        (["passed", "xfailed", "xfailed"], "ran 3: 1 passed, 2 expected failures"),
        (["failed", "xpassed", "skipped"], "ran 2: 1 failed, 1 passed unexpectedly; 1 skipped"),
    ],
)
def test_a_summary_says_how_many_have_run(statuses: list[str], said: str) -> None:
    assert summary([Check(str(i), status) for i, status in enumerate(statuses)]) == said  # type: ignore[arg-type]
