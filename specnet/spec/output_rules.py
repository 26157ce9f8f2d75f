"""The rules of what comes out of the net, and what losses and metrics take it for; each part says it of itself."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from specnet.component import ShapeError
from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component import Layer, Loss, Meaning, Metric, Wanted
    from specnet.errors import Path
    from specnet.spec.subject import Subject

_WORDS: dict[Meaning, str] = {
    "numbers": "numbers of any size",
    "positive": "numbers that may be greater than 1",
    "probabilities": "numbers from 0 to 1",
    "distributions": "rows that sum to 1",
    "log_distributions": "logarithms, never above 0",
}
_ALREADY: dict[Wanted, tuple[Meaning, ...]] = {
    "logits": ("probabilities", "distributions", "log_distributions"),
    "class_logits": ("probabilities", "distributions"),  # the softmax of a log-softmax is that of its logits
}
_NOT_YET: dict[Wanted, tuple[Meaning, ...]] = {
    "positive": ("numbers", "log_distributions"),
    "probabilities": ("numbers", "positive", "log_distributions"),
    "distributions": ("numbers", "positive", "probabilities", "log_distributions"),
}
_APPLIED = {"logits": "a sigmoid", "class_logits": "a softmax"}
_NEEDED = {"positive": "numbers above 0", "probabilities": "numbers from 0 to 1", "distributions": "rows that sum to 1"}


def of_loss(subject: Subject) -> Iterator[Finding]:
    """SN412, SN418: the last layer gives what the loss would make of it, or what the loss cannot be had of."""
    spec = subject.spec
    yield from _misread(spec.layers[-1], spec.loss.type, spec.loss.wants(), ("layers", len(spec.layers) - 1))


def of_metrics(subject: Subject) -> Iterator[Finding]:
    """SN412, SN418: the same of metrics."""
    last, count = subject.spec.layers[-1], subject.outputs
    for i, metric in enumerate(subject.spec.metrics):
        yield from _misread(last, metric.type, metric.wants(count), ("metrics", i))


def _misread(last: Layer, name: str, wants: Wanted, path: Path) -> Iterator[Finding]:
    gives = last.gives()
    if gives in _ALREADY.get(wants, ()):
        message = f"{name} applies {_APPLIED[wants]}, and the output already is {_WORDS[gives]}"
        help = f"take what makes it so out of the net, or tell {name} that it is there"
        yield Finding("SN412", message, path, help)
    if gives in _NOT_YET.get(wants, ()):
        message = f"{name} takes {_NEEDED[wants]}, the last layer gives {_WORDS[gives]}"
        help = f"let {name} make them, where it can, or the last layer"
        yield Finding("SN418", message, path, help)


def lone_units(subject: Subject) -> Iterator[Finding]:
    """SN417: a distribution over one unit."""
    for step in subject.plan.steps:
        constant = {"distributions": 1, "log_distributions": 0}.get(step.layer.gives())
        if constant is not None and step.out_shape[-1] == 1:
            message, path = f"{step.layer.type} over one unit is always {constant}", ("layers", subject.position(step))
            yield Finding("SN417", message, path, "a unit for each class, or a sigmoid for one of two")


def counts(subject: Subject) -> Iterator[Finding]:
    """SN419: a number of outputs that a loss or a metric cannot be had of."""
    measures: list[tuple[Loss | Metric, Path]] = [(m, ("metrics", i)) for i, m in enumerate(subject.spec.metrics)]
    loss, targets, outputs = subject.spec.loss, subject.targets, subject.outputs
    for measure, path in [(loss, ("loss",)), *measures]:
        if (takes := measure.outputs(targets)) != outputs:
            given = f"{targets} target{'s' * (targets != 1)}"
            message = f"{measure.type} takes {takes} output{'s' * (takes != 1)} for {given}, and {loss.type} {outputs}"
            yield Finding("SN419", message, path, "one that reads targets as the loss does")
            continue
        try:
            measure.check(outputs)
        except ShapeError as error:
            yield Finding("SN419", f"{measure.type} {error}", path)


def scaled_targets(subject: Subject) -> Iterator[Finding]:
    """SN419: targets that are scaled, although the loss takes them for what they are."""
    spec = subject.spec
    low, high = spec.loss.target_bounds()
    scaled = subject.scalers("target")
    if scaled and subject.outputs != subject.targets:
        message = f"{spec.loss.type} takes other outputs than targets, and the scaling of these cannot be undone"
        yield Finding("SN419", message, ("scaling", "targets"), "leave the scaling of targets out")
        return
    for name in scaled if (low, high) != (-inf, inf) else ():
        takes = f"from {low:g} to {high:g}" if high < inf else f"of {low:g} and more"
        message = f"{spec.loss.type} takes targets {takes} as they stand, and {repr(name) if name else 'they'} "
        message += "is scaled" if name else "are scaled"
        place: Path = ("dataset", "columns") if name else ("scaling", "targets")
        yield Finding("SN419", message, place, "leave the scaling of targets out")
