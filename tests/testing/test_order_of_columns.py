from __future__ import annotations

from typing import Literal

import pytest

from specnet.builtins.columns import Date, Number
from specnet.testing import check_column, failures


class Beyond(Number):
    """Says that its second number orders the rows, and has one."""

    type: Literal["beyond"] = "beyond"  # type: ignore[assignment]

    def order(self) -> tuple[int, ...]:
        return (1,)


class Twice(Number):
    """Names its number twice."""

    type: Literal["twice"] = "twice"  # type: ignore[assignment]

    def order(self) -> tuple[int, ...]:
        return (0, 0)


@pytest.mark.parametrize(("cls", "order"), [(Beyond, "(1,)"), (Twice, "(0, 0)")])
def test_an_order_by_what_is_not_there(cls: type[Number], order: str) -> None:
    details = {check.check: check.detail for check in failures(check_column(cls(name="day")))}
    assert details["order"] == f"{order} are not places of 1 numbers"


@pytest.mark.parametrize(
    ("parts", "order"),
    [
        (("year", "month", "day"), (0, 1, 2)),
        (("day", "month", "year", "hour"), (2, 1, 0, 3)),
        (("year", "day"), (0,)),
        (("year", "day_of_year", "month"), (0, 1)),
        (("year", "month", "weekday", "hour"), (0, 1)),
        (("month", "day"), ()),
    ],
)
def test_the_parts_that_put_dates_in_order(parts: tuple[Literal["year"], ...], order: tuple[int, ...]) -> None:
    assert Date(name="sold", parts=parts).order() == order
