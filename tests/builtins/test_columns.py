from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from specnet.builtins.class_columns import Boolean, Category
from specnet.builtins.columns import Date, Number, Text
from specnet.builtins.scalers import Robust, Standardize
from specnet.component import CellError, Column


def refused(cls: type[Column], **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        cls(name="c", **fields)
    (error,) = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


def wrong(column: Column, cells: Any) -> tuple[int, str, str | None]:
    with pytest.raises(CellError) as caught:
        column.encode(cells)
    return caught.value.row, caught.value.reason, caught.value.help


# Refusals


@pytest.mark.parametrize(
    ("cls", "role", "can"),
    [
        (Number, "id", "input, target, weight, ignore"),
        (Boolean, "weight", "input, target, ignore"),
        (Date, "target", "input, ignore"),
        (Text, "input", "id, group, ignore"),
    ],
)
def test_a_role_that_a_column_cannot_have(cls: type[Column], role: str, can: str) -> None:
    kind = cls.model_fields["type"].default
    assert refused(cls, role=role) == f"a column of type {kind!r} cannot have the role {role!r}, it can have: {can}"


@pytest.mark.parametrize("missing", ["mode", True, None, float("inf"), [0]])
def test_a_policy_that_there_is_not(missing: object) -> None:
    assert refused(Number, missing=missing) == 'must be "error", "drop", "mean", "median" or a number'


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"categories": ()}, "list at least one category"),
        ({"categories": ("a", "b", "a")}, "'a' is listed 2 times"),
        ({"categories": ("a", " ")}, 'an empty cell is no category: missing = "own" makes one of them'),
        (
            {"categories": ("a",), "encoding": "index", "unknown": "ignore"},
            'only one_hot can "ignore" what is not listed: an own category has a place',
        ),
    ],
)
def test_categories_that_cannot_be(fields: dict[str, Any], says: str) -> None:
    assert refused(Category, **fields) == says


def test_booleans_that_say_two_things() -> None:
    assert refused(Boolean, true=("yes",), false=("YES",)) == "'yes' is listed as true, too"
    assert refused(Boolean, true=()) == "list at least one text, none of them empty"


def test_parts_of_a_date() -> None:
    assert refused(Date, parts=()) == "name at least one part, and none of them twice"
    assert refused(Date, parts=("day", "day")) == "name at least one part, and none of them twice"


def test_p03_a_category_that_is_not_listed_is_refused_by_default() -> None:
    colour = Category(name="colour", categories=("red", "blue"))
    says = (1, "'green' is not one of the categories", "list it in `categories`; there are red, blue")
    assert wrong(colour, ["red", "green"]) == says


def test_a_cell_that_is_no_boolean() -> None:
    row, reason, help = wrong(Boolean(name="b"), ["yes", "perhaps"])
    assert (row, reason) == (1, "'perhaps' is neither true nor false")
    assert help == "true is written true, yes, 1, and false false, no, 0"


@pytest.mark.parametrize(
    ("format", "written"), [(None, "in ISO 8601, such as 2024-02-29"), ("%d.%m.%Y", "as '%d.%m.%Y' says")]
)
def test_a_cell_that_is_no_date(format: str | None, written: str) -> None:
    row, reason, _ = wrong(Date(name="d", format=format), ["2023-02-29"])
    assert (row, reason) == (0, f"'2023-02-29' is no date {written}")


def test_a_number_is_finite() -> None:
    assert wrong(Number(name="a"), np.array([1.0, np.inf]))[:2] == (1, "inf is not finite")


# Numbers


def test_a_number_stands_as_it_is() -> None:
    assert Number(name="a").encode(np.array([1.5, -2.0])).tolist() == [[1.5], [-2.0]]


def test_a_gap_is_nan_or_the_number_that_stands_for_it() -> None:
    cells = np.array([1.0, np.nan])
    assert np.isnan(Number(name="a", missing="median").encode(cells)[1, 0])
    assert Number(name="a", missing=0).encode(cells).tolist() == [[1.0], [0.0]]
    assert cells.tolist()[0] == 1.0
    assert np.isnan(cells[1]), "what was read stays as it is"


def test_one_number_for_each_category() -> None:
    colour = Category(name="colour", categories=("red", "blue"))
    assert colour.names() == ("colour=red", "colour=blue")
    assert colour.encode(["blue", "red", "blue"]).tolist() == [[0, 1], [1, 0], [0, 1]]
    assert colour.cells(np.array([[0.4, 0.6], [0.9, 0.1]])) == ["blue", "red"]


def test_own_categories_stand_behind_the_listed_ones() -> None:
    colour = Category(name="c", categories=("red",), missing="own", unknown="own")
    assert colour.names() == ("c=red", "c=(missing)", "c=(other)")
    numbers = colour.encode(["red", None, "green"])
    assert numbers.tolist() == np.eye(3).tolist()
    assert colour.surprises(numbers) == 1


def test_p03_what_is_ignored_is_no_known_category_and_is_counted() -> None:
    colour = Category(name="c", categories=("red", "blue"), unknown="ignore")
    numbers = colour.encode(["red", "green", "blue", "grey"])
    assert numbers.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]
    assert colour.surprises(numbers) == 2


@pytest.mark.parametrize("encoding", ["ordinal", "index"])
def test_the_place_of_a_category(encoding: Any) -> None:
    size = Category(name="size", categories=("S", "M", "L"), encoding=encoding, missing="own")
    assert size.names() == ("size",)
    assert size.encode(["L", "S", None]).tolist() == [[2], [0], [3]]
    assert size.cells(np.array([[-1.0], [0.4], [1.6], [9.0]])) == ["S", "S", "L", "L"]


def test_only_an_amount_is_scaled() -> None:
    section = Standardize()
    assert Number(name="a").scaling(section) is section
    assert Number(name="a", scaler=Robust()).scaling(section) == Robust()
    assert Number(name="a", scaler=Robust()).scaling(None) == Robust()
    of = {
        encoding: Category(name="c", categories=("x",), encoding=encoding)
        for encoding in ("one_hot", "ordinal", "index")
    }
    assert [category.scaling(section) for category in of.values()] == [None, section, None]
    assert Boolean(name="b").scaling(section) is None


def test_booleans_in_any_case() -> None:
    flag = Boolean(name="b")
    assert flag.encode(["TRUE", "No", "1", "false"]).ravel().tolist() == [1, 0, 1, 0]
    assert flag.cells(np.array([[0.5], [0.49]])) == ["true", "false"]


def test_parts_of_dates() -> None:
    day = Date(name="d", parts=("year", "month", "day", "weekday", "day_of_year", "hour", "minute", "second"))
    assert day.names()[:2] == ("d.year", "d.month")
    assert day.encode(["2024-02-29T23:05:09"]).tolist() == [[2024, 2, 29, 3, 60, 23, 5, 9]]
    assert Date(name="d", format="%d.%m.%y").encode([" 1.12.99"]).tolist() == [[1999, 12, 1]]


def test_a_text_is_no_number() -> None:
    assert (Text(name="id").names(), Text(name="id").role) == ((), "id")


@settings(derandomize=True, max_examples=50)
@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=30))
def test_all_at_once_is_one_by_one(cells: list[str | None]) -> None:
    column = Category(name="c", categories=("a", "b", "c"), missing="own")
    each = [column.encode([cell])[0].tolist() for cell in cells]
    assert column.encode(cells).tolist() == each
