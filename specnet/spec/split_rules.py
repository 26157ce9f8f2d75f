"""SN560, SN561: a `[split]` by columns or files that the dataset does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding, did_you_mean, slip_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component import Column
    from specnet.spec.subject import Subject

_TEXTS = ("id", "group")


def columns(subject: Subject) -> Iterator[Finding]:
    """SN560: a column that is not there, is not read, or says nothing that rows could be parted by."""
    split, described = subject.spec.split, subject.spec.dataset.described()
    known = {column.name: column for column in described if column.role not in ("ignore", "weight")}
    plan = subject.spec.dataset.plan()
    names = list(known) if described else [*plan.inputs, *plan.targets]
    for key, name in {"stratify": split.stratify, "time": split.time, "column": split.column}.items():
        if name is None:
            continue
        if name not in names:
            yield Finding("SN560", *_absent(key, name, names, described), fix=slip_of(name, names))
        elif wrong := _unfit(key, known.get(name)):
            yield Finding("SN560", f"the column {name!r} {wrong[0]}", ("split", key), wrong[1])


def _absent(
    key: str, name: str, names: list[str], described: tuple[Column, ...]
) -> tuple[str, tuple[str, str], str | None]:
    role = next((column.role for column in described if column.name == name), None)
    if role is not None:
        return f"the column {name!r} has the role {role}, so that rows cannot be parted by it", ("split", key), None
    help = did_you_mean(name, names) or f'add it to dataset.columns: {{type = "text", name = "{name}"}}'
    return f"no column of the dataset is called {name!r}", ("split", key), help


def _unfit(key: str, column: Column | None) -> tuple[str, str] | None:
    """What is wrong with a column that is there, and what would do."""
    if key == "column" and (column is None or column.role not in _TEXTS):
        return "holds no texts that could say of a row what it is for", "a column of type text, with the role id"
    if key == "time" and column is not None and column.role not in _TEXTS and not column.order():
        help = "a number, a date with its year, or a text (role id) in ISO 8601"
        return "puts the rows in no order of time", help
    return None


def groups(subject: Subject) -> Iterator[Finding]:
    """SN561: groups that stay together, and another rule that would part them."""
    split = subject.spec.split
    group = next((column.name for column in subject.spec.dataset.of_role("group")), None)
    for key, name in {"stratify": split.stratify, "time": split.time}.items():
        if group is not None and name is not None:
            message = f"the rows of a group of column {group!r} stay together, and {key} would part them"
            yield Finding("SN561", message, ("split", key), "keep one: give the column the role id, or take this out")


def files(subject: Subject) -> Iterator[Finding]:
    """SN561: parts in files of their own, where the dataset reads no file or cannot read these."""
    for part, path in subject.spec.split.files().items():
        try:
            subject.spec.dataset.at(path)
        except ValueError as error:
            yield Finding("SN561", str(error), ("split", f"{part}_path"))
