"""specnet plugins new: a distribution that passes its tests, to begin from."""

from __future__ import annotations

import keyword
import re
import secrets
import shlex
import shutil
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from specnet.cli.options import registry_of
from specnet.component import KINDS
from specnet.disk import make_parents, unwritable
from specnet.errors import Finding, UsageError
from specnet.registry import ROOMS
from specnet.templates import distribution, kinds, plugin_files

if TYPE_CHECKING:
    from specnet.registry import Registry

_NAME = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*")


@click.command("new", short_help="Write a plugin that works, to begin from.")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(kinds())), required=True, help="What it offers.")
@click.option("--component", metavar="NAME", help="What specs call the component; the kind's example has a name too.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Its folder.  [specnet-NAME]")
@click.pass_context
def command(ctx: click.Context, name: str, kind: str, component: str | None, folder: Path | None) -> None:
    """Write a distribution whose namespace is NAME: a module, a spec, tests, and what CI needs.

    It is written whole or not at all, and never into a folder that holds anything.
    """
    _check_namespace(registry_of(ctx), name)
    own = kinds()[kind].get("component")
    if component is not None:
        if own is None:
            _refuse(f"a {kind} has no component that could be called {component!r}", "leave out --component")
        _check_name(component, "component")
    target = folder or Path(distribution(name))
    written = plugin_files(name, kind, component or own)
    write_all(target, written)
    click.echo(f"{target}: {len(written)} files\n  " + "\n  ".join(sorted(written)))
    where = shlex.quote(str(target))
    install = shlex.quote(f"{target if target.is_absolute() else f'./{target}'}[test]")
    click.echo(f"next:\n  specnet plugins check {where}\n  pip install -e {install}\n  pytest {where}")


def _check_namespace(registry: Registry, name: str) -> None:
    """Raises UsageError for what is no namespace, or is one already."""
    _check_name(name, "namespace")
    if name in {"specnet", *KINDS, *(room.rpartition(".")[2] for room in chain(*ROOMS.values()))}:
        _refuse(f"the namespace {name!r} would be taken for what is built in", "a name of your own")
    owner = next((plugin for plugin in registry.found() if name == plugin.namespace), None)
    if owner is not None:
        _refuse(f"the namespace {name!r} is that of {owner}, which is installed", "another name, or uninstall it")


def _check_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        _refuse(f"{name!r} is no {what}", "lower-case letters and digits, parted by _, and no word of Python")


def _refuse(message: str, help: str) -> NoReturn:
    raise UsageError(Finding("SN209", message, help=help))


def write_all(target: Path, texts: Mapping[str, str]) -> None:
    """The files below `target`, all or none: they are written beside it, and then renamed.

    Raises UsageError for a target that is no folder or holds anything, ArtifactError SN601 for what cannot be written.
    """
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            _refuse(f"{target} is there already, and not an empty folder", "--dir DIR, another folder")
        make_parents(target)
        temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
        try:
            for path, text in texts.items():
                make_parents(temporary / path)
                (temporary / path).write_text(text, encoding="utf-8", newline="\n")
            if target.exists():
                target.rmdir()
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except (OSError, ValueError) as error:
        raise unwritable(target, error) from error
