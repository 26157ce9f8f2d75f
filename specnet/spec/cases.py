"""Cases: rows that an author wants to see predicted."""

from collections.abc import Callable
from sys import float_info
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, WrapValidator
from pydantic_core import PydanticKnownError

from specnet.component import Declaration, Many


def _cell(value: Any, _check: Callable[[Any], Any]) -> float | str | bool:
    if isinstance(value, str | bool):
        return value
    if type(value) not in (int, float):
        raise PydanticKnownError("float_type")
    if not abs(value) <= float_info.max:
        raise PydanticKnownError("finite_number")
    return float(value)


Cell = Annotated[
    float | str | bool,
    WrapValidator(_cell),
    WithJsonSchema({"type": ["number", "string", "boolean"], "minimum": -float_info.max, "maximum": float_info.max}),
]


class PredictCase(Declaration):
    """Rows that are predicted after training, in the units of the data."""

    inputs: Many[Many[Cell]] = Field(min_length=1)
    """Rows of one cell for each input column, as the file of the data has it: mostly a number."""
