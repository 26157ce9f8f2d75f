"""The rules of what comes out of the net, and what losses and metrics take it for; each part says it of itself."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from specnet.component import ShapeError
from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component import Meaning, Wanted
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


def outputs(subject: Subject) -> Iterator[Finding]:
    """SN412, SN418: the last layer gives what the loss would make of it, or what the loss cannot be had of."""
    loss, last = subject.spec.loss, len(subject.spec.layers) - 1
    gives, wants = subject.spec.layers[last].gives(), loss.wants()
    if gives in _ALREADY.get(wants, ()):
        message = f"{loss.type} applies {_APPLIED[wants]}, and the output already is {_WORDS[gives]}"
        help = "take what makes it so out of the net, or tell the loss that it is there"
        yield Finding("SN412", message, ("layers", last), help)
    if gives in _NOT_YET.get(wants, ()):
        message = f"{loss.type} takes {_NEEDED[wants]}, the last layer gives {_WORDS[gives]}"
        help = "let the loss make them, where it can, or the last layer"
        yield Finding("SN418", message, ("layers", last), help)


def lone_units(subject: Subject) -> Iterator[Finding]:
    """SN417: a distribution over one unit."""
    for i, (layer, step) in enumerate(zip(subject.spec.layers, subject.plan.steps, strict=True)):
        constant = {"distributions": 1, "log_distributions": 0}.get(layer.gives())
        if constant is not None and step.out_shape[-1] == 1:
            message = f"{layer.type} over one unit is always {constant}"
            yield Finding("SN417", message, ("layers", i), "a unit for each class, or a sigmoid for one of two")


def counts(subject: Subject) -> Iterator[Finding]:
    """SN419: a number of outputs that a loss cannot be had of."""
    spec = subject.spec
    try:
        spec.loss.check(subject.plan.steps[-1].out_shape[-1])
    except ShapeError as error:
        yield Finding("SN419", f"{spec.loss.type} {error}", ("loss",))


def scaled_targets(subject: Subject) -> Iterator[Finding]:
    """SN419: targets that are scaled, although the loss takes them for what they are."""
    spec = subject.spec
    low, high = spec.loss.target_bounds()
    if spec.scaling.targets is not None and (low, high) != (-inf, inf):
        takes = f"from {low:g} to {high:g}" if high < inf else f"of {low:g} and more"
        message = f"{spec.loss.type} takes targets {takes} as they stand, and they are scaled"
        yield Finding("SN419", message, ("scaling", "targets"), "leave the scaling of targets out")
