"""specnet diff: what really differs between two specs or runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.cli import describe
from specnet.cli.options import as_json, registry_of
from specnet.cli.text import dump, step, table
from specnet.component import Component, Declaration
from specnet.errors import printable
from specnet.plan import make_plan
from specnet.runs.sources import document_of
from specnet.spec import load_spec
from specnet.spec.comparison import differences
from specnet.spec.expectations import plan_facts
from specnet.spec.relocation import relocated

if TYPE_CHECKING:
    from specnet.registry import Registry
    from specnet.spec import Spec
    from specnet.spec.comparison import Difference


@click.command(short_help="Show what differs between two specs.")
@click.argument("old", metavar="A", type=click.Path(path_type=Path))
@click.argument("new", metavar="B", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def command(ctx: click.Context, old: Path, new: Path, format: str) -> None:
    """Show what differs between A and B, spec files or run directories, once every default is filled in.

    A layer that was put in or taken out is one difference. Paths count in A for what is removed, and in B for the rest.

    Exit codes: 0 the same, 1 different, 2 refused.
    """
    compared = Compared.of(old, new, registry_of(ctx))
    click.echo(dump(compared.record()) if format == "json" else compared.text())
    ctx.exit(int(bool(compared.found)))


@dataclass(frozen=True)
class Compared:
    """Two specs, and what differs between them."""

    found: list[Difference]
    plans: dict[str, list[Any]]
    """What the nets amount to, where that differs: [in A, in B]."""

    @classmethod
    def of(cls, old: Path, new: Path, registry: Registry) -> Compared:
        """Of spec files or run directories. Raises SpecError and ArtifactError."""
        documents = (document_of(old), document_of(new))
        folder = documents[0].folder
        first, second = (relocated(load_spec(d, None, registry), d.folder, folder) for d in documents)
        return cls(list(differences(first, second)), _plans(first, second))

    def text(self) -> str:
        """A line for each difference."""
        return _text(self.found, self.plans)

    def record(self) -> dict[str, Any]:
        """The same for other programs."""
        return {"same": not self.found, "differences": list(map(_record, self.found)), "plan": self.plans}


def _plans(old: Spec, new: Spec) -> dict[str, list[Any]]:
    """What the nets amount to, where that differs: [in A, in B]."""
    facts = [plan_facts(make_plan(spec.layers, spec.dataset.plan(), spec.loss)) for spec in (old, new)]
    return {name: [fact[name] for fact in facts] for name in facts[0] if facts[0][name] != facts[1][name]}


def _text(found: list[Difference], plans: dict[str, list[Any]]) -> str:
    if not found:
        return "no difference"
    lines = [table(([".".join(map(str, one.path)), _words(one)] for one in found), indent=0, left=2)]
    if plans:
        parts = (f"{name} {_shown(before)} -> {_shown(after)}" for name, (before, after) in plans.items())
        lines.append(step("the nets", ", ".join(parts)))
    return "\n".join(lines)


def _words(one: Difference) -> str:
    if one.change == "changed":
        return f"{_shown(one.old)} -> {_shown(one.new)}"
    return f"{one.change}: {_shown(one.old if one.change == 'removed' else one.new)}"


def _shown(value: Any) -> str:
    """As `plan` shows it; a component by what is not as it is by default."""
    if isinstance(value, Component):
        name = getattr(value, "name", None)
        return describe.component(value) + (f" name={name}" if name else "")
    if isinstance(value, Declaration):
        said = value.model_dump(mode="json", exclude_none=True)
        return " ".join(f"{key}={json.dumps(inner)}" for key, inner in said.items())
    if value is None:
        return "none"
    return printable(value) if isinstance(value, str) else json.dumps(value)


def _record(one: Difference) -> dict[str, Any]:
    old, new = (v.model_dump(mode="json") if isinstance(v, Declaration) else v for v in (one.old, one.new))
    return {"path": ".".join(map(str, one.path)), "change": one.change, "old": old, "new": new}
