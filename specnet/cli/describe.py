"""Components, plans and results in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specnet.cli.text import number
from specnet.component import Layer, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from specnet.component import Component, Shape
    from specnet.plan import Plan
    from specnet.runs import Run, Verdict
    from specnet.runs.early_stopping import Ending
    from specnet.spec import Spec
    from specnet.spec.expectations import Expectation

WIDE = 12
"""More inputs than this do not stand side by side on a terminal."""


def component(value: Component) -> str:
    """`dense units=4 activation=relu`: the type, and what is not as it is by default."""
    shown_elsewhere = ("type", "name", "inputs") if isinstance(value, Layer) else ("type",)
    fields = {name: field for name, field in type(value).model_fields.items() if name not in shown_elsewhere}
    said = {name: getattr(value, name) for name, field in fields.items() if getattr(value, name) != field.default}
    return " ".join([value.type, *(f"{name}={_value(shown)}" for name, shown in said.items())])


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if getattr(value, "type", None) is None:
        return str(value)
    described = component(value)
    return f"({described})" if " " in described else described


def parts(counts: Mapping[str, int]) -> str:
    """`70 to train on, 15 to validate on, 15 to test on`; validation is left out when there is none."""
    what = {"train": "train", "validation": "validate", "test": "test"}
    shown = {part: count for part, count in counts.items() if count or part != "validation"}
    return ", ".join(f"{count:,} to {what[part]} on" for part, count in shown.items())


def split(spec: Spec) -> str:
    """By what the rows are parted: `shuffled, stratified by 'species'`."""
    section = spec.split
    group = next((column.name for column in spec.dataset.of_role("group")), None)
    ways = {
        f"as column {section.column!r} says": section.column,
        f"by time {section.time!r}": section.time,
        f"stratified by {section.stratify!r}": section.stratify,
        f"in groups of {group!r}": None if section.column is not None else group,
        f"fold {section.fold} of {section.folds}": section.folds,
    }
    said = [way for way, by in ways.items() if by is not None]
    said += [f"{part} from {path}" for part, path in section.files().items()]
    order = [] if section.time is not None else ["shuffled" if section.shuffle else "in their order"]
    return ", ".join([*order, *said])


def shape(value: Shape) -> str:
    """`4x2`."""
    return "x".join(map(str, value))


def steps(plan: Plan) -> Iterator[list[str]]:
    """A row for each step: name, component, shapes, parameters with their formula."""
    for step in plan.steps:
        inputs = " + ".join(map(shape, step.in_shapes))
        formula = " + ".join(f"{slot.parameter.name} {shape(slot.parameter.shape)}" for slot in step.slots)
        yield [
            step.name,
            component(step.layer),
            f"{inputs} -> {shape(step.out_shape)}",
            formula,
            f"{step.parameter_count:,}",
        ]


def metrics(run: Run) -> str:
    """`train.loss 2e-06, test.loss 3e-06`."""
    return ", ".join(f"{name} {metric(value)}" for name, value in run.metrics.items())


def metric(value: float) -> str:
    """`2e-06`, or `undefined (it needs at least 2 rows)`."""
    return f"undefined ({value.reason})" if isinstance(value, Undefined) else number(value)


def baselines(run: Run) -> Iterator[str]:
    """`baseline linear: test.loss 0.5` of the last part of the split, or why there is none; the mean first."""
    for name, baseline in run.baselines.items():
        last = [column.partition(".")[0] for column in baseline.metrics][-1:]
        shown = {column: value for column, value in baseline.metrics.items() if column.partition(".")[0] in last}
        scores = ", ".join(f"{column} {metric(value)}" for column, value in shown.items())
        yield f"baseline {name}: {scores or f'none, because {baseline.reason}'}"


def expectation(held: Expectation, value: str = "") -> str:
    """`test.loss <= 0.001`, and with the value ` = 2e-06`: `test.loss = 2e-06 <= 0.001`."""
    if held.equals is not None:
        return f"{held.what}{value}, exactly {held.wanted()}" if value else f"{held.what} = {held.wanted()}"
    low, high = held.bounds
    before = f"{_fact(low)} <= " if low is not None else ""
    after = f" <= {_fact(high)}" if high is not None else ""
    than = f" < that of the {held.better_than} baseline" if held.better_than else ""
    return f"{before}{held.what}{value}{after}{than}"


def verdict(value: Verdict) -> str:
    """`expect test.loss = 2e-06 <= 0.001: passed`."""
    held = expectation(value.expectation, f" = {_fact(value.value)}")
    if value.expectation.better_than is not None:
        held += ", which is not there" if value.baseline is None else f", {metric(value.baseline)}"
    return f"expect {held}: {'passed' if value.passed else 'FAILED'}"


def _fact(value: float | Shape) -> str:
    """A count to its last digit, a metric to six of them, a shape as a list."""
    if isinstance(value, tuple):
        return str(list(value))
    return str(value) if isinstance(value, int) else metric(value)


def ending(value: Ending) -> str:
    """`stopped early after epoch 137: no better validation.loss than 0.0123 (epoch 117) for 20 epochs; ...`."""
    return (
        f"{value.reason}; {'the weights of the best are restored' if value.restored else 'the last weights are kept'}"
    )


def dead_units(run: Run) -> str | None:
    """`2 of 8 hidden units are dead (...)`, None when all are alive."""
    dead = {name: count for name, count in run.silent_units.items() if count[0]}
    if not dead:
        return None
    silent, units = (sum(count[i] for count in run.silent_units.values()) for i in (0, 1))
    places = ", ".join(f"{name}: {count} of {of}" for name, (count, of) in dead.items())
    verb = "is" if silent == 1 else "are"
    return f"{silent} of {units} hidden units {verb} dead ({places}): the same output for every training row"


def predictions(run: Run, pairs: Iterable[tuple[Sequence[Any], Sequence[float]]]) -> list[list[str]]:
    """A header and a row for each (inputs, outputs), in the units of the data; many inputs give way to a number."""
    names = run.input_names
    wide = len(names) > WIDE
    header = [*(["row"] if wide else names), "->", *run.plan.outputs]
    rows = enumerate(pairs, start=1)
    return [header, *([*([f"{i}"] if wide else map(cell, x)), "->", *map(number, y)] for i, (x, y) in rows)]


def cell(value: Any) -> str:
    """A number as `number` has it, and anything else as it is."""
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
