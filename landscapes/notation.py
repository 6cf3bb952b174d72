"""A typed function written out again: as text that can be read back, and as LaTeX."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from landscapes.grammar import Expression, fold

SUM, PRODUCT, FRACTION, POWER, ATOM = range(5)
"""How tightly a written part holds together, from the loosest."""

PLAIN = {
    "+": (SUM, PRODUCT),
    "-": (SUM, PRODUCT),
    "*": (PRODUCT, POWER),
    "/": (PRODUCT, POWER),
    "^": (ATOM, POWER),
    "neg": (PRODUCT,),
}
"""How tightly the operands of each operator must hold together to need no brackets; those of functions never do."""
LATEX = PLAIN | {"*": (PRODUCT, FRACTION), "/": (SUM, SUM), "^": (ATOM, SUM)}

NAMES = {"log": r"\ln", "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "sigmoid": r"\sigma"}
"""Functions whose sign is not a backslash and their name."""


class _Written(NamedTuple):
    text: str
    binding: int = ATOM


def plain(expression: Expression) -> str:
    """The expression as it would be typed, with every product marked and no bracket too many."""
    return _write(expression, lambda symbol: _Written(_digits(symbol)), _plain_call, PLAIN, "({})")


def latex(expression: Expression) -> str:
    """The expression in LaTeX's mathematics; of what was typed only known names and numbers enter it."""
    return _write(expression, _latex_leaf, _latex_call, LATEX, r"\left({}\right)")


def _write(
    expression: Expression,
    leaf: Callable[[str | float], _Written],
    call: Callable[[str, Sequence[str]], _Written],
    needed: Mapping[str, tuple[int, ...]],
    brackets: str,
) -> str:
    def written(symbol: str, operands: Sequence[_Written]) -> _Written:
        texts: list[str] = []
        for operand, least in zip(operands, needed.get(symbol, (SUM,) * len(operands)), strict=True):
            # Two signs never stand side by side.
            signs = (symbol == "neg" or (bool(texts) and symbol in ("+", "-"))) and operand.text.startswith("-")
            texts.append(brackets.format(operand.text) if signs or operand.binding < least else operand.text)
        return call(symbol, texts)

    return fold(expression, leaf, written).text


def _digits(symbol: str | float) -> str:
    return symbol if isinstance(symbol, str) else repr(symbol).removesuffix(".0").replace("e-0", "e-")


def _plain_call(symbol: str, operands: Sequence[str]) -> _Written:
    if symbol == "neg":
        return _Written(f"-{operands[0]}", PRODUCT)
    if symbol in PLAIN:
        return _Written(symbol.join(operands), {"+": SUM, "-": SUM, "^": POWER}.get(symbol, PRODUCT))
    return _Written(f"{symbol}({','.join(operands)})")


def _latex_leaf(symbol: str | float) -> _Written:
    mantissa, _, exponent = _digits(symbol).partition("e") if isinstance(symbol, float) else (symbol, "", "")
    if exponent:
        power = f"10^{{{int(exponent)}}}"
        return _Written(power, POWER) if mantissa == "1" else _Written(rf"{mantissa}\cdot {power}", PRODUCT)
    return _Written(r"\pi" if mantissa == "pi" else mantissa)


def _latex_call(symbol: str, operands: Sequence[str]) -> _Written:
    first, last = operands[0], operands[-1]
    match symbol:
        case "+" | "-":
            return _Written(f"{first} {symbol} {last}", SUM)
        case "*":
            return _Written(rf"{first} \cdot {last}" if last[0].isdigit() else rf"{first}\,{last}", PRODUCT)
        case "neg":
            return _Written(f"-{first}", PRODUCT)
        case "/":
            return _Written(rf"\frac{{{first}}}{{{last}}}", FRACTION)
        case "^":
            return _Written(f"{{{first}}}^{{{last}}}", POWER)
        case "exp":
            return _Written(f"e^{{{first}}}", POWER)
        case "sqrt":
            return _Written(rf"\sqrt{{{first}}}")
        case "abs":
            return _Written(rf"\left|{first}\right|")
        case _:
            return _Written(rf"{NAMES.get(symbol, chr(92) + symbol)}\left({', '.join(operands)}\right)")
