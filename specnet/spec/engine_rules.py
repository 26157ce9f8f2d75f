"""SN428: what the engine of the spec cannot run, asked of the engine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding
from specnet.spec.model import placed_components

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.spec.subject import Subject

_HELP = "another engine runs it: leave [engine] out for the one that runs everything"


def refusals(subject: Subject) -> Iterator[Finding]:
    """SN428: a component that the engine refuses, at its place; else the net as a whole."""
    spec, engine = subject.spec, subject.spec.engine
    for refusal in engine.refusals(subject.plan, spec.loss, spec.optimizer):
        component = refusal.component
        path = next((path for path, other in placed_components(spec) if other is component), ("engine",))
        what = "this net" if component is engine else f"{component.kind} {component.type!r}"
        yield Finding("SN428", f"engine {engine.type!r} cannot run {what}: {refusal.why}", path, _HELP)
