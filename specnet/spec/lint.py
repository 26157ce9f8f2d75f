"""SN4xx: what is wrong with the model that a spec describes, seen without data; each rule where it can be decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from specnet.failures import failure_of
from specnet.spec import (
    batch_rules,
    checkpoint_rules,
    engine_rules,
    output_rules,
    rules,
    schedule_rules,
    split_rules,
    stopping_rules,
    whole_rules,
)
from specnet.spec.model import placed_components
from specnet.spec.subject import Subject, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from specnet.component import Component
    from specnet.errors import Finding, Path
    from specnet.registry import Registry
    from specnet.spec.model import Spec

RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    rules.wiring,
    rules.metrics,
    rules.cases,
    rules.expected_metrics,
    rules.expected_epochs,
    rules.expected_net,
    rules.parameters,
    rules.batch,
    batch_rules.faults,
    rules.bounds,
    rules.memory,
    rules.without_effect,
    rules.frozen,
    rules.ignored,
    checkpoint_rules.without_effect,
    output_rules.of_loss,
    output_rules.of_metrics,
    output_rules.lone_units,
    output_rules.counts,
    output_rules.scaled_targets,
    whole_rules.scaled,
    whole_rules.predicted,
    stopping_rules.faults,
    stopping_rules.of_schedules,
    schedule_rules.faults,
    split_rules.columns,
    split_rules.groups,
    split_rules.files,
    engine_rules.refusals,
)


def lint(
    spec: Spec, rows: int | None = None, registry: Registry | None = None, training_rows: int | None = None
) -> list[Finding]:
    """Errors and warnings, without the warnings that the spec ignores with a reason.

    `rows` and `training_rows` count them where the data has been read; a rule that needs what is not known says
    nothing.
    With a registry, what a component of a plugin raises is a finding.
    """
    subject = Subject(spec, rows, training_rows)
    found: list[Finding] = []
    for rule in RULES:
        try:
            found += list(rule(subject))
        except UndecidedError:
            continue
        except (Exception, SystemExit) as error:
            told = None if registry is None else failure_of(error, registry)
            if told is None:
                raise
            finding = replace(told.finding, path=_path(told.component, spec))
            found += [] if finding in found else [finding]  # several rules ask the same
    return unignored(spec, found)


def _path(component: Component | None, spec: Spec) -> Path:
    return next((path for path, other in placed_components(spec) if other is component), ())


def unignored(spec: Spec, findings: Iterable[Finding]) -> list[Finding]:
    """The findings without the warnings that the spec, which may be a draft, ignores with a reason."""
    try:
        ignored = {item.code for item in spec.lint.ignore}
    except UndecidedError:
        ignored = set()
    return [finding for finding in findings if finding.severity == "error" or finding.code not in ignored]
