"""Writing: a short spec, with a comment where a reader would ask why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from specnet.errors import printable
from specnet.filenames import is_plain
from specnet.spec.toml_text import toml_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from specnet.initial.kinds import Kind
    from specnet.initial.recipes import Recipe
    from specnet.initial.tasks import Task
    from specnet.tables.dialect import Dialect

_WIDTH = 110


def spec_name(stem: str) -> str:
    """The stem of a file as the name of a run, which is a plain file name."""
    name = re.sub("[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:40]
    return name if is_plain(name) else "table"


def written(
    about: str,
    name: str,
    seed: int,
    dataset: Mapping[str, Any],
    kinds: Sequence[Kind],
    task: Task,
    recipe: Recipe,
    expected: Sequence[str],
) -> str:
    """The text of the spec; `expected` are the lines about what it promises."""
    lines = [f"# {printable(about)}", "format = 1", f"name = {toml_value(name)}", f"seed = {seed}", ""]
    lines += _table("dataset", dataset, kinds, task)
    return "\n".join([*lines[:4], *_rest(task, recipe), *expected, "", *lines[5:]]) + "\n"


def _rest(task: Task, recipe: Recipe) -> Iterator[str]:
    yield f"split = {_inline(recipe.split)}"
    scaled = {"inputs": "standardize", **({"targets": "standardize"} if task.scaled else {})}
    yield f"scaling = {_inline(scaled)}{'' if task.scaled else ' # targets are probabilities as they stand'}"
    yield "layers = ["
    yield from (f"    {_inline(layer)}," for layer in recipe.layers)
    yield "]"
    yield f"loss = {toml_value(task.loss)}"
    yield f"metrics = {toml_value(list(task.metrics))}"
    yield f"optimizer = {_inline({'type': 'adamw', 'learning_rate': 0.005, 'weight_decay': recipe.decay})}"
    yield f"training = {_inline(recipe.training)}{' # at most' if recipe.early_stopping else ''}"
    if recipe.early_stopping is not None:
        stop = "so many epochs without a better validation loss end it; the best weights are kept"
        yield f"early_stopping = {_inline(recipe.early_stopping)} # {stop}"
    if recipe.learns_by_heart:
        yield 'checks = { parameters_vs_rows = "off" } # validation sees what is learned by heart'


def _table(name: str, said: Mapping[str, Any], kinds: Sequence[Kind], task: Task) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in said.items():
        yield f"{key} = {toml_value(value)}"
    plain = [kind.name for kind in kinds if not kind.said and not kind.left_out]
    if plain:
        yield from _list("inputs", plain)
    if task.plain:
        yield from _list("targets", task.plain)
    tables = [*(kind.said for kind in kinds if kind.said), *task.columns]
    if tables:
        yield "columns = ["
        yield from (f"    {_inline(table)}," for table in tables)
        yield "]"
    for kind in kinds:
        if kind.left_out:
            yield f"# left out: {toml_value(kind.name)}, because {kind.left_out}"


def _inline(table: Mapping[str, Any]) -> str:
    return toml_value(dict(table))


def _list(key: str, names: Sequence[str]) -> Iterator[str]:
    line = f"{key} = {toml_value(list(names))}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"{key} = ["
    line = "   "
    for name in names:
        item = f" {toml_value(name)},"
        if len(line) + len(item) > _WIDTH:
            yield line
            line = "   "
        line += item
    yield line
    yield "]"


def dialect_keys(dialect: Dialect, usual: Dialect) -> dict[str, Any]:
    """What a dataset says of a dialect that is not the usual one."""
    keys = ("delimiter", "decimal", "thousands", "encoding")
    said = {key: getattr(dialect, key) for key in keys if getattr(dialect, key) != getattr(usual, key)}
    return said | ({"missing": list(dialect.missing)} if dialect.missing else {})
