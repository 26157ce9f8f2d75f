"""specnet predict: rows in, predictions out, in the units of the data."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast, get_args

import click

from specnet.cli.options import registry_of
from specnet.cli.predicted_rows import shown
from specnet.cli.progress import RowCount
from specnet.cli.tables import STDIN, data_of, marks, told
from specnet.cli.text import plural
from specnet.disk import replacing
from specnet.errors import Finding, UsageError
from specnet.runs import load_run
from specnet.runs.serving import ARRAYS, Serving
from specnet.tables.csv_file import CsvFile
from specnet.tables.source import has_mark
from specnet.tables.writing import CsvWriter, Format, JsonWriter, NpyWriter, NpzWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.tables.block import TableFile
    from specnet.tables.writing import TableWriter

_FORMATS = get_args(Format)


@click.command(short_help="Predict rows with a trained run.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", required=False)
@click.option("--rows", metavar="JSON", help="Rows of inputs instead of DATA, such as '[[30, 70], [3, 5]]'.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there; else print it.")
@click.option(
    "--format", type=click.Choice(["text", *_FORMATS]), help="As FILE ends, else csv; for --rows text or json."
)
@click.option("--only-predictions", is_flag=True, help="Leave the columns of DATA out of the result.")
@marks
@click.pass_context
def command(
    ctx: click.Context,
    run: Path,
    data: str | None,
    rows: str | None,
    output: Path | None,
    format: str | None,
    only_predictions: bool,
    delimiter: str | None,
    decimal: str | None,
) -> None:
    """Predict with the run directory RUN, in the units of its data.

    DATA is a CSV, .npy or .npz file, or - for CSV from standard input. Its columns are found by name, in any order;
    targets are not needed. Each row gives one, in the same order: the columns of DATA as they are, behind them
    predicted_TARGET, and for classes probability_TARGET_CLASS.
    """
    if (data is None) == (rows is None):
        raise _misused("predict takes DATA or --rows, and not both", "such as specnet predict RUN new.csv -o out.csv")
    if rows is not None:
        _refuse(output is not None or only_predictions or delimiter or decimal, "the options of files go with DATA")
        _refuse(format not in (None, "text", "json"), "--rows are shown as text or json")
        click.echo(shown(load_run(run, registry_of(ctx)), rows, format or "text"))
        return
    chosen = _format(output, format)
    trained = load_run(run, registry_of(ctx))
    file = data_of(trained, data or STDIN, delimiter, decimal)
    if output is not None and data != STDIN and output.exists() and Path(str(data)).exists():
        _refuse(output.samefile(str(data)), "the result would take the place of the data")
    serving = Serving(trained, file, not (only_predictions or f".{chosen}" in ARRAYS))
    with _opened(output) as out:
        _write(serving, _writer(chosen, out, serving, file))
    _tell(serving, output)


def _misused(message: str, help: str | None = None) -> UsageError:
    return UsageError(Finding("SN535", message, help=help))


def _refuse(wrong: object, message: str) -> None:
    if wrong:
        raise _misused(message)


def _format(output: Path | None, format: str | None) -> str:
    """The format that was asked for, or the one that the name of the file says."""
    suffix = "" if output is None else output.suffix.lower().removeprefix(".")
    chosen = format or (suffix if suffix in _FORMATS else "csv")
    _refuse(chosen == "text", "--format text goes with --rows")
    if format is None and suffix not in ("", "txt", "tsv", *_FORMATS):
        raise _misused(f"no format is called .{suffix}", f"say which it is: --format {'|'.join(_FORMATS)}")
    if output is None and f".{chosen}" in ARRAYS:
        raise _misused(f"{chosen} is no format for standard output", f"name a file: -o out.{chosen}")
    return chosen


class _StandardOutput:
    """Takes all of what it is given, also with PYTHONUNBUFFERED, where a write may take a part of it."""

    def write(self, content: bytes) -> int:
        """Its length, once everything is written. Raises BrokenPipeError."""
        rest = memoryview(content)
        while rest:
            rest = rest[sys.stdout.buffer.write(rest) :]
        return len(content)


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield cast("BinaryIO", _StandardOutput())
        sys.stdout.buffer.flush()
    else:
        with replacing(output) as file:
            yield file


def _writer(format: str, out: BinaryIO, serving: Serving, file: TableFile) -> TableWriter:
    if format == "csv":
        from_text = isinstance(file, CsvFile)
        return CsvWriter(out, serving.names, serving.dialect, from_text and has_mark(file.path))
    if format in ("json", "jsonl"):
        return JsonWriter(out, serving.names, format == "jsonl")
    numbers = [name for name, column in serving.empty.items() if column.dtype.kind == "f"]
    _refuse(not numbers and format == "npy", "there are no numbers to predict, and npy holds nothing else")
    return NpyWriter(out, numbers) if format == "npy" else NpzWriter(out, list(serving.empty))


def _write(serving: Serving, writer: TableWriter) -> None:
    try:
        with RowCount() as count:
            for texts, columns in serving.blocks():
                writer.write(texts, columns)
                count.update(serving.rows)
        writer.end()
    finally:
        writer.close()


def _tell(serving: Serving, output: Path | None) -> None:
    """The summary, on standard error: standard output is for the rows."""
    where = "" if output is None else f": {output}"
    lines = [f"{plural(serving.rows, 'row')} predicted{where}"]
    if serving.without:
        lines.append(f"{plural(serving.without, 'row')} without a prediction: training leaves rows with such gaps out")
    click.echo("\n".join([*lines, *told(serving.unlisted)]), err=True)
