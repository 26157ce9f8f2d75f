"""Options and arguments that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from specnet.spec import parse_assignment

if TYPE_CHECKING:
    from specnet.registry import Registry

F = TypeVar("F", bound=Callable[..., Any])


def _assignments(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    return dict(map(parse_assignment, value))


def overrides(function: F) -> F:
    """`--set path=value`, repeatable; the later wins."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="PATH=VALUE",
        callback=_assignments,
        help="Override one value, such as training.epochs=100; repeatable.",
    )(function)


def as_json(function: F) -> F:
    """`--format text|json`."""
    return click.option(
        "--format",
        "format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print.",
    )(function)


def json_flag(function: F) -> F:
    """`--json`, for the verbs that print a list."""
    return click.option("--json", "for_programs", is_flag=True, help="Print JSON.")(function)


def registry_of(ctx: click.Context) -> Registry:
    """The registry that the group's options leave."""
    from specnet.registry import Selection, load_registry

    blocked, none = ctx.obj
    return load_registry(Selection.from_environment(blocked, none))
