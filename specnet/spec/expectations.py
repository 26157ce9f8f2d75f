"""Expectations: what a spec promises of its net, its training and its metrics, and which promises cannot be kept."""

from collections.abc import Callable
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema, WrapValidator, model_validator
from pydantic_core import PydanticCustomError

from specnet.component import Declaration, Many, Shape
from specnet.component.measures import BaselineName
from specnet.plan import Plan

_FACTS = ("parameters", "output_shape", "epochs")
"""What can be held besides a metric."""


class Bounds(Declaration):
    """The least and the greatest number that is accepted."""

    min: int | None = Field(default=None, ge=0)
    """The least."""
    max: int | None = Field(default=None, ge=0)
    """The greatest."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        _check(self.min, self.max)
        return self


def _check(low: float | None, high: float | None) -> None:
    if low is None and high is None:
        raise ValueError("an expectation needs a min or a max")
    if low is not None and high is not None and low > high:
        raise ValueError(f"min = {low} is greater than max = {high}")


def _count(value: Any, _check: Callable[[Any], Any]) -> int | Bounds:
    if isinstance(value, dict | Bounds):
        return Bounds.model_validate(value)
    if type(value) is int and value >= 0:
        return value
    raise PydanticCustomError("count", "must be an integer of at least 0, or a table with min or max")


_LIMIT: Any = {"type": ["integer", "null"], "minimum": 0}
Count = Annotated[
    int | Bounds,
    WrapValidator(_count),
    WithJsonSchema(
        {
            "type": ["integer", "object"],
            "minimum": 0,
            "properties": {"min": _LIMIT, "max": _LIMIT},
            "additionalProperties": False,
        }
    ),
]


class Expectation(Declaration):
    """A contract: one fact of the finished run, named by its key, that must be equal or stay within bounds."""

    metric: str | None = None
    """Such as "test.loss", held by `min` and `max`."""
    parameters: Count | None = None
    """The parameters of the net: their number, or { min = ..., max = ... }."""
    output_shape: Many[int] | None = None
    """The shape that the last layer gives for one row."""
    epochs: Count | None = None
    """The epochs that the net was really trained for: their number, or { min = ..., max = ... }."""
    min: float | None = None
    """The least value of the metric that is accepted."""
    max: float | None = None
    """The greatest value of the metric that is accepted."""
    better_than: BaselineName | None = None
    """The baseline whose loss must be greater: "mean" or "linear"."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        named = [name for name in ("metric", *_FACTS) if getattr(self, name) is not None]
        if len(named) != 1:
            held = f"this one has {' and '.join(named) or 'none of them'}"
            raise ValueError(f"an expectation has exactly one of metric, {', '.join(_FACTS)}; {held}")
        if self.better_than is not None and not (self.metric or "").endswith(".loss"):
            raise ValueError('better_than stands beside a loss, such as metric = "test.loss", of which less is better')
        if self.metric is not None:
            if self.better_than is None or (self.min, self.max) != (None, None):
                _check(self.min, self.max)
        elif self.min is not None or self.max is not None:
            inner = (
                "a list of integers" if self.output_shape is not None else f"{named[0]} = {{ min = ..., max = ... }}"
            )
            raise ValueError(f"min and max stand beside a metric; for {named[0]} write {inner}")
        return self

    @property
    def what(self) -> str:
        """The name of the fact: the metric, or the key that is not empty."""
        if self.metric is not None:
            return self.metric
        return next(name for name in _FACTS if getattr(self, name) is not None)

    @property
    def equals(self) -> int | Shape | None:
        """What the fact must be exactly, None where bounds say it."""
        value = None if self.metric is not None else getattr(self, self.what)
        return None if isinstance(value, Bounds) else value

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the greatest value, (None, None) where the fact must be exact."""
        holder = self if self.metric is not None else getattr(self, self.what)
        return (holder.min, holder.max) if isinstance(holder, Expectation | Bounds) else (None, None)

    def allows(self, value: float | Shape, baseline: float | None = None) -> bool:
        """Bounds are included, that of a baseline is not; NaN is within none, nor better than what is not there."""
        if self.equals is not None or isinstance(value, tuple):
            return self.equals == value
        low, high = self.bounds
        if self.better_than is not None and (baseline is None or not value < baseline):
            return False
        # A plugin's metric may be a number of NumPy, whose comparisons are no truth values that JSON knows.
        return bool((low is None or value >= low) and (high is None or value <= high))

    def is_reachable(self, most: int) -> bool:
        """Whether a count that grows to `most` and may stay below it can be what is expected."""
        least = self.equals if isinstance(self.equals, int) else self.bounds[0]
        return least is None or least <= most

    def wanted(self) -> str:
        """`47`, `at most 50`, `from 40 to 50`."""
        low, high = self.bounds
        if self.equals is not None:
            return str(list(self.equals) if isinstance(self.equals, tuple) else self.equals)
        if low is not None and high is not None:
            return f"from {low} to {high}"
        return f"at least {low}" if low is not None else f"at most {high}"


def plan_facts(plan: Plan) -> dict[str, int | Shape]:
    """What can be held of a net before it is trained, by the key of the expectation."""
    return {"parameters": plan.parameter_count, "output_shape": plan.steps[-1].out_shape}
