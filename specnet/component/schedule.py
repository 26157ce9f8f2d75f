"""Schedules: numbers that change while training goes on, as pure functions of time."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import GetCoreSchemaHandler, PositiveFloat, ValidationInfo
from pydantic_core import core_schema

from specnet.component.base import Component, Slot

Unit = Literal["epoch", "step"]


class Moment(NamedTuple):
    """When an update is made: `step` counts the updates from 1 to `steps`, all of those that training will make."""

    step: int
    steps: int
    steps_per_epoch: int
    state: tuple[float, ...] = ()
    """What a schedule that watches a column has made of the epochs before, by `Schedule.react`."""

    def passed(self, unit: Unit) -> int:
        """The whole epochs, or the steps, before this update: 0 at the first."""
        return (self.step - 1) // self.steps_in(unit)

    def total(self, unit: Unit) -> int:
        """All epochs, or all steps, of the training; a part of an epoch counts as one."""
        return max(1, -(-self.steps // self.steps_in(unit)))

    def steps_in(self, unit: Unit) -> int:
        """The steps of an epoch, or of a step."""
        return self.steps_per_epoch if unit == "epoch" else 1

    def after(self, steps: int) -> Moment:
        """This moment as it looks when training begins so many steps later; before that, its first."""
        return self._replace(step=max(1, self.step - steps), steps=self.steps - steps)


class ScheduleError(ValueError):
    """Raised by `Schedule.check`: `key` is the dotted path, from the schedule on, of what does not fit."""

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


class Schedule(Component):
    """A number as a pure function of t, which counts the epochs (or steps, as `per` says) before an update, from 0 on.

    It may stand where an optimizer wants a `Scheduled` number, and is finite and not negative. One that reacts to the
    training watches a column of the history; what it keeps of it are floats, which the engine holds and saves.
    """

    kind = "schedule"

    @abstractmethod
    def at(self, moment: Moment) -> float:
        """The number that the update of that moment uses."""

    def watches(self) -> str | None:
        """The column, such as validation.loss, whose value it is told at the end of each epoch; None for no column."""
        return None

    def react(self, state: tuple[float, ...], value: float) -> tuple[float, ...]:
        """The state after an epoch with that value, which may be NaN, from the one before, () at first."""
        return state

    def check(self, first: Moment) -> None:
        """Raises ScheduleError when the training whose first update this is has too little time for the schedule."""


AnySchedule = Annotated[Schedule, Slot("schedule")]


class _NumberOr:
    """What is a table or a name becomes a component, all else is held against the number."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def either(value: Any, number: core_schema.ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
            if isinstance(value, Schedule):
                return value
            named = isinstance(value, str) and not _is_number(value)
            return self._slot.resolve(value, info) if named or isinstance(value, dict) else number(value)

        return core_schema.with_info_wrap_validator_function(
            either,
            handler.generate_schema(PositiveFloat),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        # One branch for each, so that an error is about what stands there.
        return {
            "type": ["number", "string", "object"],
            "allOf": [
                {"if": {"type": "number"}, "then": {"exclusiveMinimum": 0, "maximum": sys.float_info.max}},
                {
                    "if": {"type": ["string", "object"]},
                    "then": self._slot.__get_pydantic_json_schema__(schema, handler),
                },
            ],
        }


def _is_number(text: str) -> bool:
    """True for a number that was put between quotes by mistake."""
    try:
        float(text)
    except ValueError:
        return False
    return True


if TYPE_CHECKING:
    Scheduled = float  # which it is where an optimizer computes with it: see `Optimizer.at`
else:
    Scheduled = Annotated[PositiveFloat | AnySchedule, _NumberOr(Slot("schedule"))]
