"""Rewriting: the source of a function or a method as it would be written where there is no specnet."""

from __future__ import annotations

import ast
import builtins
import inspect
import operator
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from specnet.builtins.exporters.syntax import constant, expanded, is_literal, literal, named
from specnet.component import Component, ExportError

if TYPE_CHECKING:
    from types import FunctionType

_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda item, many: item in many,
    ast.NotIn: lambda item, many: item not in many,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_LONGEST = 60
"""Letters of a constant that stands where it is used; a longer one gets a name."""


class Names(Protocol):
    """Where what a function refers to is found in its new place."""

    def of_global(self, name: str, value: Any) -> ast.expr:
        """What stands for a name of the function's module. Raises ExportError."""

    def of_constant(self, name: str, value: Any) -> ast.expr:
        """What stands for a constant that is too long to be written out."""

    def of_method(self, owner: Component, name: str) -> str:
        """The function that a method has become. Raises ExportError."""


def parsed(function: FunctionType) -> ast.FunctionDef:
    """The syntax tree of a function. Raises ExportError where there is no source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError, TypeError):
        raise ExportError(f"the source of {function.__qualname__} is not to be had") from None
    if not isinstance(tree, ast.FunctionDef) or tree.decorator_list:
        raise ExportError(f"{function.__qualname__} is no plain function")
    return tree


class Rewriting(ast.NodeTransformer):
    """A function without `self`, `xp` and annotations: what the spec alone decides is decided, fields are constants."""

    def __init__(
        self, function: FunctionType, owner: Component | None, names: Names, known: Mapping[str, Any] | None = None
    ) -> None:
        self._function, self._owner, self._names = function, owner, names
        self._known = dict(known or {})
        self.tree = parsed(function)
        self._own = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and _is_bound(node)}
        self._own |= {node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg)}
        self._has_values = any(arg.arg == "values" for arg in self.tree.args.args)
        self._in_text = False
        self.values: list[str] = []
        """The keys of `values[...]`, in the order in which they are used."""

    def done(self, name: str, doc: str | None) -> ast.FunctionDef:
        """The function under that name; `doc` is its docstring where it has none of its own."""
        arguments = self.tree.args
        left = {"self", "xp", "values" if self._has_values else "", *self._known}
        arguments.args = [ast.arg(arg.arg) for arg in arguments.args if arg.arg not in left]
        if arguments.vararg is not None:
            arguments.vararg = ast.arg(arguments.vararg.arg)
        body = _after_docstring(self.tree)
        own = ast.get_docstring(self.tree)
        statements = _shortened(self._block(body))
        said = own or doc
        text = [ast.Expr(ast.Constant(said.replace("\n", "\n    ").replace("    \n", "\n")))] if said else []
        tree = ast.FunctionDef(name, arguments, [*text, *statements], [], None)
        return ast.fix_missing_locations(tree)

    def visit_Import(self, node: ast.Import) -> ast.stmt | None:
        """No module but NumPy is imported, and that is there."""
        if [alias.name for alias in node.names] != ["numpy"]:
            raise self._refused(node)
        return None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        """`x: T = e` is `x = e`."""
        return None if node.value is None else ast.Assign([node.target], self.visit(node.value), lineno=0)

    def visit_If(self, node: ast.If) -> Any:
        """A branch that the spec has decided stands alone."""
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            return self._block(node.body if test.value else node.orelse)
        return ast.If(test, self._block(node.body), self._block(node.orelse))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """The same of `a if test else b`."""
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            chosen: ast.expr = self.visit(node.body if test.value else node.orelse)
            return chosen
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """What compares two constants is one."""
        self.generic_visit(node)
        both = [literal(side) for side in (node.left, *node.comparators)]
        compare = _COMPARED.get(type(node.ops[0]))
        if len(both) == 2 and all(found for found, _ in both) and compare is not None:
            return ast.Constant(compare(both[0][1], both[1][1]))
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`values['W']` is W."""
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        of_values = isinstance(node.value, ast.Name) and node.value.id == "values" and self._has_values
        if of_values and isinstance(key, str):
            self.values += [key] if key not in self.values else []
            return named(key)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name of the module is asked for, `xp` is NumPy."""
        name = node.id
        if name == "xp":
            return named("np")
        if name in self._known:
            return self._constant(name, self._known[name])
        if name == "self" or (name == "values" and self._has_values):
            raise self._refused(node)
        if name in self._own or name == "np" or (name not in self._function.__globals__ and hasattr(builtins, name)):
            return node
        if name not in self._function.__globals__:
            raise self._refused(node)
        return self._names.of_global(name, self._function.__globals__[name])

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A field is a constant."""
        found = self._of_self(node)
        if found is None:
            self.generic_visit(node)
            return node
        _, name, value = found
        if not is_literal(value):
            raise self._refused(node)
        return self._constant(name, value)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of a method is one of a function, or what it gives where its arguments are known."""
        arguments = [self.visit(arg) for arg in node.args if not _is_xp(arg)]
        arguments = [part for arg in arguments for part in expanded(arg)]
        keywords = [ast.keyword(word.arg, self.visit(word.value)) for word in node.keywords if word.arg != "xp"]
        found = self._of_self(node.func)
        if found is None:
            return ast.Call(self.visit(node.func), arguments, keywords)
        owner, name, method = found
        known = [literal(argument) for argument in arguments]
        if len(arguments) == len(node.args) and not keywords and all(is_known for is_known, _ in known):
            value = method(*(each for _, each in known))
            if is_literal(value):
                return self._constant(name, value)
        return ast.Call(named(self._names.of_method(owner, name)), arguments, keywords)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Constants in a text become part of it."""
        self._in_text = True
        self.generic_visit(node)
        self._in_text = False
        parts: list[ast.expr] = []
        for part in node.values:
            value = part.value if isinstance(part, ast.FormattedValue) else None
            if isinstance(part, ast.FormattedValue) and isinstance(value, ast.Constant) and part.format_spec is None:
                parts.append(ast.Constant(repr(value.value) if part.conversion == ord("r") else str(value.value)))
            else:
                parts.append(part)
        return ast.JoinedStr(parts)

    def _block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements up to the first after which nothing comes."""
        kept: list[ast.stmt] = []
        for statement in statements:
            new = self.visit(statement)
            kept += new if isinstance(new, list) else [new] if new is not None else []
            if kept and isinstance(kept[-1], ast.Return | ast.Raise):
                break
        return kept

    def _of_self(self, node: ast.expr) -> tuple[Component, str, Any] | None:
        """(owner, name, value) of `self.name`, or of `self.part.name`; None where it starts at something else."""
        chain: list[str] = []
        while isinstance(node, ast.Attribute):
            chain.insert(0, node.attr)
            node = node.value
        if self._owner is None or not chain or not isinstance(node, ast.Name) or node.id != "self":
            return None
        owner: Any = self._owner
        for name in chain[:-1]:
            owner = getattr(owner, name)
        return (owner, chain[-1], getattr(owner, chain[-1])) if isinstance(owner, Component) else None

    def _constant(self, name: str, value: Any) -> ast.expr:
        if isinstance(value, tuple) and (self._in_text or len(repr(value)) > _LONGEST):
            return self._names.of_constant(name, value)
        return constant(value)

    def _refused(self, node: ast.AST) -> ExportError:
        return ExportError(f"{self._function.__qualname__} cannot be copied: it uses `{ast.unparse(node)}`")


def _is_xp(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "xp"


def _is_bound(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _after_docstring(tree: ast.FunctionDef) -> list[ast.stmt]:
    return tree.body[1:] if ast.get_docstring(tree) is not None else tree.body


def _shortened(body: list[ast.stmt]) -> list[ast.stmt]:
    """`return e` for `y = e; return y`, which only says a type."""
    if len(body) < 2:
        return body
    last, end = body[-2:]
    assigns = isinstance(last, ast.Assign) and isinstance(end, ast.Return) and isinstance(end.value, ast.Name)
    if assigns and [ast.unparse(target) for target in last.targets] == [end.value.id]:  # type: ignore[attr-defined]
        return [*body[:-2], ast.Return(last.value)]  # type: ignore[attr-defined]
    return body
