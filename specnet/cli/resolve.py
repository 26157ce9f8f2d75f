"""specnet resolve: a spec with every default written out, itself a spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.artifacts import write_atomic
from specnet.cli.options import overrides, registry_of
from specnet.cli.text import dump
from specnet.component import Declaration
from specnet.errors import Finding, UsageError, printable
from specnet.runs.sources import document_of
from specnet.spec import load_spec
from specnet.spec.origins import Origins
from specnet.spec.relocation import relocated
from specnet.spec.toml_text import write_toml

if TYPE_CHECKING:
    from specnet.errors import Path as Place
    from specnet.spec import Spec

_FORMATS = ("toml", "json")


@click.command(short_help="Write a spec with every default.")
@click.argument("spec", type=click.Path(path_type=Path))
@overrides
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, a .toml or .json.")
@click.option("--format", "format", type=click.Choice(_FORMATS), help="By default as FILE is called, or else toml.")
@click.pass_context
def command(ctx: click.Context, spec: Path, overrides: dict[str, str], output: Path | None, format: str | None) -> None:
    """Write the spec of SPEC, a file or a run directory, with every default; it trains to the same bytes.

    In TOML a line is marked `# default` or `# --set` where SPEC does not say so itself. Relative paths still lead
    to the same files from the folder of FILE; what is printed keeps those of SPEC.
    """
    chosen = _format(output, format, spec)
    document = document_of(spec)
    loaded = load_spec(document, overrides, registry_of(ctx))
    placed = loaded if output is None else relocated(loaded, document.folder, output.absolute().parent)
    text = f"{dump(placed.model_dump(mode='json'))}\n" if chosen == "json" else _toml(placed, loaded, spec, overrides)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text.encode())


def _format(output: Path | None, format: str | None, spec: Path) -> str:
    if output is None:
        return format or "toml"
    suffix = output.suffix.lower().removeprefix(".")
    if suffix not in _FORMATS or (format or suffix) != suffix:
        named = f"not {output.name!r}" if format is None else f"and with --format {format} a .{format} file"
        raise UsageError(Finding("SN552", f"-o takes a .toml or a .json file, {named}", file=str(output)))
    if output.exists() and spec.exists() and output.samefile(spec):
        raise UsageError(Finding("SN552", "-o would overwrite the spec that is read", file=str(output)))
    return suffix


def _toml(spec: Spec, loaded: Spec, source: Path, overrides: dict[str, str]) -> str:
    origins = Origins(loaded, overrides)

    def remark(path: Place) -> str:
        origin = origins.of(path)
        return "" if origin == "spec" else origin

    try:
        _sayable(spec, ())
        body = write_toml(_said(spec.model_dump(mode="json")), remark)
    except ValueError as error:
        raise UsageError(Finding("SN552", str(error), help="--format json can say it", file=str(source))) from None
    return f"# {printable(str(source))} with every default; what it does not say itself is marked\n{body}"


def _sayable(value: Any, path: Place) -> None:
    """Raises ValueError for a null that means something else than leaving the key out, which is all that TOML can."""
    if isinstance(value, Declaration):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if inner is None and field.get_default(call_default_factory=True, validated_data=vars(value)) is not None:
                raise ValueError(f"TOML cannot say that {'.'.join(map(str, (*path, name)))} is null")
            _sayable(inner, (*path, name))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            _sayable(item, (*path, i))


def _said(value: Any) -> Any:
    """The dump without its nulls."""
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items() if inner is not None}
    return list(map(_said, value)) if isinstance(value, list) else value
