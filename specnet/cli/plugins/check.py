"""specnet plugins check: every component by the contract of its kind."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specnet.cli.options import json_flag, registry_of
from specnet.cli.plugins.lookup import plugins_called
from specnet.cli.plugins.sources import plugins_at
from specnet.cli.text import dump
from specnet.errors import Finding, UsageError, did_you_mean, printable
from specnet.testing.checks import Check, failures, summary
from specnet.testing.plugins import plugin_contracts

if TYPE_CHECKING:
    from specnet.registry import Plugin, Registry


@dataclass(frozen=True)
class Checked:
    """The checks of one component, or of the plugin itself, whose label is the namespace."""

    label: str
    checks: Sequence[Check]

    @property
    def unseen(self) -> bool:
        """True when each of them was skipped, so that nothing is known of it."""
        return all(check.status == "skipped" for check in self.checks)


@click.command("check", short_help="Hold plugins to the contract of their kinds.")
@click.argument("what", required=False, metavar="[NAME|PATH]")
@json_flag
@click.option("-v", "--verbose", is_flag=True, help="Also tell what was skipped, and why.")
@click.pass_context
def command(ctx: click.Context, what: str | None, for_programs: bool, verbose: bool) -> None:
    """Hold plugins to the contract of their kinds, as `specnet.testing` does.

    NAME is the namespace or the distribution of one that is installed; PATH is a .py file, or the folder of a
    distribution, which need not be installed. Without either all that is installed is checked.

    Exit codes: 0 all passed, 1 a check failed or nothing of a component was checked, 2 there is no such plugin.
    """
    results: list[tuple[Plugin, list[Checked]]] = []
    with _meant(registry_of(ctx), what) as (plugins, folder):
        for plugin in plugins:
            results.append((plugin, []))
            if not for_programs:
                click.echo(printable(f"{plugin.namespace} ({plugin})"))
            for checked, width in _run(plugin, folder):
                results[-1][1].append(checked)
                if not for_programs:
                    click.echo("\n".join(map(printable, _lines(checked, width, verbose))))
    everything = [check for _, parts in results for part in parts for check in part.checks]
    said = _ending(results, everything)
    click.echo(dump({"summary": said, "plugins": [_record(*result) for result in results]}) if for_programs else said)
    unseen = any(part.unseen for _, parts in results for part in parts)
    ctx.exit(1 if not everything or unseen or failures(everything) else 0)


@contextmanager
def _meant(registry: Registry, what: str | None) -> Iterator[tuple[list[Plugin], Path | None]]:
    """The plugins to check, and where the paths of their datasets start; one that is installed comes first."""
    named = registry.found() if what is None else plugins_called(registry, what)
    if what is None or named:
        yield [plugin for plugin in named if plugin.state != "blocked"], None
    elif what.endswith(".py") or Path(what).exists():
        path = Path(what)
        with plugins_at(path) as plugins:
            yield plugins, path.parent if path.suffix == ".py" else path
    else:
        known = [text for plugin in registry.found() for text in (plugin.namespace, plugin.distribution)]
        help = did_you_mean(what, known) or "`specnet plugins list` shows what is installed"
        raise UsageError(Finding("SN206", f"no installed plugin and no path is called {what!r}", help=help))


def _run(plugin: Plugin, folder: Path | None) -> Iterator[tuple[Checked, int]]:
    """Each part of the plugin when its checks have run, and the letters of the longest label."""
    try:
        with redirect_stdout(sys.stderr):  # what a plugin prints is no part of the answer
            contracts = plugin_contracts(plugin, (), folder)
        width = max(map(len, contracts))
        for label, contract in contracts.items():
            with redirect_stdout(sys.stderr):
                checks = contract.run()
            if label == plugin.namespace and plugin.state == "loaded" and not (plugin.components or plugin.tracks):
                checks.append(Check("offers", "failed", "it has no component and no run hook"))
            yield Checked(label, checks), width
    except (Exception, SystemExit) as error:  # whatever a plugin does, it is said of the plugin
        said = f"{type(error).__name__}: {error}"
        yield Checked(plugin.namespace, [Check("checks", "failed", said)]), len(plugin.namespace)


def _lines(checked: Checked, width: int, verbose: bool) -> Iterator[str]:
    """`  acme.snake  24 passed, 1 skipped`, and beneath it what failed."""
    became = "nothing was checked" if checked.unseen else _became(checked.checks)
    yield f"  {checked.label.ljust(width)}  {became}"
    for check in checked.checks:
        if check.status == "failed":
            yield f"    FAILED {check.check}: {check.detail}"
        elif check.status == "skipped" and (verbose or checked.unseen):
            yield f"    skipped {check.check}: {check.detail}"


def _became(checks: Sequence[Check]) -> str:
    """`23 passed, 1 failed, 2 skipped`."""
    return summary(checks).partition(": ")[2].replace("; ", ", ")


def _ending(results: Sequence[tuple[Plugin, list[Checked]]], everything: Sequence[Check]) -> str:
    """`ran 124 checks of 6 components: 124 passed`."""
    if not everything:
        return "no plugins are installed or allowed: nothing was checked"
    count = sum(part.label != plugin.namespace for plugin, parts in results for part in parts)
    ran = sum(check.status != "skipped" for check in everything)
    return f"ran {ran} check{'s' * (ran != 1)} of {count} component{'s' * (count != 1)}: {_became(everything)}"


def _record(plugin: Plugin, parts: Sequence[Checked]) -> dict[str, object]:
    return {
        "namespace": plugin.namespace,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "checked": {part.label: [asdict(check) for check in part.checks] for part in parts},
    }
