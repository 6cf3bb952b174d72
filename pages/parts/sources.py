"""Functions of the app's own libraries as text that runs without them: each one with all that it needs, and no more."""

import ast
import inspect
import symtable
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from landscapes.expression import IN_JAX, INTEGER_POWER, _without_constants
from landscapes.grammar import SAME_NAME, fold, read
from landscapes.surface import Surface

OWN = ("landscapes", "optim")
REGISTERS = ("surface", "optimizer")
"""Decorators that put a function on the app's menus: a function alone needs none."""


class Sources:
    """Collects statements in the order in which they can be run, and the imports that they need.

    Annotations are not followed: a file that begins with ``from __future__ import annotations`` never evaluates them.
    """

    def __init__(self) -> None:
        self.imports: dict[str, tuple[str, str]] = {}
        self.statements: dict[str, tuple[str, str]] = {}

    def add(self, function: Callable[..., Any]) -> str:
        """Collect a function of `OWN`, or import another one; returns its name."""
        self._need(import_module(function.__module__), function.__name__)
        return function.__name__

    def put(self, name: str, text: str) -> str:
        """Put in a statement that defines `name`; ``ValueError`` where the name is taken by another one."""
        if self.statements.setdefault(name, ("", text)) != ("", text):
            raise ValueError(f"two different things are called {name}")
        return name

    def text(self) -> str:
        """The statements, with two empty lines between them."""
        return "\n\n\n".join(text for _, text in self.statements.values())

    def head(self) -> str:
        """The imports, one module a line."""
        drawn: dict[str, list[str]] = {}
        for module, name in self.imports.values():
            drawn.setdefault(module, []).append(name)
        lines = [f"import {name}" for name in sorted(drawn.pop("", []))]
        lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(drawn.items())]
        return "\n".join(lines)

    def _need(self, module: ModuleType, name: str) -> None:
        found = _bindings(module).get(name)
        if found is None:
            return
        if isinstance(found, ast.Import | ast.ImportFrom):
            self._import(found, name)
            return
        if (known := self.statements.get(name)) is not None:
            if known[0] != module.__name__:
                raise ValueError(f"{module.__name__} and {known[0]} both have a {name}")
            return
        # Its place is taken before what it needs is looked at, because a function may need itself.
        self.statements[name] = (module.__name__, "")
        for needed in sorted(_globals(found)):
            self._need(module, needed)
        del self.statements[name]
        self.statements[name] = (module.__name__, _text(module, found))

    def _import(self, statement: ast.Import | ast.ImportFrom, name: str) -> None:
        alias = next(alias for alias in statement.names if _bound(alias) == name)
        called = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
        module = "" if isinstance(statement, ast.Import) else str(statement.module)
        if module.split(".")[0] in OWN:
            self._need(import_module(module), alias.name)
        else:
            self.imports[name] = (module, called)


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


@lru_cache(maxsize=64)
def _bindings(module: ModuleType) -> dict[str, ast.stmt]:
    """The statement of a module that binds each of its names."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {_bound(alias): statement for alias in statement.names}
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found |= {target.id: statement for target in targets if isinstance(target, ast.Name)}
    return found


class _Plain(ast.NodeTransformer):
    """Takes away annotations and the decorators of the registers."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        value = node.value or ast.Constant(None)
        return self.generic_visit(ast.Assign(targets=[node.target], value=value, lineno=node.lineno))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # What a dictionary's annotations hold is asked for when the program runs.
        if any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases):
            fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
            node.body = [ast.Expr(one.annotation) for one in fields] or [ast.Pass()]
            return node
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.decorator_list = [one for one in node.decorator_list if not _registers(one)]
        return self.generic_visit(node)


def _registers(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id in REGISTERS


def _globals(statement: ast.stmt) -> set[str]:
    """The names that a statement takes from outside itself."""
    copy = ast.parse(ast.unparse(statement))
    table = symtable.symtable(ast.unparse(ast.fix_missing_locations(_Plain().visit(copy))), "<statement>", "exec")
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        found |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
        inner += scope.get_children()
    return found


def _text(module: ModuleType, statement: ast.stmt) -> str:
    """A statement as it is written, comments included, without the decorators of the registers."""
    lines = inspect.getsource(module).splitlines()
    kept = [one for one in getattr(statement, "decorator_list", []) if not _registers(one)]
    before = [f"@{ast.unparse(one)}" for one in kept]
    return "\n".join([*before, *lines[statement.lineno - 1 : statement.end_lineno]])


def surface_source(sources: Sources, surface: Surface) -> str:
    """Collect a surface's function; returns its name, which is `typed` for a typed one."""
    if not surface.key.startswith("="):
        return sources.add(surface.f)
    sources.imports["jnp"] = ("", "jax.numpy as jnp")
    expression = _without_constants(read(surface.key[1:]))
    formula = fold(expression, _leaf, lambda symbol, operands: _call(sources, symbol, operands))
    taken = "".join(f", {name}={knob.default!r}" for name, knob in surface.knobs.items())
    body = f"    x, y = p[0], p[1]\n    return jnp.asarray({_bare(formula)}, p.dtype)"
    return sources.put("typed", f"def typed(p{', *' if taken else ''}{taken}):\n    # {surface.key[1:]}\n{body}")


def _leaf(symbol: str | float) -> str:
    if isinstance(symbol, str):
        return symbol
    return repr(symbol) if abs(symbol) < float("inf") else f"float({str(symbol)!r})"


def _call(sources: Sources, symbol: str, operands: Sequence[str]) -> str:
    if symbol in "+-*/":
        return f"({operands[0]} {symbol} {operands[1]})"
    if symbol == "neg":
        return f"(-{operands[0]})"
    if symbol == "^":
        base, exponent = operands
        try:
            power = float(exponent)
        except ValueError:
            power = float("nan")
        whole = power.is_integer() and abs(power) <= INTEGER_POWER
        return f"({base} ** {int(power)})" if whole else f"jnp.power({base}, {exponent})"
    if symbol in ("min", "max"):
        sources.imports["reduce"] = ("functools", "reduce")
        return f"reduce(jnp.{symbol}imum, ({', '.join(map(_bare, operands))}))"
    if symbol == "sqrt":
        return f"{sources.add(IN_JAX['sqrt'].func)}(jnp, {_bare(operands[0])})"  # type: ignore[attr-defined]
    if symbol == "sigmoid":
        sources.imports["nn"] = ("jax", "nn")
    name = f"jnp.{symbol}" if symbol in SAME_NAME else {"ln": "jnp.log", "sigmoid": "nn.sigmoid"}[symbol]
    return f"{name}({_bare(operands[0])})"


def _bare(text: str) -> str:
    """Without the brackets around all of it."""
    if not text.startswith("("):
        return text
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and place < len(text) - 1:
            return text
    return text[1:-1]
