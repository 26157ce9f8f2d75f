"""specnet test: train specs and hold them to their expectations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specnet.artifacts import write_atomic
from specnet.cli import describe
from specnet.cli.junit import junit
from specnet.cli.options import overrides, registry_of
from specnet.errors import Finding, UsageError, printable
from specnet.runs.suite import collect, train_all

if TYPE_CHECKING:
    from specnet.runs.suite import Outcome

_WORDS = {"passed": "PASS", "failed": "FAIL", "error": "ERROR"}


@click.command(short_help="Train specs and hold them to their expectations.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@overrides
@click.option("-k", "text", default="", metavar="TEXT", help="Only the specs with TEXT in their file names.")
@click.option("--stop-first", is_flag=True, help="Stop at the first spec that does not pass.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep the run directories in a new DIR.")
@click.option("--junit", "report", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML to FILE.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    overrides: dict[str, str],
    text: str,
    stop_first: bool,
    keep: Path | None,
    report: Path | None,
) -> None:
    """Train each spec of PATHS, files and folders, and tell which keep their word. Nothing is left behind.

    A spec without an [[expect]] passes when it trains.

    Exit codes: 0 all passed, 1 one did not, 2 a path that cannot be read, 130
    interrupted.
    """
    _check(keep, report)
    specs = collect(paths, text)
    outcomes: list[Outcome] = []
    code = 0
    try:
        for outcome in train_all(specs, overrides, registry_of(ctx), keep):
            outcomes.append(outcome)
            click.echo(_told(outcome))
            if stop_first and outcome.state != "passed":
                break
    except KeyboardInterrupt as stopped:  # here, because click makes an Abort of it and loses the signal
        click.echo(f"interrupted in {printable(str(specs[len(outcomes)]))}", err=True)
        code = getattr(stopped, "exit_code", 130)
    click.echo(_summary(outcomes, len(specs)))
    if report is not None and not code:
        write_atomic(report, junit(outcomes))
    ctx.exit(code or max(map(_code, outcomes)))


def _code(outcome: Outcome) -> int:
    unread = outcome.error is not None and any(finding.code == "SN001" for finding in outcome.error.findings)
    return 2 if unread else int(outcome.state != "passed")


def _check(keep: Path | None, report: Path | None) -> None:
    """What would be refused only after all the training."""
    if keep is not None and keep.exists():
        raise UsageError(Finding("SN551", "--keep wants a folder that is not there yet", file=str(keep)))
    if report is not None and (report.is_dir() or not report.parent.is_dir()):
        raise UsageError(Finding("SN551", "--junit wants a file in a folder that is there", file=str(report)))


def _told(outcome: Outcome) -> str:
    """One line for a spec, and beneath it what is wrong."""
    held, failed = outcome.verdicts, [verdict for verdict in outcome.verdicts if not verdict.passed]
    counted = f"{len(held)} expectation{'s' * (len(held) != 1)}" if held else "no expectations"
    parts = [f"{_WORDS[outcome.state]} {printable(str(outcome.spec))}"]
    if outcome.error is None:
        parts.append(f"{len(failed)} of {counted} failed" if failed else counted)
    wrong = str(outcome.error).splitlines() if outcome.error else list(map(describe.verdict, failed))
    lines = ["  ".join([*parts, f"{outcome.seconds:.1f} s"]), *(f"     {printable(line)}" for line in wrong)]
    return "\n".join(lines)


def _summary(outcomes: list[Outcome], specs: int) -> str:
    states = Counter(outcome.state for outcome in outcomes)
    parts = [f"{states['passed']} passed", f"{states['failed']} failed"]
    parts.append(f"{states['error']} error{'s' * (states['error'] != 1)}")
    if left := specs - len(outcomes):
        parts.append(f"{left} not run")
    total = sum(outcome.seconds for outcome in outcomes)
    return f"{specs} spec{'s' * (specs != 1)}: {', '.join(parts)}; {total:.1f} s"
