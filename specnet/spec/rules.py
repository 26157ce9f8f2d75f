"""The rules of the model, each one idea; a rule that needs what is not known is left undecided by its subject."""

from __future__ import annotations

import re
from math import isinf
from typing import TYPE_CHECKING

from specnet.errors import Finding, did_you_mean, listed, show, slip_of
from specnet.machine import physical_memory
from specnet.plan import memory as memory_of
from specnet.plan import wiring_faults
from specnet.spec.expectations import plan_facts
from specnet.spec.subject import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component import Column, DatasetPlan
    from specnet.spec.subject import Subject


def wiring(subject: Subject) -> Iterator[Finding]:
    """SN401 to SN406, SN411: names, order and shapes of the layers."""
    columns: DatasetPlan | None
    try:
        columns = subject.spec.dataset.plan()
    except UndecidedError:
        columns = None
    yield from wiring_faults(subject.spec.layers, columns, subject.loss)


def metrics(subject: Subject) -> Iterator[Finding]:
    """SN407: two columns of the history with one name."""
    names = ["loss", *(metric.type for metric in subject.spec.metrics)]
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Finding("SN407", f"the column {name!r} stands twice in the history", ("metrics", i - 1))


def cases(subject: Subject) -> Iterator[Finding]:
    """SN408: rows to predict that have another width than the data, or cells that its columns cannot take."""
    described = subject.spec.dataset.of_role("input")
    names = [column.name for column in described] or subject.spec.dataset.plan().inputs
    has = f"the dataset has {_count(len(names), 'input')} ({listed(names)})"
    for i, case in enumerate(subject.spec.predict):
        for k, row in enumerate(case.inputs):
            path = ("predict", i, "inputs", k)
            if len(row) != len(names):
                cells = "number" if all(type(cell) in (int, float) for cell in row) else "cell"
                yield Finding("SN408", f"this row has {_count(len(row), cells)}, {has}", path)
                continue
            for j, cell in enumerate(row):
                if wrong := _wrong_cell(cell, described[j] if described else None):
                    reason, help = wrong
                    yield Finding("SN408", f"the column {names[j]!r}: {reason}", (*path, j), help)


def _wrong_cell(cell: float | str | bool, column: Column | None) -> tuple[str, str | None] | None:
    """What is wrong with a cell and what would do; without a column numbers are wanted."""
    if column is None or column.numeric:
        return (f"{show(cell)} is no number", None) if isinstance(cell, str | bool) else None
    try:
        column.numbers(show(cell) if isinstance(cell, bool) else str(cell))
    except ValueError as error:
        reason, help, *_ = *error.args, None
        return str(reason), help
    return None


def expected_metrics(subject: Subject) -> Iterator[Finding]:
    """SN409: expectations of a metric that nobody measures."""
    known = subject.spec.columns()
    for i, held in enumerate(subject.spec.expect):
        if held.metric is not None and held.metric not in known:
            help = did_you_mean(held.metric, known) or f"known: {', '.join(known)}"
            message, path = f"no metric of this spec is called {held.metric!r}", ("expect", i, "metric")
            yield Finding("SN409", message, path, help, fix=slip_of(held.metric, known))


def expected_epochs(subject: Subject) -> Iterator[Finding]:
    """SN420: more epochs than there will be; an engine may stop before the last, and never after it."""
    most = subject.spec.training.epochs
    for i, held in enumerate(subject.spec.expect):
        if held.epochs is not None and not held.is_reachable(most):
            message = f"training ends after {most} epochs, and {held.wanted()} are expected"
            yield Finding("SN420", message, ("expect", i, "epochs"), "raise training.epochs, or expect fewer")


def expected_net(subject: Subject) -> Iterator[Finding]:
    """SN420: another net than the one that is described."""
    given = plan_facts(subject.plan)
    for i, held in enumerate(subject.spec.expect):
        if held.what in given and not held.allows(value := given[held.what]):
            is_shape = isinstance(value, tuple)
            gives = f"gives {list(value)} for one row" if isinstance(value, tuple) else f"has {value} parameters"
            message = f"the net {gives}, and {held.wanted()} {'is' if is_shape else 'are'} expected"
            help = "change the layers, or what is expected of them"
            yield Finding("SN420", message, ("expect", i, held.what), help)


def parameters(subject: Subject) -> Iterator[Finding]:
    """SN410: as many parameters as training rows, or more."""
    level = subject.spec.checks.parameters_vs_rows
    rows, count = subject.training_rows, subject.plan.parameter_count
    if level != "off" and rows <= count:
        message = f"{count:,} parameters for {rows:,} training rows: the net can learn them by heart"
        help = "fewer units, or more rows"
        yield Finding("SN410", message, ("layers",), help, "error" if level == "error" else "warning")


def bounds(subject: Subject) -> Iterator[Finding]:
    """SN413: an output that cannot reach the targets in the units of the net."""
    last = subject.spec.layers[-1]
    low, high = last.bounds()
    if not all(map(isinf, subject.spec.loss.target_bounds())):
        return  # that these are scaled is an error by itself, SN419
    centred = any(scaler.centred for scaler in subject.scalers("target").values())
    if centred and not (isinf(low) and isinf(high)):
        reach = f"the last layer gives values from {low:g} to {high:g}"
        help = "an activation without bounds such as linear, or targets that are not scaled"
        message = f"{reach}, the scaled targets lie on both sides of 0 and beyond"
        yield Finding("SN413", message, ("layers", len(subject.spec.layers) - 1), help, "warning")


def batch(subject: Subject) -> Iterator[Finding]:
    """SN414: a batch that is larger than the training rows."""
    size, rows = subject.spec.training.batch_size, subject.training_rows
    if isinstance(size, int) and size > rows:
        message = f"batch_size = {size:,} takes all {rows:,} training rows"
        yield Finding("SN414", message, ("training", "batch_size"), 'write batch_size = "full"', "warning")


def memory(subject: Subject) -> Iterator[Finding]:
    """SN416: more memory than the machine has."""
    spec, has = subject.spec, physical_memory()
    size = spec.training.batch_rows(subject.training_rows)
    parts = memory_of(subject.plan, subject.rows, size, spec.engine.itemsize, len(spec.optimizer.slots()))
    needed = sum(parts.values())
    if has is not None and needed > has:
        most = max(parts, key=lambda part: parts[part])
        message = f"training takes about {needed / 1e9:,.1f} GB, this machine has {has / 1e9:,.1f} GB"
        path = {"data": ("dataset",), "parameters": ("layers",), "batch": ("training",)}[most]
        yield Finding("SN416", message, path, f"most of it is for the {most}", "warning")


def without_effect(subject: Subject) -> Iterator[Finding]:
    """SN415: what is said and changes nothing."""
    training = subject.spec.training
    if "log_every" in training.model_fields_set and training.log_every > training.epochs:
        message = f"log_every = {training.log_every:,} is more than the {training.epochs:,} epochs"
        help = "the first and the last epoch are logged in any case"
        yield Finding("SN415", message, ("training", "log_every"), help, "warning")
    if "shuffle" in training.model_fields_set and training.shuffle and training.batch_size == "full":
        message = "shuffle = true has no effect: one batch holds all rows"
        yield Finding("SN415", message, ("training", "shuffle"), "a batch_size, or no shuffle", "warning")


def frozen(subject: Subject) -> Iterator[Finding]:
    """SN415: a layer with nothing that could be trained is told not to be, or there is none that could."""
    plan = subject.plan
    for step in plan.steps:
        if not step.layer.trainable and not step.is_frozen:
            message = f"trainable = false has no effect: {step.layer.type} has no parameters"
            yield Finding("SN415", message, ("layers", subject.position(step), "trainable"), "take it out", "warning")
    if plan.parameter_count and not plan.trained_count:
        message = "training has no effect: every layer with parameters has trainable = false"
        yield Finding("SN415", message, ("training",), "let one of them be trained", "warning")


def ignored(subject: Subject) -> Iterator[Finding]:
    """SN422: what `[lint]` cannot ignore."""
    if not subject.spec.lint.ignore:
        return
    from specnet.codes import IGNORABLE  # all that is explained, which few specs need

    for i, item in enumerate(subject.spec.lint.ignore):
        if item.code not in IGNORABLE:
            known = ", ".join(sorted(IGNORABLE))
            message = f"{item.code} is an error" if re.fullmatch("SN[0-9]{3}", item.code) else f"no code {item.code!r}"
            yield Finding("SN422", f"{message}: only a warning can be ignored", ("lint", "ignore", i, "code"), known)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
