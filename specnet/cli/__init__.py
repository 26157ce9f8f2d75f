"""The command line: a table of verbs, each imported when it is used; `--help` imports neither numpy nor pydantic."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import ClassVar, NoReturn

import click

from specnet import __version__

VERBS = {
    "run": "Train a spec and leave a run directory.",
    "resume": "Go on with a run.",
    "reproduce": "Make a run again and compare.",
    "cross-validate": "Train a spec once for each fold of its rows.",
    "validate": "Check specs without running them.",
    "check": "Check a spec against its data.",
    "init": "Write a first spec for a table.",
    "explain": "Explain the codes of findings.",
    "test": "Train specs and hold them to their expectations.",
    "plan": "Show shapes, parameters, memory and defaults.",
    "resolve": "Write a spec with every default.",
    "diff": "Show what differs between two specs.",
    "predict": "Predict rows with a trained run.",
    "evaluate": "Measure a run on its own rows again.",
    "export": "Write a run as a file that needs no specnet.",
    "show": "Show what a run has left.",
    "runs": "List, show, compare, remove and verify runs.",
    "plugins": "List, show, check and begin plugins.",
    "schema": "Write the JSON Schema of specs, for editors.",
}
"""Every verb with its short help; the module `specnet.cli.VERB`, with `_` for `-`, holds its `command`."""


_OBJECTS = 50_000
"""Objects between two looks for garbage: what is imported stays, and looking through it is 3 % of a start."""


class Verbs(click.Group):
    """A group that knows its commands by the table and imports only the one that is called."""

    room: ClassVar[str] = "specnet.cli"
    """The package whose module `VERB` holds the `command`."""
    table: ClassVar[Mapping[str, str]] = VERBS

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = import_module(f"{self.room}.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            from specnet.errors import did_you_mean

            ctx.fail(
                " ".join(filter(None, [f"there is no verb {args[0]!r};", did_you_mean(args[0], self.table)])).rstrip(
                    ";"
                )
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(self.table.items()))


@click.group(cls=Verbs, subcommand_metavar="VERB [ARGS]...", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="specnet", message="%(prog)s %(version)s")
@click.option("--no-plugins", is_flag=True, help="Import no third-party plugin.")
@click.option("--no-plugin", "blocked", multiple=True, metavar="NAME", help="Do not import this one; repeatable.")
@click.pass_context
def cli(ctx: click.Context, no_plugins: bool, blocked: tuple[str, ...]) -> None:
    """A neural network is a file.

    Reads a TOML or JSON spec, checks it, trains it with NumPy and leaves a run directory.
    """
    ctx.obj = (blocked, no_plugins)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits: 0 fine, 1 findings, 2 refused, 3 expectation failed, 4 diverged, 101 a bug."""
    gc.set_threshold(_OBJECTS)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # those of pydantic would be imported for every verb
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a pipe on Windows has no letters for some columns
    if os.environ.get("SPECNET_DEBUG") == "1":
        _log_all()
    try:
        code = cli.main(args, prog_name="specnet", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        click.echo(str(error) or "interrupted", err=True)
        code = 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; Python would complain once more when it flushes
        code = 1
    except (Exception, SystemExit) as error:  # code of a plugin may call exit()
        code = _failed(error)
    sys.exit(code if isinstance(code, int) else 0)


def _log_all() -> None:
    import logging

    logging.basicConfig()
    logging.getLogger("specnet").setLevel(logging.DEBUG)


def _failed(error: Exception | SystemExit) -> int:
    from specnet.errors import SpecnetError

    if isinstance(error, SpecnetError):
        click.echo(str(error), err=True)
        return error.exit_code
    if isinstance(error, MemoryError):
        click.echo(f"SN540 there is not enough memory: {error}", err=True)
        return 2
    if (told := _failure_of_plugin(error)) is not None:
        click.echo(told, err=True)
        return 2
    if isinstance(error, SystemExit):
        raise error
    import traceback

    traceback.print_exc()
    click.echo("specnet: this is a bug in specnet; please report it with the lines above", err=True)
    return 101


def _failure_of_plugin(error: BaseException) -> str | None:
    """What there is to say when the error is a plugin's: of all that are installed one was in use."""
    from specnet.cli.suspects import breach
    from specnet.failures import failure_of
    from specnet.registry import Selection, load_registry

    registry = load_registry(Selection())
    told = failure_of(error, registry)
    finding = breach(error, registry) if told is None else told.finding
    return None if finding is None else str(finding)
