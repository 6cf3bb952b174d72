"""The derivatives of a typed function as formulas, for the eye: what is computed comes from JAX."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy

from landscapes.grammar import PARAMETERS, VARIABLES, Expression, fold, read

MOST_STEPS = 60
"""Steps of an expression whose derivatives are written out."""
LONGEST_FORMULA = 1200
"""Characters of LaTeX of one derivative."""
WHOLE = 1e6
"""Whole numbers below this are written without a point."""

_SYMBOLS = {name: sympy.Symbol(name, real=True) for name in (*VARIABLES, *PARAMETERS)}
_CONSTANTS = {"pi": sympy.pi, "e": sympy.E}
_CALLS: Mapping[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "neg": lambda a: -a,
    "abs": sympy.Abs,
    "ln": sympy.log,
    "min": sympy.Min,
    "max": sympy.Max,
    "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
}


@dataclass(frozen=True)
class Derivatives:
    """LaTeX of the gradient's two components and of the Hessian's xx, xy and yy."""

    gradient: tuple[str, str]
    hessian: tuple[str, str, str]


@lru_cache(maxsize=256)
def derivatives(text: str) -> Derivatives | None:
    """The derivatives of a typed function; None where they are too long to be read, or have no formula.

    ``ExpressionError`` for a text that is no function.
    """
    expression = read(text)
    if len(expression) > MOST_STEPS:
        return None
    try:
        f = _symbolic(expression)
        x, y = _SYMBOLS["x"], _SYMBOLS["y"]
        slopes = (f.diff(x), f.diff(y))
        found = [*slopes, slopes[0].diff(x), slopes[0].diff(y), slopes[1].diff(y)]
        # A kink has no formula that helps anyone: SymPy writes steps and delta functions.
        if any(part.has(sympy.Derivative, sympy.DiracDelta, sympy.zoo, sympy.nan) for part in found):
            return None
        texts = [str(sympy.latex(part)) for part in found]
    except (ArithmeticError, ValueError, TypeError, RecursionError):
        return None
    if max(map(len, texts)) > LONGEST_FORMULA:
        return None
    return Derivatives((texts[0], texts[1]), (texts[2], texts[3], texts[4]))


def _symbolic(expression: Expression) -> Any:
    def leaf(symbol: str | float) -> Any:
        if isinstance(symbol, str):
            return _CONSTANTS.get(symbol, _SYMBOLS.get(symbol))
        # Large powers of exact numbers would be written out digit by digit.
        return sympy.Integer(int(symbol)) if symbol.is_integer() and abs(symbol) < WHOLE else sympy.Float(symbol)

    def call(symbol: str, operands: Sequence[Any]) -> Any:
        if symbol == "^" and all(operand.is_number for operand in operands):
            return sympy.Float(float(operands[0]) ** float(operands[1]))
        return (_CALLS.get(symbol) or getattr(sympy, symbol))(*operands)

    return fold(expression, leaf, call)
