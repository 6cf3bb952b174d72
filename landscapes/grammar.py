"""What may be typed as a function, and nothing else: a grammar of allowed parts, read without evaluating any of them.

An expression is kept in postfix order, as a flat tuple: operands first, then what is done with them. So nothing that
works on it recurses, however deep it is nested, and equal expressions are equal tuples.
"""

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias, TypeVar, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, v_args

LONGEST = 300
"""Characters at most, as typed and as written out."""
LARGEST = 200
"""Numbers, names, operators and functions at most, taken together."""
DEEPEST = 30
"""Functions, exponents, fractions and bracketed sums within each other at most."""
SHOWN = 24
"""Characters of what was typed that a message repeats at most."""

VARIABLES = ("x", "y")
PARAMETERS = ("a", "b", "c", "d")
CONSTANTS = {"pi": math.pi, "e": math.e}
NAMES = (*VARIABLES, *PARAMETERS, *CONSTANTS)
OF_SEVERAL = ("min", "max")
SAME_NAME = ("exp", "log", "abs", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
"""Functions that NumPy and JAX know under the name that is typed."""
FUNCTIONS = (*SAME_NAME, "ln", "sqrt", "sigmoid", *OF_SEVERAL)

Step: TypeAlias = tuple[str | float, int]
"""A number or a name with 0 operands, or an operator (``+ - * / ^ neg``) or a function with 1 or more."""
Expression: TypeAlias = tuple[Step, ...]
T = TypeVar("T")

GRAMMAR = rf"""
?start: sum
?sum: product
    | sum PLUS product -> binary
    | sum MINUS product -> binary
?product: signed
    | product TIMES signed -> binary
    | product DIVIDE signed -> binary
?signed: implied
    | MINUS signed -> negative
    | PLUS signed -> positive
?implied: power
    | implied follower -> juxtaposed
?power: follower
    | number
    | number POWER exponent -> raised
    | number SUPERSCRIPT -> superscript
?follower: factor
    | factor POWER exponent -> raised
    | factor SUPERSCRIPT -> superscript
?exponent: power
    | MINUS exponent -> negative
    | PLUS exponent -> positive
?factor: NAME -> name
    | FUNCTION OPEN sum (COMMA sum)* CLOSE -> call
    | OPEN sum CLOSE -> bracketed
number: NUMBER

NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
FUNCTION.2: /({"|".join(FUNCTIONS)})(?![A-Za-z_0-9])/
NAME: /[A-Za-z_][A-Za-z_0-9]*|π/
SUPERSCRIPT: /[⁰¹²³⁴-⁹]+/
POWER: "^" | "**"
PLUS: "+"
MINUS: "-" | "−"
TIMES: "*" | "·" | "⋅" | "×"
DIVIDE: "/" | "÷"
OPEN: "("
CLOSE: ")"
COMMA: ","
%ignore /\s+/
"""
OPERATORS = {"PLUS": "+", "MINUS": "-", "TIMES": "*", "DIVIDE": "/"}
LEFT_SIDE = re.compile(r"\s*(f\s*\(\s*x\s*(,\s*y\s*)?\)|[fyz])\s*=")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class ExpressionError(ValueError, KeyError):
    """What was typed is no function that can be drawn. `position` counts characters from 0; None is no place.

    It is a ``ValueError``, and a ``KeyError`` too, because a typed function stands where the key of a surface may
    stand: who falls back on another surface for an unknown key does so for a key that cannot be read. The message names
    the place, counts columns from 1, and repeats a few characters of what was typed, which a page must escape.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return self.message


def fold(expression: Expression, leaf: Callable[[str | float], T], call: Callable[[str, Sequence[T]], T]) -> T:
    """What `leaf` makes of numbers and names, and `call` of an operator or a function and what was made of operands."""
    stack: list[T] = []
    for symbol, count in expression:
        if count == 0:
            stack.append(leaf(symbol))
        else:
            operands = stack[-count:]
            del stack[-count:]
            stack.append(call(str(symbol), operands))
    return stack.pop()


def read(text: str) -> Expression:
    """The expression that `text` stands for; ``ExpressionError`` names the place that cannot be read.

    A left side such as ``f(x, y) =`` is dropped. Numbers are 64-bit floats.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"this is too long: {len(text)} characters, where {LONGEST} are allowed", LONGEST)
    return _read(text)


@lru_cache(maxsize=1024)
def _read(text: str) -> Expression:
    right_side = _right_side(text)
    if not right_side.strip():
        raise ExpressionError("nothing is typed yet: a function of x and y is missing", None)
    try:
        # The builder turns every part into a `_Part` at once: no tree is ever made.
        part = cast(_Part, _parser().parse(right_side))
    except UnexpectedInput as error:
        raise _explained(right_side, error) from None
    if len(part.steps) > LARGEST:
        raise ExpressionError(f"this has too many parts: {len(part.steps)}, where {LARGEST} are allowed", None)
    return part.steps


def position_of(name: str, text: str) -> int | None:
    """Where a name stands first in a text that can be read."""
    return next((token.start_pos for token in _lexer().lex(_right_side(text)) if token == name), None)


def _right_side(text: str) -> str:
    """The text with blanks for its left side, so that positions stay those of what was typed."""
    left = LEFT_SIDE.match(text)
    return " " * left.end() + text[left.end() :] if left else text


class _Part(NamedTuple):
    """A part of an expression. `implied` says that it is a product without a sign and without brackets round it."""

    steps: Expression
    depth: int = 0
    implied: bool = False


def _at(position: int) -> str:
    return f"at column {position + 1}"


def _shown(typed: str) -> str:
    """A bounded and visible form of what was typed."""
    short = typed if len(typed) <= SHOWN else typed[: SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in short)


def _start(token: Token) -> int:
    return token.start_pos or 0


def _number(token: Token, digits: str) -> _Part:
    number = float(digits)
    if math.isinf(number):
        raise ExpressionError(f"the number `{_shown(token)}` {_at(_start(token))} is too large", _start(token))
    return _Part(((number, 0),))


def _join(symbol: str, parts: Sequence[_Part], depth: int, token: Token | None) -> _Part:
    if depth > DEEPEST:
        place = f" {_at(_start(token))}" if token else ""
        raise ExpressionError(
            f"this is nested too deeply{place}: {DEEPEST} levels are allowed", _start(token) if token else None
        )
    return _Part((*(step for part in parts for step in part.steps), (symbol, len(parts))), depth)


def _two(symbol: str, left: _Part, right: _Part, sign: Token | None) -> _Part:
    # The same number to the last digit, and one way to write it: the minus stands before the whole product.
    if symbol in "*/" and left.steps[-1][0] == "neg":
        inner = _two(symbol, _Part(left.steps[:-1], left.depth - 1), right, sign)
        return _join("neg", (inner,), inner.depth + 1, sign)
    # A chain of sums or products is flat; fractions stand in each other on either side.
    return _join(symbol, (left, right), max(left.depth + (symbol == "/"), right.depth + 1), sign)


@v_args(inline=True)
class _Build(Transformer[Token, _Part]):
    """Called by the parser for every part as soon as it is complete."""

    def number(self, token: Token) -> _Part:
        return _number(token, token)

    def name(self, token: Token) -> _Part:
        name = "pi" if token == "π" else str(token)
        if name in NAMES:
            return _Part(((name, 0),))
        hint = ""
        if name.lower() in (*NAMES, *FUNCTIONS):
            hint = f"; write `{name.lower()}`"
        elif len(name) <= 4 and all(letter in NAMES for letter in name):
            hint = f"; for a product write `{'*'.join(name)}`"
        raise ExpressionError(f"unknown name `{_shown(name)}` {_at(_start(token))}{hint}", _start(token))

    def binary(self, left: _Part, sign: Token, right: _Part) -> _Part:
        if sign.type == "DIVIDE" and right.implied:
            raise ExpressionError(
                f"a product without a sign after `/` {_at(_start(sign))} can be read in two ways: "
                "write 1/(2*x) or 1/2*x",
                _start(sign),
            )
        return _two(OPERATORS[sign.type], left, right, sign)

    def juxtaposed(self, left: _Part, right: _Part) -> _Part:
        return _two("*", left, right, None)._replace(implied=True)

    def negative(self, sign: Token, part: _Part) -> _Part:
        return _join("neg", (part,), part.depth + 1, sign)._replace(implied=part.implied)

    def positive(self, sign: Token, part: _Part) -> _Part:
        return part

    def raised(self, base: _Part, sign: Token, exponent: _Part) -> _Part:
        return _join("^", (base, exponent), max(base.depth, exponent.depth + 1), sign)

    def superscript(self, base: _Part, token: Token) -> _Part:
        return self.raised(base, token, _number(token, token.translate(SUPERSCRIPTS)))

    def bracketed(self, opening: Token, part: _Part, closing: Token) -> _Part:
        return part._replace(implied=False)

    def call(self, function: Token, opening: Token, *rest: _Part | Token) -> _Part:
        parts = [part for part in rest if isinstance(part, _Part)]
        wanted = "two numbers or more" if function in OF_SEVERAL else "one number"
        if (len(parts) > 1) != (function in OF_SEVERAL):
            raise ExpressionError(
                f"`{function}` {_at(_start(function))} takes {wanted}, not {len(parts)}", _start(function)
            )
        return _join(str(function), parts, 1 + max(part.depth for part in parts), function)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Build(), propagate_positions=False)


@lru_cache(maxsize=1)
def _lexer() -> Lark:
    # One with a parser builds another lexer for every text that it is to take apart only.
    return Lark(GRAMMAR, parser=None, lexer="basic")


def _explained(text: str, error: UnexpectedInput) -> ExpressionError:
    """The parser's complaint in words that people use."""
    if isinstance(error, UnexpectedCharacters):
        place = error.pos_in_stream or 0
        character = text[place]
        hint = "; write `abs(x)`" if character == "|" else ""
        return ExpressionError(f"unexpected character `{_shown(character)}` {_at(place)}{hint}", place)
    end = len(text.rstrip())
    token = getattr(error, "token", Token("$END", ""))
    place = end if token.type == "$END" else _start(token)
    before = list(_lexer().lex(text[:place]))
    return ExpressionError(*_complaint(token, before, place))


def _complaint(token: Token, before: list[Token], place: int) -> tuple[str, int]:
    """Message and place for a token that does not fit after those before it."""
    typed, last = _shown(token), before[-1] if before else Token("START", "")
    if last.type == "FUNCTION":
        return f"`{last}` {_at(_start(last))} needs brackets, as in `{last}(x)`", _start(last)
    complete = last.type in ("NUMBER", "NAME", "SUPERSCRIPT", "CLOSE")
    if not complete:
        missing = "a number, a name or an opening bracket is missing"
        after = f" after `{_shown(last)}`" if before else ""
        return f"{missing}{after} {_at(place)}", place
    if token.type == "$END":
        return f"a closing bracket is missing {_at(place)}", place
    if token.type in ("POWER", "SUPERSCRIPT"):
        return f"the second exponent `{typed}` {_at(place)} needs brackets round the first power", place
    if token.type == "CLOSE":
        return f"the closing bracket {_at(place)} has no opening one", place
    if token.type == "COMMA":
        return f"the comma {_at(place)} is not between the numbers of `min` or `max`", place
    return f"a sign such as `+` or `*` is missing before `{typed}` {_at(place)}", place
