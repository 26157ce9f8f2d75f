"""Syntax: values as expressions, and expressions as values."""

from __future__ import annotations

import ast
from math import isfinite
from typing import Any


def is_literal(value: Any) -> bool:
    """True for what can be written out."""
    if isinstance(value, tuple):
        return all(map(is_literal, value))
    return value is None or type(value) in (bool, int, float, str)


def named(name: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(name, ast.Load())


def constant(value: Any) -> ast.expr:
    """A literal as it is written."""
    if isinstance(value, tuple):
        return ast.Tuple([constant(item) for item in value], ast.Load())
    if type(value) in (int, float) and value < 0:
        return ast.UnaryOp(ast.USub(), constant(-value))
    if type(value) is float and not isfinite(value):
        return ast.Attribute(named("np"), repr(value), ast.Load())
    return ast.Constant(value)


def literal(node: ast.expr) -> tuple[bool, Any]:
    """(True, the value) of an expression that is written out, else (False, None)."""
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError):
        return False, None


def expanded(argument: ast.expr) -> list[ast.expr]:
    """The parts of `*(a, b)`, else the argument itself."""
    if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple):
        return argument.value.elts
    return [argument]
