"""Where findings go: formats on standard output, in files, and on the page of a GitHub Actions step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import click

from specnet.errors import Finding, UsageError, did_you_mean
from specnet.reports import FORMATS, render
from specnet.reports.report import Checked, relative, statistics, summary

F = TypeVar("F", bound=Callable[..., Any])


class Output(NamedTuple):
    """A format, and the file it goes to; None is standard output."""

    format: str
    file: Path | None = None


def parse_outputs(texts: Sequence[str]) -> tuple[Output, ...]:
    """`FORMAT[:FILE]`, parted at the first colon. Raises UsageError for what is no format or does not fit together."""
    outputs = tuple(map(_parsed, texts))
    files = [output.file for output in outputs if output.file is not None]
    for file in files:
        if files.count(file) > 1:
            _refuse(f"two outputs go to {str(file)!r}")
    printed = [output.format for output in outputs if output.file is None]
    for format in printed:
        if len(printed) > 1 and FORMATS[format].whole:
            _refuse(f"nothing else can stand beside {format} on standard output", f"--output {format}:FILE")
    return outputs


def outputs_option(function: F) -> F:
    """`--output FORMAT[:FILE]`, repeatable."""
    return click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT[:FILE]",
        callback=lambda _ctx, _param, value: parse_outputs(value),
        help=f"How to tell, and where: {', '.join(FORMATS)}; repeatable.",
    )(function)


def _parsed(text: str) -> Output:
    format, colon, file = text.partition(":")
    if format not in FORMATS:
        _refuse(f"there is no format {format!r}", did_you_mean(format, FORMATS) or f"known: {', '.join(FORMATS)}")
    if colon and not file:
        _refuse(f"{text!r} names no file", f"--output {format}:FILE, or --output {format} for standard output")
    return Output(format, Path(file) if file else None)


def _refuse(message: str, help: str | None = None) -> NoReturn:
    raise UsageError(Finding("SN111", f"--output: {message}", help=help))


def usual_outputs(environment: Mapping[str, str], terminal: bool) -> tuple[Output, ...]:
    """What is printed when nobody has said what: for people, and for GitHub Actions inside of it."""
    inside = environment.get("GITHUB_ACTIONS") == "true"
    return (Output("full" if terminal else "concise"), *([Output("github")] if inside else []))


def deliver(
    checked: Sequence[Checked], outputs: Sequence[Output], root: Path, counts: bool, step_page: str | None
) -> None:
    """Prints and writes; the page of the step is written beside annotations, for they are cut.

    Raises ArtifactError SN601 for a file that cannot be written.
    """
    for output in outputs:
        text = render(output.format, checked, root)
        if output.file is not None:
            _write(output.file, text)
        elif text:
            click.echo(text)
    printed = {output.format for output in outputs if output.file is None}
    if step_page and "github" in printed:
        from specnet.disk import append
        from specnet.reports import step_summary

        append(Path(step_page), f"{step_summary.render(relative(checked, root))}\n".encode())
    _ending(checked, counts, for_people=bool(printed & {"full", "concise"}), spaced="full" in printed)


def _ending(checked: Sequence[Checked], counts: bool, for_people: bool, spaced: bool) -> None:
    """The statistics and the summary; the documents of programs have standard output for themselves."""
    found = statistics(checked)
    lines = [f"{number:6,}  {code}" for number, code in found] if counts else []
    lines += [summary(checked)] if for_people else []
    if lines:
        click.echo("\n".join([*([""] if spaced and found else []), *lines]), err=not for_people)


def _write(path: Path, text: str) -> None:
    from specnet.disk import make_parents, unwritable, write_atomic

    if path.exists() and not path.is_file():
        reason = "is a folder" if path.is_dir() else "is not a regular file"
        raise unwritable(path, ValueError(reason))
    make_parents(path)
    write_atomic(path, f"{text}\n".encode() if text else b"")
