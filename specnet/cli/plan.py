"""specnet plan: what a spec amounts to, before any data is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.cli import describe
from specnet.cli.options import as_json, overrides, registry_of
from specnet.cli.text import dump, step, table
from specnet.component import Declaration
from specnet.errors import listed, printable
from specnet.plan import make_plan, memory
from specnet.spec import load_spec

if TYPE_CHECKING:
    from specnet.plan import Plan
    from specnet.spec import Spec


@click.command(short_help="Show shapes, parameters, memory and defaults.")
@click.argument("spec", type=click.Path(path_type=Path))
@overrides
@as_json
@click.pass_context
def command(ctx: click.Context, spec: Path, overrides: dict[str, str], format: str) -> None:
    """Show the shapes, the parameters, the memory and every default of SPEC. No data file is read."""
    loaded = load_spec(spec, overrides, registry_of(ctx))
    plan = make_plan(loaded.layers, loaded.dataset.plan(), loaded.loss)
    if format == "json":
        click.echo(dump(_record(loaded, plan)))
        return
    rows, parts = _rows(loaded, plan), _memory(loaded, plan)
    click.echo(step("inputs", f"{len(plan.inputs):,}: {listed(plan.inputs)}"))
    click.echo(step("targets", f"{len(plan.targets):,}: {listed(plan.targets)}"))
    click.echo(step("net", f"{plan.parameter_count:,} parameters"))
    click.echo(table(describe.steps(plan), left=4))
    click.echo(step("rows", rows))
    if parts is not None:
        each = ", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in parts.items())
        click.echo(step("memory", f"about {sum(parts.values()) / 1e6:,.1f} MB: {each}"))
    click.echo(step("spec", "every value, as --set takes it"))
    for line in _lines(loaded):
        click.echo(f"  {line}")


def _rows(spec: Spec, plan: Plan) -> str:
    if plan.rows is None:
        return "known when the data is read"
    sizes = spec.split.sizes(plan.rows)
    return f"{plan.rows:,}: {'parted when the data is read' if sizes is None else describe.parts(sizes)}"


def _memory(spec: Spec, plan: Plan) -> dict[str, int] | None:
    sizes = None if plan.rows is None else spec.split.sizes(plan.rows)
    if plan.rows is None or sizes is None:
        return None
    batch = spec.training.batch_rows(sizes["train"])
    return memory(plan, plan.rows, batch, spec.engine.itemsize, len(spec.optimizer.slots()))


def _lines(value: Any, path: str = "", default: bool = False) -> Iterator[str]:
    """`training.epochs = 10`, with a remark on what the file does not say."""
    if isinstance(value, Declaration):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            yield from _lines(inner, f"{path}.{name}".lstrip("."), default or name not in value.model_fields_set)
    elif isinstance(value, tuple) and any(isinstance(item, Declaration) for item in value):
        for i, item in enumerate(value):
            yield from _lines(item, f"{path}.{i}", default)
    elif value is not None:
        shown = printable(value) if isinstance(value, str) else json.dumps(value)
        yield f"{path} = {shown}" + "  (default)" * default


def _record(spec: Spec, plan: Plan) -> dict[str, Any]:
    return {
        "inputs": list(plan.inputs),
        "targets": list(plan.targets),
        "rows": plan.rows,
        "parameters": plan.parameter_count,
        "memory": _memory(spec, plan),
        "steps": [
            {
                "name": planned.name,
                "type": planned.layer.type,
                "in_shapes": planned.in_shapes,
                "out_shape": planned.out_shape,
                "parameters": {slot.parameter.name: slot.parameter.shape for slot in planned.slots},
            }
            for planned in plan.steps
        ],
        "resolved": spec.model_dump(mode="json"),
    }
