"""What stands beneath a field: read from the source when somebody asks, because most programs never do."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


@cache
def field_docs(cls: type[BaseModel]) -> dict[str, str]:
    """The text beneath each field of a class, or in its `Field(description=...)`; a field without any is not there."""
    beneath: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        beneath |= _beneath(base) if hasattr(base, "model_fields") else {}
    found = {name: field.description or beneath.get(name, "") for name, field in cls.model_fields.items()}
    return {name: inspect.cleandoc(text) for name, text in found.items() if text.strip()}


@cache
def _beneath(cls: type) -> dict[str, str]:
    found = _classes(cls.__module__).get(cls.__qualname__)
    return {
        field.target.id: text.value.value
        for field, text in pairwise([] if found is None else found.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


@cache  # inspect.getsource(cls) would parse the module for each of its classes
def _classes(module: str) -> dict[str, ast.ClassDef]:
    """The classes of a module by their qualified names; none where there is no source, as at a prompt."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError, SyntaxError):
        return {}
    return dict(_named(tree, ""))


def _named(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            yield from _named(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _named(child, f"{prefix}{child.name}.<locals>.")
        else:
            yield from _named(child, prefix)
